/* SPDX-License-Identifier: MIT */
/* pmem_region_extents() and pmem_region_bus_for(): all pieces, in the addresses of any master. */
#include <errno.h>
#include <string.h>

#include "play.h"
#include "suite.h"

#define BOTH (PMEM_EXTENTS_PHYS | PMEM_EXTENTS_BUS)
#define ROOM 8

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static struct pmem_extent e[ROOM];
static size_t count;

static void setup(void)
{
	play_start(&ctx);
	CELLS("/", "#address-cells", 1);
	CELLS("/", "#size-cells", 1);
	fake_string("/", "compatible", "maker,board");
	CELLS("/soc", "#address-cells", 1);
	CELLS("/soc", "#size-cells", 1);
	fake_string("/soc", "compatible", "simple-bus");
	fake_dir("proc/device-tree/soc/dev");
	fake_dir("proc/device-tree/soc/sub/dev");
}

static void teardown(void)
{
	assert_works(pmem_region_close(region));
	region = NULL;
	play_stop(ctx);
}

/* Scattered memory in so many pieces, for /soc/dev. */
static void take(unsigned pieces, uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_SCATTERED,
		.master = "/soc/dev" };

	play_first.pieces = pieces;
	assert_works(pmem_region_alloc(ctx, size, &opts, &region));
}

static void ask(uint64_t offset, uint64_t length, uint32_t need)
{
	size_t counted = 77;

	memset(e, 0xee, sizeof(e));
	assert_works(pmem_region_extents(region, offset, length, need, NULL, 0, &counted));
	assert_works(pmem_region_extents(region, offset, length, need, e, ROOM, &count));
	ck_assert_uint_eq(count, counted);
}

static void assert_extent(size_t i, uint64_t offset, uint64_t length, uint64_t phys, uint64_t bus)
{
	ck_assert_uint_lt(i, count);
	ck_assert_uint_eq(e[i].offset, offset);
	ck_assert_uint_eq(e[i].length, length);
	ck_assert_uint_eq(e[i].phys, phys);
	ck_assert_uint_eq(e[i].bus, bus);
}

START_TEST(all_pieces)
{
	play_first.phys = 0x10000;
	take(3, 0x3000);
	ask(0, PMEM_TO_END, BOTH);
	ck_assert_uint_eq(count, 3);
	assert_extent(0, 0, 0x1000, 0x10000, 0x10000);
	assert_extent(1, 0x1000, 0x1000, 0x110000, 0x110000);
	assert_extent(2, 0x2000, 0x1000, 0x210000, 0x210000);
	ask(0, PMEM_TO_END, PMEM_EXTENTS_PHYS);
	assert_extent(1, 0x1000, 0x1000, 0x110000, PMEM_ADDRESS_NONE);
	ask(0, PMEM_TO_END, PMEM_EXTENTS_BUS);
	assert_extent(1, 0x1000, 0x1000, PMEM_ADDRESS_NONE, 0x110000);
}
END_TEST

START_TEST(parts_of_it)
{
	play_first.phys = 0x10000;
	take(3, 0x3000);
	ask(0xfff, 2, PMEM_EXTENTS_PHYS);
	ck_assert_uint_eq(count, 2);
	assert_extent(0, 0xfff, 1, 0x10fff, PMEM_ADDRESS_NONE);
	assert_extent(1, 0x1000, 1, 0x110000, PMEM_ADDRESS_NONE);
	ask(0x1800, 0x100, PMEM_EXTENTS_PHYS);
	ck_assert_uint_eq(count, 1);
	assert_extent(0, 0x1800, 0x100, 0x110800, PMEM_ADDRESS_NONE);
	ask(0x2800, PMEM_TO_END, PMEM_EXTENTS_PHYS);
	ck_assert_uint_eq(count, 1);
	assert_extent(0, 0x2800, 0x800, 0x210800, PMEM_ADDRESS_NONE);
	ask(5, 0, PMEM_EXTENTS_PHYS);
	ck_assert_uint_eq(count, 0);
	ask(0x3000, PMEM_TO_END, PMEM_EXTENTS_PHYS);
	ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(windows_make_pieces)
{
	CELLS("/soc", "dma-ranges", 0, 0x10000, 0x1800, 0x80000000, 0x11800, 0x800, 0x80000800,
		0x12000, 0x1000);
	play_first.phys = 0x10000;
	take(1, 0x3000);
	ask(0, PMEM_TO_END, BOTH);
	ck_assert_uint_eq(count, 2); /* two windows follow each other with one offset */
	assert_extent(0, 0, 0x1800, 0x10000, 0);
	assert_extent(1, 0x1800, 0x1800, 0x11800, 0x80000000);
	ask(0, PMEM_TO_END, PMEM_EXTENTS_PHYS);
	ck_assert_uint_eq(count, 1);
	assert_extent(0, 0, 0x3000, 0x10000, PMEM_ADDRESS_NONE);
	assert_fails(pmem_region_bus(region, &(uint64_t){ 0 }), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
}
END_TEST

/* Neighbours for the device are one piece if nobody asks where they are for the CPU. */
START_TEST(windows_join_pieces)
{
	CELLS("/soc", "dma-ranges", 0, 0x10000, 0x1000, 0x1000, 0x30000, 0x1000);
	play_first.phys = 0x10000;
	play_first.step = 0x20000;
	take(2, 0x2000);
	ask(0, PMEM_TO_END, PMEM_EXTENTS_BUS);
	ck_assert_uint_eq(count, 1);
	assert_extent(0, 0, 0x2000, PMEM_ADDRESS_NONE, 0);
	ask(0, PMEM_TO_END, BOTH);
	ck_assert_uint_eq(count, 2);
	assert_extent(1, 0x1000, 0x1000, 0x30000, 0x1000);
}
END_TEST

START_TEST(neighbouring_runs_are_one_piece)
{
	play_first.phys = 0x10000;
	play_first.step = 0x1000;
	take(4, 0x4000);
	ask(0x800, 0x2000, BOTH);
	ck_assert_uint_eq(count, 1);
	assert_extent(0, 0x800, 0x2000, 0x10800, 0x10800);
}
END_TEST

START_TEST(the_allocators_own_addresses)
{
	play_first.tells_bus = true;
	assert_works(pmem_region_alloc(ctx, 0x2000, NULL, &region));
	ask(0x800, PMEM_TO_END, BOTH);
	ck_assert_uint_eq(count, 1);
	assert_extent(0, 0x800, 0x1800, 0x1800, 0xc0001800);
}
END_TEST

static void assert_nothing_written(void)
{
	ck_assert_uint_eq(count, 77);
	for (size_t i = 0; i < sizeof(e); i++)
		ck_assert_int_eq(((unsigned char *)e)[i], 0xee);
}

START_TEST(refusals)
{
	play_first.phys = 0x10000;
	take(3, 0x3000);
	memset(e, 0xee, sizeof(e));
	count = 77;
	assert_fails(pmem_region_extents(region, 0, PMEM_TO_END, BOTH, e, 2, &count), ENOSPC,
		PMEM_CAUSE_LIMIT);
	assert_fails(pmem_region_extents(region, 0, PMEM_TO_END, BOTH, e, 0, &count), ENOSPC,
		PMEM_CAUSE_LIMIT);
	assert_fails(pmem_region_extents(region, 0, 1, 0, e, ROOM, &count), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_extents(region, 0, 1, 4, e, ROOM, &count), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_extents(region, 0x3001, 0, BOTH, e, ROOM, &count), ERANGE,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_extents(region, 0x3001, PMEM_TO_END, BOTH, e, ROOM, &count), ERANGE,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_extents(region, 1, 0x3000, BOTH, e, ROOM, &count), ERANGE,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_extents(region, 2, UINT64_MAX - 1, BOTH, e, ROOM, &count), ERANGE,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_extents(NULL, 0, 1, BOTH, e, ROOM, &count), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_extents(region, 0, 1, BOTH, NULL, 1, &count), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_extents(region, 0, 1, BOTH, e, ROOM, NULL), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_nothing_written();
}
END_TEST

START_TEST(what_cannot_be_known)
{
	play_first.unknown = true;
	assert_works(pmem_region_alloc(ctx, 0x1000, &(struct pmem_alloc_opts){
		.size = sizeof(struct pmem_alloc_opts), .flags = PMEM_ALLOC_NO_ADDRESS,
		.master = "/soc/dev" }, &region));
	count = 77;
	memset(e, 0xee, sizeof(e));
	assert_fails(pmem_region_extents(region, 0, 1, BOTH, e, ROOM, &count), ENXIO,
		PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "no one tells"));
	assert_nothing_written();
}
END_TEST

/* A part that the master does not see is not left out in silence. */
START_TEST(what_is_not_seen)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_MASTER };

	CELLS("/soc", "dma-ranges", 0, 0x10000, 0x100000);
	play_first.phys = 0x10000;
	play_first.pieces = 2;
	assert_works(pmem_region_alloc(ctx, 0x2000, &opts, &region));
	ask(0, 0x1000, BOTH);
	assert_extent(0, 0, 0x1000, 0x10000, 0);
	memset(e, 0xee, sizeof(e));
	count = 77;
	assert_fails(pmem_region_extents(region, 0, PMEM_TO_END, BOTH, e, ROOM, &count), ERANGE,
		PMEM_CAUSE_OUTSIDE_WINDOW);
	assert_nothing_written();
	ask(0, PMEM_TO_END, PMEM_EXTENTS_PHYS);
	ck_assert_uint_eq(count, 2);
}
END_TEST

START_TEST(behind_an_iommu)
{
	CELLS("/soc/iommu", "phandle", 7);
	CELLS("/soc/dev", "iommus", 7);
	fake_text("sys/kernel/iommu_groups/1/type", "DMA\n");
	play_first.phys = 0x10000;
	take(1, 0x1000);
	ask(0, PMEM_TO_END, PMEM_EXTENTS_PHYS);
	assert_extent(0, 0, 0x1000, 0x10000, PMEM_ADDRESS_NONE);
	assert_fails(pmem_region_extents(region, 0, 1, PMEM_EXTENTS_BUS, e, ROOM, &count), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
}
END_TEST

/* What is mapped, and not allocated, has no master: the default's addresses are told. */
START_TEST(of_a_mapping)
{
	CELLS("/soc", "dma-ranges", 0x80000000, 0, 0x10000);
	assert_works(pmem_region_map(ctx, 0x1004, 0x100, 0, &region));
	ask(4, PMEM_TO_END, BOTH);
	ck_assert_uint_eq(count, 1);
	assert_extent(0, 4, 0xfc, 0x1008, 0x80001008);
}
END_TEST

static uint64_t bus_for(const char *master)
{
	uint64_t bus = 0;

	assert_works(pmem_region_bus_for(region, master, &bus));
	return bus;
}

START_TEST(bus_for_another_master)
{
	uint64_t bus = 77;

	CELLS("/soc", "dma-ranges", 0x40000000, 0x1000, 0x1000);
	CELLS("/soc/sub", "#address-cells", 1);
	CELLS("/soc/sub", "#size-cells", 1);
	CELLS("/soc/sub", "dma-ranges", 0x5000, 0x40000000, 0x1000);
	play_first.tells_bus = true;
	take(1, 0x1000);
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(bus, 0x40000000);
	ck_assert_uint_eq(bus_for("/soc/dev"), 0x40000000);
	ck_assert_uint_eq(bus_for("/soc/sub/dev"), 0x5000);
	ck_assert_uint_eq(bus_for("/soc"), 0x1000);
	ck_assert_uint_eq(bus_for(NULL), 0xc0001000); /* the allocator's, which is the default's */
	bus = 77;
	assert_fails(pmem_region_bus_for(region, "/soc/none", &bus), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_region_bus_for(NULL, NULL, &bus), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_bus_for(region, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_uint_eq(bus, 77);
}
END_TEST

/* Always the whole region, never its first byte. */
START_TEST(bus_for_one_that_sees_a_part)
{
	uint64_t bus = 77;

	CELLS("/soc/sub", "#address-cells", 1);
	CELLS("/soc/sub", "#size-cells", 1);
	CELLS("/soc/sub", "dma-ranges", 0, 0x1000, 0x1800);
	CELLS("/soc/two", "#address-cells", 1);
	CELLS("/soc/two", "#size-cells", 1);
	CELLS("/soc/two", "dma-ranges", 0, 0x1000, 0x1800, 0x80000000, 0x2800, 0x1000);
	fake_dir("proc/device-tree/soc/two/dev");
	take(1, 0x2000);
	assert_fails(pmem_region_bus_for(region, "/soc/sub/dev", &bus), ERANGE,
		PMEM_CAUSE_OUTSIDE_WINDOW);
	assert_fails(pmem_region_bus_for(region, "/soc/two/dev", &bus), EXDEV,
		PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(bus, 77);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("extents");
	TCase *tc = tcase_create("extents");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_pieces);
	tcase_add_test(tc, parts_of_it);
	tcase_add_test(tc, windows_make_pieces);
	tcase_add_test(tc, windows_join_pieces);
	tcase_add_test(tc, neighbouring_runs_are_one_piece);
	tcase_add_test(tc, the_allocators_own_addresses);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, what_cannot_be_known);
	tcase_add_test(tc, what_is_not_seen);
	tcase_add_test(tc, behind_an_iommu);
	tcase_add_test(tc, of_a_mapping);
	tcase_add_test(tc, bus_for_another_master);
	tcase_add_test(tc, bus_for_one_that_sees_a_part);
	suite_add_tcase(suite, tc);
	return suite;
}
