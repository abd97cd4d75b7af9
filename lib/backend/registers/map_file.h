/* SPDX-License-Identifier: MIT */
/* A device file or a saved one, mapped at an offset: what pmem_region_map_file() does. */
#ifndef REGISTERS_MAP_FILE_H
#define REGISTERS_MAP_FILE_H

#include "backend/backend.h"

/* What is asked for; checked by lib/api/region.c. */
struct map_file_request {
	const char *path;
	uint64_t offset;
	uint64_t size;   /* PMEM_TO_END: to the end of a plain file */
	uint64_t phys;   /* of the first byte; PMEM_ADDRESS_NONE */
	bool readonly;
};

/*
 * Fill region, as pmem_backend_ops.map does. Sets the error: -EINVAL (WRONG_KIND) neither a plain file
 * nor a character device, or a device without a size; -ERANGE (BOUNDS) beyond the end of the file;
 * -EOVERFLOW (WRAPS); what access_open() and mmap() say.
 */
int map_file(struct pmem_ctx *ctx, const struct map_file_request *request,
	struct pmem_region *region);

/* Of the regions made by it; not in the table, since nobody can choose it. */
extern const struct pmem_backend_ops backend_file;

#endif
