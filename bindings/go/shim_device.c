/* SPDX-License-Identifier: MIT */
#include "shim.h"

#include "shim_result.h"

struct pmemgo pmemgo_device_open(
	struct pmem_ctx *ctx, const char *name, struct pmem_device_opts opts)
{
	struct pmem_device *device = NULL;
	int r;

	opts.size = sizeof(opts);
	r = pmem_device_open(ctx, name, &opts, &device);
	return object(r, device);
}

struct pmemgo pmemgo_device_close(struct pmem_device *device)
{
	return done(pmem_device_close(device));
}

struct pmemgo pmemgo_device_map_size(struct pmem_device *device, uint32_t index)
{
	uint64_t got = 0;
	int r = pmem_device_map_size(device, index, &got);

	return numbers(r, got, 0);
}

struct pmemgo pmemgo_device_map(struct pmem_device *device, uint32_t index, uint32_t flags)
{
	struct pmem_region *region = NULL;
	int r = pmem_device_map(device, index, flags, &region);

	return object(r, region);
}

struct pmemgo pmemgo_device_config_read(
	struct pmem_device *device, uint32_t offset, uint32_t width)
{
	uint32_t got = 0;
	int r = pmem_device_config_read(device, offset, width, &got);

	return numbers(r, got, 0);
}

struct pmemgo pmemgo_device_config_write(
	struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t value)
{
	return done(pmem_device_config_write(device, offset, width, value));
}

struct pmemgo pmemgo_device_enable(struct pmem_device *device, uint32_t parts)
{
	return done(pmem_device_enable(device, parts));
}

struct pmemgo pmemgo_device_disable(struct pmem_device *device, uint32_t parts)
{
	return done(pmem_device_disable(device, parts));
}

struct pmemgo pmemgo_device_reset(struct pmem_device *device)
{
	return done(pmem_device_reset(device));
}

struct pmemgo pmemgo_device_irq_count(struct pmem_device *device, uint32_t kind)
{
	uint32_t got = 0;
	int r = pmem_device_irq_count(device, kind, &got);

	return numbers(r, got, 0);
}

struct pmemgo pmemgo_device_irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	return done(pmem_device_irq_fd(device, kind, index));
}

struct pmemgo pmemgo_device_irq_wait(
	struct pmem_device *device, uint32_t kind, uint32_t index, uint32_t timeout_ms)
{
	uint64_t got = 0;
	int r = pmem_device_irq_wait(device, kind, index, timeout_ms, &got);

	return numbers(r, got, 0);
}

struct pmemgo pmemgo_device_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	return done(pmem_device_irq_unmask(device, kind, index));
}

struct pmemgo pmemgo_device_attach(
	struct pmem_device *device, struct pmem_region *region, uint32_t direction)
{
	uint64_t got = 0;
	int r = pmem_device_attach(device, region, direction, &got);

	return numbers(r, got, 0);
}

struct pmemgo pmemgo_device_detach(struct pmem_device *device, struct pmem_region *region)
{
	return done(pmem_device_detach(device, region));
}

struct pmemgo pmemgo_device_bus(struct pmem_device *device, const struct pmem_region *region)
{
	uint64_t got = 0;
	int r = pmem_device_bus(device, region, &got);

	return numbers(r, got, 0);
}

struct pmemgo pmemgo_device_dmabuf(
	struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length)
{
	return done(pmem_device_dmabuf(device, index, offset, length));
}
