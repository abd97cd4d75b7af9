/* SPDX-License-Identifier: MIT */
/* Regions that are maps of a device's registers: whose backend is called as the way. */
#ifndef DEVICE_MAP_OPS_H
#define DEVICE_MAP_OPS_H

#include "device/way.h"

struct pmem_backend_ops;

const struct pmem_backend_ops *map_ops_of(const struct device_way *way);
/* It is mapped: its attributes, and where it is, if the machine tells. */
void map_ops_fill(const struct pmem_device *device, uint32_t index, bool readonly,
	struct pmem_region *region);

#endif
