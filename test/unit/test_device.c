/* SPDX-License-Identifier: MIT */
/* Devices behind an IOMMU: taken, used, given back, by each way and kernel that is played. */
#include <fcntl.h>
#include <poll.h>

#include "played_device.h"

START_TEST(test_open)
{
	play_machine(_i);
	open_it();
	ck_assert_str_eq(pmem_device_name(device), NAME);
	ck_assert_str_eq(pmem_device_way(device), machines[_i].way);
	ck_assert_uint_eq(pmem_device_attrs(device) & ~PMEM_DEVICE_P2P,
		PMEM_DEVICE_TRANSLATED | PMEM_DEVICE_PROTECTED | PMEM_DEVICE_PCI);
	ck_assert_uint_eq(pmem_device_map_count(device), 6);
	ck_assert_uint_eq(edu->users, 1);
	assert_works(pmem_device_close(device));
	ck_assert_uint_eq(edu->users, 0);
	/* Other names of it. */
	assert_works(pmem_device_open(ctx, "00:4.0", NULL, &device));
	ck_assert_str_eq(pmem_device_name(device), NAME);
	assert_works(pmem_device_close(device));
	assert_works(pmem_device_open(ctx, "pci:0000:00:04.0", NULL, &device));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_reset)
{
	play_machine(_i);
	open_it();
	assert_fails(pmem_device_reset(device), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_device_close(device));
	edu->can_reset = true;
	open_it();
	ck_assert(pmem_device_attrs(device) & PMEM_DEVICE_RESET);
	edu->resets = 0;
	assert_works(pmem_device_reset(device));
	ck_assert_uint_eq(edu->resets, 1);
	edu->gone = true;
	assert_fails(pmem_device_reset(device), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_config)
{
	uint32_t value = 0;

	play_machine(_i);
	open_it();
	assert_works(pmem_device_config_read(device, 0, 4, &value));
	ck_assert_uint_eq(value, 0x11e81234);
	assert_works(pmem_device_config_read(device, 2, 2, &value));
	ck_assert_uint_eq(value, 0x11e8);
	assert_works(pmem_device_config_read(device, 1, 1, &value));
	ck_assert_uint_eq(value, 0x12);
	assert_fails(pmem_device_config_read(device, 2, 4, &value), EINVAL, PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_device_config_read(device, 0, 3, &value), EINVAL, PMEM_CAUSE_OPTIONS);
	assert_fails(pmem_device_config_read(device, 4096, 4, &value), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_device_config_read(device, UINT32_MAX - 3, 4, &value), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_works(pmem_device_config_write(device, 0x40, 4, 0x12345678));
	ck_assert_mem_eq(edu->config + 0x40, "\x78\x56\x34\x12", 4);
	assert_works(pmem_device_config_write(device, 0x41, 1, 0xab));
	ck_assert_mem_eq(edu->config + 0x40, "\x78\xab\x34\x12", 4);
	assert_fails(pmem_device_config_write(device, 0x41, 2, 0), EINVAL, PMEM_CAUSE_ALIGNMENT);
	edu->gone = true;
	assert_fails(pmem_device_config_read(device, 0, 4, &value), ENODEV, PMEM_CAUSE_DEVICE_GONE);
	edu->gone = false;
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_enable)
{
	uint32_t command = 0;

	play_machine(_i);
	open_it();
	assert_works(pmem_device_config_read(device, 4, 2, &command));
	ck_assert_uint_eq(command & 4, 0); /* it reads no memory before that is wanted */
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER | PMEM_ENABLE_MEMORY));
	assert_works(pmem_device_config_read(device, 4, 2, &command));
	ck_assert_uint_eq(command & 6, 6);
	assert_works(pmem_device_disable(device, PMEM_ENABLE_MASTER));
	assert_works(pmem_device_config_read(device, 4, 2, &command));
	ck_assert_uint_eq(command & 6, 2);
	assert_fails(pmem_device_enable(device, 4), EINVAL, PMEM_CAUSE_FLAGS);
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_registers)
{
	struct pmem_region *bar = NULL;
	uint64_t size = 0, phys = 0;
	uint32_t value = 0;

	play_machine(_i);
	edu->bars[2] = 64 * 1024;
	edu->ports[2] = true;
	edu->bars[4] = 256 * 1024;
	edu->hole[4][0] = 128 * 1024;
	edu->hole[4][1] = PAGE;
	open_it();
	assert_works(pmem_device_map_size(device, 0, &size));
	ck_assert_uint_eq(size, 1 << 20);
	assert_fails(pmem_device_map_size(device, 1, &size), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_map_size(device, 6, &size), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_map(device, 1, 0, &bar), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_map(device, 2, 0, &bar), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_device_map(device, 0, PMEM_MAP_CACHED, &bar), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_device_map(device, 0, PMEM_MAP_WRITE_COMBINE, &bar), EINVAL, PMEM_CAUSE_FLAGS);
	assert_works(pmem_device_map(device, 0, 0, &bar));
	ck_assert_str_eq(pmem_region_backend(bar), machines[_i].way);
	ck_assert_uint_eq(pmem_region_size(bar), 1 << 20);
	ck_assert_uint_eq(pmem_region_attrs(bar), PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_DEVICE);
	ck_assert_uint_eq(vm.dont_fork, 1 << 20);
	assert_works(pmem_region_phys(bar, &phys));
	ck_assert_uint_eq(phys, 0xfea00000);
	memcpy(edu->memory + 8, "\x01\x02\x03\x04", 4);
	assert_works(pmem_region_read32(bar, 8, &value));
	ck_assert_mem_eq(&value, "\x01\x02\x03\x04", 4); /* as the CPU has it, of either byte order */
	/* The map keeps the device, whichever is closed first. */
	assert_works(pmem_device_close(device));
	ck_assert_uint_eq(edu->users, 1);
	assert_works(pmem_region_close(bar));
	ck_assert_uint_eq(edu->users, 0);
	/* Of a BAR with a hole the part before it. */
	open_it();
	assert_works(pmem_device_map(device, 4, PMEM_MAP_READONLY, &bar));
	ck_assert_uint_eq(pmem_region_size(bar), 128 * 1024);
	ck_assert(pmem_region_attrs(bar) & PMEM_REGION_READONLY);
	assert_works(pmem_region_close(bar));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_messages)
{
	uint64_t count = 0;
	uint32_t n = 7;
	struct pollfd one = { .events = POLLIN };

	play_machine(_i / 2);
	edu->irqs[2] = 8;
	edu->fixed_messages = _i % 2; /* then all are switched off, and on again with one more */
	open_it();
	assert_works(pmem_device_irq_count(device, PMEM_IRQ_MSIX, &n));
	ck_assert_uint_eq(n, 8);
	assert_works(pmem_device_irq_count(device, PMEM_IRQ_ERROR, &n));
	ck_assert_uint_eq(n, 0);
	assert_fails(pmem_device_irq_count(device, 6, &n), EINVAL, PMEM_CAUSE_OPTIONS);
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER));
	one.fd = pmem_device_irq_fd(device, PMEM_IRQ_ANY, 2);
	ck_assert_int_gt(one.fd, 2);
	ck_assert_int_eq(pmem_device_irq_fd(device, PMEM_IRQ_MSIX, 2), one.fd);
	assert_fails(pmem_device_irq_wait(device, PMEM_IRQ_MSIX, 2, 0, &count), ETIMEDOUT, PMEM_CAUSE_TIMEOUT);
	ck_assert(vfio_fire(edu, 2, 2));
	ck_assert(vfio_fire(edu, 2, 2));
	ck_assert_int_eq(poll(&one, 1, 0), 1);
	assert_works(pmem_device_irq_wait(device, PMEM_IRQ_MSIX, 2, 0, &count));
	ck_assert_uint_eq(count, 2);
	/* A higher one, and the first goes on. */
	ck_assert(!vfio_fire(edu, 2, 5));
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_MSIX, 5), 2);
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_MSIX, 0), 2);
	ck_assert(vfio_fire(edu, 2, 5));
	ck_assert(vfio_fire(edu, 2, 2));
	assert_works(pmem_device_irq_wait(device, PMEM_IRQ_MSIX, 5, 0, NULL));
	assert_works(pmem_device_irq_wait(device, PMEM_IRQ_MSIX, 2, 0, &count));
	ck_assert_uint_eq(count, 1);
	assert_works(pmem_device_irq_unmask(device, PMEM_IRQ_MSIX, 2));
	assert_fails(pmem_device_irq_fd(device, PMEM_IRQ_MSIX, 8), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_irq_fd(device, PMEM_IRQ_MSI, 0), EBUSY, PMEM_CAUSE_BUSY);
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_line_and_request)
{
	uint64_t count = 0;

	play_machine(_i);
	open_it();
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_INTX, 0), 2);
	ck_assert(vfio_fire(edu, 0, 0));
	ck_assert(!vfio_fire(edu, 0, 0)); /* masked */
	assert_works(pmem_device_irq_wait(device, PMEM_IRQ_INTX, 0, 0, &count));
	ck_assert_uint_eq(count, 1);
	assert_works(pmem_device_irq_unmask(device, PMEM_IRQ_INTX, 0));
	ck_assert(vfio_fire(edu, 0, 0));
	/* The kernel wants it back: that is not one of the three kinds of which only one can be on. */
	ck_assert_int_gt(pmem_device_irq_fd(device, PMEM_IRQ_REQUEST, 0), 2);
	ck_assert(vfio_fire(edu, 4, 0));
	assert_works(pmem_device_irq_wait(device, PMEM_IRQ_REQUEST, 0, UINT32_MAX, NULL));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

/* Everything that can be done with one, for a kernel in which one call fails. */
static int everything(void *user)
{
	struct pmem_region *bar = NULL, *region = NULL, *other = NULL;
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	uint64_t bus;
	void *data;
	int r = pmem_device_open(ctx, NAME, NULL, &device), closed;

	(void)user;
	if (r < 0)
		return r;
	opts.device = device;
	r = pmem_device_map(device, 0, 0, &bar);
	if (r == 0)
		r = pmem_device_enable(device, PMEM_ENABLE_MASTER);
	if (r == 0)
		r = pmem_region_alloc(ctx, 3 * PAGE, &opts, &region);
	opts.device = NULL;
	if (r == 0)
		r = pmem_region_alloc(ctx, PAGE, &opts, &other);
	if (r == 0)
		r = pmem_device_attach(device, other, PMEM_DMA_BOTH, &bus);
	if (r == 0)
		r = pmem_device_irq_fd(device, PMEM_IRQ_MSI, 0);
	if (r >= 0)
		r = pmem_device_irq_wait(device, PMEM_IRQ_MSI, 0, 0, NULL);
	r = r == -ETIMEDOUT ? 0 : r;
	if (r == 0)
		r = pmem_device_detach(device, other);
	closed = pmem_region_close(other);
	r = r < 0 ? r : closed;
	closed = pmem_device_close(device);
	r = r < 0 ? r : closed;
	data = pmem_region_data(region);
	closed = pmem_region_close(region);
	/* The kernel let go of it neither alone nor with the space, in which the map of the BAR keeps the device. */
	if (closed == -EBUSY)
		os->munmap(data, 3 * PAGE);
	r = r < 0 ? r : closed;
	closed = pmem_region_close(bar);
	return r < 0 ? r : closed;
}

START_TEST(test_each_call_fails)
{
	play_machine(_i);
	assert_works(everything(NULL));
	ck_assert_uint_ge(fake_fail_each(ENOMEM, everything, NULL), 25);
	ck_assert_uint_ge(fake_fail_each(EPERM, everything, NULL), 25);
	ck_assert_uint_eq(vfio.maps, 0);
	stop();
}
END_TEST

START_TEST(test_null)
{
	struct pmem_region *region = NULL;
	uint64_t big = 0;
	uint32_t small = 0;

	play_machine(0);
	assert_fails(pmem_device_open(NULL, NAME, NULL, &device), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_device_open(ctx, NULL, NULL, &device), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_device_open(ctx, NAME, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_works(pmem_device_close(NULL));
	ck_assert_str_eq(pmem_device_name(NULL), "");
	ck_assert_str_eq(pmem_device_way(NULL), "");
	ck_assert_uint_eq(pmem_device_attrs(NULL), 0);
	ck_assert_uint_eq(pmem_device_map_count(NULL), 0);
	open_it();
#define NULL_DEVICE(call) assert_fails(call, EINVAL, PMEM_CAUSE_NULL_ARGUMENT)
	NULL_DEVICE(pmem_device_map_size(NULL, 0, &big));
	NULL_DEVICE(pmem_device_map_size(device, 0, NULL));
	NULL_DEVICE(pmem_device_map(NULL, 0, 0, &region));
	NULL_DEVICE(pmem_device_map(device, 0, 0, NULL));
	NULL_DEVICE(pmem_device_config_read(NULL, 0, 4, &small));
	NULL_DEVICE(pmem_device_config_read(device, 0, 4, NULL));
	NULL_DEVICE(pmem_device_config_write(NULL, 0, 4, 0));
	NULL_DEVICE(pmem_device_enable(NULL, 0));
	NULL_DEVICE(pmem_device_disable(NULL, 0));
	NULL_DEVICE(pmem_device_reset(NULL));
	NULL_DEVICE(pmem_device_irq_count(NULL, 0, &small));
	NULL_DEVICE(pmem_device_irq_count(device, 0, NULL));
	NULL_DEVICE(pmem_device_irq_fd(NULL, 0, 0));
	NULL_DEVICE(pmem_device_irq_wait(NULL, 0, 0, 0, NULL));
	NULL_DEVICE(pmem_device_irq_unmask(NULL, 0, 0));
	NULL_DEVICE(pmem_device_attach(NULL, region, PMEM_DMA_BOTH, &big));
	NULL_DEVICE(pmem_device_attach(device, NULL, PMEM_DMA_BOTH, &big));
	NULL_DEVICE(pmem_device_detach(NULL, region));
	NULL_DEVICE(pmem_device_detach(device, NULL));
	NULL_DEVICE(pmem_device_bus(NULL, region, &big));
	NULL_DEVICE(pmem_device_bus(device, NULL, &big));
	NULL_DEVICE(pmem_device_dmabuf(NULL, 0, 0, PAGE));
	region = ordinary(PAGE);
	NULL_DEVICE(pmem_device_attach(device, region, PMEM_DMA_BOTH, NULL));
	NULL_DEVICE(pmem_device_bus(device, region, NULL));
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device");
	TCase *tc = tcase_create("device");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_open, 0, MACHINES);
	tcase_add_loop_test(tc, test_reset, 0, MACHINES);
	tcase_add_loop_test(tc, test_config, 0, MACHINES);
	tcase_add_loop_test(tc, test_enable, 0, MACHINES);
	tcase_add_loop_test(tc, test_registers, 0, MACHINES);
	tcase_add_loop_test(tc, test_messages, 0, 2 * MACHINES);
	tcase_add_loop_test(tc, test_line_and_request, 0, MACHINES);
	tcase_add_loop_test(tc, test_each_call_fails, 0, MACHINES);
	tcase_add_test(tc, test_null);
	suite_add_tcase(suite, tc);
	return suite;
}
