/* SPDX-License-Identifier: MIT */
/* A device without an IOMMU whose way to memory the device tree does not tell: its registers work, its DMA is refused. */
#include <errno.h>
#include <string.h>

#include "pagemap.h"
#include "suite.h"
#include "vm.h"

#define PAGE ((size_t)4096)
#define SOC  "/sys/devices/platform/fe204000.spi/"

static const struct fake_device uio0 = { .path = "/dev/uio0", .memory = PAGE };
static const struct pmem_device_opts unsafe = { .size = sizeof(unsafe), .flags = PMEM_DEVICE_MAY_BE_UNSAFE };
static struct pmem_ctx *ctx;
static struct pmem_device *device;
static struct pmem_region *region;
static int opened; /* what attach() got of the device's opening */

static void setup(void)
{
	fake_start();
	fake_page_size(PAGE);
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
	fake_kernel(6012);
	fake_string("/", "compatible", "a board");
	fake_dir("/sys/bus/platform/devices");
	fake_link("/sys/bus/platform/devices/fe204000.spi", "../../../devices/platform/fe204000.spi");
	fake_text(SOC "uio/uio0/maps/map0/size", "0x1000\n");
	fake_text(SOC "uio/uio0/maps/map0/addr", "0xfe204000\n");
	fake_text(SOC "uio/uio0/maps/map0/offset", "0x0\n");
	fake_link(SOC "of_node", "../../../firmware/devicetree/base/soc/spi@fe204000");
	fake_dir("/sys/class/uio");
	fake_link("/sys/class/uio/uio0", "../../devices/platform/fe204000.spi/uio/uio0");
	fake_text("/dev/uio0", "");
	fake_device(&uio0);
}

static void teardown(void)
{
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
	fake_stop();
}

/* A context of its own: what one has read of the tree is kept. */
static int attach(void *user)
{
	uint64_t *bus = user;
	int r = pmem_ctx_new(&ctx), closed;

	if (r < 0)
		return r;
	region = NULL;
	r = opened = pmem_device_open(ctx, "fe204000.spi", &unsafe, &device);
	if (r == 0) {
		r = pmem_region_alloc(ctx, PAGE, NULL, &region);
		if (r == 0)
			r = pmem_device_attach(device, region, PMEM_DMA_BOTH, bus);
		closed = pmem_device_close(device);
		r = r < 0 ? r : closed;
		closed = pmem_region_close(region);
		r = r < 0 ? r : closed;
	}
	pmem_ctx_unref(ctx);
	return r;
}

static void in_the_tree(bool whole)
{
	fake_string("/soc/spi@fe204000", "compatible", "spi");
	fake_cells("/soc", "#address-cells", 1, (const uint32_t[]){ 1 });
	fake_cells("/soc", "#size-cells", 1, (const uint32_t[]){ 1 });
	fake_cells("/", "#address-cells", 1, (const uint32_t[]){ 1 });
	fake_cells("/", "#size-cells", 1, (const uint32_t[]){ 1 });
	fake_cells("/soc", "dma-ranges", whole ? 0 : 2, (const uint32_t[]){ 0, 0 }); /* empty: one to one */
}

START_TEST(test_no_such_node)
{
	uint64_t bus = 77;

	assert_fails(attach(&bus), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_int_eq(opened, 0);
	ck_assert_uint_eq(bus, 77);
}
END_TEST

START_TEST(test_damaged)
{
	uint64_t bus = 77;

	in_the_tree(false);
	assert_fails(attach(&bus), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	ck_assert_int_eq(opened, 0);
	ck_assert_uint_eq(bus, 77);
}
END_TEST

static const struct os_calls *played;

static int tree_is_away(const char *path, int flags, uint32_t mode)
{
	return strstr(path, "dma-ranges") ? -EACCES : played->open(path, flags, mode);
}

/* A tree that cannot be read says nothing, so the device is not opened. */
START_TEST(test_unreadable)
{
	struct os_calls calls = *os;
	uint64_t bus = 77;

	in_the_tree(true);
	played = os;
	calls.open = tree_is_away;
	os = &calls;
	assert_fails(attach(&bus), EACCES, PMEM_CAUSE_FILE_MODE);
	ck_assert_int_eq(opened, -EACCES);
	os = played;
}
END_TEST

START_TEST(test_each_call_fails)
{
	uint64_t bus;

	in_the_tree(true);
	ck_assert_uint_ge(fake_fail_each(EIO, attach, &bus), 30);
	ck_assert_uint_ge(fake_fail_each(ENOMEM, attach, &bus), 30);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device place");
	TCase *tc = tcase_create("place");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_no_such_node);
	tcase_add_test(tc, test_damaged);
	tcase_add_test(tc, test_unreadable);
	tcase_add_test(tc, test_each_call_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
