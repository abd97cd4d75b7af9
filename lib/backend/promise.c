/* SPDX-License-Identifier: MIT */
/* The promise: is a region all that was asked for? */
#include <errno.h>

#include "backend/backend.h"

/* A region that breaks what was asked for is refused here, whatever its backend believed. */
int select_check(const struct alloc_request *request, const struct pmem_region *region)
{
	bool known = region->run_count > 0;
	uint32_t attrs = region->attrs;

	if (!(request->flags & PMEM_ALLOC_NO_ADDRESS) && !known)
		return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "alloc", NULL,
			"ask with PMEM_ALLOC_NO_ADDRESS if a file descriptor is enough", "%s",
			region->why_unknown ? region->why_unknown->message :
					      "its physical address cannot be learnt");
	if (!(request->flags & PMEM_ALLOC_SCATTERED) && !(attrs & PMEM_REGION_CONTIGUOUS))
		return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, NULL, "%s",
			known ? "its memory is in several pieces" :
				"its memory is not known to be in one piece");
	if (!(request->flags & PMEM_ALLOC_MAY_MOVE) && !(attrs & PMEM_REGION_PINNED))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_PINNED, "alloc", NULL,
			"PMEM_ALLOC_MAY_MOVE accepts memory that may move", "its memory may move");
	if (!(attrs & (PMEM_REGION_COHERENT | PMEM_REGION_NEEDS_SYNC)))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT, "alloc", NULL, NULL,
			"its memory is cached and cannot be synced");
	if (request->flags & (attrs & PMEM_REGION_CACHED ? PMEM_ALLOC_UNCACHED : PMEM_ALLOC_CACHED))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL, NULL,
			"its memory is %s", attrs & PMEM_REGION_CACHED ? "cached" : "not cached");
	for (size_t i = 0; i < region->run_count; i++) {
		const struct pages_run *run = &region->runs[i];

		if (run->phys > request->max_addr || run->length - 1 > request->max_addr - run->phys)
			return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", NULL, NULL,
				"its memory at 0x%llx lies above the limit 0x%llx",
				(unsigned long long)run->phys,
				(unsigned long long)request->max_addr);
	}
	if (known && region->runs[0].phys & (request->align - 1))
		return error_set(ENOMEM, PMEM_CAUSE_ALIGNMENT, "alloc", NULL, NULL,
			"its memory at 0x%llx is not a multiple of 0x%llx",
			(unsigned long long)region->runs[0].phys,
			(unsigned long long)request->align);
	return 0;
}
