/* SPDX-License-Identifier: MIT */
/* What a device sees of memory: given, attached, taken away, and whose an address is at each moment. */
#include <stdlib.h>

#include "played_device.h"

#define OWN_ATTRS                                                                        \
	(PMEM_REGION_CACHED | PMEM_REGION_COHERENT | PMEM_REGION_PINNED |                \
		PMEM_REGION_BUS_CONTIGUOUS)

START_TEST(test_own)
{
	struct pmem_extent extents[16];
	struct pmem_region *region;
	uint64_t bus, again = 0, phys;
	size_t count = 0;

	begin(_i);
	region = take(5 * PAGE + 100, 0);
	bus = bus_of(region);
	ck_assert_uint_ne(bus, 0);
	ck_assert_str_eq(pmem_region_backend(region), "device");
	ck_assert_uint_eq(pmem_region_size(region), 5 * PAGE + 100);
	ck_assert_uint_eq(pmem_region_attrs(region), OWN_ATTRS);
	ck_assert_uint_eq(vfio.pinned, 6 * PAGE);
	ck_assert_uint_eq(vm.dont_fork, 6 * PAGE);
	ck_assert(pokes(bus + 5 * PAGE + 99, 0x77));
	ck_assert_uint_eq(((unsigned char *)pmem_region_data(region))[5 * PAGE + 99], 0x77);
	assert_works(pmem_device_bus(device, region, &again));
	ck_assert_uint_eq(again, bus);
	/* One piece for the device, and six in memory, which are told all the same. */
	assert_works(pmem_region_extents(region, 100, PMEM_TO_END, PMEM_EXTENTS_BUS, extents, 16, &count));
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(extents[0].bus, bus + 100);
	ck_assert_uint_eq(extents[0].length, 5 * PAGE);
	assert_works(pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_BUS | PMEM_EXTENTS_PHYS, extents, 16,
		&count));
	ck_assert_uint_eq(count, 6);
	ck_assert_uint_eq(extents[3].bus, bus + 3 * PAGE);
	assert_fails(pmem_region_phys(region, &phys), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_fails(pmem_device_detach(device, region), EBUSY, PMEM_CAUSE_BUSY);
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(vfio.maps, 0);
	ck_assert(!pokes(bus, 1));
	end();
}
END_TEST

/* What is attached for one direction is not there for the other. */
START_TEST(test_directions)
{
	struct pmem_region *region;
	unsigned char byte = 0;
	uint64_t bus = 0;

	begin(_i);
	region = ordinary(PAGE);
	for (uint32_t direction = PMEM_DMA_READ; direction <= PMEM_DMA_BOTH; direction++) {
		assert_works(pmem_device_attach(device, region, direction, &bus));
		ck_assert(vfio_dma(edu, bus, &byte, 1, false) == !!(direction & PMEM_DMA_READ));
		ck_assert(vfio_dma(edu, bus, &byte, 1, true) == !!(direction & PMEM_DMA_WRITE));
		assert_works(pmem_device_detach(device, region));
	}
	assert_works(pmem_region_close(region));
	end();
}
END_TEST

/* Nobody tells where pages are, and that is no failure. */
START_TEST(test_without_privilege)
{
	struct pmem_region *region;
	uint64_t phys = 0;

	begin(_i);
	pagemap_rule(PAGEMAP_HIDDEN);
	region = take(3 * PAGE, 0);
	ck_assert_uint_eq(pmem_region_attrs(region), OWN_ATTRS);
	ck_assert(pokes(bus_of(region), 1));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_CAPABILITY);
	assert_works(pmem_region_close(region));
	end();
}
END_TEST

START_TEST(test_limits)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = device };
	struct pmem_region *regions[40], *region = NULL;
	struct pmem_device_opts narrow = { .size = sizeof(narrow), .max_addr = 0xfffff };
	size_t n = 0;
	uint64_t bus;
	int r;

	begin(_i);
	opts.device = device;
	opts.align = 1 << 20;
	opts.max_addr = 0xfffffff;
	assert_works(pmem_region_alloc(ctx, PAGE, &opts, &region));
	bus = bus_of(region);
	ck_assert_uint_eq(bus % (1 << 20), 0);
	ck_assert_uint_lt(bus, 0xfffffff);
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(device));
	/* A device of 20 bits has 255 pages for addresses, with one between two regions. */
	assert_works(pmem_device_open(ctx, NAME, &narrow, &device));
	opts = (struct pmem_alloc_opts){ .size = sizeof(opts), .device = device };
	while (n < 40 && (r = pmem_region_alloc(ctx, 8 * PAGE, &opts, &regions[n])) == 0) {
		bus = bus_of(regions[n]);
		ck_assert_uint_ge(bus, PAGE);
		ck_assert_uint_le(bus + 8 * PAGE - 1, 0xfffff);
		for (size_t i = 0; i < n; i++) /* a page lies between any two */
			ck_assert(bus >= bus_of(regions[i]) + 9 * PAGE || bus_of(regions[i]) >= bus + 9 * PAGE);
		n++;
	}
	ck_assert_uint_ge(n, 25);
	ck_assert_uint_le(n, 29);
	assert_fails(pmem_region_alloc(ctx, 8 * PAGE, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	region = ordinary(8 * PAGE);
	assert_fails(pmem_device_attach(device, region, PMEM_DMA_READ, &bus), ERANGE,
		PMEM_CAUSE_ADDRESS_LIMIT);
	assert_works(pmem_region_close(regions[7]));
	assert_works(pmem_device_attach(device, region, PMEM_DMA_READ, &bus));
	assert_works(pmem_region_close(region));
	while (n-- > 0)
		if (n != 7)
			assert_works(pmem_region_close(regions[n]));
	end();
}
END_TEST

START_TEST(test_attach)
{
	struct pmem_region *region;
	uint64_t bus = 0, other = 0, again = 0;
	unsigned char byte = 0;

	begin(_i);
	region = ordinary(2 * PAGE);
	assert_fails(pmem_device_bus(device, region, &again), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_detach(device, region), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_device_attach(device, region, 0, &bus), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_device_attach(device, region, 4, &bus), EINVAL, PMEM_CAUSE_FLAGS);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_READ, &bus));
	memset(pmem_region_data(region), 0x42, 2 * PAGE);
	ck_assert(vfio_dma(edu, bus + PAGE, &byte, 1, false));
	ck_assert_uint_eq(byte, 0x42);
	ck_assert(!pokes(bus, 1)); /* for reading only */
	assert_fails(pmem_device_attach(device, region, PMEM_DMA_BOTH, &other), EBUSY, PMEM_CAUSE_BUSY);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_READ, &other));
	ck_assert_uint_eq(other, bus);
	ck_assert_uint_eq(vfio.maps, 1);
	assert_works(pmem_device_bus(device, region, &again));
	ck_assert_uint_eq(again, bus);
	assert_works(pmem_device_detach(device, region)); /* each counts */
	ck_assert(vfio_dma(edu, bus, &byte, 1, false));
	assert_works(pmem_device_detach(device, region));
	ck_assert(!vfio_dma(edu, bus, &byte, 1, false));
	assert_fails(pmem_device_detach(device, region), ENOENT, PMEM_CAUSE_NOT_FOUND);
	/* A region that goes is taken away first. */
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(vfio.maps, 0);
	ck_assert_uint_eq(vfio.pinned, 0);
	ck_assert(!pokes(bus, 1));
	end();
}
END_TEST

/* Bytes that the program has, of any alignment. */
START_TEST(test_registered)
{
	unsigned char *memory = aligned_alloc(PAGE, 4 * PAGE);
	struct pmem_region *region = NULL;
	uint64_t bus = 0;

	begin(_i);
	assert_works(pmem_region_register(ctx, memory + 100, 2 * PAGE, PMEM_REGISTER_NO_ADDRESS, &region));
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	ck_assert_uint_eq(bus % PAGE, 100);
	ck_assert_uint_eq(vfio.pinned, 3 * PAGE);
	ck_assert(pokes(bus + 2 * PAGE - 1, 0x99));
	ck_assert_uint_eq(memory[100 + 2 * PAGE - 1], 0x99);
	assert_works(pmem_region_close(region));
	end();
	free(memory);
}
END_TEST

/* Regions before devices, and the other way round. */
START_TEST(test_device_first)
{
	struct pmem_region *own, *other, *found;
	struct pmem_extent extent;
	uint64_t bus = 0, phys = 0;
	size_t count = 0;

	begin(_i);
	own = take(PAGE, 0);
	assert_works(pmem_region_phys(own, &phys));
	assert_works(pmem_region_find_phys(ctx, phys, &found, NULL));
	other = ordinary(PAGE);
	assert_works(pmem_device_attach(device, other, PMEM_DMA_BOTH, &bus));
	assert_works(pmem_device_close(device));
	ck_assert_uint_eq(vfio.maps, 0);
	ck_assert_uint_eq(vfio.pinned, 0);
	/* Nothing pins it any more: no address is true. */
	assert_fails(pmem_region_bus(own, &bus), ENXIO, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_region_phys(own, &phys), ENXIO, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_region_extent(own, 0, &phys, NULL), ENXIO, PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_region_extents(own, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, &extent, 1, &count), ENXIO,
		PMEM_CAUSE_DEVICE_GONE);
	assert_fails(pmem_region_find_phys(ctx, phys, &found, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_uint_eq(pmem_region_attrs(own), PMEM_REGION_CACHED | PMEM_REGION_COHERENT);
	memset(pmem_region_data(own), 1, PAGE);
	/* That of others stays as it is: it has its own pin. */
	assert_works(pmem_region_phys(other, &phys));
	ck_assert(pmem_region_attrs(other) & PMEM_REGION_PINNED);
	assert_works(pmem_region_close(own));
	assert_works(pmem_region_close(other));
	stop();
}
END_TEST

/* Two devices of one group see the same, and so do those that share. */
START_TEST(test_shared)
{
	struct vfio_device *neighbour, *far;
	struct pmem_device *second = NULL, *third = NULL;
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region;
	uint64_t bus, again = 0, other = 0;
	unsigned char byte = 1;

	begin(_i);
	neighbour = vfio_add("0000:00:04.1", 2);
	far = vfio_add("0000:00:06.0", 7);
	region = take(PAGE, 0);
	bus = bus_of(region);
	assert_works(pmem_device_open(ctx, neighbour->name, NULL, &second));
	assert_works(pmem_device_enable(second, PMEM_ENABLE_MASTER));
	ck_assert_uint_eq(vfio.spaces, 1);
	ck_assert(vfio_dma(neighbour, bus, &byte, 1, true));
	assert_works(pmem_device_attach(second, region, PMEM_DMA_BOTH, &again));
	ck_assert_uint_eq(again, bus);
	/* One that is in another group has a space of its own, unless it shares. */
	assert_works(pmem_device_open(ctx, far->name, NULL, &third));
	assert_works(pmem_device_enable(third, PMEM_ENABLE_MASTER));
	ck_assert_uint_eq(vfio.spaces, 2);
	ck_assert(!vfio_dma(far, bus, &byte, 1, true));
	assert_works(pmem_device_attach(third, region, PMEM_DMA_BOTH, &other));
	ck_assert(vfio_dma(far, other, &byte, 1, true));
	ck_assert_uint_eq(vfio.maps, 2);
	assert_works(pmem_device_close(third));
	ck_assert_uint_eq(vfio.maps, 1);
	opts.share = device;
	assert_works(pmem_device_open(ctx, far->name, &opts, &third));
	assert_works(pmem_device_enable(third, PMEM_ENABLE_MASTER));
	ck_assert_uint_eq(vfio.spaces, 1);
	ck_assert(vfio_dma(far, bus, &byte, 1, true));
	/* It lives as long as one of them. */
	assert_works(pmem_device_close(device));
	ck_assert(vfio_dma(far, bus, &byte, 1, true));
	assert_works(pmem_device_close(second));
	ck_assert(vfio_dma(far, bus, &byte, 1, true));
	ck_assert_uint_eq(bus_of(region), bus);
	assert_works(pmem_device_close(third));
	assert_fails(pmem_region_bus(region, &bus), ENXIO, PMEM_CAUSE_DEVICE_GONE);
	assert_works(pmem_region_close(region));
	stop();
}
END_TEST

/* What a device that comes later cannot see is not given out any more. */
START_TEST(test_windows)
{
	static const struct vfio_range low[] = { { 0, 0xfffff } };
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region = NULL;
	struct pmem_alloc_opts want = { .size = sizeof(want) };
	struct pmem_device *second = NULL;
	struct vfio_device *far;

	begin(_i);
	far = vfio_add("0000:00:06.0", 7);
	vfio_windows(7, 1, low);
	want.device = device;
	assert_works(pmem_region_alloc(ctx, 2 << 20, &want, &region));
	assert_works(pmem_region_close(region));
	opts.share = device;
	assert_works(pmem_device_open(ctx, far->name, &opts, &second));
	assert_fails(pmem_region_alloc(ctx, 2 << 20, &want, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	region = take(PAGE, 0);
	ck_assert_uint_lt(bus_of(region), 1 << 20);
	assert_works(pmem_region_close(region));
	assert_works(pmem_device_close(second));
	end();
}
END_TEST

/* The kernel does not let go: address and memory are nobody's any more. */
START_TEST(test_stuck)
{
	struct pmem_region *region, *next;
	unsigned char *data;
	uint64_t bus = 0;

	begin(_i);
	region = ordinary(PAGE);
	assert_works(pmem_device_attach(device, region, PMEM_DMA_BOTH, &bus));
	fake_fail_named("ioctl", EIO);
	assert_fails(pmem_device_detach(device, region), EIO, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
	ck_assert(pokes(bus, 1)); /* still attached, and may be detached again */
	assert_works(pmem_device_detach(device, region));
	assert_works(pmem_region_close(region));
	region = take(PAGE, 0);
	bus = bus_of(region);
	data = pmem_region_data(region);
	fake_fail_named("ioctl", EIO);
	assert_fails(pmem_region_close(region), EIO, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
	data[0] = 0;
	ck_assert(pokes(bus, 0x55));
	ck_assert_uint_eq(data[0], 0x55); /* it is still there */
	next = take(PAGE, 0);
	ck_assert_uint_ne(bus_of(next), bus);
	assert_works(pmem_region_close(next));
	assert_works(pmem_device_close(device));
	ck_assert_int_eq(os->munmap(data, PAGE), 0);
	stop();
}
END_TEST

/* The same when the device goes: neither its memory nor the end of its space was let go of. */
START_TEST(test_stuck_with_the_space)
{
	struct pmem_region *region;
	unsigned char *data;

	begin(_i);
	region = take(PAGE, 0);
	data = pmem_region_data(region);
	fake_fail_named("ioctl", EIO);
	assert_works(pmem_device_close(device));
	fake_fail_named(NULL, 0);
	assert_fails(pmem_region_close(region), EBUSY, PMEM_CAUSE_BUSY);
	data[0] = 0x55; /* it is still there */
	ck_assert_int_eq(os->munmap(data, PAGE), 0);
	stop();
}
END_TEST

START_TEST(test_pool)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc) };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };
	struct pmem_pool *pool = NULL;
	unsigned char *object;
	uint64_t bus = 0;

	begin(_i);
	alloc.device = device;
	alloc.max_addr = 0xfffffff;
	assert_works(pmem_pool_new(ctx, &opts, &pool));
	for (int i = 0; i < 100; i++) {
		object = pmem_pool_alloc(pool, 1000, 0);
		ck_assert_ptr_nonnull(object);
		assert_works(pmem_pool_bus(pool, object, &bus));
		ck_assert_uint_lt(bus, 0xfffffff);
		ck_assert(pokes(bus, (unsigned char)i));
		ck_assert_int_eq(object[0], i);
	}
	assert_works(pmem_pool_close(pool));
	end();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("device memory");
	TCase *tc = tcase_create("memory");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_own, 0, MACHINES);
	tcase_add_loop_test(tc, test_without_privilege, 0, MACHINES);
	tcase_add_loop_test(tc, test_directions, 0, MACHINES);
	tcase_add_loop_test(tc, test_limits, 0, MACHINES);
	tcase_add_loop_test(tc, test_attach, 0, MACHINES);
	tcase_add_loop_test(tc, test_registered, 0, MACHINES);
	tcase_add_loop_test(tc, test_device_first, 0, MACHINES);
	tcase_add_loop_test(tc, test_shared, 0, MACHINES);
	tcase_add_loop_test(tc, test_windows, 0, MACHINES);
	tcase_add_loop_test(tc, test_stuck, 0, MACHINES);
	tcase_add_loop_test(tc, test_stuck_with_the_space, 0, MACHINES);
	tcase_add_loop_test(tc, test_pool, 0, MACHINES);
	suite_add_tcase(suite, tc);
	return suite;
}
