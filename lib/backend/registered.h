/* SPDX-License-Identifier: MIT */
/* The program's own memory as a region: what pmem_region_register() does. */
#ifndef BACKEND_REGISTERED_H
#define BACKEND_REGISTERED_H

#include "backend/backend.h"

/* What is asked for; checked by lib/api/region.c. */
struct register_request {
	void *addr;
	uint64_t length; /* not 0, and addr + length does not wrap */
	uint32_t flags;  /* PMEM_REGISTER_* */
};

/* Fill region, as pmem_backend_ops.map does. Sets the error: as pages_keep() and plain_cache_attrs(). */
int registered_take(struct pmem_ctx *ctx, const struct register_request *request,
	struct pmem_region *region);

/* Of the regions made by it; not in the table, since nobody can choose it. */
extern const struct pmem_backend_ops backend_registered;

#endif
