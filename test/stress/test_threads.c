/* SPDX-License-Identifier: MIT */
/*
 * The thread rule of docs/rules.md: everything may be called from any thread at once. One context
 * shared by all threads from its first question on; each thread has its own regions and its own
 * last error. For ThreadSanitizer, and without it for crashes.
 */
#include <errno.h>
#include <pthread.h> /* ThreadSanitizer does not know the threads of C11 */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "suite.h"

#define THREADS 8
#define ROUNDS  20

static struct pmem_ctx *ctx;
static atomic_int started;
static atomic_uint logged;

static void count(void *user, uint32_t level, const char *message)
{
	(void)level;
	(void)message;
	atomic_fetch_add((atomic_uint *)user, 1);
}

/* All threads begin together, so that detection is raced for. */
static void together(void)
{
	atomic_fetch_add(&started, 1);
	while (atomic_load(&started) < THREADS)
		sched_yield();
}

/* An own error, that no other thread's failure may change. */
static int errors_are_mine(size_t which)
{
	char want[64];

	snprintf(want, sizeof(want), "no-such-backend-%zu", which);
	for (int i = 0; i < 10; i++) {
		struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = want };
		struct pmem_region *region;

		if (pmem_region_alloc(ctx, 1, &opts, &region) != -ENOENT)
			return 1;
		sched_yield();
		if (!strstr(pmem_error_message(pmem_error_last()), want))
			return 1;
	}
	return 0;
}

static int one_region(size_t which)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE };
	struct pmem_region *region;
	uint32_t value = 0;

	if (pmem_region_alloc(ctx, 4096 * (which + 1), &opts, &region) < 0)
		return 1;
	if (pmem_region_write32(region, 0, (uint32_t)which) < 0 ||
		pmem_region_cpu_end(region, 0, 0, PMEM_DIR_BOTH) < 0 ||
		pmem_region_read32(region, 0, &value) < 0 || value != which)
		return 1;
	return pmem_region_close(region) < 0;
}

static void *work(void *user)
{
	size_t which = (size_t)(uintptr_t)user;
	struct pmem_ctx *mine = pmem_ctx_ref(ctx);
	uint64_t value;
	uintptr_t bad = 0;

	together();
	if (strcmp(pmem_soc_family(mine), "") == 0)
		bad++;
	for (int i = 0; i < ROUNDS && !bad; i++) {
		pmem_soc_model(mine);
		pmem_soc_phys_to_bus(mine, NULL, 0x1000, &value);
		pmem_soc_node(mine, "gpio0", 0, &value, NULL);
		for (size_t b = 0; b < pmem_backend_count(mine); b++) {
			struct pmem_error *why = NULL;

			pmem_backend_status(mine, b, &why);
			pmem_error_free(why);
		}
		pmem_vaddr_pagemap(&value, &value);
		bad += (uintptr_t)one_region(which);
		bad += (uintptr_t)errors_are_mine(which);
	}
	pmem_ctx_unref(mine);
	return (void *)bad;
}

START_TEST(one_context_for_all)
{
	pthread_t threads[THREADS];

	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_ctx_set_log(ctx, count, &logged));
	for (size_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)i), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *bad;

		ck_assert_int_eq(pthread_join(threads[i], &bad), 0);
		ck_assert_msg(bad == NULL, "thread %zu: %zu failures", i, (size_t)bad);
	}
	ck_assert_uint_gt(atomic_load(&logged), 0);
	pmem_ctx_unref(ctx);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("threads");
	TCase *tc = tcase_create("threads");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, one_context_for_all);
	suite_add_tcase(suite, tc);
	return suite;
}
