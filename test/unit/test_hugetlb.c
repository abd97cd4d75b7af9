/* SPDX-License-Identifier: MIT */
/* lib/pages/hugetlb.c: the pools of huge pages, as /sys tells of them. */
#include "pages/hugetlb.h"
#include "suite.h"

#define TWO_MIB ((size_t)2 << 20)
#define LARGE   ((size_t)64 << 20)

START_TEST(sizes)
{
	size_t found[HUGETLB_POOLS] = { 0 };

	fake_start();
	ck_assert_uint_eq(hugetlb_sizes(fake_root(), found), 0);
	ck_assert_uint_eq(hugetlb_smallest(fake_root(), SIZE_MAX), 0);
	fake_dir(HUGETLB_FOLDER);
	ck_assert_uint_eq(hugetlb_sizes(fake_root(), found), 0);
	fake_text(HUGETLB_FOLDER "/hugepages-65536kB/nr_hugepages", "1\n");
	fake_text(HUGETLB_FOLDER "/hugepages-2048kB/nr_hugepages", "0\n");
	fake_text(HUGETLB_FOLDER "/hugepages-2049kB/nr_hugepages", "7\n"); /* no size of pages */
	fake_text(HUGETLB_FOLDER "/other/nr_hugepages", "7\n");
	ck_assert_uint_eq(hugetlb_sizes(fake_root(), found), 2);
	ck_assert_uint_eq(found[0], TWO_MIB);
	ck_assert_uint_eq(found[1], LARGE);
	fake_stop();
}
END_TEST

/* Those of the real machine are read once. */
START_TEST(kept)
{
	size_t first[HUGETLB_POOLS], again[HUGETLB_POOLS], count = hugetlb_sizes("", first);

	ck_assert_uint_eq(hugetlb_sizes("", again), count);
	for (size_t i = 0; i < count; i++)
		ck_assert_uint_eq(again[i], first[i]);
}
END_TEST

START_TEST(figures)
{
	fake_start();
	fake_text(HUGETLB_FOLDER "/hugepages-65536kB/nr_hugepages", "1\n");
	fake_text(HUGETLB_FOLDER "/hugepages-2048kB/nr_hugepages", "0\n");
	fake_text(HUGETLB_FOLDER "/hugepages-2048kB/free_hugepages", "5\n");
	ck_assert_uint_eq(hugetlb_smallest(fake_root(), LARGE + 1), LARGE);
	ck_assert_uint_eq(hugetlb_smallest(fake_root(), LARGE), 0);
	fake_text(HUGETLB_FOLDER "/hugepages-2048kB/nr_hugepages", "6\n");
	ck_assert_uint_eq(hugetlb_smallest(fake_root(), LARGE), TWO_MIB);
	ck_assert_uint_eq(hugetlb_smallest(fake_root(), TWO_MIB), 0);
	ck_assert_uint_eq(hugetlb_free(fake_root(), TWO_MIB), 5);
	ck_assert_uint_eq(hugetlb_free(fake_root(), LARGE), 0);
	fake_stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("hugetlb");
	TCase *tc = tcase_create("hugetlb");

	tcase_add_test(tc, sizes);
	tcase_add_test(tc, kept);
	tcase_add_test(tc, figures);
	suite_add_tcase(suite, tc);
	return suite;
}
