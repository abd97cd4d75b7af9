/* SPDX-License-Identifier: MIT */
/* What a device sees of memory. */
#include "api/call.h"
#include "api/device_own.h"

#include <errno.h>

#include "api/coherence.h"
#include "os/self.h"

static int check_both(const char *operation, const struct pmem_device *device,
	const struct pmem_region *region)
{
	int r = device_check(operation, device);

	if (r == 0 && !region)
		return error_null(operation, "region");
	if (r == 0 && region->process != self_process())
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, NULL,
			"the child allocates memory of its own", "the region is another process's");
	return r;
}

static int try_attach(struct pmem_device *device, struct pmem_region *region, uint32_t direction,
	uint64_t *bus)
{
	const struct space_wish wish = { .direction = direction,
		.max_addr = device ? device->max_addr : 0 };
	int r = check_both("device attach", device, region);

	if (r == 0 && !bus)
		r = error_null("device attach", "bus");
	if (r < 0)
		return r;
	if (direction == 0 || (direction & ~PMEM_DMA_BOTH))
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "device attach", NULL, "PMEM_DMA_*",
			"0x%x is no direction", direction);
	if (!region->coherence)
		return space_attach(device->ctx, device->space, region, &wish, bus);
	/* Pages that nobody may touch cannot be pinned. */
	coherence_open(region);
	r = space_attach(device->ctx, device->space, region, &wish, bus);
	coherence_shut(region);
	return r;
}

int pmem_device_attach(struct pmem_device *device, struct pmem_region *region, uint32_t direction,
	uint64_t *bus)
{
	CALL(device_context(device), try_attach(device, region, direction, bus));
}

static int try_detach(struct pmem_device *device, struct pmem_region *region)
{
	int r = check_both("device detach", device, region);

	return r < 0 ? r : space_detach(device->space, region);
}

int pmem_device_detach(struct pmem_device *device, struct pmem_region *region)
{
	CALL(device_context(device), try_detach(device, region));
}

static int try_bus(struct pmem_device *device, const struct pmem_region *region, uint64_t *bus)
{
	int r = check_both("device bus", device, region);

	if (r == 0 && !bus)
		r = error_null("device bus", "bus");
	if (r < 0)
		return r;
	if (space_bus(device->space, region, bus))
		return 0;
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "device bus", NULL, "pmem_device_attach()",
		"the region is not attached to this device");
}

int pmem_device_bus(struct pmem_device *device, const struct pmem_region *region, uint64_t *bus)
{
	CALL(device_context(device), try_bus(device, region, bus));
}
