/* SPDX-License-Identifier: MIT */
/*
 * test/fake/fake_vfio.h does what was seen of Linux 6.12 and 7.3, by way of a group: each errno, who keeps
 * what open, and what a device reaches. Tests of the library lean on it.
 */
#include "played_vfio.h"

static void begin_group(void)
{
	begin(6012, VFIO_PLAY_GROUP);
}

struct three {
	int container, group, device;
};

static struct three take(void)
{
	struct three t = { .container = at("/dev/vfio/vfio"), .group = at("/dev/vfio/2") };

	ck_assert_int_ge(t.container, 0);
	ck_assert_int_ge(t.group, 0);
	ck_assert_int_eq(call(t.group, VFIO_GROUP_SET_CONTAINER, &t.container), 0);
	ck_assert_int_eq(value(t.container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	t.device = call(t.group, VFIO_GROUP_GET_DEVICE_FD, "0000:00:04.0");
	ck_assert_int_ge(t.device, 0);
	return t;
}

static void leave(const struct three *t)
{
	os->close(t->device);
	os->close(t->group);
	os->close(t->container);
}

static int map(int container, const void *pointer, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct vfio_iommu_type1_dma_map m = { .argsz = sizeof(m), .flags = flags,
		.vaddr = (uintptr_t)pointer, .iova = iova, .size = size };

	return call(container, VFIO_IOMMU_MAP_DMA, &m);
}

static int64_t unmap(int container, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap m = { .argsz = sizeof(m), .iova = iova, .size = size };
	int r = call(container, VFIO_IOMMU_UNMAP_DMA, &m);

	return r < 0 ? r : (int64_t)m.size;
}

/* --- the group's way ----------------------------------------------------------------------- */

START_TEST(order_of_calls)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int container = at("/dev/vfio/vfio"), group = at("/dev/vfio/2");

	ck_assert_int_eq(call(container, VFIO_GET_API_VERSION, NULL), 0);
	ck_assert_int_eq(value(container, VFIO_CHECK_EXTENSION, 1), 1);
	ck_assert_int_eq(value(container, VFIO_CHECK_EXTENSION, 3), 1);
	ck_assert_int_eq(value(container, VFIO_CHECK_EXTENSION, 8), 0);
	ck_assert_int_eq(at("/dev/vfio/2"), -EBUSY);
	ck_assert_int_eq(at("/dev/vfio/3"), -ENOENT);
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 3), -EINVAL);
	ck_assert_int_eq(map(container, memory, PAGE, PAGE, 3), -EINVAL);
	ck_assert_int_eq(call(group, VFIO_GROUP_GET_DEVICE_FD, edu->name), -EINVAL);
	ck_assert_int_eq(call(group, VFIO_GROUP_UNSET_CONTAINER, NULL), -EINVAL);
	ck_assert_int_eq(call(group, VFIO_GROUP_GET_STATUS, &status), 0);
	ck_assert_uint_eq(status.flags, 1);
	ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &group), -EINVAL);
	ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &container), -EINVAL);
	ck_assert_int_eq(call(group, VFIO_GROUP_GET_STATUS, &status), 0);
	ck_assert_uint_eq(status.flags, 3);
	ck_assert_int_eq(call(group, VFIO_GROUP_GET_DEVICE_FD, edu->name), -EINVAL);
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 8), -ENODEV);
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 3), 0);
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 3), -EINVAL);
	ck_assert_int_eq(call(group, VFIO_GROUP_GET_DEVICE_FD, "0000:00:05.0"), -ENODEV);
	ck_assert_int_eq(call(group, NR(0x99), NULL), -ENOTTY);
	ck_assert_int_eq(call(container, NR(0x99), NULL), -ENOTTY);
	ck_assert_int_eq(call(group, VFIO_GROUP_UNSET_CONTAINER, NULL), 0);
	os->close(group);
	os->close(container);
}
END_TEST

START_TEST(neighbours)
{
	struct vfio_device *other = vfio_add("0000:00:05.1", 2);
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int container = at("/dev/vfio/vfio"), group = at("/dev/vfio/2");

	vfio_driver(other, "e1000");
	ck_assert_int_eq(call(group, VFIO_GROUP_GET_STATUS, &status), 0);
	ck_assert_uint_eq(status.flags, 0);
	ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &container), -EPERM);
	vfio_driver(other, "pcieport");
	ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	os->close(group);
	group = at("/dev/vfio/2");
	vfio_driver(other, NULL);
	ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	vfio.no_isolation = true;
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 3), -EPERM);
	vfio.allow_unsafe = true;
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 3), 0);
	os->close(group);
	os->close(container);
	/* Without a device that vfio-pci has, the group's node is gone. */
	vfio_driver(edu, NULL);
	ck_assert_int_eq(at("/dev/vfio/2"), -ENOENT);
	vfio_driver(edu, "vfio-pci");
	edu->group_errnum = EACCES;
	ck_assert_int_eq(at("/dev/vfio/2"), -EACCES);
}
END_TEST

START_TEST(maps)
{
	struct three t = take();
	int c = t.container;

	ck_assert_int_eq(map(c, memory, 2 * PAGE, 2 * PAGE, 3), 0);
	ck_assert_uint_eq(vfio.pinned, 2 * PAGE);
	ck_assert_int_eq(map(c, memory, 3 * PAGE, PAGE, 3), -EEXIST);
	ck_assert_int_eq(map(c, memory, 8 * PAGE, 0, 3), -EINVAL);
	ck_assert_int_eq(map(c, memory, 8 * PAGE, PAGE, 0), -EINVAL);
	ck_assert_int_eq(map(c, memory, 8 * PAGE, 100, 3), -EINVAL);
	ck_assert_int_eq(map(c, memory, 8 * PAGE + 1, PAGE, 3), -EINVAL);
	ck_assert_int_eq(map(c, memory + 1, 8 * PAGE, PAGE, 3), -EINVAL);
	ck_assert_int_eq(map(c, memory, 0xfee00000, PAGE, 3), -EINVAL);
	ck_assert_int_eq(map(c, memory, 0xfedff000, 2 * PAGE, 3), -EINVAL);
	ck_assert_int_eq(map(c, memory, 1ull << 39, PAGE, 3), -EINVAL);
	ck_assert_int_eq(map(c, memory, 0 - PAGE, 2 * PAGE, 3), -EINVAL);
	vfio.kernel = 7003;
	ck_assert_int_eq(map(c, memory, 0 - PAGE, 2 * PAGE, 3), -EOVERFLOW);
	ck_assert_int_eq(map(c, (void *)PAGE, 8 * PAGE, PAGE, 3), -EFAULT);
	ck_assert_int_eq(os->mprotect(memory, PAGE, PROT_READ), 0);
	ck_assert_int_eq(map(c, memory, 8 * PAGE, PAGE, 3), -EFAULT);
	ck_assert_int_eq(map(c, memory, 8 * PAGE, PAGE, 1), 0);
	ck_assert_int_eq(os->mprotect(memory, PAGE, PROT_READ | PROT_WRITE), 0);
	ck_assert_int_eq(map(c, memory, 0, PAGE, 3), 0); /* 0 is an address like others */
	ck_assert_int_eq(unmap(c, 2 * PAGE, PAGE), -EINVAL);
	ck_assert_int_eq(unmap(c, 3 * PAGE, PAGE), -EINVAL);
	ck_assert_int_eq(unmap(c, 6 * PAGE, PAGE), 0);
	ck_assert_int_eq(unmap(c, 0, 16 * PAGE), 4 * PAGE);
	ck_assert_uint_eq(vfio.maps, 0);
	vfio.entries = 1;
	ck_assert_int_eq(map(c, memory, PAGE, PAGE, 3), 0);
	ck_assert_int_eq(map(c, memory, 4 * PAGE, PAGE, 3), -ENOSPC);
	leave(&t);
}
END_TEST

START_TEST(locked_memory)
{
	struct three t = take();

	fake_capability(CAP_LOCK, false);
	vfio.memlock = 1 << 20;
	vfio.user_locked = 1 << 20; /* of no concern */
	ck_assert_int_eq(map(t.container, memory, 1 << 20, 1 << 20, 3), 0);
	ck_assert_int_eq(map(t.container, memory + (1 << 20), 2 << 20, PAGE, 3), -ENOMEM);
	ck_assert_uint_eq(vfio.maps, 1);
	ck_assert_int_eq(unmap(t.container, 1 << 20, 1 << 20), 1 << 20);
	ck_assert_uint_eq(vfio.mm_locked, 0);
	vfio.memlock = 0;
	ck_assert_int_eq(map(t.container, memory, 1 << 20, PAGE, 3), -ENOMEM);
	fake_capability(CAP_LOCK, true);
	ck_assert_int_eq(map(t.container, memory, 1 << 20, PAGE, 3), 0);
	leave(&t);
}
END_TEST

START_TEST(windows)
{
	static const struct vfio_range arm[] = { { 0, 0x7ffffff }, { 0x8100000, 0xffffffffffffull } };
	struct three t = take();
	struct { uint32_t argsz, flags; uint64_t pages; uint32_t cap, pad; unsigned char rest[200]; } info = { 0 };
	uint64_t range[4];

	vfio_windows(2, 2, arm);
	info.argsz = 24;
	ck_assert_int_eq(call(t.container, VFIO_IOMMU_GET_INFO, &info), 0);
	ck_assert_uint_eq(info.argsz, 24 + 16 + 32 + 16);
	ck_assert_uint_eq(info.pages, 0x40201000);
	ck_assert_int_eq(call(t.container, VFIO_IOMMU_GET_INFO, &info), 0);
	ck_assert_uint_eq(info.cap, 24);
	memcpy(range, info.rest + 16, sizeof(range));
	ck_assert_mem_eq(range, arm, sizeof(arm));
	/* A second group in the same container: what both have. */
	vfio_add("0000:00:06.0", 7);
	{
		int group = at("/dev/vfio/7");

		ck_assert_int_eq(map(t.container, memory, 0x8100000, PAGE, 3), 0);
		vfio_windows(7, 1, arm);
		ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &t.container), -EINVAL);
		ck_assert_int_eq(unmap(t.container, 0x8100000, PAGE), PAGE);
		ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &t.container), 0);
		ck_assert_int_eq(map(t.container, memory, 0x8100000, PAGE, 3), -EINVAL);
		leave(&t);
		ck_assert_uint_eq(vfio.spaces, 1); /* the other group has it */
		os->close(group);
		ck_assert_uint_eq(vfio.spaces, 0);
	}
}
END_TEST

START_TEST(transfers)
{
	struct three t = take();
	char text[16] = "";

	memcpy(memory, "memory", 7);
	ck_assert_int_eq(map(t.container, memory, PAGE, PAGE, 1), 0);
	ck_assert(!vfio_dma(edu, PAGE, text, 7, false)); /* no bus master yet */
	write_config(t.device, 4, 6);
	ck_assert(vfio_dma(edu, PAGE, text, 7, false));
	ck_assert_str_eq(text, "memory");
	ck_assert(!vfio_dma(edu, PAGE, text, 7, true));  /* it may only read */
	ck_assert(!vfio_dma(edu, 2 * PAGE - 1, text, 2, false));
	ck_assert_int_eq(unmap(t.container, PAGE, PAGE), PAGE);
	ck_assert(!vfio_dma(edu, PAGE, text, 7, false));
	ck_assert_int_eq(map(t.container, memory, 1 << 28, PAGE, 3), 0);
	ck_assert(vfio_dma(edu, 1 << 28, text, 7, false));
	edu->mask = (1 << 28) - 1;
	ck_assert(!vfio_dma(edu, 1 << 28, text, 7, false)); /* that is 0 to it */
	ck_assert_uint_eq(vfio.dropped, 5);
	leave(&t);
	ck_assert(!vfio_dma(edu, 1 << 28, text, 7, false));
}
END_TEST

START_TEST(registers)
{
	struct vfio_region_info *info;
	unsigned char room[128] = { 0 };
	struct three t;
	void *bar;
	uint32_t word = 0;

	edu->hole[0][0] = 8 * PAGE;
	edu->hole[0][1] = PAGE;
	t = take();
	info = (struct vfio_region_info *)(void *)room;
	info->argsz = sizeof(*info);
	ck_assert_int_eq(call(t.device, VFIO_DEVICE_GET_REGION_INFO, info), 0);
	ck_assert_uint_eq(info->flags, 15);
	ck_assert_uint_eq(info->size, 1 << 20);
	ck_assert_uint_eq(info->argsz, 32 + 16 + 32);
	ck_assert_int_eq(call(t.device, VFIO_DEVICE_GET_REGION_INFO, info), 0);
	ck_assert_uint_eq(info->cap_offset, 32);
	info->index = 5;
	ck_assert_int_eq(call(t.device, VFIO_DEVICE_GET_REGION_INFO, info), 0);
	ck_assert_uint_eq(info->size, 0);
	info->index = 9;
	ck_assert_int_eq(call(t.device, VFIO_DEVICE_GET_REGION_INFO, info), -EINVAL);
	ck_assert_int_eq(os->mmap(NULL, 9 * PAGE, 3, MAP_SHARED, t.device, 0, &bar), -EINVAL);
	ck_assert_int_eq(os->mmap(NULL, PAGE, 3, MAP_SHARED, t.device, 1ull << 40, &bar), -EINVAL);
	ck_assert_int_eq(os->mmap(NULL, 8 * PAGE, 3, MAP_SHARED, t.device, 0, &bar), 0);
	*(uint32_t *)bar = 0x1234;
	ck_assert_int_eq(os->pread(t.device, &word, 4, 0), 4);
	ck_assert_uint_eq(word, 0x1234);
	ck_assert_int_eq(os->pread(t.device, &word, 4, 7ull << 40), 4);
	ck_assert_uint_eq(le32toh(word), 0x11e81234);
	word = 0xffffffff;
	ck_assert_int_eq(os->pwrite(t.device, &word, 4, (7ull << 40) + 0x10), 4);
	ck_assert_uint_eq(edu->config[0x10], 0);
	/* As long as the BAR is mapped, nobody else gets the group. */
	leave(&t);
	ck_assert_uint_eq(vfio.open_devices, 1);
	ck_assert_int_eq(at("/dev/vfio/2"), -EBUSY);
	ck_assert_int_eq(os->munmap(bar, 8 * PAGE), 0);
	ck_assert_uint_eq(vfio.open_devices, 0);
	ck_assert_uint_eq(vfio.open_groups, 0);
}
END_TEST

START_TEST(duplicates)
{
	struct three t = take();
	int again = os->fcntl(t.device, F_DUPFD_CLOEXEC, 0);
	struct vfio_device_info info = { .argsz = sizeof(info) };

	ck_assert_int_eq(map(t.container, memory, PAGE, PAGE, 3), 0);
	leave(&t);
	ck_assert_uint_eq(vfio.maps, 1);
	ck_assert_int_eq(call(again, VFIO_DEVICE_GET_INFO, &info), 0);
	ck_assert_int_eq(at("/dev/vfio/2"), -EBUSY);
	os->close(again);
	ck_assert_uint_eq(vfio.maps, 0);
}
END_TEST

static int irq(int device, uint32_t flags, uint32_t index, uint32_t start, uint32_t count, int fd)
{
	struct { uint32_t argsz, flags, index, start, count; int fds[4]; } set = { 20, flags, index, start, count,
		{ fd, fd, fd, fd } };

	if (flags & VFIO_IRQ_SET_DATA_EVENTFD)
		set.argsz += count * 4;
	return call(device, VFIO_DEVICE_SET_IRQS, &set);
}

START_TEST(interrupts)
{
	int event = os->eventfd();
	uint64_t count;
	struct three t;

	edu->irqs[2] = 4;
	t = take();
	ck_assert_int_eq(irq(t.device, 0x24, 5, 0, 1, event), -EINVAL);
	ck_assert_int_eq(irq(t.device, 0x24, 1, 1, 1, event), -EINVAL);
	ck_assert_int_eq(irq(t.device, 0x24, 3, 0, 1, event), -EINVAL);
	ck_assert_int_eq(irq(t.device, 0x24, 1, 0, 1, t.device), -EINVAL);
	ck_assert_int_eq(irq(t.device, 0x24, 1, 0, 1, 900), -EBADF);
	ck_assert_int_eq(irq(t.device, 0x21, 1, 0, 0, 0), -EINVAL); /* it is off */
	ck_assert_int_eq(irq(t.device, 0x24, 1, 0, 1, event), 0);
	ck_assert_int_eq(irq(t.device, 0x24, 0, 0, 1, event), -EINVAL); /* another kind is on */
	ck_assert(!vfio_fire(edu, 1, 0)); /* messages are writes: no bus master */
	write_config(t.device, 4, 6);
	ck_assert(vfio_fire(edu, 1, 0));
	ck_assert_int_eq(os->read(event, &count, 8), 8);
	ck_assert_uint_eq(count, 1);
	ck_assert_int_eq(irq(t.device, 0x21, 1, 0, 0, 0), 0);
	ck_assert(!vfio_fire(edu, 1, 0));
	/* A line is masked when it fires. */
	ck_assert_int_eq(irq(t.device, 0x24, 0, 0, 1, event), 0);
	ck_assert(vfio_fire(edu, 0, 0));
	ck_assert(!vfio_fire(edu, 0, 0));
	ck_assert_int_eq(irq(t.device, 0x11, 0, 0, 1, 0), 0);
	ck_assert(vfio_fire(edu, 0, 0));
	ck_assert_int_eq(irq(t.device, 0x21, 0, 0, 0, 0), 0);
	/* Linux 6.12 adds vectors of MSI-X one by one; 6.1 does not. */
	ck_assert_int_eq(irq(t.device, 0x24, 2, 0, 1, event), 0);
	ck_assert_int_eq(irq(t.device, 0x24, 2, 3, 1, event), 0);
	vfio.kernel = 6001;
	ck_assert_int_eq(irq(t.device, 0x21, 2, 0, 0, 0), 0);
	ck_assert_int_eq(irq(t.device, 0x24, 2, 0, 1, event), 0);
	ck_assert_int_eq(irq(t.device, 0x24, 2, 3, 1, event), -EINVAL);
	/* The request to give it back needs no bus master. */
	ck_assert_int_eq(irq(t.device, 0x24, 4, 0, 1, event), 0);
	ck_assert(vfio_fire(edu, 4, 0));
	leave(&t);
	ck_assert(!vfio_fire(edu, 4, 0));
	os->close(event);
}
END_TEST

START_TEST(reset_and_gone)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct three t = take();

	ck_assert_int_eq(call(t.device, VFIO_DEVICE_RESET, NULL), -EINVAL);
	edu->can_reset = true;
	ck_assert_int_eq(call(t.device, VFIO_DEVICE_GET_INFO, &info), 0);
	ck_assert_uint_eq(info.flags, 3);
	ck_assert_int_eq(call(t.device, VFIO_DEVICE_RESET, NULL), 0);
	ck_assert_uint_eq(edu->resets, 1);
	edu->gone = true;
	ck_assert_int_eq(call(t.device, VFIO_DEVICE_RESET, NULL), -ENODEV);
	leave(&t);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("fake vfio");
	TCase *tc = tcase_create("group");

	tcase_add_checked_fixture(tc, begin_group, end);
	tcase_add_test(tc, order_of_calls);
	tcase_add_test(tc, neighbours);
	tcase_add_test(tc, maps);
	tcase_add_test(tc, locked_memory);
	tcase_add_test(tc, windows);
	tcase_add_test(tc, transfers);
	tcase_add_test(tc, registers);
	tcase_add_test(tc, duplicates);
	tcase_add_test(tc, interrupts);
	tcase_add_test(tc, reset_and_gone);
	suite_add_tcase(suite, tc);
	return suite;
}
