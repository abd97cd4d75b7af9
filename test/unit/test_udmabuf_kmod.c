/* SPDX-License-Identifier: MIT */
/* The backend udmabuf-kmod: which buffer, how it is mapped and synced, and what is refused. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "played_kmod.h"
#include "suite.h"

#define CACHED_SYNCED (PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC | PMEM_REGION_PINNED | \
	PMEM_REGION_CONTIGUOUS)
#define BASE 0x10000000u

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static struct played_buffer *buffer;

static void setup(void)
{
	fake_start();
	fake_string("/", "compatible", "xlnx,zynq-7000");
	fake_string("/cpus/cpu@0", "compatible", "arm,cortex-a9");
	assert_works(pmem_ctx_new(&ctx));
	buffer = played_buffer("udmabuf0", 1 << 20, BASE);
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
	for (size_t i = 0; i < played_kmod.count; i++)
		ck_assert_int_eq(played_kmod.buffers[i].holder, -1);
	played_kmod_stop();
}

static int alloc_in(const char *heap, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .heap = heap,
		.backend = "udmabuf-kmod" };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static int alloc(uint64_t size, uint32_t flags)
{
	return alloc_in(NULL, size, flags);
}

static uint64_t phys(void)
{
	uint64_t at = 0;

	assert_works(pmem_region_phys(region, &at));
	return at;
}

START_TEST(memory)
{
	memset(buffer->memory, 0xa5, buffer->size);
	assert_works(alloc(70000, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_str_eq(pmem_region_backend(region), "udmabuf-kmod");
	ck_assert_uint_eq(pmem_region_size(region), 70000);
	ck_assert_uint_eq(phys(), BASE);
	ck_assert_int_eq(buffer->flags & O_SYNC, 0);
	for (size_t i = 0; i < 70000; i++)
		ck_assert_uint_eq(((unsigned char *)pmem_region_data(region))[i], 0);
	/* What was zeroed is pushed out of the cache, so that it is not written over a device's bytes. */
	ck_assert_uint_eq(buffer->ioctl_syncs, 1);
	ck_assert(!buffer->last_for_cpu);
	ck_assert_uint_eq(buffer->last_command, 70000 / 16 * 16 | 1); /* both directions, from 0 on */
	assert_fails(pmem_region_fd(region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_region_close(region));
	memset(buffer->memory, 0x5a, buffer->size);
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

static void sync_is(uint64_t offset, uint64_t length, uint32_t direction, bool begin, uint64_t command)
{
	unsigned before = buffer->ioctl_syncs;

	assert_works(begin ? pmem_region_cpu_begin(region, offset, length, direction) :
			     pmem_region_cpu_end(region, offset, length, direction));
	ck_assert_uint_eq(buffer->ioctl_syncs, before + 1);
	ck_assert(buffer->last_for_cpu == begin);
	ck_assert_msg(buffer->last_command == command, "0x%llx, not 0x%llx",
		(unsigned long long)buffer->last_command, (unsigned long long)command);
}

START_TEST(sync_by_ioctl)
{
	assert_works(alloc(1 << 20, 0));
	sync_is(0, PMEM_TO_END, PMEM_DIR_BOTH, true, 0x100001);
	sync_is(0x12345, 0x678, PMEM_DIR_READ, true, 0x1234500000000ull | 0x680 | 2 << 2 | 1);
	sync_is(0x12345, 0x678, PMEM_DIR_WRITE, false, 0x1234500000000ull | 0x680 | 1 << 2 | 1);
	/* The unit of 16 bytes ends with the buffer. */
	sync_is((1 << 20) - 5, 5, PMEM_DIR_WRITE, true, 0xffff000000000ull | 16 | 1 << 2 | 1);
	played_kmod.sync_errnum = EINVAL;
	assert_fails(pmem_region_cpu_end(region, 0, 1, PMEM_DIR_WRITE), EINVAL, PMEM_CAUSE_SYSTEM);
	assert_fails(pmem_region_cpu_begin(region, 0, 1, PMEM_DIR_READ), EINVAL, PMEM_CAUSE_SYSTEM);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(1 << 20, 0), EINVAL, PMEM_CAUSE_SYSTEM);
}
END_TEST

/* A buffer whose size is no number of units: two commands reach its last bytes. */
START_TEST(sync_of_an_odd_size)
{
	buffer = played_buffer("odd", 5003, 0x20000000);
	assert_works(alloc_in("odd", 5003, 0));
	buffer->ioctl_syncs = 0;
	assert_works(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_eq(buffer->ioctl_syncs, 2);
	ck_assert_uint_eq(buffer->last_command, (5003ull - 16) << 32 | 16 | 1 << 2 | 1);
	assert_works(pmem_region_close(region));
	assert_fails(alloc_in("odd", 4097, PMEM_ALLOC_DMABUF), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(alloc_in("odd", 4096, PMEM_ALLOC_DMABUF));
	assert_works(pmem_region_close(region));
}
END_TEST

/* Commands have 28 bits of units and 32 of offset. */
START_TEST(sync_of_gibibytes)
{
	const uint64_t gib = 1ull << 30;

	if (sizeof(size_t) < 8)
		return;
	buffer = played_buffer("huge", 4 * gib, 0x100000000);
	assert_works(alloc_in("huge", 4 * gib, PMEM_ALLOC_NO_ZERO));
	ck_assert_uint_eq(buffer->ioctl_syncs, 2);
	ck_assert_uint_eq(buffer->last_command, (2 * gib) << 32 | 2 * gib | 1);
	assert_works(pmem_region_close(region));
	buffer = played_buffer("vast", 5 * gib, 0x200000000);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_fails(alloc_in("vast", 5 * gib, PMEM_ALLOC_NO_ZERO | PMEM_ALLOC_CACHED), EOPNOTSUPP,
		PMEM_CAUSE_NOT_COHERENT);
	ck_assert_uint_eq(buffer->maps, 0);
}
END_TEST

/* Before version 5 of the module there are files only. */
START_TEST(sync_by_sysfs)
{
	played_attribute(buffer, "ioctl_version", NULL);
	played_attribute(buffer, "dma_coherent", NULL);
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_uint_eq(played_attribute_value(buffer, "sync_for_device"), 8192 | 1);
	played_attribute(buffer, "sync_for_cpu", "0\n");
	assert_works(pmem_region_cpu_begin(region, 4096, 64, PMEM_DIR_READ));
	ck_assert_uint_eq(played_attribute_value(buffer, "sync_for_cpu"),
		0x100000000000ull | 64 | 2 << 2 | 1);
	fake_fail_named("write", EACCES);
	assert_fails(pmem_region_cpu_begin(region, 0, 1, PMEM_DIR_READ), EACCES, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(buffer->ioctl_syncs, 0);
	ck_assert_uint_eq(fake_cache_calls(), 0);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(8192, PMEM_ALLOC_DMABUF), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
}
END_TEST

/* Neither ioctls nor files that may be written: the CPU, and if that may not, past the cache. */
START_TEST(sync_by_the_cpu)
{
	played_attribute(buffer, "ioctl_version", NULL);
	played_attribute(buffer, "sync_for_device", NULL);
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_uint_ge(fake_cache_bytes(), 8192);
	assert_works(pmem_region_close(region));
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_works(alloc(8192, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_DEVICE |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	ck_assert_int_eq(buffer->flags & O_SYNC, O_SYNC);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(8192, PMEM_ALLOC_CACHED), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	played_attribute(buffer, "sync_mode", "4\n");
	assert_fails(alloc(8192, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
}
END_TEST

/* sync_mode: 0 cached, 1 uncached, 2 write-combining, 3 as coherent memory; 4 and more: always. */
START_TEST(modes)
{
	static const struct {
		uint32_t flags;
		char kinds[9]; /* by sync_mode: c cached, d device memory, u past the cache, - refused */
	} cases[] = {
		{ 0, "ccccc" "duu" },
		{ PMEM_ALLOC_CACHED, "ccccc" "---" },
		{ PMEM_ALLOC_UNCACHED, "-duu" "-duu" },
	};
	char mode[] = "0\n";

	for (size_t i = 0; i < ARRAY_SIZE(cases) * 8; i++) {
		char kind = cases[i / 8].kinds[i % 8];
		uint32_t attrs = PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS | (kind == 'c' ?
			PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC : PMEM_REGION_COHERENT) |
			(kind == 'd' ? PMEM_REGION_DEVICE : 0);

		mode[0] = (char)('0' + i % 8);
		played_attribute(buffer, "sync_mode", mode);
		memset(buffer->memory, 0x11, 8192);
		if (kind == '-') {
			assert_fails(alloc(8192, cases[i / 8].flags), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
			ck_assert_ptr_nonnull(strstr(pmem_error_path(pmem_error_last()), "sync_mode"));
			continue;
		}
		buffer->ioctl_syncs = 0;
		assert_works(alloc(8192, cases[i / 8].flags));
		ck_assert_msg(pmem_region_attrs(region) == attrs, "mode %s flags 0x%x: 0x%x", mode,
			cases[i / 8].flags, pmem_region_attrs(region));
		ck_assert(!(buffer->flags & O_SYNC) == (kind == 'c'));
		ck_assert_uint_eq(buffer->ioctl_syncs, 1); /* also what was in the cache before */
		ck_assert_uint_eq(buffer->memory[8191], 0);
		if (kind != 'c') {
			assert_works(pmem_region_cpu_end(region, 0, 4, PMEM_DIR_BOTH));
			ck_assert_uint_eq(buffer->ioctl_syncs, 1);
		}
		assert_works(pmem_region_close(region));
	}
}
END_TEST

START_TEST(coherent_devices)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "udmabuf-kmod",
		.master = "/amba/dma@1" };

	CELLS("/", "#address-cells", 1);
	CELLS("/", "#size-cells", 1);
	fake_dir("proc/device-tree/amba/dma@1");
	played_attribute(buffer, "dma_coherent", "1\n");
	assert_works(alloc(8192, PMEM_ALLOC_CACHED));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_cpu_end(region, 0, 4, PMEM_DIR_BOTH));
	ck_assert_uint_eq(buffer->ioctl_syncs, 0);
	assert_works(pmem_region_close(region));
	assert_fails(alloc(8192, PMEM_ALLOC_UNCACHED), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	played_attribute(buffer, "sync_mode", "5\n");
	assert_fails(alloc(8192, 0), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	played_attribute(buffer, "sync_mode", "1\n");
	/* Another device uses it, which does not look into the cache: the kernel would do nothing. */
	assert_works(pmem_region_alloc(ctx, 8192, &opts, &region));
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED_SYNCED);
	ck_assert_uint_eq(buffer->ioctl_syncs, 0);
	ck_assert_uint_ge(fake_cache_bytes(), 8192);
	assert_works(pmem_region_close(region));
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
	memset(buffer->memory, 0x33, buffer->size);
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

	ck_assert_int_lt(pmem_region_alloc(ctx, 8 << 20, &opts, &region), 1);
	if (pmem_error_last() && buffer->opens)
		ck_abort_msg("a request that needs no one piece took the buffer");
	pmem_region_close(region);
	for (size_t i = 0; i < ARRAY_SIZE(fpga); i++) {
		pmem_ctx_unref(ctx);
		fake_compatible(fpga[i], strlen(fpga[i]) + 1);
		assert_works(pmem_ctx_new(&ctx));
		ck_assert(is_before("udmabuf-kmod", "pages"));
		ck_assert(is_before("dmaheap", "udmabuf-kmod"));
	}
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
	played_attribute(&played_kmod.buffers[1], "sync_mode", "6\n");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(pmem_heap_name(ctx, 0), "camera");
	ck_assert_str_eq(pmem_heap_path(ctx, 1), "/dev/udmabuf0");
	ck_assert_uint_eq(pmem_heap_class(ctx, 0), PMEM_HEAP_CONTIGUOUS | PMEM_HEAP_UNCACHED);
	ck_assert_uint_eq(pmem_heap_class(ctx, 1), PMEM_HEAP_CONTIGUOUS | PMEM_HEAP_CACHED);
	assert_works(pmem_heap_way(ctx, 1, &way));
	ck_assert_uint_eq(way, PMEM_WAY_UDMABUF_KMOD);
	ck_assert_ptr_null(pmem_heap_name(ctx, 2));
	assert_fails(pmem_heap_way(ctx, 2, &way), EINVAL, PMEM_CAUSE_NOT_FOUND);
	ck_assert_uint_eq(buffer->opens, 0);
	/* Behind the kernel's heaps, for the contexts that look then. */
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	fake_text("dev/dma_heap/system", "");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 3);
	ck_assert_str_eq(pmem_heap_name(ctx, 0), "system");
	ck_assert_str_eq(pmem_heap_name(ctx, 2), "udmabuf0");
}
END_TEST

/* A child's closing leaves the lock alone; the parent's lets it go, though the child has the descriptor. */
START_TEST(fork_keeps_it)
{
	int status;
	pid_t child;

	assert_works(alloc(8192, 0));
	child = fork();
	if (child == 0) {
		if (pmem_region_close(region) != 0 || buffer->holder < 0)
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
	TCase *tc = tcase_create("udmabuf-kmod");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, memory);
	tcase_add_test(tc, which_buffer);
	tcase_add_test(tc, sync_by_ioctl);
	tcase_add_test(tc, sync_of_an_odd_size);
	tcase_add_test(tc, sync_of_gibibytes);
	tcase_add_test(tc, sync_by_sysfs);
	tcase_add_test(tc, sync_by_the_cpu);
	tcase_add_test(tc, modes);
	tcase_add_test(tc, coherent_devices);
	tcase_add_test(tc, exported);
	tcase_add_test(tc, unmapped);
	tcase_add_test(tc, behind_an_iommu);
	tcase_add_test(tc, address_of_its_device);
	tcase_add_test(tc, alignment_and_limit);
	tcase_add_test(tc, another_device_of_that_name);
	tcase_add_test(tc, set_up_anew);
	tcase_add_test(tc, order);
	tcase_add_test(tc, listed_as_heaps);
	tcase_add_test(tc, fork_keeps_it);
	tcase_add_test(tc, each_call_fails);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return suite;
}
