/* SPDX-License-Identifier: MIT */
/* A DMA master: who it is, which addresses it sees, and whether caches take part. */
#ifndef SOC_MASTER_H
#define SOC_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "dt/dma.h"
#include "soc/ctx.h"

/* A copy of what the tree said; nothing in it changes. */
struct soc_master {
	char *name;         /* what the caller called it; NULL: the machine's default */
	char *node;         /* the path of its node or, for just any device and for PCI devices, of its bus;
	                       without a tree what it is called, or NULL */
	bool engine;        /* the default is an engine that the family's table knows */
	bool known;         /* what follows is; else an IOMMU decides, the tree is broken, or see below */
	struct dma_map map;
	uint64_t highest;   /* highest physical address of memory that it sees */
	bool coherent;      /* soc_master_for_memory() only */
};

/*
 * What a master sees. name: path, alias, "&label", compatible or "pci:0000:00:04.0"; NULL: the machine's default. Sets
 * the error. -ENOENT, -ENODEV (named, but no tree); -ENXIO its addresses cannot be known
 */
int soc_master_read(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct soc_master **out);
/*
 * The same for memory that it shall use, with its coherency; what limits nothing may be left for
 * soc_master_read() to find out. That its addresses cannot be known is
 * no failure, nor is a machine that says nothing of a default, nor anything but a lack of memory if
 * it does not matter what it sees.
 */
int soc_master_for_memory(const struct pmem_ctx *ctx, const char *name, bool matters,
	struct soc_master **out);
/* NULL is allowed. */
void soc_master_free(struct soc_master *master);

/*
 * The address that it uses for [phys, phys + length), length at least 1. Sets the error: -ERANGE a
 * part is not seen (OUTSIDE_WINDOW); -EXDEV the parts have no one address.
 */
int soc_master_to_bus(const struct soc_master *master, const char *operation, uint64_t phys,
	uint64_t length, uint64_t *bus);
/* Of as much of it, from its start, as has one address: *piece bytes. */
int soc_master_piece(const struct soc_master *master, const char *operation, uint64_t phys,
	uint64_t length, uint64_t *bus, uint64_t *piece);

/* "An IOMMU decides", and the way out, as the thread's error: -ENXIO (ADDRESS_UNKNOWN). */
int soc_refuse_iommu(const char *operation, const char *what);

#endif
