/* SPDX-License-Identifier: MIT */
/* Each refusal has its cause, and the next step. */
#include <fcntl.h>
#include <stdlib.h>

#include "played_device.h"

static const struct pmem_device_opts unsafe = { .size = sizeof(unsafe),
	.flags = PMEM_DEVICE_MAY_BE_UNSAFE };

static void hint_has(const char *text)
{
	const struct pmem_error *e = pmem_error_last();

	ck_assert_msg(strstr(pmem_error_hint(e), text), "\"%s\" is not in: %s", text, pmem_error_text(e));
}

static void message_has(const char *text)
{
	const struct pmem_error *e = pmem_error_last();

	ck_assert_msg(strstr(pmem_error_message(e), text), "\"%s\" is not in: %s", text,
		pmem_error_text(e));
}

static struct pmem_device_opts by(const char *way)
{
	const struct pmem_device_opts opts = { .size = sizeof(opts), .way = way };

	return opts;
}

START_TEST(test_neighbour)
{
	struct vfio_device *other;

	play_machine(_i);
	other = vfio_add("0000:00:05.1", 2);
	vfio_driver(other, "e1000");
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), EPERM, PMEM_CAUSE_NOT_VIABLE);
	message_has("0000:00:05.1 has the driver e1000");
	vfio_driver(other, NULL);
	open_it();
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_no_isolation)
{
	play_machine(_i);
	vfio.no_isolation = true;
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), EPERM, PMEM_CAUSE_NO_ISOLATION);
	hint_has("allow_unsafe_interrupts");
	hint_has(strcmp(machines[_i].way, "vfio") == 0 ? "vfio_iommu_type1" : "iommufd");
	stop();
}
END_TEST

/* The kernel has one word for both: what is not for want of isolation is another program's. */
START_TEST(test_claimed)
{
	const struct pmem_device_opts opts = by("iommufd");

	play(6012, VFIO_PLAY_CDEV);
	vfio.claimed = true;
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EPERM, PMEM_CAUSE_NO_ISOLATION);
	fake_text("/sys/module/iommufd/parameters/allow_unsafe_interrupts", "Y\n");
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EBUSY, PMEM_CAUSE_BUSY);
	vfio.claimed = false;
	assert_works(pmem_device_open(ctx, NAME, &opts, &device));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_not_bound)
{
	play_machine(_i);
	vfio_driver(edu, "e1000");
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	message_has("e1000");
	hint_has("physmem device bind 0000:00:04.0");
	hint_has("echo vfio-pci > /sys/bus/pci/devices/0000:00:04.0/driver_override");
	hint_has("echo 0000:00:04.0 > /sys/bus/pci/devices/0000:00:04.0/driver/unbind");
	hint_has("echo 0000:00:04.0 > /sys/bus/pci/drivers_probe");
	vfio_driver(edu, NULL);
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	message_has("no driver");
	/* Another device of the group is bound, so its node is there. */
	vfio_add("0000:00:04.1", 2);
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	hint_has("physmem device bind 0000:00:04.0");
	stop();
}
END_TEST

START_TEST(test_mode_of_the_node)
{
	play_machine(_i);
	edu->group_errnum = edu->cdev_errnum = EACCES;
	fake_capability(CAP_DAC_OVERRIDE, false);
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), EACCES, PMEM_CAUSE_FILE_MODE);
	hint_has("udev");
	edu->group_errnum = edu->cdev_errnum = 0;
	if (machines[_i].what & VFIO_PLAY_CDEV) {
		/* Both nodes are needed; the group's alone will do where there is one. */
		struct pmem_device_opts opts = by("iommufd");

		vfio.iommu_errnum = EACCES;
		assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EACCES, PMEM_CAUSE_FILE_MODE);
		hint_has("iommu");
		if (machines[_i].what & VFIO_PLAY_GROUP) {
			open_it();
			ck_assert_str_eq(pmem_device_way(device), "vfio");
			assert_works(pmem_device_close(device));
		}
	}
	stop();
}
END_TEST

START_TEST(test_second_opener)
{
	char path[256];
	int fd;

	play_machine(0);
	snprintf(path, sizeof(path), "%s/dev/vfio/2", fake_root());
	fd = os->open(path, O_RDWR, 0); /* another program's */
	ck_assert_int_ge(fd, 0);
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), EBUSY, PMEM_CAUSE_BUSY);
	hint_has("fuser");
	os->close(fd);
	open_it();
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_locked_memory)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *kept, *region = NULL;
	uint64_t bus;

	play_machine(_i);
	fake_capability(CAP_IPC_LOCK, false);
	fake_text("/proc/self/limits", "Limit   Soft Limit  Hard Limit  Units\n"
				       "Max locked memory         8388608              8388608              bytes\n");
	fake_text("/proc/self/status", "VmLck:\t    4096 kB\nVmPin:\t    2048 kB\n");
	vfio.memlock = 8 << 20;
	open_it();
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER));
	opts.device = device;
	kept = take(7 << 20, 0);
	assert_fails(pmem_region_alloc(ctx, 2 << 20, &opts, &region), ENOMEM, PMEM_CAUSE_LIMIT);
	message_has("2097152 bytes");
	message_has("8388608");
	if (strcmp(machines[_i].way, "vfio") == 0) {
		message_has("this process");
		message_has("4194304");
		hint_has("CAP_IPC_LOCK");
	} else {
		message_has("this user");
		message_has("2097152");
		hint_has("io_uring");
	}
	bus = bus_of(kept);
	ck_assert(pokes(bus + (7 << 20) - 1, 1)); /* what was there stays */
	assert_works(pmem_region_close(kept));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_too_many)
{
	struct pmem_region *one, *two = NULL;
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };

	play_machine(0);
	vfio.entries = 1;
	open_it();
	one = take(PAGE, 0);
	opts.device = device;
	assert_fails(pmem_region_alloc(ctx, PAGE, &opts, &two), ENOSPC, PMEM_CAUSE_LIMIT);
	hint_has("dma_entry_limit");
	assert_works(pmem_region_close(one));
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_no_iommu)
{
	play(6012, VFIO_PLAY_GROUP | VFIO_PLAY_NONE);
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	hint_has("VT-d");
	hint_has("PMEM_DEVICE_MAY_BE_UNSAFE");
	fake_text("/sys/firmware/acpi/tables/DMAR", "x");
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	hint_has("intel_iommu=on");
	fake_remove("/sys/firmware/acpi/tables/DMAR");
	fake_text("/sys/firmware/acpi/tables/IVRS", "x");
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	hint_has("amd_iommu");
	stop();
}
END_TEST

START_TEST(test_noiommu)
{
	static _Alignas(PAGE) unsigned char memory[PAGE];
	struct pmem_region *region = NULL, *scattered = NULL;
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_device_opts share = unsafe;
	struct pmem_device *other = NULL;
	uint64_t bus = 0, phys = 0;

	play(6012, VFIO_PLAY_GROUP | VFIO_PLAY_NOIOMMU);
	bridge();
	/* Not without the word. */
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	fake_capability(CAP_SYS_RAWIO, false);
	assert_fails(pmem_device_open(ctx, NAME, &(struct pmem_device_opts){ .size = sizeof(unsafe),
		.flags = PMEM_DEVICE_MAY_BE_UNSAFE, .way = "noiommu" }, &device), EPERM, PMEM_CAUSE_CAPABILITY);
	fake_capability(CAP_SYS_RAWIO, true);
	pagemap_rule(PAGEMAP_IN_ORDER);
	assert_works(pmem_device_open(ctx, NAME, &unsafe, &device));
	ck_assert_str_eq(pmem_device_way(device), "noiommu");
	ck_assert_uint_eq(pmem_device_attrs(device) & ~PMEM_DEVICE_P2P,
		PMEM_DEVICE_UNSAFE | PMEM_DEVICE_PCI);
	opts.device = device;
	assert_works(pmem_region_alloc(ctx, 4 * PAGE, &opts, &region));
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(bus, phys + 0x1000000000ull);
	assert_works(pmem_device_bus(device, region, &bus));
	ck_assert_uint_eq(bus, phys + 0x1000000000ull);
	ck_assert_uint_eq(pmem_region_attrs(region) & (PMEM_REGION_CONTIGUOUS | PMEM_REGION_BUS_CONTIGUOUS),
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_BUS_CONTIGUOUS);
	assert_works(pmem_region_close(region));
	/* In pieces it cannot be. */
	pagemap_rule(PAGEMAP_APART);
	opts = (struct pmem_alloc_opts){ .size = sizeof(opts), .flags = PMEM_ALLOC_SCATTERED };
	assert_works(pmem_region_alloc(ctx, 2 * PAGE, &opts, &scattered));
	assert_fails(pmem_device_attach(device, scattered, PMEM_DMA_BOTH, &bus), EXDEV,
		PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(pmem_region_close(scattered));
	/* Nor what moves, on a kernel where nothing pins. */
	fake_kernel(5011);
	assert_works(pmem_region_register(ctx, memory, PAGE, PMEM_REGISTER_MAY_MOVE, &region));
	fake_kernel(6012);
	assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus), EOPNOTSUPP, PMEM_CAUSE_NOT_PINNED);
	assert_works(pmem_region_close(region));
	/* The same device once more sees the same; another one may be behind another bridge. */
	pagemap_rule(PAGEMAP_IN_ORDER);
	assert_works(pmem_device_open(ctx, NAME, &unsafe, &other));
	assert_works(pmem_region_alloc(ctx, PAGE, NULL, &region));
	assert_works(pmem_device_attach(other, region, PMEM_DMA_BOTH, &bus));
	assert_works(pmem_device_bus(device, region, &bus));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(bus, phys + 0x1000000000ull);
	assert_works(pmem_device_close(other));
	assert_works(pmem_device_detach(device, region));
	assert_works(pmem_region_close(region));
	vfio_add("0000:00:05.0", 3);
	share.share = device;
	assert_fails(pmem_device_open(ctx, "00:05.0", &share, &other), EINVAL, PMEM_CAUSE_OPTIONS);
	assert_works(pmem_device_close(device));
	stop();
}
END_TEST

START_TEST(test_options)
{
	struct pmem_device_opts opts = by("telepathy");

	play_machine(_i);
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), ENOENT, PMEM_CAUSE_NOT_FOUND);
	hint_has("iommufd, vfio");
	opts = by("sysfs");
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EPERM, PMEM_CAUSE_FLAGS);
	hint_has("PMEM_DEVICE_MAY_BE_UNSAFE");
	opts = by(NULL);
	opts.flags = 2;
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EINVAL, PMEM_CAUSE_FLAGS);
	opts.flags = 0;
	opts.reserved = 1;
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EINVAL, PMEM_CAUSE_OPTIONS);
	opts.reserved = 0;
	opts.device_fd = -1;
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EINVAL, PMEM_CAUSE_OPTIONS);
	opts.device_fd = 0;
	opts.size = 3;
	assert_fails(pmem_device_open(ctx, NAME, &opts, &device), EINVAL, PMEM_CAUSE_OPTIONS);
	assert_fails(pmem_device_open(ctx, "0000:00:09.0", NULL, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "lspci"));
	assert_fails(pmem_device_open(ctx, "no such thing", NULL, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_fails(pmem_device_open(ctx, "", NULL, &device), EINVAL, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_open(ctx, "/dev/uio7", NULL, &device), ENOENT, PMEM_CAUSE_NO_DEVICE);
	stop();
}
END_TEST

static int opened(const char *path)
{
	char full[256];
	int fd;

	snprintf(full, sizeof(full), "%s%s", fake_root(), path);
	fd = os->open(full, O_RDWR, 0);
	ck_assert_int_ge(fd, 0);
	return fd;
}

/* Somebody with more rights opened them, and hands them over. */
START_TEST(test_handed_in)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region;
	int fds[2];

	play_machine(_i);
	fds[1] = opened(machines[_i].what & VFIO_PLAY_CDEV ? "/dev/iommu" : "/dev/vfio/vfio");
	fds[0] = opened(machines[_i].what & VFIO_PLAY_CDEV ? edu->node : "/dev/vfio/2");
	vfio.container_errnum = vfio.iommu_errnum = EACCES;
	edu->group_errnum = edu->cdev_errnum = EACCES;
	opts.iommu_fd = fds[1];
	if (machines[_i].what & VFIO_PLAY_CDEV)
		opts.device_fd = fds[0];
	else
		opts.group_fd = fds[0];
	assert_works(pmem_device_open(ctx, NAME, &opts, &device));
	ck_assert_str_eq(pmem_device_way(device), machines[_i].way);
	os->close(fds[0]); /* they stay the caller's */
	os->close(fds[1]);
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER));
	region = take(PAGE, 0);
	ck_assert(pokes(bus_of(region), 1));
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(device));
	fds[0] = opened("/proc/device-tree/compatible"); /* what is no node of VFIO */
	opts = (struct pmem_device_opts){ .size = sizeof(opts), .device_fd = fds[0], .iommu_fd = 0 };
	vfio.iommu_errnum = 0;
	ck_assert_int_lt(pmem_device_open(ctx, NAME, &opts, &device), 0);
	os->close(fds[0]);
	stop();
}
END_TEST

START_TEST(test_each_way_is_told)
{
	const struct pmem_error *e;

	play(6012, VFIO_PLAY_GROUP);
	vfio.no_isolation = true;
	assert_fails(pmem_device_open(ctx, NAME, NULL, &device), EPERM, PMEM_CAUSE_NO_ISOLATION);
	e = pmem_error_last();
	ck_assert_uint_eq(pmem_error_child_count(e), 2);
	ck_assert_str_eq(pmem_error_backend(pmem_error_child(e, 0)), "iommufd");
	ck_assert_uint_eq(pmem_error_cause(pmem_error_child(e, 0)), PMEM_CAUSE_UNSUPPORTED);
	ck_assert_str_eq(pmem_error_backend(pmem_error_child(e, 1)), "vfio");
	stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device refused");
	TCase *tc = tcase_create("refused");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_neighbour, 0, MACHINES);
	tcase_add_loop_test(tc, test_no_isolation, 0, MACHINES);
	tcase_add_test(tc, test_claimed);
	tcase_add_loop_test(tc, test_not_bound, 0, MACHINES);
	tcase_add_loop_test(tc, test_mode_of_the_node, 0, MACHINES);
	tcase_add_test(tc, test_second_opener);
	tcase_add_loop_test(tc, test_locked_memory, 0, MACHINES);
	tcase_add_test(tc, test_too_many);
	tcase_add_test(tc, test_no_iommu);
	tcase_add_test(tc, test_noiommu);
	tcase_add_loop_test(tc, test_options, 0, MACHINES);
	tcase_add_loop_test(tc, test_handed_in, 0, MACHINES);
	tcase_add_test(tc, test_each_way_is_told);
	suite_add_tcase(suite, tc);
	return suite;
}
