/* SPDX-License-Identifier: MIT */
/* Memory for a device: what its master sees decides which memory it gets, and at what address. */
#include <errno.h>
#include <string.h>

#include "play.h"
#include "suite.h"

#define GIB 0x40000000ull

static struct pmem_ctx *ctx;
static struct pmem_region *region;

static void setup(void)
{
	play_start(&ctx);
}

static void teardown(void)
{
	play_stop(ctx);
}

/* The tree has changed: what a context was told of it may be kept. */
static void anew(void)
{
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
}

static void bus(const char *node, uint32_t address_cells, uint32_t size_cells)
{
	fake_cells(node, "#address-cells", 1, &address_cells);
	fake_cells(node, "#size-cells", 1, &size_cells);
}

/* As Raspberry Pi OS shows it: the second window shows registers, not RAM. */
static void pi_4(void)
{
	bus("/", 2, 1);
	fake_string("/", "compatible", "brcm,bcm2711");
	CELLS("/memory@0", "reg", 0, 0, 0x3b400000, 0, 0x40000000, 0xbc000000);
	bus("/soc", 1, 1);
	fake_string("/soc", "compatible", "simple-bus");
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0, 0x40000000, 0x7c000000, 0, 0xfc000000,
		0x3800000);
	fake_string("/soc/dma@7e007000", "compatible", "brcm,bcm2835-dma");
	bus("/scb", 2, 2);
	CELLS("/scb", "dma-ranges", 0, 0, 0, 0, 4, 0);
	fake_string("/scb/dma@7e007b00", "compatible", "brcm,bcm2711-dma");
	fake_string("/aliases", "wide", "/scb/dma@7e007b00");
}

static void pi_3(void)
{
	bus("/", 1, 1);
	fake_string("/", "compatible", "brcm,bcm2837");
	bus("/soc", 1, 1);
	fake_string("/soc", "compatible", "simple-bus");
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0x3f000000);
	fake_string("/soc/dma@7e007000", "compatible", "brcm,bcm2835-dma");
}

static int alloc(const char *master, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .master = master };

	return pmem_region_alloc(ctx, 0x1000, &opts, &region);
}

/* The first backend's memory is refused, the second one's is taken. */
static void assert_second(const char *master, uint32_t flags)
{
	assert_works(alloc(master, flags));
	ck_assert_str_eq(pmem_region_backend(region), "second");
	assert_works(pmem_region_close(region));
}

static void assert_bus(const char *master, uint32_t flags, uint64_t expected)
{
	uint64_t got;

	assert_works(alloc(master, flags));
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_bus(region, &got));
	ck_assert_uint_eq(got, expected);
	assert_works(pmem_region_close(region));
}

static void assert_hint(const char *word)
{
	const char *hint = pmem_error_hint(pmem_error_last());

	ck_assert_msg(hint && strstr(hint, word), "\"%s\" is not in: %s", word, hint ? hint : "none");
}

START_TEST(a_pi_4_gives_memory_of_the_first_gib)
{
	pi_4();
	play_first.phys = GIB;
	assert_second(NULL, 0);
	play_first.phys = GIB - 0x800; /* its end is not seen */
	assert_second(NULL, 0);
	play_first.phys = GIB - 0x1000;
	assert_bus(NULL, 0, 0xfffff000);
	play_first.phys = play_second.phys = GIB;
	assert_fails(alloc(NULL, 0), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	assert_hint("/soc/dma@7e007000");
	assert_hint("PMEM_ALLOC_NO_MASTER");
	assert_hint("0x3fffffff");
}
END_TEST

START_TEST(another_master_or_none)
{
	uint64_t got;

	pi_4();
	play_first.phys = 2 * GIB;
	assert_bus("/scb/dma@7e007b00", 0, 2 * GIB);
	assert_bus("wide", 0, 2 * GIB);
	assert_bus("brcm,bcm2711-dma", 0, 2 * GIB);
	assert_second("brcm,bcm2835-dma", 0);
	assert_works(alloc(NULL, PMEM_ALLOC_NO_MASTER));
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_fails(pmem_region_bus(region, &got), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	assert_works(pmem_region_close(region));
	/* Nobody asks for the address, so nobody gives it to a device: a driver does, by itself. */
	assert_works(alloc(NULL, PMEM_ALLOC_NO_ADDRESS));
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_close(region));
	assert_second("/soc/dma@7e007000", PMEM_ALLOC_NO_ADDRESS);
}
END_TEST

START_TEST(a_pi_3)
{
	pi_3();
	play_first.phys = 0x3f000000;
	assert_second(NULL, 0);
	play_first.phys = 0x3effe000;
	assert_bus(NULL, 0, 0xfeffe000);
	assert_bus("/soc", 0, 0x3effe000); /* the bus itself sits on the root */
}
END_TEST

/* Memory below the window is as far from it as memory above. */
START_TEST(a_window_that_begins_where_ram_does)
{
	bus("/", 1, 1);
	fake_string("/", "compatible", "allwinner,sun50i-a64");
	bus("/soc", 1, 1);
	bus("/soc/mbus@1c62000", 1, 1);
	CELLS("/soc/mbus@1c62000", "dma-ranges", 0, 0x40000000, 0x40000000);
	CELLS("/soc/mbus@1c62000", "phandle", 9);
	CELLS("/soc/mbus@1c62000", "#interconnect-cells", 1);
	CELLS("/soc/csi@1cb0000", "interconnects", 9, 5);
	fake_string("/soc/csi@1cb0000", "interconnect-names", "dma-mem");
	play_first.phys = GIB + 0x5000;
	assert_bus("/soc/csi@1cb0000", 0, 0x5000);
	assert_bus(NULL, 0, GIB + 0x5000); /* no engine here: as everywhere, nothing is in the way */
	play_first.phys = GIB - 0x1000;
	play_second.phys = GIB;
	assert_second("/soc/csi@1cb0000", 0);
	play_first.phys = 2 * GIB;
	assert_second("/soc/csi@1cb0000", 0);
	play_second.phys = GIB - 0x1000;
	assert_fails(alloc("/soc/csi@1cb0000", 0), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	assert_hint("/soc/csi@1cb0000");
	assert_hint("PMEM_ALLOC_NO_MASTER");
}
END_TEST

static void two_windows(void)
{
	bus("/", 1, 1);
	fake_string("/", "compatible", "maker,board");
	bus("/soc", 1, 1);
	CELLS("/soc", "dma-ranges", 0, 0x1000, 0x1000, 0x80000000, 0x2000, 0x1000, 0x4000, 0x5000,
		0x1000);
	fake_dir("proc/device-tree/soc/dev");
}

START_TEST(two_windows_have_no_one_address)
{
	two_windows();
	play_first.phys = 0x1800;
	play_second.phys = 0x5000;
	assert_second("/soc/dev", PMEM_ALLOC_MAY_MOVE);
	play_first.phys = 0x2000;
	assert_bus("/soc/dev", 0, 0x80000000);
	play_first.phys = 0x4000; /* between them */
	assert_second("/soc/dev", 0);
}
END_TEST

START_TEST(an_iommu_limits_nothing)
{
	uint64_t got;

	two_windows();
	CELLS("/soc/iommu", "phandle", 7);
	CELLS("/soc/dev", "iommus", 7, 2);
	fake_text("sys/kernel/iommu_groups/1/type", "DMA-FQ\n");
	play_first.phys = 0x123450000;
	assert_works(alloc("/soc/dev", 0));
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_fails(pmem_region_bus(region, &got), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_works(pmem_region_close(region));
	fake_string("/soc/iommu", "status", "disabled");
	anew();
	play_first.phys = 0x4000;
	play_second.phys = 0x5000;
	assert_second("/soc/dev", 0);
	/* Nor does a tree that nobody can make sense of. */
	fake_file("proc/device-tree/soc/dma-ranges", "abcdefg", 7);
	anew();
	assert_works(alloc("/soc/dev", 0));
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_fails(pmem_region_bus(region, &got), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(a_master_that_is_not_there)
{
	pi_3();
	assert_fails(alloc("/soc/none", 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(alloc("", 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_uint_eq(play_first.probes + play_first.given, 0);
}
END_TEST

START_TEST(without_a_tree)
{
	assert_fails(alloc("/soc", 0), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	play_first.phys = 0x123456789000;
	assert_works(alloc(NULL, 0));
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_close(region));
}
END_TEST

/* The smaller of two limits counts, and a size that no limit leaves room for is told at once. */
START_TEST(with_a_limit_of_the_callers)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .max_addr = 0x1fff };

	pi_3();
	play_first.phys = 0x2000;
	play_second.phys = 0x1000;
	assert_works(pmem_region_alloc(ctx, 0x1000, &opts, &region));
	ck_assert_str_eq(pmem_region_backend(region), "second");
	assert_works(pmem_region_close(region));
	opts.max_addr = UINT64_MAX - 1;
	play_first.phys = 0x3f000000;
	assert_works(pmem_region_alloc(ctx, 0x1000, &opts, &region));
	ck_assert_str_eq(pmem_region_backend(region), "second");
	assert_works(pmem_region_close(region));
	play_first.given = play_first.closes = 0;
	assert_fails(pmem_region_alloc(ctx, 0x3f001000, NULL, &region), ERANGE,
		PMEM_CAUSE_ADDRESS_LIMIT);
	assert_hint("/soc/dma@7e007000");
	ck_assert_uint_eq(play_first.given, 0);
}
END_TEST

/* What the region remembers is its own: the tree is not asked again, the name may be gone. */
START_TEST(the_region_remembers)
{
	char name[] = "/soc/dma@7e007000";
	uint64_t got;

	pi_3();
	play_first.phys = 0x10000;
	assert_works(alloc(name, 0));
	memset(name, 'x', sizeof(name) - 1);
	fake_remove("proc/device-tree/soc");
	assert_works(pmem_region_bus(region, &got));
	ck_assert_uint_eq(got, 0xc0010000);
	assert_works(pmem_region_close(region));
}
END_TEST

static void assert_no_call(const char *master)
{
	assert_works(alloc(master, 0));
	assert_works(pmem_region_close(region));
	fake_fail(1, EIO); /* the second time nothing is there to fail */
	assert_works(alloc(master, 0));
	ck_assert_ptr_null(fake_failed());
	fake_fail(0, 0);
	assert_works(pmem_region_close(region));
}

START_TEST(a_second_allocation_asks_nothing)
{
	fake_text("sys/kernel/iommu_groups/0/type", "identity\n");
	assert_no_call(NULL); /* no tree: no limit */
	pi_4();
	CELLS("/scb/dma@7e007b00", "iommus", 7, 1); /* nor where no window does */
	fake_remove("proc/device-tree/scb/dma-ranges");
	anew();
	assert_no_call(NULL);
	assert_no_call("/scb/dma@7e007b00");
}
END_TEST

/* With a context of its own, which has to ask for everything. */
static int take(void *user)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .master = user };
	struct pmem_ctx *fresh;
	int r = pmem_ctx_new(&fresh);

	if (r < 0)
		return r;
	r = pmem_region_alloc(fresh, 0x1000, &opts, &region);
	if (r == 0)
		r = pmem_region_close(region);
	pmem_ctx_unref(fresh);
	return r;
}

START_TEST(each_call_fails)
{
	static char named[] = "wide";

	pi_4();
	pmem_ctx_unref(ctx); /* what one was told, others of the machine know */
	ctx = NULL;
	ck_assert_uint_gt(fake_fail_each(EIO, take, NULL), 10);
	ck_assert_uint_gt(fake_fail_each(EMFILE, take, named), 10);
}
END_TEST

/* Not even when the tree cannot be read for a moment. */
START_TEST(a_failing_tree_gives_no_unreachable_memory)
{
	pi_4();
	play_first.phys = play_second.phys = GIB;
	for (unsigned n = 1; n < 200; n++) {
		anew();
		fake_fail(n, EIO);
		ck_assert_int_lt(alloc(NULL, 0), 0);
		fake_fail(0, 0);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("alloc_master");
	TCase *tc = tcase_create("alloc_master");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_pi_4_gives_memory_of_the_first_gib);
	tcase_add_test(tc, another_master_or_none);
	tcase_add_test(tc, a_pi_3);
	tcase_add_test(tc, a_window_that_begins_where_ram_does);
	tcase_add_test(tc, two_windows_have_no_one_address);
	tcase_add_test(tc, an_iommu_limits_nothing);
	tcase_add_test(tc, a_master_that_is_not_there);
	tcase_add_test(tc, without_a_tree);
	tcase_add_test(tc, with_a_limit_of_the_callers);
	tcase_add_test(tc, the_region_remembers);
	tcase_add_test(tc, a_second_allocation_asks_nothing);
	tcase_add_test(tc, each_call_fails);
	tcase_add_test(tc, a_failing_tree_gives_no_unreachable_memory);
	suite_add_tcase(suite, tc);
	return suite;
}
