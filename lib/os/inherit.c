/* SPDX-License-Identifier: MIT */
#include "os/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "os/os.h"

/*
 * Which file it is. Nodes and files have an inode each. Events and devices that a group gives have none of
 * their own (fs/anon_inodes.c), so the open file itself has a mark: the signal that it would send (F_SETSIG).
 * It never sends one, since such files know no O_ASYNC; those that do are not marked.
 */
struct file {
	uint64_t device, inode;
	bool nameless;
	int mark;
};

/* Of a slot's number: it is nobody's, or being written. Numbers are kept as number + 1. */
#define FREE    0
#define WRITING (-1)

/* Signals of real time, as the kernel counts them: no program has a reason to ask such a file for one. */
#define MARK_FIRST 34u
#define MARKS      31u

/* Chunks are only added, so that a child finds them whole in whatever moment its parent forked. */
struct chunk {
	struct chunk *next;
	struct slot {
		atomic_int number;
		struct file file;
	} slots[25];
};

static struct chunk first;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int registered;

static struct chunk *next_of(struct chunk *chunk)
{
	return __atomic_load_n(&chunk->next, __ATOMIC_ACQUIRE);
}

static int look(int fd, struct file *file)
{
	struct os_stat st;
	int r = os->fstat(fd, &st);

	if (r < 0)
		return r;
	*file = (struct file){ .device = st.device, .inode = st.inode,
		.nameless = (st.mode & S_IFMT) == 0 };
	if (file->nameless)
		file->mark = os->fcntl(fd, F_GETSIG, 0);
	return file->mark < 0 ? file->mark : 0;
}

/* Of ours the calls cannot fail, unless somebody plays them; so it is asked once more before it is given up. */
static bool is_same(int fd, const struct file *file)
{
	struct file now;
	int r = look(fd, &now);

	if (r < 0)
		r = look(fd, &now);
	return r == 0 && now.device == file->device && now.inode == file->inode && now.mark == file->mark;
}

static int look_and_mark(int fd, struct file *file)
{
	static atomic_uint marks;
	int r = look(fd, file);

	if (r < 0 || file->mark || !file->nameless)
		return r;
	/* A kernel or a filter that refuses leaves it without one. */
	(void)os->fcntl(fd, F_SETSIG, (int)(MARK_FIRST + atomic_fetch_add(&marks, 1) % MARKS));
	return look(fd, file);
}

/* Only calls that are safe in a signal handler: other threads may have held any lock. */
static void in_child(void)
{
	int errnum = errno;

	for (struct chunk *c = &first; c; c = next_of(c)) {
		for (size_t i = 0; i < ARRAY_SIZE(c->slots); i++) {
			int fd = atomic_exchange(&c->slots[i].number, FREE) - 1;

			if (fd >= 0 && is_same(fd, &c->slots[i].file))
				os->close(fd);
		}
	}
	errno = errnum;
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

static int note(int fd, const struct file *file)
{
	for (struct chunk *c = &first; c; c = next_of(c) ? next_of(c) : more(c)) {
		for (size_t i = 0; i < ARRAY_SIZE(c->slots); i++) {
			int none = FREE;

			if (!atomic_compare_exchange_strong(&c->slots[i].number, &none, WRITING))
				continue;
			c->slots[i].file = *file;
			atomic_store(&c->slots[i].number, fd + 1);
			return 0;
		}
	}
	return -ENOMEM;
}

int inherit_never(int fd)
{
	struct file file;
	int r;

	if (fd < 0)
		return fd;
	pthread_once(&once, begin);
	r = registered;
	if (r == 0)
		r = look_and_mark(fd, &file);
	if (r == 0)
		r = note(fd, &file);
	if (r == 0)
		return fd;
	os->close(fd);
	return r;
}

/*
 * The slot of that number and, if there is one, of that file. One of another file is of a number that the program has
 * closed.
 */
static struct slot *find(int fd, bool *same)
{
	struct slot *other = NULL;

	*same = false;
	for (struct chunk *c = &first; fd >= 0 && c; c = next_of(c)) {
		for (size_t i = 0; i < ARRAY_SIZE(c->slots); i++) {
			struct slot *slot = &c->slots[i];

			if (atomic_load(&slot->number) != fd + 1)
				continue;
			*same = is_same(fd, &slot->file);
			if (*same)
				return slot;
			other = slot;
		}
	}
	return other;
}

bool inherit_holds(int fd)
{
	bool same;

	find(fd, &same);
	return same;
}

int inherit_close(int fd)
{
	struct slot *slot;
	bool same;

	if (fd < 0)
		return 0;
	slot = find(fd, &same);
	/* Before it is closed, for the number may be anybody's after. */
	if (slot)
		atomic_store(&slot->number, FREE);
	return same ? os->close(fd) : -EBADF;
}
