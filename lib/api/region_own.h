/* SPDX-License-Identifier: MIT */
/* Regions for the other objects of this layer: as the public functions of these names, within a call. */
#ifndef API_REGION_OWN_H
#define API_REGION_OWN_H

#include <pmem/region.h>

/* Empty, with the context; NULL: no memory, and the error is set. */
struct pmem_region *region_new(struct pmem_ctx *ctx);
/*
 * The end of every constructor, with the result of the backend: hand the region over, or undo it.
 * name: that of memory, which may be watched; NULL for what is only mapped.
 */
int region_finish(struct pmem_region *region, int r, const char *name, struct pmem_region **out);
int region_alloc(struct pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts,
	struct pmem_region **out);
int region_close(struct pmem_region *region);
int region_extents(const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t need,
	struct pmem_extent *extents, size_t capacity, size_t *count);

#endif
