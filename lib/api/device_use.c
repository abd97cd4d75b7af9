/* SPDX-License-Identifier: MIT */
/* What a program does with a device: registers, configuration, interrupts. */
#include "api/call.h"
#include "api/device_own.h"

#include <errno.h>

#include "api/region_own.h"
#include "base/bits.h"
#include "device/config.h"
#include "device/irq.h"
#include "os/os.h"

static int no_map(const struct pmem_device *device, const char *operation, uint32_t index)
{
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, device->name.folder, NULL,
		"the device has no map %u: they are counted from 0, and there are %u", index,
		device->maps);
}

static int map_size(struct pmem_device *device, const char *operation, uint32_t index, uint64_t *size)
{
	if (index >= device->maps)
		return no_map(device, operation, index);
	return device->way->map_size(device, index, size);
}

static int try_map_size(struct pmem_device *device, uint32_t index, uint64_t *size)
{
	int r = device_check("device map size", device);

	if (r == 0 && !size)
		r = error_null("device map size", "size");
	return r < 0 ? r : map_size(device, "device map size", index, size);
}

int pmem_device_map_size(struct pmem_device *device, uint32_t index, uint64_t *size)
{
	CALL(device_context(device), try_map_size(device, index, size));
}

static int try_map(struct pmem_device *device, uint32_t index, uint32_t flags, struct pmem_region **out)
{
	const uint32_t known = PMEM_MAP_READONLY | PMEM_MAP_WRITE_COMBINE;
	struct pmem_region *region;
	int r = device_check("device map", device);

	if (r == 0 && !out)
		r = error_null("device map", "out");
	if (r < 0)
		return r;
	if (flags & ~known)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "device map", NULL, NULL,
			"unknown flags 0x%x", flags & ~known);
	if ((flags & PMEM_MAP_WRITE_COMBINE) && device->way != &way_sysfs)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "device map", NULL,
			"the way sysfs has write-combining views",
			"%s maps registers uncached only", device->way->name);
	if (index >= device->maps)
		return no_map(device, "device map", index);
	region = region_new(device->ctx);
	if (!region)
		return -ENOMEM;
	return region_finish(region, device->way->map(device, index, flags, region), NULL, out);
}

int pmem_device_map(struct pmem_device *device, uint32_t index, uint32_t flags, struct pmem_region **out)
{
	CALL(device_context(device), try_map(device, index, flags, out));
}

static int try_config_read(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t *value)
{
	int r = device_check("device config read", device);

	if (r == 0 && !value)
		r = error_null("device config read", "value");
	return r < 0 ? r : config_read(device, offset, width, value);
}

int pmem_device_config_read(struct pmem_device *device, uint32_t offset, uint32_t width,
	uint32_t *value)
{
	CALL(device_context(device), try_config_read(device, offset, width, value));
}

static int try_config_write(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t value)
{
	int r = device_check("device config write", device);

	return r < 0 ? r : config_write(device, offset, width, value);
}

int pmem_device_config_write(struct pmem_device *device, uint32_t offset, uint32_t width,
	uint32_t value)
{
	CALL(device_context(device), try_config_write(device, offset, width, value));
}

static int try_switch(struct pmem_device *device, const char *operation, uint32_t parts, bool on)
{
	const uint32_t known = PMEM_ENABLE_MEMORY | PMEM_ENABLE_MASTER;
	int r = device_check(operation, device);

	if (r == 0 && (parts & ~known))
		r = error_set(EINVAL, PMEM_CAUSE_FLAGS, operation, NULL, "PMEM_ENABLE_*",
			"unknown parts 0x%x", parts & ~known);
	return r < 0 ? r : config_switch(device, parts, on);
}

int pmem_device_enable(struct pmem_device *device, uint32_t parts)
{
	CALL(device_context(device), try_switch(device, "device enable", parts, true));
}

int pmem_device_disable(struct pmem_device *device, uint32_t parts)
{
	CALL(device_context(device), try_switch(device, "device disable", parts, false));
}

static int try_reset(struct pmem_device *device)
{
	int r = device_check("device reset", device);

	if (r < 0)
		return r;
	if (!(device->attrs & PMEM_DEVICE_RESET))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device reset", device->name.folder,
			"closing it and opening it again is the next best",
			"the kernel knows no way to reset this device");
	return device->way->reset(device);
}

int pmem_device_reset(struct pmem_device *device)
{
	CALL(device_context(device), try_reset(device));
}

static int try_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count)
{
	uint32_t there = 0;
	int r = device_check("device irq count", device);

	if (r == 0 && !count)
		r = error_null("device irq count", "count");
	if (r == 0)
		r = irq_resolve(device, &kind);
	if (r == 0)
		r = device->way->irq_count(device, kind, &there);
	if (r == 0)
		*count = there;
	return r;
}

int pmem_device_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count)
{
	CALL(device_context(device), try_irq_count(device, kind, count));
}

static int try_irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	int r = device_check("device irq", device);

	return r < 0 ? r : irq_fd(device, kind, index);
}

int pmem_device_irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	CALL(device_context(device), try_irq_fd(device, kind, index));
}

static int try_irq_wait(struct pmem_device *device, uint32_t kind, uint32_t index, uint32_t timeout_ms,
	uint64_t *count)
{
	int r = device_check("device irq wait", device);

	return r < 0 ? r : irq_wait(device, kind, index, timeout_ms, count);
}

int pmem_device_irq_wait(struct pmem_device *device, uint32_t kind, uint32_t index, uint32_t timeout_ms,
	uint64_t *count)
{
	CALL(device_context(device), try_irq_wait(device, kind, index, timeout_ms, count));
}

static int try_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	int r = device_check("device irq unmask", device);

	return r < 0 ? r : irq_unmask(device, kind, index);
}

int pmem_device_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	CALL(device_context(device), try_irq_unmask(device, kind, index));
}

/* A part of a map, in whole pages. */
static int check_part(struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t *length)
{
	uint64_t size, page = os->page_size();
	int r = map_size(device, "device dmabuf", index, &size);

	if (r < 0)
		return r;
	if (*length == PMEM_TO_END && offset <= size)
		*length = size - offset;
	if (!bits_inside(offset, *length, size) || *length == 0)
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, "device dmabuf", NULL, NULL,
			"0x%llx bytes at 0x%llx are not inside the BAR of 0x%llx",
			(unsigned long long)*length, (unsigned long long)offset,
			(unsigned long long)size);
	if ((offset | *length) & (page - 1))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "device dmabuf", NULL, NULL,
			"a dma-buf has whole pages of 0x%llx bytes", (unsigned long long)page);
	return 0;
}

static int try_dmabuf(struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length)
{
	int r = device_check("device dmabuf", device);

	if (r == 0 && !(device->attrs & PMEM_DEVICE_P2P))
		r = error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device dmabuf", NULL,
			"the ways vfio and iommufd can, with Linux 6.19",
			"%s makes no dma-buf of a BAR", device->way->name);
	if (r == 0)
		r = check_part(device, index, offset, &length);
	return r < 0 ? r : device->way->dmabuf(device, index, offset, length);
}

int pmem_device_dmabuf(struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length)
{
	CALL(device_context(device), try_dmabuf(device, index, offset, length));
}
