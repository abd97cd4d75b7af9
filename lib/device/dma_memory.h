/* SPDX-License-Identifier: MIT */
/* Memory for a device: what pmem_region_alloc() does with pmem_alloc_opts.device. */
#ifndef DEVICE_DMA_MEMORY_H
#define DEVICE_DMA_MEMORY_H

#include "backend/backend.h"
#include "device/way.h"

/* Fill region, as pmem_backend_ops.alloc; it is attached to the device already. Sets the error. */
int memory_alloc(struct pmem_device *device, const struct alloc_request *request,
	struct pmem_region *region);

/* Of regions whose only pin is the device's; not in the table, since nobody can choose it. */
extern const struct pmem_backend_ops device_memory;

#endif
