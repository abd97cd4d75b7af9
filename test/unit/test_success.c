/* SPDX-License-Identifier: MIT */
/* A call that succeeds leaves the thread's error and errno alone, whatever failed on the way. */
#include <errno.h>
#include <string.h>

#include "suite.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region;

static const struct fake_device mem = { .path = "/dev/mem", .memory = 1u << 30, .mmap = fake_untouchable };
static const struct fake_device gpiomem = { .path = "/dev/gpiomem", .mmap = fake_untouchable };

/* A Pi with a mainline tree: neither of the gpiomem nodes that are looked for first. */
static void setup(void)
{
	static const uint32_t one = 1, ranges[] = { 0x7e000000, 0x3f000000, 0x1000000 };
	static const uint32_t reg[] = { 0x7e200000, 0xb4 };

	fake_start();
	fake_cells("/", "#address-cells", 1, &one);
	fake_cells("/", "#size-cells", 1, &one);
	fake_string("/", "compatible", "brcm,bcm2837");
	fake_cells("/soc", "#address-cells", 1, &one);
	fake_cells("/soc", "#size-cells", 1, &one);
	fake_cells("/soc", "ranges", 3, ranges);
	fake_string("/soc/gpio@7e200000", "compatible", "brcm,bcm2835-gpio");
	fake_cells("/soc/gpio@7e200000", "reg", 2, reg);
	fake_device(&mem);
	fake_device(&gpiomem);
	assert_works(pmem_ctx_new(&ctx));
	/* the mark that must stay */
	assert_fails(pmem_region_map(ctx, 0, 0, 0, &region), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	errno = EDOM;
}

static void teardown(void)
{
	ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_ZERO_SIZE);
	ck_assert_int_eq(errno, EDOM);
	pmem_ctx_unref(ctx);
	fake_stop();
}

START_TEST(map)
{
	uint64_t bus;

	assert_works(pmem_region_map(ctx, 0x3f20c000, 4, 0, &region));
	ck_assert_str_eq(pmem_region_backend(region), "devmem"); /* gpiomem refused first */
	assert_works(pmem_region_bus(region, &bus));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(map_by_name)
{
	assert_works(pmem_region_map_gpio(ctx, 0, &region));
	ck_assert_str_eq(pmem_region_backend(region), "gpiomem");
	assert_works(pmem_region_close(region));
	assert_works(pmem_region_map_node(ctx, "brcm,bcm2835-gpio", 0, 0, &region));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(soc)
{
	uint64_t phys, size;
	char path[256];

	assert_works(pmem_soc_node(ctx, "brcm,bcm2835-gpio", 0, &phys, &size));
	assert_works(pmem_soc_node_path(ctx, "brcm,bcm2835-gpio", 0, path, sizeof(path)));
	assert_works(pmem_soc_gpio(ctx, &phys, &size));
	ck_assert_int_eq(pmem_soc_node_available(ctx, "brcm,bcm2835-gpio"), 1);
	assert_works(pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &size));
	ck_assert_int_ge(pmem_soc_coherent(ctx, NULL), 0);
}
END_TEST

START_TEST(status)
{
	for (size_t i = 0; i < pmem_backend_count(ctx); i++) {
		const char *name = pmem_backend_name(ctx, i);

		if (strcmp(name, "gpiomem") == 0 || strcmp(name, "devmem") == 0)
			assert_works(pmem_backend_status(ctx, i, NULL));
	}
}
END_TEST

Suite *test_suite(void)
{
	const TTest *const tests[] = { map, map_by_name, soc, status };
	Suite *suite = suite_create("success");
	TCase *tc = tcase_create("success");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return suite;
}
