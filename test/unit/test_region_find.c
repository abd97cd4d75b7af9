/* SPDX-License-Identifier: MIT */
/* lib/api/region_index.c: from a pointer or an address to the region, also in a child and beside threads. */
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "play.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static void setup(void)
{
	play_start(&ctx);
}

static void teardown(void)
{
	play_stop(ctx);
}

START_TEST(by_pointer)
{
	struct pmem_region *one = play_take(ctx, 100, 0), *two = play_take(ctx, 4096, 0), *found;
	unsigned char *data = pmem_region_data(one);
	uint64_t offset;

	assert_works(pmem_region_find(ctx, data, &found, &offset));
	ck_assert_ptr_eq(found, one);
	ck_assert_uint_eq(offset, 0);
	assert_works(pmem_region_find(ctx, data + 99, &found, &offset));
	ck_assert_ptr_eq(found, one);
	ck_assert_uint_eq(offset, 99);
	assert_works(pmem_region_find(ctx, (char *)pmem_region_data(two) + 7, &found, NULL));
	ck_assert_ptr_eq(found, two);
	found = NULL;
	assert_fails(pmem_region_find(ctx, &offset, &found, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_region_find(ctx, NULL, &found, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_region_close(one));
	assert_fails(pmem_region_find(ctx, data, &found, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_null(found);
	assert_works(pmem_region_close(two));
}
END_TEST

START_TEST(by_physical_address)
{
	struct pmem_region *region, *found = NULL;
	uint64_t offset = 77;

	play_first.pieces = 3; /* 33, 33 and 34 bytes at 0x1000, 0x101000 and 0x201000 */
	play_first.attrs &= ~PMEM_REGION_CONTIGUOUS;
	region = play_take(ctx, 100, PMEM_ALLOC_SCATTERED);
	assert_works(pmem_region_find_phys(ctx, 0x101001, &found, &offset));
	ck_assert_ptr_eq(found, region);
	ck_assert_uint_eq(offset, 34);
	assert_works(pmem_region_find_phys(ctx, 0x201000 + 33, &found, &offset));
	ck_assert_uint_eq(offset, 99);
	found = NULL;
	assert_fails(pmem_region_find_phys(ctx, 0x201000 + 34, &found, &offset), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_region_find_phys(ctx, 0, &found, &offset), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_null(found);
	ck_assert_uint_eq(offset, 99);
	assert_works(pmem_region_close(region));
	assert_fails(pmem_region_find_phys(ctx, 0x101001, &found, &offset), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
}
END_TEST

/* Pieces are put in order at the first question: what was closed before that has none. */
START_TEST(closed_before_anybody_asked)
{
	struct pmem_region *gone = play_take(ctx, 100, 0), *found = NULL;
	uint64_t phys = 0;

	assert_works(pmem_region_phys(gone, &phys));
	assert_works(pmem_region_close(gone));
	assert_fails(pmem_region_find_phys(ctx, phys, &found, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_null(found);
}
END_TEST

START_TEST(bad_arguments)
{
	struct pmem_region *found = NULL;

	assert_fails(pmem_region_find(NULL, &found, &found, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_find(ctx, &found, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_find_phys(NULL, 0, &found, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_find_phys(ctx, 0, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
}
END_TEST

START_TEST(a_child_has_none_of_its_parents)
{
	struct pmem_region *region = play_take(ctx, 100, 0), *own, *found;
	void *data = pmem_region_data(region);
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (pmem_region_find(ctx, data, &found, NULL) != -ENOENT)
			_exit(1);
		own = play_take(ctx, 100, 0);
		if (pmem_region_find(ctx, pmem_region_data(own), &found, NULL) || found != own)
			_exit(2);
		_exit(pmem_region_close(own) ? 3 : 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	assert_works(pmem_region_find(ctx, data, &found, NULL));
	assert_works(pmem_region_close(region));
}
END_TEST

#define ROUNDS 3000

static void *come_and_go(void *user)
{
	struct pmem_ctx *shared = user;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct pmem_region *region, *found;
		uint64_t offset;

		if (pmem_region_alloc(shared, 64, NULL, &region))
			return user;
		if (pmem_region_find(shared, (char *)pmem_region_data(region) + 63, &found, &offset) ||
			found != region || offset != 63)
			return user;
		/* All have this address; one of them is alive as long as this one is. */
		if (pmem_region_find_phys(shared, 0x1000, &found, &offset))
			return user;
		pmem_region_close(region);
	}
	return NULL;
}

START_TEST(beside_other_threads)
{
	pthread_t threads[4];
	void *failed;

	for (unsigned i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, ctx), 0);
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(threads[i], &failed);
		ck_assert_ptr_null(failed);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("region_find");
	TCase *tc = tcase_create("region_find");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, by_pointer);
	tcase_add_test(tc, by_physical_address);
	tcase_add_test(tc, closed_before_anybody_asked);
	tcase_add_test(tc, bad_arguments);
	tcase_add_test(tc, a_child_has_none_of_its_parents);
	tcase_add_test(tc, beside_other_threads);
	suite_add_tcase(suite, tc);
	return suite;
}
