/* SPDX-License-Identifier: MIT */
/* Memory of plain Linux: each way to contiguous memory, each refusal, and nothing left behind. */
#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "ctx.h"
#include "pagemap.h"
#include "pages.h"
#include "suite.h"
#include "vm.h"

#define KIB ((uint64_t)1024)
#define MIB (KIB * 1024)

#define THP   "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size"
#define POOLS "/sys/kernel/mm/hugepages/"

static struct pmem_ctx ctx;
static struct pages_block block;

static void setup(void)
{
	fake_start();
	ctx = (struct pmem_ctx){ .root = (char *)(uintptr_t)fake_root() };
	fake_text("/proc/meminfo", "MemTotal: 999999 kB\nMemAvailable: 8192 kB\n");
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
}

static struct pages_request request(uint64_t size)
{
	return (struct pages_request){ .size = size, .align = os->page_size(),
		.max_addr = UINT64_MAX, .need_address = true };
}

static int take(struct pages_request want)
{
	memset(&block, 0xff, sizeof(block));
	return pages_take(&ctx, &want, &block);
}

static void gives(struct pages_request want, enum pin_class class)
{
	assert_works(take(want));
	ck_assert_int_eq(block.pin.class, class);
	ck_assert_uint_eq(block.run_count, 1);
	ck_assert_uint_eq(block.runs[0].length, want.size);
	ck_assert_uint_eq(block.runs[0].phys % want.align, 0);
	ck_assert_uint_ge(block.length, want.size);
	ck_assert_uint_ge(vm.dont_fork, block.length);
	/* zeroed: it begins with a zero, and each byte equals the next */
	ck_assert_int_eq(*(unsigned char *)block.data, 0);
	ck_assert_int_eq(memcmp(block.data, (char *)block.data + 1, want.size - 1), 0);
	memset(block.data, 0x5a, block.length); /* all of it is mapped and writable */
}

static void give_back(void)
{
	assert_works(pages_give(&block));
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

#define message() pmem_error_message(pmem_error_last())

static void refused(struct pages_request want, int errnum, uint32_t cause, const char *word)
{
	assert_fails(take(want), errnum, cause);
	ck_assert_msg(strstr(pmem_error_text(pmem_error_last()), word) != NULL, "%s", message());
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

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
	fake_text(THP, "2097152\n");
	gives(request(64 * KIB), PIN_IO_URING);
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

START_TEST(test_nothing_contiguous)
{
	fake_text(THP, "2097152\n");
	fake_dir(POOLS "hugepages-2048kB");
	vm.region = true;
	pagemap_rule(PAGEMAP_APART);
	refused(request(64 * KIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "io_uring region: got 16");
	ck_assert_ptr_nonnull(strstr(message(), "large folio: "));
	ck_assert_ptr_nonnull(strstr(message(), "transparent huge page: "));
	ck_assert_ptr_nonnull(strstr(message(), "collapse: "));
	ck_assert_ptr_nonnull(strstr(message(), "hugetlb: "));
	ck_assert_ptr_nonnull(strstr(message(), "several pages: "));
}
END_TEST

START_TEST(test_limit)
{
	struct pages_request want = request(64 * KIB);

	vm.region = true;
	want.max_addr = MIB - 1;
	refused(want, ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "below 0xfffff");
	want.scattered = true;
	refused(want, ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "above 0xfffff");
	want.max_addr = UINT64_MAX - 1;
	assert_works(take(want));
	give_back();
}
END_TEST

START_TEST(test_alignment_out_of_reach)
{
	struct pages_request want = request(os->page_size());

	pagemap_rule(PAGEMAP_ODD);
	fake_text("/proc/meminfo", "MemAvailable: 64 kB\n");
	want.align = MIB;
	refused(want, ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "not a multiple of 0x100000");
}
END_TEST

START_TEST(test_pages_that_move)
{
	struct pages_request want = request(os->page_size());

	pagemap_rule(PAGEMAP_MOVING);
	refused(want, EAGAIN, PMEM_CAUSE_MOVED, "io_uring");
	want.scattered = true;
	refused(want, EAGAIN, PMEM_CAUSE_MOVED, "io_uring");
}
END_TEST

START_TEST(test_without_capability)
{
	struct pages_request want = request(64 * KIB);

	pagemap_rule(PAGEMAP_HIDDEN);
	refused(want, EPERM, PMEM_CAUSE_CAPABILITY, "setcap");
	want.need_address = false;
	refused(want, EPERM, PMEM_CAUSE_CAPABILITY, "PMEM_ALLOC_SCATTERED");
	want.scattered = true;
	assert_works(take(want));
	ck_assert_ptr_null(block.runs);
	ck_assert_int_eq(block.pin.class, PIN_IO_URING);
	give_back();
	want.max_addr = MIB;
	refused(want, EPERM, PMEM_CAUSE_CAPABILITY, "setcap");
	want = request(os->page_size());
	want.need_address = false;
	assert_works(take(want));
	give_back();
}
END_TEST

START_TEST(test_nothing_pins)
{
	struct pages_request want = request(os->page_size());

	vm.ring_errnum = ENOSYS;
	fake_fail_named("pipe", EMFILE);
	refused(want, ENOSYS, PMEM_CAUSE_NOT_PINNED, "no io_uring; pipe: ");
	want.may_move = true;
	gives(want, PIN_NONE);
	give_back();
	fake_fail_named(NULL, 0);
	want.may_move = false;
	gives(want, PIN_VMSPLICE);
	give_back();
}
END_TEST

START_TEST(test_scattered)
{
	struct pages_request want = request(64 * KIB);

	want.scattered = true;
	pagemap_rule(PAGEMAP_BACKWARDS);
	assert_works(take(want));
	ck_assert_uint_eq(block.run_count, 64 * KIB / os->page_size());
	ck_assert_uint_eq(block.length, 64 * KIB);
	give_back();
	pagemap_rule(PAGEMAP_IN_ORDER);
	assert_works(take(want));
	ck_assert_uint_eq(block.run_count, 1);
	give_back();
}
END_TEST

START_TEST(test_more_than_there_is)
{
	struct pages_request want = request(32 * MIB);

	refused(want, ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "");
	want.scattered = true;
	refused(want, ENOMEM, PMEM_CAUSE_NO_MEMORY, "available");
	refused(request(1ull << 62), ENOMEM, PMEM_CAUSE_NO_MEMORY, "more than this program");
}
END_TEST

START_TEST(test_usable)
{
	assert_works(pages_usable(&ctx));
	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(pages_usable(&ctx), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

START_TEST(test_giving_back_tells_its_error)
{
	gives(request(os->page_size()), PIN_IO_URING);
	fake_fail_named("munmap", EINVAL);
	assert_fails(pages_give(&block), EINVAL, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(fake_fds(), 0);
	fake_fail_named(NULL, 0);
}
END_TEST

static int take_and_give(void *user)
{
	const struct pages_request *want = user;
	int r = take(*want);

	return r < 0 ? r : pages_give(&block);
}

START_TEST(test_each_call_fails)
{
	struct pages_request want = request(64 * KIB);

	ck_assert_uint_ge(fake_fail_each(EIO, take_and_give, &want), 10);
	vm.region = true;
	ck_assert_uint_ge(fake_fail_each(ENOMEM, take_and_give, &want), 8);
	want.scattered = true;
	ck_assert_uint_ge(fake_fail_each(EPERM, take_and_give, &want), 8);
	want.may_move = true;
	ck_assert_uint_ge(fake_fail_each(EPERM, take_and_give, &want), 8);
	want = request(os->page_size());
	ck_assert_uint_ge(fake_fail_each(EMFILE, take_and_give, &want), 8);
}
END_TEST

START_TEST(test_each_call_of_the_long_ways_fails)
{
	struct pages_request want = request(64 * KIB);

	fake_text("/proc/meminfo", "MemAvailable: 1024 kB\n");
	pagemap_rule(PAGEMAP_BACKWARDS);
	ck_assert_uint_ge(fake_fail_each(EIO, take_and_give, &want), 30);
	fake_text(THP, "65536\n");
	pagemap_rule(PAGEMAP_BLOCKS);
	want.size = 128 * KIB;
	ck_assert_uint_ge(fake_fail_each(ENOMEM, take_and_give, &want), 15);
	pagemap_rule(PAGEMAP_APART);
	fake_dir(POOLS "hugepages-2048kB");
	ck_assert_uint_ge(fake_fail_each(EINTR, take_and_give, &want), 15);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pages");
	TCase *tc = tcase_create("pages");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, fake_stop);
	tcase_add_test(tc, test_one_page);
	tcase_add_test(tc, test_region);
	tcase_add_test(tc, test_folio);
	tcase_add_test(tc, test_transparent_huge_page);
	tcase_add_test(tc, test_collapse);
	tcase_add_test(tc, test_hugetlb_smallest_that_fits);
	tcase_add_test(tc, test_gather_pages);
	tcase_add_test(tc, test_gather_where_pinning_moves);
	tcase_add_test(tc, test_gather_aligned);
	tcase_add_test(tc, test_gather_huge_pages);
	tcase_add_test(tc, test_next_way_where_one_is_not_aligned);
	tcase_add_test(tc, test_kernel_without_populate);
	tcase_add_test(tc, test_huge_pages_that_could_hang_the_kernel);
	tcase_add_test(tc, test_nothing_contiguous);
	tcase_add_test(tc, test_limit);
	tcase_add_test(tc, test_alignment_out_of_reach);
	tcase_add_test(tc, test_pages_that_move);
	tcase_add_test(tc, test_without_capability);
	tcase_add_test(tc, test_nothing_pins);
	tcase_add_test(tc, test_scattered);
	tcase_add_test(tc, test_more_than_there_is);
	tcase_add_test(tc, test_usable);
	tcase_add_test(tc, test_giving_back_tells_its_error);
	tcase_add_test(tc, test_each_call_fails);
	tcase_add_test(tc, test_each_call_of_the_long_ways_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
