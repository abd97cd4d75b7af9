/* SPDX-License-Identifier: MIT */
/* A pool: objects (lib/pool) in regions. */
#ifndef API_POOL_OWN_H
#define API_POOL_OWN_H

#include <pmem/firmware.h>
#include <pmem/pool.h>
#include <pmem/region.h>

#include "pool/objects.h"
#include "soc/ctx.h"

/* Its owner in pieces is the region. */
struct pool_region {
	struct pool_region *next;
	struct pmem_region *region;
	uint64_t size;
	bool taken;              /* by the pool, which closes it */
};

/* Options that the program gave, as they are kept. */
struct pool_options {
	uint64_t align, boundary, grow, max;
	uint32_t flags;
	struct pmem_alloc_opts alloc;
	struct pmem_firmware_opts firmware;
};

struct pmem_pool {
	struct pool objects;     /* first: what the quick functions need */
	struct pmem_ctx *ctx;
	struct pool_options options;
	struct pool_region *regions;  /* under the lock of objects */
	uint64_t taken;          /* bytes of those that the pool took */
	struct fork_lock growing;
	_Atomic uintptr_t grower; /* threads_self() of who has it */
};

/* For what is told to it; NULL for none. */
static inline struct pmem_ctx *pool_context(const struct pmem_pool *pool)
{
	return pool ? pool->ctx : NULL;
}

/* Is it a pool, and this process's? The error is set. */
int pool_check(const char *operation, const struct pmem_pool *pool);

/* Checked, completed and copied; the error is set. */
int pool_options_make(struct pmem_ctx *ctx, const struct pmem_pool_opts *opts,
	struct pool_options *options);
void pool_options_drop(struct pool_options *options);

/* What pmem_pool_alloc() and pmem_pool_free() do if it is not quick. */
void *pool_alloc_slowly(struct pmem_pool *pool, uint64_t size, uint64_t align);
int pool_free_slowly(struct pmem_pool *pool, void *pointer);
/* Why there is no address: need is PMEM_EXTENTS_PHYS or _BUS. 0 if it has been found after all. */
int pool_no_address(const struct pmem_pool *pool, const volatile void *pointer, uint32_t need,
	uint64_t *address);

#endif
