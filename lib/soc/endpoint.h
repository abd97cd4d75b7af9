/* SPDX-License-Identifier: MIT */
/*
 * A PCI device as a DMA master, by its place on the bus: most have no node in the tree. Linux
 * configures each from the node of its host bridge (drivers/pci/pci-driver.c, pci_dma_configure()).
 */
#ifndef SOC_ENDPOINT_H
#define SOC_ENDPOINT_H

#include <stdbool.h>

#include "dt/dt.h"
#include "soc/ctx.h"

/* How such a master is named: ENDPOINT_PREFIX "0000:00:04.0" */
#define ENDPOINT_PREFIX "pci:"

/* Is that a name of this kind, or one of a node? */
bool endpoint_named(const char *name);

struct endpoint {
	char device[64];          /* its folder below root: /sys/bus/pci/devices/0000:00:04.0 */
	char bridge[DT_PATH_MAX]; /* the node of its host bridge; "": none that sysfs tells of */
};

/* "0000:00:04.0" or "0:4.0" as its folder below root; false: that is no address of a PCI device. */
bool endpoint_folder(const char *bdf, char out[64]);

/*
 * Look it up in sysfs. Sets the error: -EINVAL it cannot be a device's name, -ENOENT there is no such
 * device (both NOT_FOUND); else why sysfs cannot be read.
 */
int endpoint_find(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct endpoint *out);

/*
 * The node that a folder of sysfs has, by its link of_node: a path in the tree. -ENOENT it has none.
 * The thread's error is not set.
 */
int endpoint_node_of(const char *root, const char *folder, char node[DT_PATH_MAX]);

#endif
