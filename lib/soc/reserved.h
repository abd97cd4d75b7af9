/* SPDX-License-Identifier: MIT */
/*
 * Memory that the device tree keeps back: the children of /reserved-memory, as Linux reads them
 * (drivers/of/of_reserved_mem.c; Devicetree Specification 3.5).
 */
#ifndef SOC_RESERVED_H
#define SOC_RESERVED_H

#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"

struct reserved {
	char *path;        /* of its node; its last component is what it is called */
	char *compatible;  /* the first, or "" */
	uint32_t index;    /* which entry of the node's reg */
	uint32_t flags;    /* PMEM_RESERVED_* */
	uint64_t phys;     /* PMEM_ADDRESS_NONE: Linux chooses */
	uint64_t size;
};

struct reserved_list {
	struct reserved *entries;
	size_t count;
};

/* Read once, and kept for all contexts of the machine. Sets the error: -ENODEV no tree; -ENOMEM, -EIO... */
int reserved_kept(const struct pmem_ctx *ctx, const struct reserved_list **list);
/* NULL is allowed. */
void reserved_free(struct reserved_list *list);

/*
 * Which of them a node uses: entry number index of its memory-region, or the one that its
 * memory-region-names call name. Sets the error: -ENOENT (NOT_FOUND) no such node, no such entry, or it
 * leads elsewhere; -ENODEV
 */
int reserved_of_node(const struct pmem_ctx *ctx, const char *node, uint32_t index, const char *name,
	size_t *entry);

#endif
