/* SPDX-License-Identifier: MIT */
#include "shim.h"

#include <errno.h>

#include "_cgo_export.h"
#include "shim_result.h"

struct pmemgo pmemgo_region_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_map(ctx, phys, size, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_region_map_gpio(struct pmem_ctx *ctx, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_map_gpio(ctx, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_region_map_node(
	struct pmem_ctx *ctx, const char *node, uint32_t index, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_map_node(ctx, node, index, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_region_map_pci(
	struct pmem_ctx *ctx, const char *bdf, uint32_t bar, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_map_pci(ctx, bdf, bar, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_region_map_file(struct pmem_ctx *ctx, const char *path, uint64_t offset,
	uint64_t size, uint64_t phys, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_map_file(ctx, path, offset, size, phys, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_region_alloc(struct pmem_ctx *ctx, uint64_t size, struct pmem_alloc_opts opts,
	struct pmem_firmware_opts firmware)
{
	struct pmem_region *region = NULL;
	int r;

	opts.size = sizeof(opts);
	firmware.size = sizeof(firmware);
	opts.firmware = &firmware;
	r = pmem_region_alloc(ctx, size, &opts, &region);
	return object(r, region);
}

struct pmemgo pmemgo_region_import(struct pmem_ctx *ctx, int fd, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_import(ctx, fd, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_region_register(
	struct pmem_ctx *ctx, uintptr_t addr, uint64_t length, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_region_register(ctx, (void *)addr, length, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_region_close(struct pmem_region *region)
{
	return done(pmem_region_close(region));
}

struct pmemgo pmemgo_region_phys(const struct pmem_region *region)
{
	uint64_t phys = 0;
	int r = pmem_region_phys(region, &phys);

	return numbers(r, phys, 0);
}

struct pmemgo pmemgo_region_bus(const struct pmem_region *region)
{
	uint64_t bus = 0;
	int r = pmem_region_bus(region, &bus);

	return numbers(r, bus, 0);
}

struct pmemgo pmemgo_region_bus_for(const struct pmem_region *region, const char *master)
{
	uint64_t bus = 0;
	int r = pmem_region_bus_for(region, master, &bus);

	return numbers(r, bus, 0);
}

struct pmemgo pmemgo_region_extent(const struct pmem_region *region, uint64_t offset)
{
	uint64_t phys = 0, length = 0;
	int r = pmem_region_extent(region, offset, &phys, &length);

	return numbers(r, phys, length);
}

struct pmemgo pmemgo_region_extents(const struct pmem_region *region, uint64_t offset,
	uint64_t length, uint32_t need, struct pmem_extent *extents, size_t capacity)
{
	size_t count = 0;
	int r = pmem_region_extents(region, offset, length, need, extents, capacity, &count);

	return numbers(r, count, 0);
}

struct pmemgo pmemgo_region_find(struct pmem_ctx *ctx, uintptr_t pointer)
{
	struct pmem_region *region = NULL;
	uint64_t offset = 0;
	struct pmemgo got = done(pmem_region_find(ctx, (void *)pointer, &region, &offset));

	got.object = region;
	got.a = offset;
	return got;
}

struct pmemgo pmemgo_region_find_phys(struct pmem_ctx *ctx, uint64_t phys)
{
	struct pmem_region *region = NULL;
	uint64_t offset = 0;
	struct pmemgo got = done(pmem_region_find_phys(ctx, phys, &region, &offset));

	got.object = region;
	got.a = offset;
	return got;
}

struct pmemgo pmemgo_region_at(
	const struct pmem_region *region, uint64_t offset, uint64_t size, uint64_t align)
{
	errno = 0;
	return pointer(pmem_region_at(region, offset, size, align));
}

struct pmemgo pmemgo_region_cpu_begin(
	const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction)
{
	return done(pmem_region_cpu_begin(region, offset, length, direction));
}

struct pmemgo pmemgo_region_cpu_end(
	const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction)
{
	return done(pmem_region_cpu_end(region, offset, length, direction));
}

struct pmemgo pmemgo_region_fd(const struct pmem_region *region)
{
	return done(pmem_region_fd(region));
}

struct pmemgo pmemgo_region_dup_fd(const struct pmem_region *region)
{
	return done(pmem_region_dup_fd(region));
}

struct pmemgo pmemgo_region_read(const struct pmem_region *region, int width, uint64_t offset)
{
	uint64_t value64 = 0;
	uint32_t value32 = 0;
	uint16_t value16 = 0;
	uint8_t value8 = 0;
	int r;

	switch (width) {
	case 8:
		r = pmem_region_read8(region, offset, &value8);
		return numbers(r, value8, 0);
	case 16:
		r = pmem_region_read16(region, offset, &value16);
		return numbers(r, value16, 0);
	case 32:
		r = pmem_region_read32(region, offset, &value32);
		return numbers(r, value32, 0);
	default:
		r = pmem_region_read64(region, offset, &value64);
		return numbers(r, value64, 0);
	}
}

struct pmemgo pmemgo_region_write(
	struct pmem_region *region, int width, uint64_t offset, uint64_t value)
{
	switch (width) {
	case 8:
		return done(pmem_region_write8(region, offset, (uint8_t)value));
	case 16:
		return done(pmem_region_write16(region, offset, (uint16_t)value));
	case 32:
		return done(pmem_region_write32(region, offset, (uint32_t)value));
	default:
		return done(pmem_region_write64(region, offset, value));
	}
}

static int selftest_alloc(void *user, uint64_t size, struct pmem_region **out)
{
	return pmemgoSelftestAlloc((uintptr_t)user, size, out);
}

static int selftest_copy(void *user, struct pmem_region *dst, uint64_t dst_offset,
	struct pmem_region *src, uint64_t src_offset, uint64_t length)
{
	return pmemgoSelftestCopy((uintptr_t)user, dst, dst_offset, src, src_offset, length);
}

struct pmemgo pmemgo_selftest_copy(struct pmem_ctx *ctx, uint64_t size, uint64_t hole,
	uint64_t src_offset, int alloc, int copy, uintptr_t handle)
{
	return done(pmem_selftest_copy(ctx, size, hole, src_offset, alloc ? selftest_alloc : NULL,
		copy ? selftest_copy : NULL, (void *)handle));
}
