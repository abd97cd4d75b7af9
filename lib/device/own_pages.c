/* SPDX-License-Identifier: MIT */
/* Regions of pages that nothing but a device's attachment pins. */
#include <stdlib.h>

#include "backend/plain.h"
#include "device/dma_memory.h"

static int memory_close(struct pmem_region *region)
{
	struct pages_block *block = region->priv;
	int r = pages_give(block);

	free(block);
	return r;
}

const struct pmem_backend_ops device_memory = {
	.name = "device",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_PHYS | PMEM_BACKEND_PINNED | PMEM_BACKEND_SYNC,
	.close = memory_close,
	.forget = plain_forget,
};
