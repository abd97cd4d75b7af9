/* SPDX-License-Identifier: MIT */
/* Many regions of random sizes, alignments and flags, closed in random order; nothing is left. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

#define LIVE  48
#define STEPS 600

static struct pmem_ctx *ctx;

const char *test_skip(void)
{
	return addresses_are_hidden();
}

static unsigned open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static unsigned mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned n = 0;
	int c;

	while ((c = fgetc(maps)) != EOF)
		n += c == '\n';
	fclose(maps);
	return n;
}

/* All that was asked is so, by the kernel's own words. */
static void check(const struct pmem_region *region, uint64_t size, uint64_t align, bool scattered)
{
	const unsigned char *data = pmem_region_data(region);
	uint64_t offset = 0, phys, length, really;

	ck_assert_uint_eq(pmem_region_size(region), size);
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_PINNED);
	ck_assert(scattered || (pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS));
	ck_assert_int_eq(data[0], 0);
	ck_assert_int_eq(memcmp(data, data + 1, (size_t)size - 1), 0);
	assert_works(pmem_region_extent(region, 0, &phys, &length));
	ck_assert_uint_eq(phys % align, 0);
	ck_assert(scattered || length == size);
	while (offset < size) {
		assert_works(pmem_region_extent(region, offset, &phys, &length));
		assert_works(pmem_vaddr_phys(ctx, data + offset, &really));
		ck_assert_uint_eq(phys, really);
		assert_works(pmem_vaddr_phys(ctx, data + offset + length - 1, &really));
		ck_assert_uint_eq(phys + length - 1, really);
		offset += length;
	}
	ck_assert_uint_eq(offset, size);
}

static struct pmem_region *one(void)
{
	uint64_t size = 1 + (uint64_t)random() % ((uint64_t)4096 << (random() % 12));
	bool scattered = random() % 3 == 0;
	/* Long enough for memory in which huge pages in a row are rare. */
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages", .wait_ms = 20000 };
	struct pmem_region *region;

	opts.flags = scattered ? PMEM_ALLOC_SCATTERED : 0;
	if (!scattered && random() % 2)
		opts.align = (uint64_t)4096 << (random() % 10);
	assert_works(pmem_region_alloc(ctx, size, &opts, &region));
	check(region, size, opts.align ? opts.align : 1, scattered);
	memset(pmem_region_data(region), 0xa5, (size_t)size);
	return region;
}

START_TEST(test_random)
{
	struct pmem_region *live[LIVE] = { NULL };
	unsigned fds, maps = 0;

	srandom(7);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_region_close(one()));
	fds = open_fds();
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned step = 0; step < STEPS / 3; step++) {
			unsigned i = (unsigned)random() % LIVE;

			assert_works(pmem_region_close(live[i]));
			live[i] = one();
		}
		for (unsigned i = 0; i < LIVE; i++) {
			assert_works(pmem_region_close(live[i]));
			live[i] = NULL;
		}
		ck_assert_uint_eq(open_fds(), fds);
		/* malloc() may have grown in the first round */
		if (round > 0)
			ck_assert_uint_le(mappings(), maps + 4);
		maps = mappings();
	}
	pmem_ctx_unref(ctx);
}
END_TEST

START_TEST(test_large)
{
	static const uint64_t sizes[] = { 3u << 20, 5u << 20, 8u << 20, 13u << 20 };
	struct pmem_region *region;

	assert_works(pmem_ctx_new(&ctx));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int r = pmem_region_alloc(ctx, sizes[i], NULL, &region);

		/* Beyond the kernel's largest block it depends on the machine; never half a promise. */
		if (r == 0) {
			check(region, sizes[i], 1, false);
			assert_works(pmem_region_close(region));
		} else {
			ck_assert_uint_gt(sizes[i], 4u << 20);
			ck_assert_uint_eq(pmem_error_cause(pmem_error_last()),
				PMEM_CAUSE_NOT_CONTIGUOUS);
		}
	}
	pmem_ctx_unref(ctx);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("many");
	TCase *tc = tcase_create("many");

	tcase_set_timeout(tc, 100);
	tcase_add_test(tc, test_random);
	tcase_add_test(tc, test_large);
	suite_add_tcase(suite, tc);
	return suite;
}
