/* SPDX-License-Identifier: MIT */
/* Memory of plain Linux: each way to contiguous memory. */
#include "played_pages.h"

START_TEST(test_one_page)
{
	gives(request(os->page_size()), PIN_IO_URING);
	ck_assert_uint_eq(block.length, os->page_size());
	give_back();
}
END_TEST

START_TEST(test_region)
{
	vm.region = true;
	gives(request(64 * KIB), PIN_IO_REGION);
	ck_assert_uint_eq(fake_fds(), 0); /* the mapping holds the ring */
	give_back();
	gives(request(20 * KIB), PIN_IO_REGION);
	ck_assert_uint_eq(block.length, 32 * KIB);
	give_back();
}
END_TEST

START_TEST(test_folio)
{
	struct pages_request want = request(16 * KIB);

	fake_text(THP, "2097152\n");
	gives(request(64 * KIB), PIN_IO_URING);
	give_back();
	/* A folio is aligned to its own size, so for that alignment it is one of that size. */
	want.align = 64 * KIB;
	gives(want, PIN_IO_URING);
	ck_assert_uint_eq(block.length, 64 * KIB);
	give_back();
}
END_TEST

START_TEST(test_transparent_huge_page)
{
	fake_text(THP, "2097152\n");
	gives(request(1536 * KIB), PIN_IO_URING);
	ck_assert_uint_eq(block.length, 2 * MIB);
	ck_assert_uint_eq(vm.collapsed, 0);
	give_back();
}
END_TEST

START_TEST(test_collapse)
{
	fake_text(THP, "2097152\n");
	pagemap_rule(PAGEMAP_APART);
	vm.collapse_helps = true;
	gives(request(64 * KIB), PIN_IO_URING);
	ck_assert_uint_eq(vm.collapsed, 1);
	give_back();
}
END_TEST

START_TEST(test_hugetlb_smallest_that_fits)
{
	fake_dir(POOLS "hugepages-1048576kB");
	fake_dir(POOLS "hugepages-2048kB");
	fake_dir(POOLS "hugepages-64kB");
	fake_dir(POOLS "hugepages-nonsense");
	pagemap_rule(PAGEMAP_APART);
	vm.hugetlb_helps = true;
	gives(request(512 * KIB), PIN_IO_URING);
	ck_assert_uint_eq(vm.hugetlb, 2 * MIB);
	give_back();
}
END_TEST

START_TEST(test_gather_pages)
{
	pagemap_rule(PAGEMAP_BACKWARDS);
	gives(request(64 * KIB), PIN_IO_URING);
	ck_assert_uint_eq(block.length, 64 * KIB);
	give_back();
}
END_TEST

/* The row is in two areas, and both have what it left: 32 pages were taken, then 32 beside them. */
START_TEST(test_gather_across_areas)
{
	pagemap_rule(PAGEMAP_ACROSS);
	gives(request(64 * KIB), PIN_IO_URING);
	give_back();
}
END_TEST

/* Pinning moves pages out of CMA: neighbours are looked for after that. */
START_TEST(test_gather_where_pinning_moves)
{
	pagemap_rule(PAGEMAP_APART);
	vm.cma = true;
	gives(request(64 * KIB), PIN_IO_URING);
	give_back();
}
END_TEST

START_TEST(test_gather_aligned)
{
	struct pages_request want = request(16 * KIB);

	pagemap_rule(PAGEMAP_BACKWARDS);
	want.align = 64 * KIB;
	gives(want, PIN_IO_URING);
	give_back();
}
END_TEST

START_TEST(test_gather_huge_pages)
{
	fake_text(THP, "65536\n");
	pagemap_rule(PAGEMAP_BLOCKS);
	gives(request(250 * os->page_size()), PIN_IO_URING);
	ck_assert_uint_eq(block.length, 256 * os->page_size());
	give_back();
}
END_TEST

START_TEST(test_next_way_where_one_is_not_aligned)
{
	struct pages_request want = request(os->page_size());

	vm.region = true;
	pagemap_rule(PAGEMAP_SHIFTED); /* so the region is not aligned, */
	vm.huge_helps = true;          /* but the next way is */
	want.align = MIB;
	gives(want, PIN_IO_URING);
	give_back();
}
END_TEST

/* Several pieces will do, so one will: found below a limit, or aligned, where loose pages are not. */
START_TEST(test_one_piece_where_several_fail)
{
	struct pages_request want = request(64 * KIB);

	pagemap_rule(PAGEMAP_SHIFTED);
	vm.huge_helps = true;
	want.scattered = true;
	want.align = MIB;
	gives(want, PIN_IO_URING);
	give_back();
}
END_TEST

START_TEST(test_kernel_without_populate)
{
	vm.populate = false;
	gives(request(64 * KIB), PIN_IO_URING);
	give_back();
}
END_TEST

/* 16 MiB of CMA, and too few pages in use for the kernel to move a huge page out of it. */
START_TEST(test_huge_pages_that_could_hang_the_kernel)
{
	struct pages_request scattered = request(4 * MIB);

	fake_text(THP, "2097152\n");
	fake_text("/proc/zoneinfo",
		"Node 0, zone Normal\n nr_active_anon 9000\n managed 99999\n cma 4096\n");
	pagemap_rule(PAGEMAP_APART);
	vm.collapse_helps = true;
	refused(request(64 * KIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "could hang this kernel");
	refused(request(3 * MIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "could hang this kernel");
	ck_assert_uint_eq(vm.collapsed, 0);
	scattered.scattered = true;
	vm.huge_helps = true;
	assert_works(take(scattered));
	ck_assert_uint_gt(block.run_count, 1); /* small pages */
	give_back();
	ck_assert(vm.compacts);
	vm.compacts = false;
	fake_capability(CAP_SYS_RESOURCE, true); /* pinned without compaction, nothing can hang */
	gives(request(64 * KIB), PIN_IO_URING);
	give_back();
	ck_assert(!vm.compacts);
	fake_capability(CAP_SYS_RESOURCE, false);
	fake_text("/proc/zoneinfo",
		"Node 0, zone Normal\n nr_active_anon 90000\n managed 99999\n cma 4096\n");
	pagemap_rule(PAGEMAP_APART);
	gives(request(64 * KIB), PIN_IO_URING);
	give_back();
	assert_works(take(scattered));
	ck_assert_uint_eq(block.run_count, 1);
	give_back();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pages");
	TCase *tc = tcase_create("pages");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, stop);
	tcase_add_test(tc, test_one_page);
	tcase_add_test(tc, test_region);
	tcase_add_test(tc, test_folio);
	tcase_add_test(tc, test_transparent_huge_page);
	tcase_add_test(tc, test_collapse);
	tcase_add_test(tc, test_hugetlb_smallest_that_fits);
	tcase_add_test(tc, test_gather_pages);
	tcase_add_test(tc, test_gather_across_areas);
	tcase_add_test(tc, test_gather_where_pinning_moves);
	tcase_add_test(tc, test_gather_aligned);
	tcase_add_test(tc, test_gather_huge_pages);
	tcase_add_test(tc, test_next_way_where_one_is_not_aligned);
	tcase_add_test(tc, test_one_piece_where_several_fail);
	tcase_add_test(tc, test_kernel_without_populate);
	tcase_add_test(tc, test_huge_pages_that_could_hang_the_kernel);
	suite_add_tcase(suite, tc);
	return suite;
}
