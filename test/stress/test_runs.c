/* SPDX-License-Identifier: MIT */
/*
 * Large ranges by the real PAGEMAP_SCAN: huge pages, small ones between them, huge ones that are split,
 * huge ones of the pool if there are any. Page by page it must be what /proc/self/pagemap says.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fragment.h"
#include "suite.h"

#define MIB    ((size_t)1 << 20)
#define LENGTH (160 * MIB)

static struct pmem_ctx *ctx;
static unsigned char *area;
static uint64_t *raw, *phys;
static size_t page;

const char *test_skip(void)
{
	const char *why = addresses_are_hidden();

	if (why)
		return why;
	return fragment_available() < 2 * LENGTH ? "less than 320 MiB of memory are available" : NULL;
}

/* What the kernel says, by one read each, without the library. */
static void read_raw(size_t pages)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (size_t i = 0; i < pages; i++) {
		ck_assert_int_eq(pread(fd, &raw[i], 8, (off_t)(((uintptr_t)area / page + i) * 8)), 8);
		ck_assert(raw[i] & PMEM_PAGEMAP_PRESENT);
		raw[i] = (raw[i] & PMEM_PAGEMAP_PFN_MASK) * page;
	}
	close(fd);
}

static void setup(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	assert_works(pmem_ctx_new(&ctx));
	area = mmap(NULL, LENGTH + 2 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(area, MAP_FAILED);
	raw = calloc(LENGTH / page, sizeof(*raw));
	phys = calloc(LENGTH / page, sizeof(*phys));
	ck_assert(raw && phys);
	/* From the middle of a huge page. */
	madvise(area, LENGTH, MADV_HUGEPAGE);
	madvise(area + 40 * MIB, 30 * MIB + 3 * page, MADV_NOHUGEPAGE);
	memset(area, 1, LENGTH);
	/* Split: by another protection of a page in the middle, which stays. */
	ck_assert_int_eq(mprotect(area + 100 * MIB + 5 * page, page, PROT_READ), 0);
}

static void teardown(void)
{
	munmap(area, LENGTH + 2 * MIB);
	free(raw);
	free(phys);
	pmem_ctx_unref(ctx);
}

START_TEST(test_as_pagemap_says)
{
	size_t pages = LENGTH / page, count = 0, pieces = 0;
	struct pmem_extent *e;

	/* Nothing pins it, so all three must be of the same moment: again, if compaction came between. */
	for (int n = 0; n < 10; n++) {
		bool same = true;

		read_raw(pages);
		assert_works(pmem_vaddr_phys_bulk(ctx, area, pages, phys));
		same = memcmp(raw, phys, pages * sizeof(*raw)) == 0;
		assert_works(pmem_vaddr_extents(ctx, area, LENGTH, NULL, 0, &count));
		e = calloc(count + 64, sizeof(*e));
		ck_assert_ptr_nonnull(e);
		assert_works(pmem_vaddr_extents(ctx, area, LENGTH, e, count + 64, &pieces));
		for (size_t i = 0, at = 0; i < pieces; i++) {
			ck_assert_uint_eq(e[i].offset, at * page);
			for (uint64_t off = 0; off < e[i].length; off += page, at++)
				same = same && e[i].phys + off == raw[at];
		}
		free(e);
		if (same) {
			printf("%zu pages in %zu pieces\n", pages, pieces);
			return;
		}
	}
	ck_abort_msg("never as pagemap says, in ten times");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("runs");
	TCase *tc = tcase_create("runs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_as_pagemap_says);
	suite_add_tcase(suite, tc);
	return suite;
}
