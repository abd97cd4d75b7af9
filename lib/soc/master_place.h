/* SPDX-License-Identifier: MIT */
/* Where a DMA master sits in the tree, by its name. For master.c and what is told of devices. */
#ifndef SOC_MASTER_PLACE_H
#define SOC_MASTER_PLACE_H

#include <stdbool.h>

#include "dt/dma.h"
#include "soc/ctx.h"

/* A node, or (plain) the bus that a device without a node sits on. */
struct place {
	const struct dt *dt;
	char node[DT_PATH_MAX];
	bool plain;
	char device[64]; /* of a PCI device, whose bus is that of its host bridge: its folder of sysfs */
};

/* name NULL: the family's DMA engine, or just any device. Sets the error. */
int place_find(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct place *place);

/* What is seen from there, whatever an IOMMU does. Sets the error. */
int place_windows(const char *operation, const struct place *place, struct dma_map *map);

#endif
