/* SPDX-License-Identifier: MIT */
/*
 * What machine this is: detected once, at the first question, under a lock; after that it never
 * changes, so pointers into it live as long as a context that has it. What is asked of its device
 * tree is kept as well (dt/kept.h). All contexts of the same root share one.
 */
#ifndef SOC_SOC_H
#define SOC_SOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "families/families.h"
#include "soc/ctx.h"

/*
 * The machine of a new context: its LIBPMEM_ROOT, and LIBPMEM_DEVICE_TREE or NULL; if either is
 * relative, its own. NULL: no memory
 */
struct soc *soc_get(const char *root, const char *device_tree);
/* The last one that has it frees it. NULL is allowed. */
void soc_put(struct soc *soc);

/* 0, or why the machine cannot be looked at now: sets the error. What follows is certain then. */
int soc_look(const struct pmem_ctx *ctx, const char *operation);

/* The family; never NULL, but the generic one where soc_look() fails. Detects at the first call. */
const struct soc_family *soc_family(const struct pmem_ctx *ctx);
/* Never NULL; "" if the machine does not tell. */
const char *soc_model(const struct pmem_ctx *ctx);
/* Root compatible number i, NULL after the last. */
const char *soc_compatible(const struct pmem_ctx *ctx, size_t i);
/* Does the machine have a device tree with a root compatible? */
bool soc_has_tree(const struct pmem_ctx *ctx);

/*
 * The functions below set the thread's error. node: path, alias, "&label" or compatible.
 * path buffers have room for SOC_PATH_MAX bytes.
 */
#define SOC_PATH_MAX 1024

/* Full path of match number nth. -ENOENT, -ENODEV (no tree) */
int soc_node_path(const struct pmem_ctx *ctx, const char *node, unsigned nth, char *path);
/* reg entry number index as the CPU sees it. -ENOENT, -ENXIO (not translatable), -ENODEV */
int soc_node_reg(const struct pmem_ctx *ctx, const char *node, unsigned index, uint64_t *phys,
	uint64_t *size);
/* 1, 0, -ENOENT, -ENODEV */
int soc_node_available(const struct pmem_ctx *ctx, const char *node);
/* A property's bytes, to be freed by the caller, NUL ended. -ENOENT, -ENODEV, -ENOMEM */
int soc_node_property(const struct pmem_ctx *ctx, const char *node, const char *property,
	char **data, size_t *size);
/* The registers that pmem_region_map_gpio() maps. -ENODEV if this machine shows none */
int soc_gpio(const struct pmem_ctx *ctx, uint64_t *phys, uint64_t *size);

/* master NULL: the family's DMA engine, else a plain device on the main bus. */
int soc_bus_to_phys(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out);
int soc_phys_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out);
/*
 * Where in memory [bus, bus + length) is, length at least 1, for a device that sysfs has a folder of
 * ("/sys/bus/.../DEVICE"): its own IOMMU group decides, then the windows of its node or host bridge.
 * -ENXIO an IOMMU translates; -ERANGE (OUTSIDE_WINDOW) not all of it is memory in one piece
 */
int soc_device_to_phys(const struct pmem_ctx *ctx, const char *folder, uint64_t bus, uint64_t length,
	uint64_t *phys);
/* 1 coherent, 0 not, -ENOENT */
int soc_coherent(const struct pmem_ctx *ctx, const char *master);

#endif
