/* SPDX-License-Identifier: MIT */
/*
 * One pool, used by threads that come, go and are cancelled: objects are freed where they were allocated
 * or by another thread, while others ask for addresses, give memory back, and fork. Every object holds what
 * its owner wrote until it is freed; in the end all is back. Runs on the real machine, whose free memory may
 * be in single pages: a piece of a page is all that may be relied on. Public functions only.
 */
#include <pmem/pmem.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads_check.h"

#define THREADS 4
#define LIVES   6      /* of each */
#define STEPS   20000
#define HELD    200
#define SHELF   64
#define PAGE    4096

static struct pmem_ctx *ctx;
static struct pmem_pool *pool;
static _Atomic(uint64_t *) shelf[SHELF]; /* objects that whoever comes may take */
static atomic_uint done, passed, in_pieces;

static uint32_t next(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

/* No new region had so many bytes in a row. */
static bool is_in_pieces(uint64_t bytes)
{
	const struct pmem_error *e = pmem_error_last();

	atomic_fetch_add(&in_pieces, 1);
	return bytes > PAGE && pmem_error_code(e) == -ENOMEM && pmem_error_cause(e) == PMEM_CAUSE_NOT_CONTIGUOUS;
}

/* An object begins with its own address, and its size, at both ends. NULL: the machine has no such piece. */
static uint64_t *make(uint32_t *state)
{
	uint64_t words = 2 + next(state) % (next(state) % 50 ? 64 : 20000), phys, end;
	uint64_t align = next(state) % 8 ? 0 : 1u << next(state) % 13;
	uint64_t *p = pmem_pool_alloc(pool, words * 8, align);
	int r;

	if (!p && is_in_pieces(words * 8))
		return NULL;
	CHECK(p);
	CHECK((uintptr_t)p % (align ? align : 64) == 0);
	p[0] = (uintptr_t)p;
	p[1] = words;
	p[words - 1] = words == 2 ? words : ~(uint64_t)(uintptr_t)p;
	r = pmem_pool_phys(pool, p, &phys);
	CHECK(r == 0 || r == -ENXIO);
	CHECK(r < 0 || (pmem_pool_phys(pool, p + words - 1, &end) == 0 && end == phys + (words - 1) * 8));
	return p;
}

static void unmake(uint64_t *p)
{
	uint64_t words = p[1];

	CHECK(p[0] == (uintptr_t)p);
	CHECK(p[words - 1] == (words == 2 ? words : ~(uint64_t)(uintptr_t)p));
	p[0] = 0;
	CHECK(pmem_pool_free(pool, p) == 0);
}

struct held {
	uint64_t *objects[HELD];
};

/* Cancelled or not: what it had is freed, and what it kept goes back. */
static void give_up(void *argument)
{
	struct held *held = argument;

	for (int i = 0; i < HELD; i++)
		if (held->objects[i])
			unmake(held->objects[i]);
	free(held);
	atomic_fetch_add(&done, 1);
}

static void live(struct held *held, uint32_t state)
{
	for (int step = 0; step < STEPS; step++) {
		uint32_t i = next(&state) % HELD;

		if (held->objects[i] && next(&state) % 4 == 0) {
			uint64_t *other = atomic_exchange(&shelf[next(&state) % SHELF],
				held->objects[i]);

			held->objects[i] = other;
			atomic_fetch_add(&passed, other != NULL);
		} else if (held->objects[i]) {
			uint64_t *p = held->objects[i];

			held->objects[i] = NULL;
			unmake(p);
		} else {
			held->objects[i] = make(&state);
		}
		if (step % 1000 == 0)
			pthread_testcancel();
		if (step % 4000 == 0)
			CHECK(pmem_pool_trim(pool, NULL) == 0);
	}
}

static void *work(void *argument)
{
	struct held *held = calloc(1, sizeof(*held));

	CHECK(held);
	pthread_cleanup_push(give_up, held);
	live(held, (uint32_t)(uintptr_t)argument);
	pthread_cleanup_pop(1);
	return NULL;
}

/* It has not the parent's pool, and finds no lock taken. */
static int child(void)
{
	uint64_t bytes = 1;

	alarm(60);
	if (pmem_pool_alloc(pool, 64, 0) || errno != ENOENT || pmem_pool_trim(pool, &bytes) != -ENOENT)
		return 1;
	if (pmem_error_cause(pmem_error_last()) != PMEM_CAUSE_NOT_FOUND)
		return 2;
	return pmem_pool_close(pool) == 0 ? 0 : 3;
}

static void fork_one(void)
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(child());
	while (waitpid(pid, &status, 0) < 0)
		CHECK(errno == EINTR);
	CHECK(status == 0);
}

int main(void)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages",
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	static const struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };
	struct pmem_pool_counts stats = { .size = sizeof(stats) };
	pthread_t threads[THREADS];
	uint64_t bytes;

	CHECK(pmem_ctx_new(&ctx) == 0);
	CHECK(pmem_pool_new(ctx, &opts, &pool) == 0);
	for (int life = 0; life < LIVES; life++) {
		for (uintptr_t i = 0; i < THREADS; i++)
			CHECK(pthread_create(&threads[i], NULL, work,
				(void *)(i + 1 + (uintptr_t)life * THREADS)) == 0);
		if (!getenv("POOL_WITHOUT_FORK"))
			for (int i = 0; i < 5; i++)
				fork_one();
		CHECK(pmem_pool_stats(pool, &stats) == 0);
		if (life % 2)
			for (int i = 0; i < THREADS; i += 2)
				CHECK(pthread_cancel(threads[i]) == 0 || errno == ESRCH);
		for (int i = 0; i < THREADS; i++)
			CHECK(pthread_join(threads[i], NULL) == 0);
	}
	for (int i = 0; i < SHELF; i++)
		if (shelf[i])
			unmake(shelf[i]);
	CHECK(pmem_pool_trim(pool, &bytes) == 0);
	CHECK(pmem_pool_stats(pool, &stats) == 0);
	printf("%u lives, %u objects freed by others, %u refused since memory was in pieces, %llu bytes at the end\n",
		done, passed, in_pieces, (unsigned long long)bytes);
	CHECK(done == THREADS * LIVES && passed > 100);
	CHECK(stats.objects == 0 && stats.cached == 0 && stats.threads == 1);
	CHECK(stats.bytes == 0 && stats.regions == 0 && bytes > 0);
	CHECK(pmem_pool_close(pool) == 0);
	pmem_ctx_unref(ctx);
	return 0;
}
