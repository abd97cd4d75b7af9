/* SPDX-License-Identifier: MIT */
/* /dev/gpiomem: only its windows, each at its true place. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/backend.h"
#include "suite.h"

/* The RP1's window and the four of the SoC (bcm2712-rpi.dtsi), as the CPU sees them. */
#define RP1_GPIO 0x1f000d0000ull

static const struct {
	const char *node, *name;
	uint64_t phys;
	uint32_t size;
} pi5_windows[] = {
	{ "/axi/gpiomem@d0000", "gpiomem0", RP1_GPIO, 0x30000 },
	{ "/soc/gpiomem@7d508500", "gpiomem1", 0x107d508500, 0x40 },
	{ "/soc/gpiomem@7d517c00", "gpiomem2", 0x107d517c00, 0x40 },
	{ "/soc/gpiomem@7d504100", "gpiomem3", 0x107d504100, 0x20 },
	{ "/soc/gpiomem@7d510700", "gpiomem4", 0x107d510700, 0x20 },
};

/* One played driver: what it shows, and what it was asked for. */
struct driver {
	struct fake_device device;
	char path[32];
	uint64_t least;  /* shorter mappings are refused; 0: the old driver, which takes any */
	size_t length;   /* of the last mmap */
	uint64_t offset;
	int prot;
	unsigned maps;
};

static struct driver drivers[5];
static struct pmem_ctx *ctx;
static struct pmem_region *region;

static int driver_mmap(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	struct driver *driver = user;

	ck_assert_int_ne(flags & MAP_SHARED, 0);
	driver->length = length;
	driver->offset = offset;
	driver->prot = prot;
	driver->maps++;
	if (length < driver->least)
		return -EINVAL;
	return fake_untouchable(NULL, length, prot, flags, offset, out);
}

static void play(unsigned i, const char *name, uint64_t least)
{
	struct driver *driver = &drivers[i];

	memset(driver, 0, sizeof(*driver));
	snprintf(driver->path, sizeof(driver->path), "/dev/%s", name);
	driver->device.path = driver->path;
	driver->device.mmap = driver_mmap;
	driver->device.user = driver;
	driver->least = least;
	fake_device(&driver->device);
}

static void cells64(const char *node, const char *property, uint64_t a, uint64_t b)
{
	const uint32_t cells[] = { (uint32_t)(a >> 32), (uint32_t)a, (uint32_t)(b >> 32),
		(uint32_t)b };

	fake_cells(node, property, 4, cells);
}

static void bus(const char *node)
{
	fake_cells(node, "#address-cells", 1, (const uint32_t[]){ 2 });
	fake_cells(node, "#size-cells", 1, (const uint32_t[]){ 2 });
	if (strcmp(node, "/") != 0)
		fake_cells(node, "ranges", 0, (const uint32_t[]){ 0 });
}

static void pi5(void)
{
	bus("/");
	fake_string("/", "compatible", "raspberrypi,5-model-b");
	bus("/axi");
	bus("/soc");
	for (unsigned i = 0; i < ARRAY_SIZE(pi5_windows); i++) {
		const char *node = pi5_windows[i].node;

		fake_string(node, "compatible", "raspberrypi,gpiomem");
		fake_string(node, "chardev-name", pi5_windows[i].name);
		cells64(node, "reg", pi5_windows[i].phys, pi5_windows[i].size);
		play(i, pi5_windows[i].name, pi5_windows[i].size);
	}
}

/* A Pi 3: bus address 0x7e200000 is 0x3f200000 for the CPU. */
static void pi3(const char *node, const char *compatible, uint32_t size)
{
	fake_cells("/", "#address-cells", 1, (const uint32_t[]){ 1 });
	fake_cells("/", "#size-cells", 1, (const uint32_t[]){ 1 });
	fake_string("/", "compatible", "raspberrypi,3-model-b");
	fake_cells("/soc", "#address-cells", 1, (const uint32_t[]){ 1 });
	fake_cells("/soc", "#size-cells", 1, (const uint32_t[]){ 1 });
	fake_cells("/soc", "ranges", 3, (const uint32_t[]){ 0x7e000000, 0x3f000000, 0x1000000 });
	fake_string(node, "compatible", compatible);
	fake_cells(node, "reg", 2, (const uint32_t[]){ 0x7e200000, size });
	play(0, "gpiomem", 0);
}

static void old_pi3(void)
{
	pi3("/soc/gpiomem", "brcm,bcm2835-gpiomem", 0x1000);
}

static void setup(void)
{
	fake_start();
	fake_page_size(4096);
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

static int map(uint64_t phys, uint64_t size, uint32_t flags)
{
	return pmem_region_map(ctx, phys, size, flags, &region);
}

/* Without /dev/mem here, what gpiomem refuses is refused: ask the backend itself for its cause. */
static int map_only_gpiomem(uint64_t phys, uint64_t size)
{
	struct pmem_region r = { .ctx = ctx, .ops = &backend_gpiomem, .fd = -1 };

	return backend_gpiomem.map(ctx, phys, size, 0, &r);
}

static void check(uint64_t phys, uint64_t size, size_t in_page)
{
	uint64_t is = 0;

	ck_assert_str_eq(pmem_region_backend(region), "gpiomem");
	assert_works(pmem_region_phys(region, &is));
	ck_assert_uint_eq(is, phys);
	ck_assert_uint_eq(pmem_region_size(region), size);
	ck_assert_uint_eq((uintptr_t)pmem_region_data(region) & 0xfff, in_page & 0xfff);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_DEVICE | PMEM_REGION_COHERENT |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_PINNED);
	ck_assert_uint_eq((uintptr_t)pmem_region_data(region) - (uintptr_t)region->map_base, in_page);
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(fake_mapped(), 0);
}

START_TEST(old_driver)
{
	old_pi3();
	assert_works(map(0x3f200000, 0x1000, 0));
	ck_assert_uint_eq(drivers[0].length, 0x1000);
	ck_assert_uint_eq(drivers[0].offset, 0);
	check(0x3f200000, 0x1000, 0);
	assert_works(map(0x3f200034, 8, 0));
	check(0x3f200034, 8, 0x34);
}
END_TEST

/* PWM, clocks, pads: the driver would show the GPIO registers in their place. */
START_TEST(outside)
{
	static const struct {
		uint64_t phys, size;
	} ranges[] = {
		{ 0x3f20c000, 0x28 },   /* PWM */
		{ 0x3f201000, 4 },      /* the byte after */
		{ 0x3f1ffffc, 4 },      /* the byte before */
		{ 0x3f1ffffc, 8 },      /* across the start */
		{ 0x3f200ffc, 8 },      /* across the end */
		{ 0x3f200000, 0x1001 }, /* too long */
		{ 0x3f000000, 0x1000000 },
		{ 0x7e200000, 4 },      /* the bus address is no physical one */
		{ 0, 4 },
		{ UINT64_MAX, 1 },
		{ 0, UINT64_MAX },
	};

	old_pi3();
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		assert_fails(map_only_gpiomem(ranges[i].phys, ranges[i].size), ERANGE,
			PMEM_CAUSE_OUTSIDE_WINDOW);
		ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()),
			"/dev/gpiomem shows 0x3f200000 + 0x1000"));
		ck_assert_int_lt(map(ranges[i].phys, ranges[i].size, 0), 0);
	}
	ck_assert_uint_eq(drivers[0].maps, 0);
}
END_TEST

START_TEST(pi5_places)
{
	static const size_t pages[] = { 4096, 16384, 65536 };
	static const size_t skips[][3] = {
		/* 4 KiB, 16 KiB, 64 KiB */
		{ 0, 0, 0 },
		{ 0x500, 0x500, 0x8500 },
		{ 0xc00, 0x3c00, 0x7c00 },
		{ 0x100, 0x100, 0x4100 },
		{ 0x700, 0x700, 0x0700 },
	};

	pi5();
	for (size_t p = 0; p < ARRAY_SIZE(pages); p++) {
		fake_page_size(pages[p]);
		for (unsigned i = 0; i < ARRAY_SIZE(pi5_windows); i++) {
			uint64_t phys = pi5_windows[i].phys;
			uint32_t size = pi5_windows[i].size;

			assert_works(map(phys, size, 0));
			ck_assert_uint_ge(drivers[i].length, size);
			ck_assert_uint_eq(drivers[i].length % pages[p], 0);
			ck_assert_uint_le(drivers[i].length, size + pages[p]);
			check(phys, size, skips[i][p]);
			assert_works(map(phys + 8, 4, 0));
			check(phys + 8, 4, skips[i][p] + 8);
			assert_fails(map_only_gpiomem(phys + size - 2, 4), ERANGE,
				PMEM_CAUSE_OUTSIDE_WINDOW);
			assert_fails(map_only_gpiomem(phys - 4, 4), ERANGE,
				PMEM_CAUSE_OUTSIDE_WINDOW);
		}
	}
}
END_TEST

/* Pads of the RP1, far into the window. */
START_TEST(pi5_inside)
{
	pi5();
	fake_page_size(16384);
	assert_works(map(RP1_GPIO + 0x2000c, 4, 0));
	ck_assert_uint_eq(drivers[0].length, 0x30000);
	check(RP1_GPIO + 0x2000c, 4, 0x2000c);
}
END_TEST

START_TEST(disabled_node)
{
	pi5();
	fake_string("/soc/gpiomem@7d508500", "status", "disabled");
	assert_fails(map_only_gpiomem(0x107d508500, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	assert_works(map(0x107d517c00, 4, 0));
	check(0x107d517c00, 4, 0xc00);
}
END_TEST

START_TEST(several_windows_of_one_device)
{
	static const uint32_t regs[] = { 0, 0x10001000, 0, 0x1000, 0, 0x20000000, 0, 0x2000 };

	bus("/");
	fake_string("/", "compatible", "example,board");
	bus("/soc");
	fake_string("/soc/gpiomem", "compatible", "raspberrypi,gpiomem");
	fake_string("/soc/gpiomem", "chardev-name", "gpiomem7");
	fake_cells("/soc/gpiomem", "reg", 8, regs);
	play(0, "gpiomem7", 0x3000);
	assert_works(map(0x10001004, 4, 0));
	ck_assert_uint_eq(drivers[0].length, 0x3000);
	check(0x10001004, 4, 4);
	assert_works(map(0x20001000, 4, 0)); /* after the 0x1000 bytes of the first */
	check(0x20001000, 4, 0x2000);
	/* with larger pages the second would begin inside the first's page: the driver fails */
	fake_page_size(16384);
	assert_fails(map_only_gpiomem(0x20001000, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
}
END_TEST

/* Another window name could lead out of /dev. */
START_TEST(hostile_tree)
{
	bus("/");
	fake_string("/", "compatible", "example,board");
	bus("/soc");
	fake_string("/soc/gpiomem", "compatible", "raspberrypi,gpiomem");
	fake_string("/soc/gpiomem", "chardev-name", "../etc/shadow");
	cells64("/soc/gpiomem", "reg", 0x1000, 0x1000);
	play(0, "gpiomem", 0);
	assert_fails(map_only_gpiomem(0x1000, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	fake_string("/soc/gpiomem", "chardev-name", "gpiomem");
	cells64("/soc/gpiomem", "reg", 0x1000, 0xfffffffffffff000);
	assert_fails(map_only_gpiomem(0x1000, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	fake_cells("/soc/gpiomem", "reg", 3, (const uint32_t[]){ 0, 0, 0 });
	assert_fails(map_only_gpiomem(0, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
}
END_TEST

/* A mainline tree names no gpiomem; the old driver, loaded by hand, shows the GPIO block. */
START_TEST(mainline_tree)
{
	pi3("/soc/gpio@7e200000", "brcm,bcm2835-gpio", 0xb4);
	assert_works(map(0x3f200000, 0xb4, 0));
	ck_assert_uint_eq(drivers[0].length, 0x1000);
	check(0x3f200000, 0xb4, 0);
	assert_fails(map_only_gpiomem(0x3f201000, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
}
END_TEST

START_TEST(each_its_own)
{
	struct pmem_region *first, *second;

	old_pi3();
	assert_works(pmem_region_map(ctx, 0x3f200000, 0xb4, 0, &first));
	assert_works(pmem_region_map(ctx, 0x3f200000, 0xb4, PMEM_MAP_READONLY, &second));
	ck_assert_int_eq(drivers[0].prot, PROT_READ);
	ck_assert_ptr_ne(pmem_region_data(first), pmem_region_data(second));
	assert_works(pmem_region_close(first));
	ck_assert_uint_eq(fake_mapped(), 4096);
	ck_assert_uint_ne(pmem_region_attrs(second) & PMEM_REGION_READONLY, 0);
	assert_works(pmem_region_close(second));
}
END_TEST

START_TEST(map_gpio)
{
	uint64_t phys;

	old_pi3();
	fake_string("/soc/gpio@7e200000", "compatible", "brcm,bcm2835-gpio");
	fake_cells("/soc/gpio@7e200000", "reg", 2, (const uint32_t[]){ 0x7e200000, 0xb4 });
	fake_string("/", "compatible", "brcm,bcm2837");
	assert_works(pmem_region_map_gpio(ctx, 0, &region));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x3f200000);
	ck_assert_str_eq(pmem_region_backend(region), "gpiomem");
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(refusals)
{
	old_pi3();
	assert_works(backend_gpiomem.probe(ctx));
	drivers[0].device.open_errnum = EACCES;
	assert_fails(map_only_gpiomem(0x3f200000, 4), EACCES, PMEM_CAUSE_FILE_MODE);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "gpio"));
	assert_fails(backend_gpiomem.probe(ctx), EACCES, PMEM_CAUSE_FILE_MODE);
	drivers[0].device.open_errnum = ENXIO;
	assert_fails(map_only_gpiomem(0x3f200000, 4), ENOENT, PMEM_CAUSE_NO_DEVICE);
	drivers[0].device.open_errnum = 0;
	assert_works(map(0x3f200000, 4, 0)); /* nothing is remembered */
	assert_works(pmem_region_close(region));
	assert_fails(map(0x3f200000, 4, PMEM_MAP_WRITE_COMBINE), EINVAL, PMEM_CAUSE_FLAGS);
	drivers[0].least = 0x100000; /* a driver with more windows than the tree tells */
	assert_fails(map_only_gpiomem(0x3f200000, 4), EINVAL, PMEM_CAUSE_DEVICE_TREE);
}
END_TEST

START_TEST(absent)
{
	assert_fails(backend_gpiomem.probe(ctx), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_fails(map_only_gpiomem(0x3f200000, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	play(0, "gpiomem", 0); /* a node, but nobody knows of what */
	assert_fails(backend_gpiomem.probe(ctx), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "device tree"));
	assert_fails(map_only_gpiomem(0x3f200000, 4), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
}
END_TEST

Suite *test_suite(void)
{
	const TTest *const tests[] = { old_driver, outside, pi5_places, pi5_inside, disabled_node,
		several_windows_of_one_device, hostile_tree, mainline_tree, each_its_own, map_gpio,
		refusals, absent };
	Suite *suite = suite_create("gpiomem");
	TCase *tc = tcase_create("gpiomem");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return suite;
}
