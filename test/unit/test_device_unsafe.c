/* SPDX-License-Identifier: MIT */
/* uio and sysfs: registers, configuration and one interrupt, and nothing that protects memory. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "device/way.h"
#include "os/file.h"
#include "played_unsafe.h"

#define PAGE ((size_t)4096)

static struct pmem_ctx *ctx;
static struct pmem_device *device;
static struct pmem_device_opts opts = { .size = sizeof(opts), .flags = PMEM_DEVICE_MAY_BE_UNSAFE };

static void setup(void)
{
	fake_start();
	play_unsafe();
	opts = (struct pmem_device_opts){ .size = sizeof(opts), .flags = PMEM_DEVICE_MAY_BE_UNSAFE };
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
	fake_stop();
}

static void open_by(const char *name, const char *way)
{
	assert_works(pmem_device_open(ctx, name, &opts, &device));
	ck_assert_str_eq(pmem_device_way(device), way);
}

static int write_errnum; /* of the node: its driver has no irqcontrol(), or the device is gone */

static ssize_t refuses_write(int fd, const void *buf, size_t count)
{
	(void)fd;
	(void)buf;
	(void)count;
	return -write_errnum;
}

START_TEST(test_sysfs)
{
	const struct os_calls *played = os;
	struct os_calls calls = *os;
	struct pmem_region *bar = NULL;
	uint64_t size = 0, phys = 0;
	uint32_t value = 0;

	assert_fails(pmem_device_open(ctx, "00:04.0", NULL, &device), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	open_by("00:04.0", "sysfs");
	ck_assert_uint_eq(pmem_device_attrs(device), PMEM_DEVICE_UNSAFE | PMEM_DEVICE_PCI);
	assert_works(pmem_device_map_size(device, 0, &size));
	ck_assert_uint_eq(size, 1 << 20);
	assert_fails(pmem_device_map_size(device, 3, &size), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_map(device, 3, 0, &bar), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_device_map(device, 0, 0, &bar));
	ck_assert_str_eq(pmem_region_backend(bar), "sysfs");
	ck_assert_uint_eq(vm.dont_fork, 1 << 20);
	assert_works(pmem_region_phys(bar, &phys));
	ck_assert_uint_eq(phys, 0xfea00000);
	/* Found as it was, with decoding off; on by an explicit call. */
	assert_works(pmem_device_config_read(device, 4, 2, &value));
	ck_assert_uint_eq(value, 0x0501);
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MEMORY));
	assert_works(pmem_device_config_read(device, 4, 2, &value));
	ck_assert_uint_eq(value, 0x0503);
	assert_fails(pmem_device_config_read(device, 0x40, 4, &value), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_works(pmem_device_irq_count(device, PMEM_IRQ_ANY, &value));
	ck_assert_uint_eq(value, 0);
	assert_fails(pmem_device_irq_fd(device, PMEM_IRQ_ANY, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0));
	assert_fails(pmem_device_reset(device), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_device_dmabuf(device, 0, 0, PAGE), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_device_close(device));
	assert_works(pmem_region_close(bar));
	opts.way = "sysfs";
	opts.device_fd = 5;
	assert_fails(pmem_device_open(ctx, "00:04.0", &opts, &device), EINVAL, PMEM_CAUSE_OPTIONS);
	opts.device_fd = 0;
	fake_text(PCI "reset", "");
	open_by("00:04.0", "sysfs");
	ck_assert(pmem_device_attrs(device) & PMEM_DEVICE_RESET);
	assert_works(pmem_device_reset(device));
	calls.write = refuses_write;
	os = &calls;
	write_errnum = 0;
	assert_fails(pmem_device_reset(device), EPROTO, PMEM_CAUSE_SYSTEM);
	write_errnum = EIO;
	assert_fails(pmem_device_reset(device), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	os = played;
	assert_works(pmem_device_close(device));
	assert_fails(pmem_device_open(ctx, "fe204000.spi", &(struct pmem_device_opts){ .size = sizeof(opts),
		.flags = PMEM_DEVICE_MAY_BE_UNSAFE, .way = "sysfs" }, &device), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
}
END_TEST

static void check_platform(const char *name, uint32_t kind, uint64_t length)
{
	struct pmem_region *map = NULL;
	uint64_t size = 0, phys = 0;

	open_by(name, "uio");
	ck_assert_uint_eq(pmem_device_attrs(device), PMEM_DEVICE_UNSAFE | kind);
	ck_assert_uint_eq(pmem_device_map_count(device), 2);
	assert_works(pmem_device_map_size(device, 1, &size));
	ck_assert_uint_eq(size, length);
	assert_works(pmem_device_map(device, 1, 0, &map));
	ck_assert_uint_eq(pmem_region_size(map), length);
	ck_assert_uint_eq((uintptr_t)pmem_region_data(map) & (PAGE - 1), 0x200);
	assert_works(pmem_region_phys(map, &phys));
	ck_assert_uint_eq(phys, 0xfe205200);
	assert_works(pmem_region_write32(map, 0, 0x1234));
	assert_fails(pmem_device_map(device, 2, 0, &map), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_region_close(map));
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER)); /* it has no such switch */
	assert_fails(pmem_device_config_read(device, 0, 4, (uint32_t[1]){ 0 }), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_device_reset(device), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_device_close(device));
}

START_TEST(test_platform)
{
	check_platform("fe204000.spi", PMEM_DEVICE_PLATFORM, 0xe00);
	check_platform("/dev/uio0", 0, 0xe00);
	/* By its node of the device tree. */
	fake_string("/", "compatible", "a board");
	fake_string("/soc/spi@fe204000", "compatible", "vendor,spi");
	fake_link(SOC "of_node", "../../../firmware/devicetree/base/soc/spi@fe204000");
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	check_platform("/soc/spi@fe204000", PMEM_DEVICE_PLATFORM, 0xe00);
	check_platform("vendor,spi", PMEM_DEVICE_PLATFORM, 0xe00);
	/* Older kernels tell of the registers and not of the page. */
	fake_text(SOC "uio/uio0/maps/map1/size", "0x100\n");
	fake_text(SOC "uio/uio0/maps/map1/addr", "0xfe205200\n");
	check_platform("vendor,spi", PMEM_DEVICE_PLATFORM, 0x100);
	fake_string("/soc/i2c@1", "compatible", "vendor,i2c");
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	assert_fails(pmem_device_open(ctx, "vendor,i2c", &opts, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_fails(pmem_device_open(ctx, "vendor,none", &opts, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_str_eq(pmem_error_path(pmem_error_last()), "/sys/bus/platform/devices");
	/* What cannot be looked for is not absent. */
	fake_fail_named("list", EMFILE);
	assert_fails(pmem_device_open(ctx, "vendor,spi", &opts, &device), EMFILE, PMEM_CAUSE_LIMIT);
	fake_fail_named(NULL, 0);
	fake_remove("/sys/bus/platform/devices");
	assert_fails(pmem_device_open(ctx, "vendor,spi", &opts, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
}
END_TEST

START_TEST(test_interrupt)
{
	const struct os_calls *played = os;
	struct os_calls calls = *os;
	uint32_t fired = 44, n = 0;
	uint64_t count = 0;
	int fd;

	open_by("fe204000.spi", "uio");
	assert_works(pmem_device_irq_count(device, PMEM_IRQ_ANY, &n));
	ck_assert_uint_eq(n, 1);
	fd = pmem_device_irq_fd(device, PMEM_IRQ_ANY, 0);
	ck_assert_int_gt(fd, 2);
	/* Three more than when it was opened; the played node is a file, read from where it is. */
	ck_assert_int_eq(os->pwrite(fd, &fired, 4, 4), 4);
	assert_works(pmem_device_irq_wait(device, PMEM_IRQ_INTX, 0, 0, &count));
	ck_assert_uint_eq(count, 3);
	assert_works(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0));
	calls.write = refuses_write;
	os = &calls;
	write_errnum = EIO;
	assert_works(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0));
	write_errnum = ENOSYS;
	assert_works(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0));
	write_errnum = 0; /* nothing was written, and nothing is said */
	assert_fails(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0), EPROTO, PMEM_CAUSE_SYSTEM);
	write_errnum = ENODEV;
	assert_fails(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	os = played;
	assert_fails(pmem_device_irq_fd(device, PMEM_IRQ_MSI, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_device_close(device));
}
END_TEST

/* What no driver of Linux does. */
START_TEST(test_map_beyond_the_end)
{
	struct pmem_region *map = NULL;
	uint64_t size = 44;

	open_by("fe204000.spi", "uio");
	fake_text(SOC "uio/uio0/maps/map1/addr", "0xfe205200\n");
	fake_text(SOC "uio/uio0/maps/map1/size", "0xffffffffffffff00\n");
	assert_fails(pmem_device_map_size(device, 1, &size), EPROTO, PMEM_CAUSE_SYSTEM);
	assert_fails(pmem_device_map(device, 1, 0, &map), EPROTO, PMEM_CAUSE_SYSTEM);
	fake_text(SOC "uio/uio0/maps/map1/addr", "0xfffffffffffff000\n");
	fake_text(SOC "uio/uio0/maps/map1/size", "0x2000\n");
	assert_fails(pmem_device_map(device, 1, 0, &map), EPROTO, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(size, 44);
	assert_works(pmem_device_close(device));
}
END_TEST

static ssize_t short_read_result;
static unsigned reads, looks;

static ssize_t short_read(int fd, void *buf, size_t count)
{
	(void)fd;
	(void)buf;
	(void)count;
	reads++;
	return short_read_result;
}

/* Readable, and not any more: another thread has read it. */
static int readable_once(int fd, int timeout_ms)
{
	(void)fd;
	(void)timeout_ms;
	return looks++ == 0;
}

static int readable(int fd, int timeout_ms)
{
	(void)fd;
	(void)timeout_ms;
	return 1;
}

/* What was not read whole is no count. */
START_TEST(test_interrupt_not_whole)
{
	const struct os_calls *played = os;
	struct os_calls calls = *os;
	uint64_t count = 44;

	open_by("fe204000.spi", "uio");
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_ANY, 0), 2);
	calls.read = short_read;
	calls.wait_readable = readable;
	os = &calls;
	for (short_read_result = 0; short_read_result < 4; short_read_result++)
		assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_INTX, 0, 0, &count), EPROTO, PMEM_CAUSE_SYSTEM);
	short_read_result = -EAGAIN;
	assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_INTX, 0, 0, &count), ETIMEDOUT, PMEM_CAUSE_TIMEOUT);
	/* A descriptor that was given may block: what another thread has taken is not waited for. */
	calls.wait_readable = readable_once;
	reads = 0;
	assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_INTX, 0, 0, &count), ETIMEDOUT, PMEM_CAUSE_TIMEOUT);
	ck_assert_uint_eq(reads, 0);
	os = played;
	ck_assert_uint_eq(count, 44);
	assert_works(pmem_device_close(device));
}
END_TEST

/* uio_pci_generic switches the line off when it fires; it is on again by the command register. */
START_TEST(test_uio_pci)
{
	struct pmem_region *bar = NULL;
	struct pmem_device *other = NULL;
	uint32_t command = 0;
	uint64_t size = 0;

	play_uio_pci();
	open_by("00:04.0", "uio");
	ck_assert_uint_eq(pmem_device_attrs(device), PMEM_DEVICE_UNSAFE | PMEM_DEVICE_PCI);
	assert_works(pmem_device_map(device, 0, 0, &bar));
	ck_assert_str_eq(pmem_region_backend(bar), "uio");
	ck_assert_uint_eq(pmem_region_size(bar), 1 << 20);
	assert_works(pmem_region_close(bar));
	assert_works(pmem_device_map_size(device, 0, &size));
	ck_assert_uint_eq(size, 1 << 20);
	assert_fails(pmem_device_reset(device), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_device_config_read(device, 4, 2, &command));
	ck_assert_uint_eq(command & 0x400, 0x400);
	assert_works(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0));
	assert_works(pmem_device_config_read(device, 4, 2, &command));
	ck_assert_uint_eq(command & 0x400, 0);
	assert_works(pmem_device_close(device));
	fake_text(PCI "reset", "");
	open_by("00:04.0", "uio");
	assert_works(pmem_device_reset(device));
	opts.share = device;
	assert_fails(pmem_device_open(ctx, "00:04.0", &opts, &other), EINVAL, PMEM_CAUSE_OPTIONS);
	assert_works(pmem_device_close(device));
}
END_TEST

/* Under an IOMMU nothing that is sent to a physical address arrives: said before it is tried. */
START_TEST(test_under_translation)
{
	struct pmem_alloc_opts want = { .size = sizeof(want) };
	struct pmem_region *region = NULL;
	uint64_t bus = 0, phys = 0;

	fake_text("/sys/kernel/iommu_groups/3/type", "DMA-FQ\n");
	fake_link(PCI "iommu_group", "../../../kernel/iommu_groups/3");
	open_by("00:04.0", "sysfs");
	want.device = device;
	assert_fails(pmem_region_alloc(ctx, PAGE, &want, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "iommu=pt"));
	assert_works(pmem_region_alloc(ctx, PAGE, NULL, &region));
	assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_device_close(device));
	fake_text("/sys/kernel/iommu_groups/3/type", "identity\n");
	open_by("00:04.0", "sysfs");
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(bus, phys);
	assert_works(pmem_device_detach(device, region));
	assert_works(pmem_device_close(device));
	/* The last byte counts. */
	for (unsigned beyond = 0; beyond < 2; beyond++) {
		opts.max_addr = phys + PAGE - 1 - beyond;
		open_by("00:04.0", "sysfs");
		if (beyond)
			assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus), ERANGE,
				PMEM_CAUSE_ADDRESS_LIMIT);
		else
			assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
		assert_works(pmem_device_close(device));
	}
	assert_works(pmem_region_close(region));
}
END_TEST

/* The program closes all numbers, as daemons do, and has a file of its own at one of them then. */
static void take_over(int fd)
{
	int mine = os->memfd_create("mine", 0);

	ck_assert_int_eq(os->write(mine, "0123456789", 10), 10);
	ck_assert_int_eq(os->lseek(mine, 0, SEEK_SET), 0);
	ck_assert_int_eq(dup2(mine, fd), fd);
	os->close(mine);
}

static void check_untouched(int fd)
{
	char text[10];

	ck_assert_int_eq(os_linux.lseek(fd, 0, SEEK_CUR), 0);
	ck_assert_int_eq(os_linux.pread(fd, text, 10, 0), 10);
	ck_assert_mem_eq(text, "0123456789", 10);
	os->close(fd);
}

/* It is neither read nor written nor mapped, and not closed. */
START_TEST(test_number_of_another)
{
	struct pmem_region *map = NULL;
	uint32_t value = 0;
	int fd;

	open_by("00:04.0", "sysfs");
	fd = device->config_fd;
	take_over(fd);
	assert_fails(pmem_device_config_read(device, 0, 4, &value), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_device_config_write(device, 4, 2, 7), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_device_enable(device, PMEM_ENABLE_MASTER), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_works(pmem_device_close(device));
	check_untouched(fd);
	open_by("fe204000.spi", "uio");
	fd = pmem_device_irq_fd(device, PMEM_IRQ_INTX, 0);
	ck_assert_int_gt(fd, 2);
	take_over(fd);
	assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_INTX, 0, 0, NULL), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_device_map(device, 0, 0, &map), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_device_close(device), EBADF, PMEM_CAUSE_SYSTEM);
	check_untouched(fd);
}
END_TEST

/* A helper opens the node. Of another's the addresses in sysfs would be lies. */
START_TEST(test_given)
{
	int fd = file_open(fake_root(), "/dev/uio0", O_RDWR), other = os->memfd_create("other", 0);

	fake_text(SOC "uio/uio0/dev", "0:1\n");
	opts.way = "uio";
	opts.device_fd = fd;
	open_by("fe204000.spi", "uio");
	assert_works(pmem_device_close(device));
	opts.device_fd = other;
	assert_fails(pmem_device_open(ctx, "fe204000.spi", &opts, &device), EINVAL, PMEM_CAUSE_WRONG_KIND);
	opts.device_fd = 1000; /* nothing is open there */
	assert_fails(pmem_device_open(ctx, "fe204000.spi", &opts, &device), EBADF, PMEM_CAUSE_WRONG_KIND);
	opts.device_fd = fd;
	fake_text(SOC "uio/uio0/dev", "0:2\n");
	assert_fails(pmem_device_open(ctx, "fe204000.spi", &opts, &device), EINVAL, PMEM_CAUSE_WRONG_KIND);
	fake_text(SOC "uio/uio0/dev", "what\n");
	assert_fails(pmem_device_open(ctx, "fe204000.spi", &opts, &device), EINVAL, PMEM_CAUSE_SYSTEM);
	os->close(other);
	os->close(fd);
}
END_TEST

static int everything(void *user)
{
	struct pmem_region *map = NULL, *region = NULL;
	uint64_t bus;
	int r = pmem_device_open(ctx, user, &opts, &device), closed;

	if (r < 0)
		return r;
	r = pmem_device_map(device, 0, 0, &map);
	if (r == 0)
		r = pmem_device_enable(device, PMEM_ENABLE_MEMORY);
	if (r == 0)
		r = pmem_region_alloc(ctx, PAGE, NULL, &region);
	if (r == 0)
		r = pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus);
	if (r == 0)
		r = pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0);
	closed = pmem_device_close(device);
	r = r < 0 ? r : closed;
	closed = pmem_region_close(region);
	r = r < 0 ? r : closed;
	closed = pmem_region_close(map);
	return r < 0 ? r : closed;
}

/* What sysfs has and does not give now is neither 0 nor absent. */
static int uio_is_right(void *user)
{
	const uint32_t fired[2] = { 44, 44 }; /* wherever it is read */
	struct pmem_region *map;
	uint64_t count = 3, phys = 0xfe205200;
	int r = pmem_device_open(ctx, user, &opts, &device), fd;

	if (r < 0)
		return r;
	r = pmem_device_map(device, 1, 0, &map);
	if (r == 0) {
		assert_works(pmem_region_phys(map, &phys));
		ck_assert_uint_eq((uintptr_t)pmem_region_data(map) & (PAGE - 1), phys & (PAGE - 1));
		r = pmem_region_close(map);
	}
	ck_assert_uint_eq(phys, 0xfe205200);
	fd = pmem_device_irq_fd(device, PMEM_IRQ_ANY, 0);
	if (r == 0 && os_linux.pwrite(fd, fired, 8, 0) == 8)
		r = pmem_device_irq_wait(device, PMEM_IRQ_INTX, 0, 0, &count);
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(pmem_device_map_count(device), 2);
	pmem_device_close(device);
	return r;
}

START_TEST(test_each_call_fails)
{
	static char names[2][16] = { "00:04.0", "fe204000.spi" };

	for (size_t i = 0; i < 2; i++) {
		assert_works(everything(names[i]));
		ck_assert_uint_ge(fake_fail_each(ENOMEM, everything, names[i]), 15);
	}
	ck_assert_uint_ge(fake_fail_each(EIO, uio_is_right, names[1]), 15);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device unsafe");
	TCase *tc = tcase_create("unsafe");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_sysfs);
	tcase_add_test(tc, test_platform);
	tcase_add_test(tc, test_interrupt);
	tcase_add_test(tc, test_map_beyond_the_end);
	tcase_add_test(tc, test_interrupt_not_whole);
	tcase_add_test(tc, test_uio_pci);
	tcase_add_test(tc, test_under_translation);
	tcase_add_test(tc, test_number_of_another);
	tcase_add_test(tc, test_given);
	tcase_add_test(tc, test_each_call_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
