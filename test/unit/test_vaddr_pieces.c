/* SPDX-License-Identifier: MIT */
/* Pieces of a range, and addresses of bytes that lie anywhere; huge pages by PAGEMAP_SCAN, played. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pagemap.h"
#include "suite.h"

#define PAGE  4096ull
#define MIB   ((size_t)1 << 20)
#define HUGE_PAGE  (2 * MIB)

/* No test touches this memory: what it is comes from the played pagemap. */
static unsigned char *const at = (unsigned char *)0x10000000;
static struct pmem_ctx *ctx;

static void setup(void)
{
	fake_start();
	fake_page_size(PAGE);
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

START_TEST(test_one_piece)
{
	struct pmem_extent e = { .length = 0 };
	size_t count = 9;

	assert_works(pmem_vaddr_extents(ctx, at + 5, 3 * PAGE, NULL, 0, &count));
	ck_assert_uint_eq(count, 1);
	assert_works(pmem_vaddr_extents(ctx, at + 5, 3 * PAGE, &e, 1, &count));
	ck_assert_uint_eq(e.offset, 0);
	ck_assert_uint_eq(e.length, 3 * PAGE);
	ck_assert_uint_eq(e.phys, pagemap_frame_of(at) + 5);
	ck_assert_uint_eq(e.bus, PMEM_ADDRESS_NONE);
	assert_works(pmem_vaddr_extents(ctx, at, 0, NULL, 0, &count));
	ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(test_many_pieces)
{
	struct pmem_extent e[4], untouched = { .offset = 77 };
	size_t count = 9;

	pagemap_rule(PAGEMAP_APART);
	e[0] = untouched;
	assert_fails(pmem_vaddr_extents(ctx, at + 5, 3 * PAGE, e, 3, &count), ENOSPC, PMEM_CAUSE_LIMIT);
	ck_assert_uint_eq(count, 9);
	ck_assert_uint_eq(e[0].offset, 77);
	assert_works(pmem_vaddr_extents(ctx, at + 5, 3 * PAGE, e, 4, &count));
	ck_assert_uint_eq(count, 4);
	for (size_t i = 0; i < 4; i++) {
		uint64_t phys;

		assert_works(pmem_vaddr_phys(ctx, at + 5 + e[i].offset, &phys));
		ck_assert_uint_eq(e[i].phys, phys);
		ck_assert_uint_eq(e[i].length, i == 0 ? PAGE - 5 : i == 3 ? 5 : PAGE);
	}
}
END_TEST

START_TEST(test_refused)
{
	uint64_t phys[2];
	size_t count;
	const uint64_t addrs[] = { (uintptr_t)at, (uintptr_t)at + 8 * PAGE };
	const uint64_t beyond[] = { (uintptr_t)at, (uintptr_t)at + ((uint64_t)1 << 32) };

	assert_fails(pmem_vaddr_extents(NULL, at, 1, NULL, 0, &count), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_vaddr_extents(ctx, at, 1, NULL, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_vaddr_extents(ctx, at, UINT64_MAX, NULL, 0, &count), EOVERFLOW, PMEM_CAUSE_WRAPS);
	assert_fails(pmem_vaddr_phys_list(NULL, addrs, 1, phys), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_vaddr_phys_list(ctx, NULL, 1, phys), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_vaddr_phys_list(ctx, addrs, 1, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	if (UINTPTR_MAX < UINT64_MAX) /* not what the lower half would be */
		assert_fails(pmem_vaddr_phys_list(ctx, beyond, 2, phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	pagemap_entry(at + 8 * PAGE, 0, 0);
	assert_fails(pmem_vaddr_phys_list(ctx, addrs, 2, phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_fails(pmem_vaddr_extents(ctx, at, 9 * PAGE, NULL, 0, &count), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(pmem_vaddr_phys_list(ctx, addrs, 1, phys), EPERM, PMEM_CAUSE_CAPABILITY);
}
END_TEST

START_TEST(test_list)
{
	uint64_t addrs[64];
	uint64_t phys[64], one;
	unsigned before;

	/* Backwards, twice the same, some close, some far, none page aligned. */
	for (size_t i = 0; i < 64; i++)
		addrs[i] = (uintptr_t)at + (63 - i / 2) * 3 * PAGE + i + (i % 4 == 0 ? 4000 * PAGE : 0);
	pagemap_rule(PAGEMAP_APART);
	assert_works(pmem_vaddr_phys_list(ctx, addrs, 64, phys));
	for (size_t i = 0; i < 64; i++) {
		assert_works(pmem_vaddr_phys(ctx, (void *)(uintptr_t)addrs[i], &one));
		ck_assert_uint_eq(phys[i], one);
	}
	before = pagemap_reads();
	assert_works(pmem_vaddr_phys_list(ctx, addrs, 64, phys));
	ck_assert_uint_eq(pagemap_reads(), before + 2); /* two groups: close ones are read at once */
	assert_works(pmem_vaddr_phys_list(ctx, addrs, 0, phys));
}
END_TEST

/* One more page than is read at once. */
START_TEST(test_list_of_close_ones)
{
	uint64_t addrs[65], phys[65];
	unsigned before;

	for (size_t i = 0; i < 65; i++)
		addrs[i] = (uintptr_t)at + i * 8 * PAGE;
	assert_works(pmem_vaddr_phys_list(ctx, addrs, 64, phys));
	before = pagemap_reads();
	assert_works(pmem_vaddr_phys_list(ctx, addrs, 65, phys));
	ck_assert_uint_eq(pagemap_reads(), before + 2);
	for (size_t i = 0; i < 65; i++)
		ck_assert_uint_eq(phys[i], pagemap_frame_of((void *)(uintptr_t)addrs[i]));
}
END_TEST

/* A page on its way is waited for, and only what was asked for counts. */
START_TEST(test_list_beside_holes)
{
	const uint64_t addrs[] = { (uintptr_t)at, (uintptr_t)at + 2 * PAGE };
	uint64_t phys[2];

	pagemap_entry(at + PAGE, 0, 0);
	pagemap_entry(at + 2 * PAGE, PMEM_PAGEMAP_SWAPPED, 3);
	assert_works(pmem_vaddr_phys_list(ctx, addrs, 2, phys));
	ck_assert_uint_eq(phys[1], pagemap_frame_of(at + 2 * PAGE));
}
END_TEST

/* --- huge pages ------------------------------------------------------------------------------- */

/* struct pm_scan_arg and struct page_region of include/uapi/linux/fs.h */
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, any_of, return_mask;
};
struct scan_region {
	uint64_t start, end, categories;
};

static struct scan {
	uint64_t first, last;  /* what is huge: [first, last) */
	unsigned split_after;  /* the nth question finds it no longer so; 0: never */
	unsigned asked;
	int errnum;
} scan;
static struct os_calls calls;

static int played_scan(int fd, unsigned long request, void *user)
{
	struct scan_arg *arg = user;
	struct scan_region *region = (struct scan_region *)(uintptr_t)arg->vec;
	uint64_t first, last;

	(void)fd;
	ck_assert_uint_eq(request, 0xc0606610u);
	ck_assert_uint_eq(arg->size, 96);
	scan.asked++;
	if (scan.errnum)
		return -scan.errnum;
	if (scan.split_after && scan.asked > scan.split_after)
		return 0;
	first = arg->start > scan.first ? arg->start : scan.first;
	last = arg->end < scan.last ? arg->end : scan.last;
	if (first >= last)
		return 0;
	*region = (struct scan_region){ first, last, 1u << 6 };
	return 1;
}

static void scan_setup(void)
{
	setup();
	fake_text("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n");
	scan = (struct scan){ .first = (uintptr_t)at + HUGE_PAGE, .last = (uintptr_t)at + 65 * HUGE_PAGE };
	calls = *os;
	calls.ioctl = played_scan;
	os = &calls;
}

/* 140 MiB and some bytes, of which the middle is huge: one piece in all, and few reads. */
static size_t pieces(struct pmem_extent *e, size_t capacity)
{
	size_t count = 0;

	assert_works(pmem_vaddr_extents(ctx, at + 7, 140 * MIB, e, capacity, &count));
	return count;
}

START_TEST(test_huge)
{
	struct pmem_extent e;
	unsigned before = pagemap_reads();

	ck_assert_uint_eq(pieces(&e, 1), 1);
	ck_assert_uint_eq(e.length, 140 * MIB);
	ck_assert_uint_eq(e.phys, pagemap_frame_of(at) + 7);
	/* 64 of huge pages, and those of 12 MiB by 512 entries each. */
	ck_assert_uint_le(pagemap_reads() - before, 64 + 8);
}
END_TEST

/* It begins and ends inside huge pages. */
START_TEST(test_parts_of_huge_pages)
{
	struct pmem_extent e;

	scan.first = (uintptr_t)at - HUGE_PAGE;
	scan.last = (uintptr_t)at + 1000 * MIB;
	ck_assert_uint_eq(pieces(&e, 1), 1);
	ck_assert_uint_eq(e.length, 140 * MIB);
}
END_TEST

/* Split before the second look: then the pages are read one by one. */
START_TEST(test_split)
{
	unsigned char *moved = at + 3 * HUGE_PAGE + 5 * PAGE; /* a part of the second one */
	struct pmem_extent e[3];

	scan.split_after = 3; /* one before the huge pages, and two of the first look at them */
	pagemap_entry(moved, PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_EXCLUSIVE | 0x77, 0);
	ck_assert_uint_eq(pieces(e, 3), 3);
	ck_assert_uint_eq(e[0].length, (size_t)(moved - at) - 7);
	ck_assert_uint_eq(e[1].phys, 0x77 * PAGE);
	ck_assert_uint_eq(e[1].length, PAGE);
}
END_TEST

START_TEST(test_older_kernel)
{
	struct pmem_extent e;

	scan.errnum = ENOTTY;
	ck_assert_uint_eq(pieces(&e, 1), 1);
	ck_assert_uint_eq(scan.asked, 1);
}
END_TEST

/* A pool of pages that are hardly larger than ordinary ones: each would cost a call. */
START_TEST(test_small_huge_pages)
{
	struct pmem_extent e;

	fake_text("/sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "0\n");
	pieces(&e, 1);
	ck_assert_uint_gt(scan.asked, 0);
	scan.asked = 0;
	fake_text("/sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "3\n");
	pieces(&e, 1);
	ck_assert_uint_eq(scan.asked, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("vaddr pieces");
	TCase *small = tcase_create("small"), *huge = tcase_create("huge");

	tcase_add_checked_fixture(small, setup, teardown);
	tcase_add_test(small, test_one_piece);
	tcase_add_test(small, test_many_pieces);
	tcase_add_test(small, test_refused);
	tcase_add_test(small, test_list);
	tcase_add_test(small, test_list_of_close_ones);
	tcase_add_test(small, test_list_beside_holes);
	suite_add_tcase(suite, small);
	tcase_add_checked_fixture(huge, scan_setup, teardown);
	tcase_add_test(huge, test_huge);
	tcase_add_test(huge, test_parts_of_huge_pages);
	tcase_add_test(huge, test_split);
	tcase_add_test(huge, test_older_kernel);
	tcase_add_test(huge, test_small_huge_pages);
	suite_add_tcase(suite, huge);
	return suite;
}
