/* SPDX-License-Identifier: MIT */
#include "os/inherit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/attr.h"
#include "os/os.h"

/* Slots are only added, so that a child finds them whole in whatever moment its parent forked. */
struct chunk {
	struct chunk *next;
	atomic_int fds[62]; /* number + 1; 0: free */
};

static struct chunk first;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int registered;

static struct chunk *next_of(struct chunk *chunk)
{
	return __atomic_load_n(&chunk->next, __ATOMIC_ACQUIRE);
}

static void in_child(void)
{
	for (struct chunk *c = &first; c; c = next_of(c)) {
		for (size_t i = 0; i < ARRAY_SIZE(c->fds); i++) {
			int fd = atomic_exchange(&c->fds[i], 0) - 1;

			if (fd >= 0)
				os->close(fd);
		}
	}
}

static void begin(void)
{
	registered = -pthread_atfork(NULL, NULL, in_child);
}

/* One more chunk after the last; another thread may have been quicker. */
static struct chunk *more(struct chunk *last)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk)), *there = NULL;

	if (!chunk || __atomic_compare_exchange_n(&last->next, &there, chunk, 0, __ATOMIC_ACQ_REL,
			      __ATOMIC_ACQUIRE))
		return chunk;
	free(chunk);
	return there;
}

int inherit_never(int fd)
{
	if (fd < 0)
		return fd;
	pthread_once(&once, begin);
	if (registered < 0)
		return registered;
	for (struct chunk *c = &first; c; c = next_of(c) ? next_of(c) : more(c)) {
		for (size_t i = 0; i < ARRAY_SIZE(c->fds); i++) {
			int none = 0;

			if (atomic_compare_exchange_strong(&c->fds[i], &none, fd + 1))
				return 0;
		}
	}
	return -ENOMEM;
}

void inherit_forget(int fd)
{
	for (struct chunk *c = &first; fd >= 0 && c; c = next_of(c)) {
		for (size_t i = 0; i < ARRAY_SIZE(c->fds); i++) {
			int it = fd + 1;

			if (atomic_compare_exchange_strong(&c->fds[i], &it, 0))
				return;
		}
	}
}
