/* SPDX-License-Identifier: MIT */
/* A context on a machine of which nothing is played yet, for the suites of lib/soc: included by one file. */
#ifndef TEST_PLAYED_TREE_H
#define TEST_PLAYED_TREE_H

#include "suite.h"

static struct pmem_ctx *ctx;

static void start(void)
{
	fake_start();
	assert_works(pmem_ctx_new(&ctx));
}

static void stop(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

/* The tree has changed: what a context was told of it is kept. */
static inline void anew(void)
{
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
}

#endif
