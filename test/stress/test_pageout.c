/* SPDX-License-Identifier: MIT */
/*
 * Shared memory that is registered while the kernel takes it out of the page table, as it does when memory is scarce: its
 * pages are pinned and stay, and their addresses are told.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suite.h"

#define LENGTH ((size_t)256 << 10)
#define PAGE   4096
#define ROUNDS 500

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static unsigned char *memory;
static atomic_bool stop;
static atomic_uint refused;

const char *test_skip(void)
{
	return addresses_are_hidden();
}

/* With pauses: no kernel takes pages away faster than a program can look at them. */
static void *push_out(void *user)
{
	while (!atomic_load(&stop)) {
		usleep(200);
		if (madvise(memory, LENGTH, MADV_PAGEOUT) < 0)
			atomic_fetch_add(&refused, 1);
	}
	return user;
}

static void look(struct pmem_ctx *ctx, const struct pmem_region *region, unsigned round)
{
	size_t offset = round % (LENGTH / PAGE) * PAGE;
	uint64_t told, is;

	assert_works(pmem_region_extent(region, offset, &told, NULL));
	for (unsigned tries = 0; tries < 100; tries++) {
		ck_assert_uint_eq(((volatile unsigned char *)memory)[offset], 7);
		if (pmem_vaddr_phys(ctx, memory + offset, &is) == 0) {
			ck_assert_uint_eq(is, told);
			return;
		}
	}
}

START_TEST(registered_while_it_goes)
{
	struct pmem_region *region;
	struct pmem_ctx *ctx;
	pthread_t thread;

	memory = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	memset(memory, 7, LENGTH);
	assert_works(pmem_ctx_new(&ctx));
	ck_assert_int_eq(pthread_create(&thread, NULL, push_out, NULL), 0);
	for (unsigned n = 0; n < ROUNDS; n++) {
		assert_works(pmem_region_register(ctx, memory, LENGTH, 0, &region));
		look(ctx, region, n);
		assert_works(pmem_region_close(region));
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(refused, 0);
	pmem_ctx_unref(ctx);
	munmap(memory, LENGTH);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pageout");
	TCase *tc = tcase_create("pageout");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, registered_while_it_goes);
	suite_add_tcase(suite, tc);
	return suite;
}
