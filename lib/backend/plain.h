/* SPDX-License-Identifier: MIT */
/* What all memory that is Linux's ordinary one has in common: allocated, or the program's own. */
#ifndef BACKEND_PLAIN_H
#define BACKEND_PLAIN_H

#include "backend/backend.h"
#include "pages/pages.h"

/*
 * The attributes that this machine's caches give to it, or the refusal: -EOPNOTSUPP (NOT_COHERENT)
 * devices do not see the CPU's cache, and a program cannot clean it.
 */
int plain_cache_attrs(bool coherent, uint32_t *attrs);

/* The block is the region's from now on, whose size, ops and attrs are set: the runs, if it is pinned. */
void plain_set_block(struct pmem_ctx *ctx, struct pmem_region *region, struct pages_block *block);

/* pmem_backend_ops.forget */
int plain_forget(struct pmem_region *region);

#endif
