/* SPDX-License-Identifier: MIT */
/*
 * Threads that are cancelled inside the library: the next call, of the same context too, finds no
 * lock taken, and nothing that the library made stays behind. Runs on the real machine. Public
 * functions only.
 */
#include <pmem/pmem.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "threads_check.h"

#define ROUNDS 300

static void use(struct pmem_ctx *ctx)
{
	size_t count;
	uint64_t bytes;

	(void)pmem_soc_family(ctx);
	(void)pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &bytes);
	(void)pmem_heap_count(ctx, &count);
	(void)pmem_vaddr_pagemap(ctx, &ctx, &bytes);
}

/* Cancelled before it begins: the first cancellation point is where it ends. */
static void *work(void *argument)
{
	pthread_cancel(pthread_self());
	use(argument);
	pthread_testcancel();
	return NULL;
}

/* The buffers of a self-test are the library's to close, also when a thread ends in its callback. */
struct copying {
	struct pmem_ctx *ctx;
	void *data[2];
	unsigned count;
};

static int give(void *user, uint64_t size, struct pmem_region **out)
{
	static const struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages",
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	struct copying *copying = user;
	int r = pmem_region_alloc(copying->ctx, size, &opts, out);

	if (r == 0)
		copying->data[copying->count++] = pmem_region_data(*out);
	return r;
}

static int be_cancelled(void *user, struct pmem_region *dst, uint64_t to, struct pmem_region *src,
	uint64_t from, uint64_t length)
{
	(void)user;
	(void)dst;
	(void)to;
	(void)src;
	(void)from;
	(void)length;
	pthread_cancel(pthread_self());
	pthread_testcancel();
	return -EIO;
}

static void *test_copy(void *argument)
{
	struct copying *copying = argument;

	CHECK(pmem_selftest_copy(copying->ctx, 4096, 0, 0, give, be_cancelled, copying) == -EIO);
	pthread_testcancel();
	return NULL;
}

static void in_a_callback(void)
{
	struct copying copying = { .count = 0 };
	struct pmem_region *region;
	pthread_t thread;
	void *result;

	CHECK(pmem_ctx_new(&copying.ctx) == 0);
	CHECK(pthread_create(&thread, NULL, test_copy, &copying) == 0);
	CHECK(pthread_join(thread, &result) == 0);
	CHECK(result == PTHREAD_CANCELED);
	CHECK(copying.count == 2);
	for (unsigned i = 0; i < copying.count; i++)
		CHECK(pmem_region_find(copying.ctx, copying.data[i], &region, NULL) == -ENOENT);
	pmem_ctx_unref(copying.ctx);
}

int main(void)
{
	alarm(60); /* a lock that stays taken is waited for without end */
	in_a_callback();
	for (int i = 0; i < ROUNDS; i++) {
		struct pmem_ctx *ctx;
		pthread_t thread;
		void *result;

		CHECK(pmem_ctx_new(&ctx) == 0);
		CHECK(pthread_create(&thread, NULL, work, ctx) == 0);
		CHECK(pthread_join(thread, &result) == 0);
		CHECK(result == PTHREAD_CANCELED);
		use(ctx);
		pmem_ctx_unref(ctx);
	}
	return 0;
}
