/* SPDX-License-Identifier: MIT */
#include "device/map_ops.h"

#include <string.h>

#include "backend/backend.h"
#include "registers/pci.h"

/* A child does not have the map (MADV_DONTFORK), and nothing to forget of it. */
#define MAP_OPS(text)                                                                        \
	{                                                                                    \
		.name = (text), .caps = PMEM_BACKEND_MAP | PMEM_BACKEND_PINNED, .close = region_unmap \
	}

static const struct pmem_backend_ops maps[] = {
	MAP_OPS("iommufd"),
	MAP_OPS("vfio"),
	MAP_OPS("noiommu"),
	MAP_OPS("uio"),
	MAP_OPS("sysfs"),
};

const struct pmem_backend_ops *map_ops_of(const struct device_way *way)
{
	size_t i = 0;

	while (strcmp(maps[i].name, way->name) != 0)
		i++;
	return &maps[i];
}

void map_ops_fill(const struct pmem_device *device, uint32_t index, bool readonly,
	struct pmem_region *region)
{
	uint64_t start, size;

	region->attrs = PMEM_REGION_COHERENT | PMEM_REGION_PINNED | PMEM_REGION_DEVICE |
		(readonly ? PMEM_REGION_READONLY : 0);
	if (device->name.bus == DEVICE_PCI &&
		pci_bar(device->ctx, device->name.name, index, &start, &size) == 0)
		region_set_phys(region, start);
	else if (device->name.bus == DEVICE_PCI)
		region_set_unknown(region);
}
