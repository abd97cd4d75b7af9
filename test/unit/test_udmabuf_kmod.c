/* SPDX-License-Identifier: MIT */
/* The backend udmabuf-kmod: which buffer, where it is, and what is refused. */
#include <sys/wait.h>
#include <unistd.h>

#include "forks_at_locks.h"
#include "played_zynq.h"

START_TEST(memory)
{
	static const unsigned char nothing[70000];

	memset(buffer->memory, 0xa5, (size_t)buffer->size);
	assert_works(alloc(70000, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_str_eq(pmem_region_backend(region), "udmabuf-kmod");
	ck_assert_uint_eq(pmem_region_size(region), 70000);
	ck_assert_uint_eq(phys(), BASE);
	ck_assert_int_eq(buffer->flags & O_SYNC, 0);
	ck_assert_mem_eq(pmem_region_data(region), nothing, sizeof(nothing));
	/* What was zeroed is pushed out of the cache, so that it is not written over a device's bytes. */
	ck_assert_uint_eq(buffer->ioctl_syncs, 1);
	ck_assert(!buffer->last_for_cpu);
	ck_assert_uint_eq(buffer->last_command, 70000 / 16 * 16 | 1); /* both directions, from 0 on */
	assert_fails(pmem_region_fd(region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_region_close(region));
	memset(buffer->memory, 0x5a, (size_t)buffer->size);
	assert_works(alloc(4096, PMEM_ALLOC_NO_ZERO));
	ck_assert_uint_eq(*(unsigned char *)pmem_region_data(region), 0x5a);
	assert_works(pmem_region_close(region));
}
END_TEST

/* The smallest that is free and large enough; by name any. */
START_TEST(which_buffer)
{
	struct pmem_region *small, *large;
	const struct pmem_error *e;

	played_buffer("large", 8 << 20, 0x20000000);
	played_buffer("small", 65536, 0x30000000);
	assert_works(alloc(65536, 0));
	ck_assert_uint_eq(phys(), 0x30000000);
	small = region;
	assert_works(alloc(100, 0));
	ck_assert_uint_eq(phys(), BASE);
	assert_works(pmem_region_close(region));
	assert_works(alloc_in("large", 100, 0));
	ck_assert_uint_eq(phys(), 0x20000000);
	large = region;
	assert_fails(alloc_in("large", 100, 0), EBUSY, PMEM_CAUSE_BUSY);
	assert_works(alloc(100, 0));
	assert_fails(alloc(100, 0), EBUSY, PMEM_CAUSE_BUSY);
	e = pmem_error_last();
	ck_assert_uint_eq(pmem_error_child_count(e), 3);
	ck_assert_str_eq(pmem_error_backend(pmem_error_child(e, 2)), "udmabuf-kmod");
	assert_works(pmem_region_close(large));
	assert_works(pmem_region_close(small));
	assert_works(pmem_region_close(region));
	assert_fails(alloc(9 << 20, 0), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	assert_fails(alloc_in("none", 1, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "small, udmabuf0, large"));
	played_kmod.foreign_lock = true;
	assert_fails(alloc(100, 0), EBUSY, PMEM_CAUSE_BUSY);
}
END_TEST

START_TEST(children_hold_no_lock)
{
	fork_at_locks();
	assert_works(alloc(100, 0));
	ck_assert_uint_eq(forks_at_locks, 1);
	assert_works(pmem_region_close(region));
	fork_no_more();
}
END_TEST

START_TEST(exported)
{
	struct pmem_region *again;
	uint64_t value;
	int fd;

	assert_works(alloc(5000, PMEM_ALLOC_DMABUF));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED | PMEM_REGION_DMABUF);
	ck_assert_uint_eq(buffer->export_size, 8192);
	ck_assert_uint_eq(buffer->export_flags, O_RDWR | O_CLOEXEC);
	fd = pmem_region_dup_fd(region);
	ck_assert_int_gt(fd, 2);
	assert_works(pmem_region_import(ctx, fd, 0, &again));
	assert_fails(pmem_region_phys(again, &value), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_works(pmem_region_close(again));
	ck_assert_int_eq(os->close(fd), 0);
	assert_works(pmem_region_close(region));
	assert_works(alloc(5000, PMEM_ALLOC_DMABUF | PMEM_ALLOC_UNCACHED | PMEM_ALLOC_NO_MAP));
	ck_assert_uint_eq(buffer->export_flags, O_RDWR | O_CLOEXEC | O_SYNC);
	ck_assert_ptr_null(pmem_region_data(region));
	ck_assert_uint_eq(fake_mapped(), 0);
	assert_works(pmem_region_close(region));
	played_kmod.export_errnum = EMFILE;
	assert_fails(alloc(5000, PMEM_ALLOC_DMABUF), EMFILE, PMEM_CAUSE_LIMIT);
	played_attribute(buffer, "ioctl_version", "1\n");
	assert_fails(alloc(5000, PMEM_ALLOC_DMABUF), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
}
END_TEST

START_TEST(unmapped)
{
	memset(buffer->memory, 0x33, (size_t)buffer->size);
	assert_works(alloc(8192, PMEM_ALLOC_NO_MAP));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED | PMEM_REGION_UNMAPPED);
	ck_assert_uint_eq(buffer->memory[8191], 0);
	ck_assert_uint_eq(phys(), BASE);
	assert_works(pmem_region_close(region));
	buffer->maps = 0;
	assert_works(alloc(8192, PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ZERO));
	ck_assert_uint_eq(buffer->maps, 0);
	ck_assert_uint_eq(phys(), BASE);
	assert_works(pmem_region_close(region));
}
END_TEST

/* To map it would be a BUG of the kernel. */
START_TEST(behind_an_iommu)
{
	const uint32_t all[] = { 0, PMEM_ALLOC_NO_ADDRESS, PMEM_ALLOC_UNCACHED,
		PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_DMABUF };
	uint32_t way = 77;

	played_group(buffer, "DMA-FQ\n");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		assert_fails(alloc(8192, all[i]), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
		ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "BUG"));
		ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "pmem_device_open()"));
		ck_assert_uint_eq(buffer->maps, 0);
		ck_assert_uint_eq(buffer->exports, 0);
	}
	assert_fails(pmem_heap_way(ctx, 0, &way), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	played_group(buffer, "identity\n");
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(phys(), BASE);
	assert_works(pmem_region_close(region));
	played_group(buffer, "unknown\n");
	assert_fails(alloc(8192, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	fake_text("sys/kernel/iommu_groups/9/name", "vfio-noiommu\n");
	assert_works(alloc(8192, 0));
	assert_works(pmem_region_close(region));
}
END_TEST

/* Not each address that is not known is an IOMMU's. */
START_TEST(on_a_bridge_without_a_node)
{
	fake_remove("sys/devices/platform/udmabuf0/u-dma-buf/udmabuf0/device");
	fake_link("sys/devices/platform/udmabuf0/u-dma-buf/udmabuf0/device", "../../../0000:00:04.0");
	fake_dir("sys/devices/platform/0000:00:04.0");
	fake_link("sys/devices/platform/0000:00:04.0/subsystem", "../../../bus/pci");
	fake_dir("sys/bus/pci/devices");
	fake_link("sys/bus/pci/devices/0000:00:04.0", "../../../devices/platform/0000:00:04.0");
	assert_fails(alloc(8192, 0), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "host bridge"));
	ck_assert_uint_eq(buffer->maps, 0);
}
END_TEST

/* What phys_addr says is its DMA device's view. */
START_TEST(address_of_its_device)
{
	CELLS("/", "#address-cells", 1);
	CELLS("/", "#size-cells", 1);
	CELLS("/amba", "#address-cells", 1);
	CELLS("/amba", "#size-cells", 1);
	CELLS("/amba", "dma-ranges", 0x10000000, 0x40000000, 0x10000000);
	fake_string("/amba/buffer", "compatible", "ikwzm,u-dma-buf");
	fake_link("sys/devices/platform/udmabuf0/of_node",
		"../../../firmware/devicetree/base/amba/buffer");
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(phys(), 0x40000000);
	assert_works(pmem_region_close(region));
	played_attribute(buffer, "phys_addr", "0x0000000050000000\n");
	assert_fails(alloc(8192, 0), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	ck_assert_uint_eq(buffer->maps, 1);
}
END_TEST

START_TEST(alignment_and_limit)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "udmabuf-kmod",
		.align = 0x40000 };

	played_attribute(buffer, "phys_addr", "0x10001000\n");
	assert_works(pmem_region_alloc(ctx, 8192, &opts, &region));
	ck_assert_uint_eq(phys(), 0x10040000);
	memset(pmem_region_data(region), 0x77, 8192);
	ck_assert_uint_eq(buffer->memory[0x3f000], 0x77);
	sync_is(16, 32, PMEM_DIR_WRITE, false, 0x3f01000000000ull | 32 | 1 << 2 | 1);
	assert_works(pmem_region_close(region));
	assert_fails(pmem_region_alloc(ctx, 0xd0000, &opts, &region), ENOMEM, PMEM_CAUSE_ALIGNMENT);
	opts.align = 1u << 30;
	assert_fails(pmem_region_alloc(ctx, 8192, &opts, &region), ENOMEM, PMEM_CAUSE_ALIGNMENT);
	opts.align = 0;
	opts.max_addr = 0x10001fff;
	assert_works(pmem_region_alloc(ctx, 4096, &opts, &region));
	assert_works(pmem_region_close(region));
	assert_fails(pmem_region_alloc(ctx, 4097, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	ck_assert_str_eq(pmem_error_path(pmem_error_last()), "/dev/udmabuf0"); /* which of them */
}
END_TEST

/* The kernel's own /dev/udmabuf, or a node that a container made. */
START_TEST(another_device_of_that_name)
{
	struct pmem_error *why = NULL;
	size_t i = 0;

	while (strcmp(pmem_backend_name(ctx, i), "udmabuf-kmod") != 0)
		i++;
	assert_works(pmem_backend_status(ctx, i, NULL));
	played_attribute(buffer, "dev", "10:125\n");
	assert_fails(alloc(8192, 0), ENODEV, PMEM_CAUSE_WRONG_KIND);
	ck_assert_int_eq(pmem_backend_status(ctx, i, &why), -ENODEV);
	pmem_error_free(why);
	fake_remove("sys/class/u-dma-buf/udmabuf0");
	assert_fails(alloc(8192, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	fake_remove("sys/class/u-dma-buf");
	fake_dir("sys/class/misc/udmabuf"); /* the kernel's: it has no class of its own */
	assert_fails(alloc(8192, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_int_eq(pmem_backend_status(ctx, i, &why), -ENOENT);
	pmem_error_free(why);
	assert_fails(alloc_in("udmabuf0", 8192, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	/* The name of the class in versions before 2. */
	fake_dir("sys/class/udmabuf");
	fake_link("sys/class/udmabuf/udmabuf0", "../../devices/platform/udmabuf0/u-dma-buf/udmabuf0");
	played_attribute(buffer, "dev", "0:1\n");
	assert_works(alloc(8192, 0));
	assert_works(pmem_region_close(region));
	played_attribute(buffer, "size", "many\n");
	assert_fails(alloc(8192, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
}
END_TEST

/* The lock says so; and a module that was loaded anew is not what was listed. */
START_TEST(set_up_anew)
{
	played_attribute(buffer, "size", "2097152\n");
	assert_fails(alloc(8192, 0), EBUSY, PMEM_CAUSE_BUSY);
	ck_assert_uint_eq(buffer->maps, 0);
}
END_TEST

static bool is_before(const char *one, const char *other)
{
	size_t n = pmem_backend_count(ctx), a = n, b = n;

	for (size_t i = 0; i < n; i++) {
		a = strcmp(pmem_backend_name(ctx, i), one) == 0 ? i : a;
		b = strcmp(pmem_backend_name(ctx, i), other) == 0 ? i : b;
	}
	ck_assert(a < n && b < n);
	return a < b;
}

/* It is somebody's. Who set it up on an FPGA means it for DMA; else nobody's request ends there. */
START_TEST(order)
{
	static const char *const fpga[] = { "xlnx,zynq-7000", "xlnx,zynqmp", "xlnx,versal",
		"altr,socfpga-cyclone5", "intel,socfpga-agilex" };
	struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS };

	for (size_t i = 0; i < ARRAY_SIZE(fpga); i++) {
		pmem_ctx_unref(ctx);
		fake_compatible(fpga[i], strlen(fpga[i]) + 1);
		assert_works(pmem_ctx_new(&ctx));
		ck_assert(is_before("udmabuf-kmod", "pages"));
		ck_assert(is_before("dmaheap", "udmabuf-kmod"));
	}
	/* Ordinary pages do for who needs no one piece, unless he says where. */
	if (pmem_region_alloc(ctx, 8192, &opts, &region) == 0)
		assert_works(pmem_region_close(region));
	ck_assert_uint_eq(buffer->opens, 0);
	opts.heap = "udmabuf0";
	assert_works(pmem_region_alloc(ctx, 8192, &opts, &region));
	assert_works(pmem_region_close(region));
	opts = (struct pmem_alloc_opts){ .size = sizeof(opts) };
	assert_works(pmem_region_alloc(ctx, 8192, &opts, &region));
	ck_assert_str_eq(pmem_region_backend(region), "udmabuf-kmod");
	assert_works(pmem_region_close(region));
	pmem_ctx_unref(ctx);
	COMPATIBLE("rockchip,rk3588");
	assert_works(pmem_ctx_new(&ctx));
	ck_assert(is_before("pages", "udmabuf-kmod"));
}
END_TEST

START_TEST(listed_as_heaps)
{
	uint32_t way = 0;
	size_t count = 0;

	played_buffer("camera", 65536, 0x30000000);
	played_buffer("twin", 1 << 20, 0x40000000); /* as large as udmabuf0: by name */
	played_attribute(&played_kmod.buffers[1], "sync_mode", "6\n");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 3);
	ck_assert_ptr_null(pmem_error_last()); /* no dma-heaps is no failure here */
	ck_assert_str_eq(pmem_heap_name(ctx, 0), "camera");
	ck_assert_str_eq(pmem_heap_path(ctx, 1), "/dev/twin");
	ck_assert_uint_eq(pmem_heap_class(ctx, 0), PMEM_HEAP_CONTIGUOUS | PMEM_HEAP_UNCACHED);
	ck_assert_uint_eq(pmem_heap_class(ctx, 1), PMEM_HEAP_CONTIGUOUS | PMEM_HEAP_CACHED);
	assert_works(pmem_heap_way(ctx, 1, &way));
	ck_assert_uint_eq(way, PMEM_WAY_UDMABUF_KMOD);
	ck_assert_str_eq(pmem_heap_path(ctx, 2), "/dev/udmabuf0");
	ck_assert_ptr_null(pmem_heap_name(ctx, 3));
	assert_fails(pmem_heap_way(ctx, 3, &way), EINVAL, PMEM_CAUSE_NOT_FOUND);
	ck_assert_uint_eq(buffer->opens, 0);
	/* Behind the kernel's heaps, for the contexts that look then. */
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	fake_text("dev/dma_heap/system", "");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 4);
	ck_assert_str_eq(pmem_heap_name(ctx, 0), "system");
	ck_assert_str_eq(pmem_heap_name(ctx, 3), "udmabuf0");
}
END_TEST

/* Told once, a list is not looked for again: nothing can fail, and what comes later moves no number. */
START_TEST(listed_once)
{
	size_t count = 0;

	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 1);
	fake_fail_named("list", EMFILE);
	ck_assert_str_eq(pmem_heap_name(ctx, 0), "udmabuf0");
	fake_fail_named(NULL, 0);
	fake_text("dev/dma_heap/system", "");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 1);
	ck_assert_str_eq(pmem_heap_name(ctx, 0), "udmabuf0");
	ck_assert_ptr_null(pmem_heap_name(ctx, 1));
}
END_TEST

/* That there is nothing is a failure, which is not kept. */
START_TEST(listed_when_it_comes)
{
	size_t count = 0;

	fake_remove("sys/class/u-dma-buf/udmabuf0");
	assert_fails(pmem_heap_count(ctx, &count), ENOENT, PMEM_CAUSE_NO_DEVICE);
	fake_link("sys/class/u-dma-buf/udmabuf0", "../../devices/platform/udmabuf0/u-dma-buf/udmabuf0");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 1);
}
END_TEST

/* A child's closing leaves the lock alone; the parent's lets it go, though a child may have the descriptor. */
START_TEST(fork_keeps_it)
{
	int status;
	pid_t child;

	assert_works(alloc(8192, 0));
	child = fork();
	if (child == 0) {
		if (pmem_region_close(region) != 0 || buffer->unlocks != 0)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_ge(buffer->holder, 0);
	assert_fails(alloc(8192, 0), EBUSY, PMEM_CAUSE_BUSY);
	ck_assert_uint_eq(buffer->unlocks, 0);
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(buffer->unlocks, 1); /* not left to the last descriptor */
	assert_works(alloc(8192, 0));
	assert_works(pmem_region_close(region));
}
END_TEST

static int life(void *user)
{
	uint32_t flags = *(const uint32_t *)user;
	int r = alloc(8192, flags);

	if (r < 0)
		return r;
	r = pmem_region_cpu_begin(region, 0, 16, PMEM_DIR_READ);
	if (r < 0) {
		struct pmem_error why;

		error_save(&why);
		pmem_region_close(region);
		return error_restore(&why);
	}
	return pmem_region_close(region);
}

START_TEST(each_call_fails)
{
	static uint32_t flags[] = { 0, PMEM_ALLOC_DMABUF, PMEM_ALLOC_UNCACHED, PMEM_ALLOC_NO_ADDRESS };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		ck_assert_uint_gt(fake_fail_each(EIO, life, &flags[i]), 25);
		ck_assert_uint_gt(fake_fail_each(EMFILE, life, &flags[i]), 25);
		ck_assert_int_eq(buffer->holder, -1);
	}
	played_attribute(buffer, "ioctl_version", NULL);
	ck_assert_uint_gt(fake_fail_each(EIO, life, &flags[0]), 25);
	ck_assert_int_eq(buffer->holder, -1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("udmabuf-kmod");
	TCase *tc = tcase_create("udmabuf-kmod"), *forks = tcase_create("forks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, memory);
	tcase_add_test(tc, which_buffer);
	tcase_add_test(tc, children_hold_no_lock);
	tcase_add_test(tc, exported);
	tcase_add_test(tc, unmapped);
	tcase_add_test(tc, behind_an_iommu);
	tcase_add_test(tc, on_a_bridge_without_a_node);
	tcase_add_test(tc, address_of_its_device);
	tcase_add_test(tc, alignment_and_limit);
	tcase_add_test(tc, another_device_of_that_name);
	tcase_add_test(tc, set_up_anew);
	tcase_add_test(tc, order);
	tcase_add_test(tc, listed_as_heaps);
	tcase_add_test(tc, listed_once);
	tcase_add_test(tc, listed_when_it_comes);
	tcase_add_test(tc, each_call_fails);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(forks, setup, teardown);
	tcase_set_tags(forks, "wipeonfork"); /* test/emulated: not under QEMU's user mode */
	tcase_add_test(forks, fork_keeps_it);
	suite_add_tcase(suite, forks);
	return suite;
}
