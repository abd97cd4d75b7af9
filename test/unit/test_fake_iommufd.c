/* SPDX-License-Identifier: MIT */
/*
 * test/fake/fake_vfio.h does what was seen of Linux 6.12 and 7.3, by way of /dev/iommu, and without an IOMMU.
 */
#include "played_vfio.h"

#define CAP_RAW 17

static int bind_to(int device, int iommufd)
{
	struct { uint32_t argsz, flags; int32_t fd; uint32_t id; } b = { sizeof(b), 0, iommufd, 0 };

	return call(device, NR(0x76), &b);
}

static int attach_to(int device, uint32_t id)
{
	struct { uint32_t argsz, flags, id; } a = { sizeof(a), 0, id };

	return call(device, NR(0x77), &a);
}

static uint32_t new_space(int iommufd)
{
	struct { uint32_t size, flags, id; } a = { sizeof(a), 0, 0 };

	ck_assert_int_eq(call(iommufd, NR(0x81), &a), 0);
	return a.id;
}

static int ioas_map(int iommufd, uint32_t id, const void *pointer, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct { uint32_t size, flags, id, reserved; uint64_t va, length, iova; } m = { sizeof(m), flags, id, 0,
		(uintptr_t)pointer, size, iova };

	return call(iommufd, NR(0x85), &m);
}

static int ioas_unmap(int iommufd, uint32_t id, uint64_t iova, uint64_t size)
{
	struct { uint32_t size, id; uint64_t iova, length; } m = { sizeof(m), id, iova, size };

	return call(iommufd, NR(0x86), &m);
}

static int map_file(int iommufd, uint32_t id, int fd, uint64_t start, uint64_t size, uint64_t iova)
{
	struct { uint32_t size, flags, id; int32_t fd; uint64_t start, length, iova; } m = { sizeof(m), 7, id, fd,
		start, size, iova };

	return call(iommufd, NR(0x8f), &m);
}

static int destroy(int iommufd, uint32_t id)
{
	struct { uint32_t size, id; } d = { sizeof(d), id };

	return call(iommufd, NR(0x80), &d);
}

static int device, iommu;
static uint32_t id;

/* Bound and attached. */
static void begin_cdev(int kernel)
{
	begin(kernel, VFIO_PLAY_CDEV | VFIO_PLAY_GROUP);
	device = at(edu->node);
	iommu = at("/dev/iommu");
	ck_assert_int_eq(bind_to(device, iommu), 0);
	id = new_space(iommu);
	ck_assert_int_eq(attach_to(device, id), 0);
}

static void end_cdev(void)
{
	os->close(iommu);
	os->close(device);
	end();
}

START_TEST(order)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	int other;

	begin(6012, VFIO_PLAY_CDEV | VFIO_PLAY_GROUP);
	device = at(edu->node);
	iommu = at("/dev/iommu");
	ck_assert_int_eq(call(device, VFIO_DEVICE_GET_INFO, &info), -EINVAL);
	ck_assert_int_eq(attach_to(device, 1), -EINVAL);
	ck_assert_int_eq(bind_to(device, -1), -EINVAL);
	vfio.no_isolation = true;
	ck_assert_int_eq(bind_to(device, iommu), -EPERM);
	vfio.no_isolation = false;
	other = at("/dev/vfio/2");
	ck_assert_int_eq(bind_to(device, iommu), -EBUSY);
	os->close(other);
	vfio_driver(vfio_add("0000:00:05.1", 2), "e1000");
	ck_assert_int_eq(bind_to(device, iommu), -EPERM);
	vfio_driver(&edu[1], NULL);
	ck_assert_int_eq(bind_to(device, iommu), 0);
	ck_assert_int_eq(bind_to(device, iommu), -EINVAL);
	other = at(edu->node);
	ck_assert_int_eq(bind_to(other, iommu), -EINVAL);
	os->close(other);
	ck_assert_int_eq(at("/dev/vfio/2"), -EBUSY);
	ck_assert_int_eq(call(device, VFIO_DEVICE_GET_INFO, &info), 0);
	ck_assert_int_eq(attach_to(device, 77), -ENOENT);
	end_cdev();
}
END_TEST

START_TEST(ranges)
{
	struct { uint32_t size, id, count, reserved; uint64_t array, align; } r = { .size = sizeof(r) };
	uint64_t pairs[8];

	begin_cdev(6012);
	r.id = new_space(iommu);
	r.array = (uintptr_t)pairs;
	r.count = 8;
	ck_assert_int_eq(call(iommu, NR(0x84), &r), 0);
	ck_assert_uint_eq(r.count, 1); /* nobody is in it */
	ck_assert_uint_eq(pairs[1], UINT64_MAX);
	ck_assert_int_eq(destroy(iommu, r.id), 0);
	ck_assert_int_eq(destroy(iommu, r.id), -ENOENT);
	ck_assert_int_eq(destroy(iommu, id), -EBUSY);
	r.id = id;
	ck_assert_int_eq(call(iommu, NR(0x84), &r), -EMSGSIZE);
	ck_assert_uint_eq(r.count, 2);
	ck_assert_int_eq(call(iommu, NR(0x84), &r), 0);
	ck_assert_uint_eq(pairs[1], 0xfedfffff);
	ck_assert_uint_eq(r.align, PAGE);
	r.size = 8;
	ck_assert_int_eq(call(iommu, NR(0x84), &r), -EINVAL);
	end_cdev();
}
END_TEST

START_TEST(maps)
{
	char text[8] = "";

	begin_cdev(6012);
	ck_assert_int_eq(ioas_map(iommu, id, memory, PAGE, PAGE, 7), 0);
	ck_assert_int_eq(ioas_map(iommu, id, memory, PAGE, PAGE, 7), -EEXIST);
	ck_assert_int_eq(ioas_map(iommu, id, memory, 2 * PAGE, PAGE, 1), -EINVAL);
	ck_assert_int_eq(ioas_map(iommu, id, memory, 2 * PAGE, 0, 7), -EINVAL);
	ck_assert_int_eq(ioas_map(iommu, id, memory, 0xfee00000, PAGE, 7), -EINVAL);
	ck_assert_int_eq(ioas_map(iommu, id, memory, 0 - PAGE, 2 * PAGE, 7), -EOVERFLOW);
	ck_assert_int_eq(ioas_map(iommu, 99, memory, 2 * PAGE, PAGE, 7), -ENOENT);
	write_config(device, 4, 6);
	ck_assert(vfio_dma(edu, PAGE, text, 4, true));
	ck_assert_int_eq(ioas_unmap(iommu, id, 2 * PAGE, PAGE), -ENOENT);
	ck_assert_int_eq(ioas_unmap(iommu, id, PAGE, PAGE), 0);
	ck_assert(!vfio_dma(edu, PAGE, text, 4, true));
	ck_assert_int_eq(ioas_map(iommu, id, memory, 2 * PAGE, 2 * PAGE, 7), 0);
	ck_assert_int_eq(ioas_unmap(iommu, id, 2 * PAGE, PAGE), -ENOENT);
	ck_assert_int_eq(map_file(iommu, id, iommu, 0, PAGE, 8 * PAGE), -ENOTTY);
	fake_capability(CAP_LOCK, false);
	vfio.memlock = 4 * PAGE;
	vfio.mm_locked += 4 * PAGE; /* of no concern */
	ck_assert_int_eq(ioas_map(iommu, id, memory, 8 * PAGE, 2 * PAGE, 7), 0);
	ck_assert_int_eq(ioas_map(iommu, id, memory, 16 * PAGE, PAGE, 7), -ENOMEM);
	vfio.mm_locked -= 4 * PAGE;
	os->close(iommu);
	ck_assert_uint_eq(vfio.maps, 2); /* the device keeps it */
	os->close(device);
	ck_assert_uint_eq(vfio.maps, 0);
	end();
}
END_TEST

START_TEST(files_and_bars)
{
	struct { uint32_t argsz, flags, bar, open, reserved, count; uint64_t offset, length; } get = { sizeof(get),
		1u << 16 | 11, 0, 0, 0, 1, 0, PAGE };
	uint32_t probe[2] = { 8, 1u << 16 | 1u << 18 | 11 };
	int memfd, bar;
	char text[8] = "abc";
	void *map_;

	begin_cdev(7003);
	memfd = os->memfd_create("test", 0);
	ck_assert_int_eq(os->ftruncate(memfd, 4 * PAGE), 0);
	ck_assert_int_eq(map_file(iommu, id, memfd, 0, 8 * PAGE, PAGE), -EINVAL);
	ck_assert_int_eq(map_file(iommu, id, memfd, PAGE, PAGE, PAGE), 0);
	ck_assert_int_eq(os->pwrite(memfd, "xyz", 4, PAGE), 4);
	os->close(memfd);
	write_config(device, 4, 6);
	ck_assert(vfio_dma(edu, PAGE, text, 4, false));
	ck_assert_str_eq(text, "xyz");
	ck_assert_int_eq(call(device, VFIO_DEVICE_FEATURE, probe), 0);
	vfio.kernel = 6012;
	ck_assert_int_eq(call(device, VFIO_DEVICE_FEATURE, probe), -ENOTTY);
	vfio.kernel = 7003;
	get.length = 100;
	ck_assert_int_eq(call(device, VFIO_DEVICE_FEATURE, &get), -EINVAL);
	get.length = PAGE;
	bar = call(device, VFIO_DEVICE_FEATURE, &get);
	ck_assert_int_ge(bar, 0);
	ck_assert_int_eq(map_file(iommu, id, bar, 0, PAGE, 2 * PAGE), 0);
	os->close(bar);
	/* Registers are no memory: the group's way takes them, this one does not. */
	ck_assert_int_eq(os->mmap(NULL, PAGE, 3, MAP_SHARED, device, 0, &map_), 0);
	ck_assert_int_eq(ioas_map(iommu, id, map_, 8 * PAGE, PAGE, 7), -EFAULT);
	ck_assert_int_eq(os->munmap(map_, PAGE), 0);
	end_cdev();
}
END_TEST

static uint64_t phys(uintptr_t pointer)
{
	uint64_t offset = pointer - (uintptr_t)memory;

	/* Two pages together, and then elsewhere. */
	return 0x100000000 + offset * (offset < 2 * PAGE ? 1 : 2);
}

START_TEST(no_iommu)
{
	struct { uint32_t size, flags, id, reserved; uint64_t iova, length, phys; } pa = { .size = sizeof(pa) };
	int container, group;

	begin(7003, VFIO_PLAY_GROUP | VFIO_PLAY_CDEV | VFIO_PLAY_NOIOMMU);
	fake_capability(CAP_RAW, false);
	ck_assert_int_eq(at("/dev/vfio/noiommu-2"), -EPERM);
	ck_assert_int_eq(at(edu->node), -EPERM);
	fake_capability(CAP_RAW, true);
	container = at("/dev/vfio/vfio");
	group = at("/dev/vfio/noiommu-2");
	ck_assert_int_eq(value(container, VFIO_CHECK_EXTENSION, 8), 1);
	ck_assert_int_eq(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 3), -ENODEV);
	ck_assert_int_eq(value(container, VFIO_SET_IOMMU, 8), 0);
	ck_assert_int_eq(call(container, VFIO_IOMMU_MAP_DMA, memory), -ENOTTY);
	device = call(group, VFIO_GROUP_GET_DEVICE_FD, edu->name);
	ck_assert_int_ge(device, 0);
	os->close(device);
	os->close(group);
	os->close(container);
	ck_assert_str_eq(edu->node, "/dev/vfio/devices/noiommu-vfio0");
	vfio.phys = phys;
	device = at(edu->node);
	iommu = at("/dev/iommu");
	ck_assert_int_eq(bind_to(device, iommu), 0);
	pa.id = new_space(iommu);
	ck_assert_int_eq(attach_to(device, pa.id), 0);
	ck_assert_int_eq(ioas_map(iommu, pa.id, memory, 1 << 20, 4 * PAGE, 7), 0);
	pa.iova = (1 << 20) + 100;
	pa.length = 4 * PAGE - 100;
	ck_assert_int_eq(call(iommu, NR(0x95), &pa), 0);
	ck_assert_uint_eq(pa.phys, 0x100000064);
	ck_assert_uint_eq(pa.length, 2 * PAGE - 100);
	pa.iova = 1 << 24;
	ck_assert_int_eq(call(iommu, NR(0x95), &pa), -ENOENT);
	os->close(device);
	os->close(iommu);
	vfio_driver(edu, NULL);
	ck_assert_int_eq(at("/dev/vfio/noiommu-2"), -ENOENT);
	end();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("fake iommufd");
	TCase *tc = tcase_create("iommufd");

	tcase_add_test(tc, order);
	tcase_add_test(tc, ranges);
	tcase_add_test(tc, maps);
	tcase_add_test(tc, files_and_bars);
	tcase_add_test(tc, no_iommu);
	suite_add_tcase(suite, tc);
	return suite;
}
