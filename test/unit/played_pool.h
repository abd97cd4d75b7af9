/* SPDX-License-Identifier: MIT */
/* A pool over two played backends, for the files of tests that have one. */
#ifndef TEST_PLAYED_POOL_H
#define TEST_PLAYED_POOL_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "suite.h"

#define MIB (1u << 20)

static struct pmem_ctx *ctx;
static struct pmem_pool *pool;

static void setup(void)
{
	play_start(&ctx);
	pool = NULL;
	play_first.phys = 0x10000000; /* aligned as much as anybody asks */
}

static void teardown(void)
{
	assert_works(pmem_pool_close(pool));
	ck_assert_uint_eq(play_first.given, play_first.closes);
	play_stop(ctx);
}

/* A pool with these options; the size is set here. */
static void begin(struct pmem_pool_opts opts)
{
	opts.size = sizeof(opts);
	assert_works(pmem_pool_new(ctx, &opts, &pool));
}

/* As a function with a result: what pmem_error_last() says of a NULL. */
static int try(struct pmem_pool *from, uint64_t size, uint64_t align, void **out)
{
	void *object = pmem_pool_alloc(from, size, align);

	if (!object)
		return -errno;
	*out = object;
	return 0;
}

static void *take(uint64_t size, uint64_t align)
{
	void *object = NULL;

	assert_works(try(pool, size, align, &object));
	return object;
}

static struct pmem_pool_counts stats(void)
{
	struct pmem_pool_counts now = { .size = sizeof(now) };

	assert_works(pmem_pool_stats(pool, &now));
	return now;
}

#endif
