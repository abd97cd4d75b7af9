/* SPDX-License-Identifier: MIT */
/* The promise: is a region all that was asked for? */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "soc/master.h"

int select_explain(const struct alloc_request *request, int r)
{
	struct pmem_error e;
	char hint[2 * sizeof(e.hint)]; /* error_set() cuts it */

	error_save(&e);
	if (!request->limited || strstr(e.hint, "PMEM_ALLOC_NO_MASTER") ||
		(e.cause != PMEM_CAUSE_ADDRESS_LIMIT && e.cause != PMEM_CAUSE_OUTSIDE_WINDOW))
		return r;
	snprintf(hint, sizeof(hint), "%s sees memory up to 0x%llx: %s%s%s", request->master->node,
		(unsigned long long)request->master->highest,
		request->master->name ?
			"PMEM_ALLOC_NO_MASTER in place of the option master limits nothing" :
			"if another device uses it, name that by the option master; PMEM_ALLOC_NO_MASTER "
			"limits nothing",
		e.hint[0] ? "; " : "", e.hint);
	return error_set(e.errnum, e.cause, e.operation, e.path[0] ? e.path : NULL, hint, "%s",
		e.message);
}

/* Does its master see all of it? Windows with different offsets make pieces of it. */
static int check_seen(const struct alloc_request *request, const struct pmem_region *region)
{
	uint64_t left = region->size, bus;

	for (size_t i = 0; left && i < region->run_count; i++) {
		const struct pages_run *run = &region->runs[i];
		uint64_t length = run->length < left ? run->length : left;
		int r = soc_master_to_bus(request->master, "alloc", run->phys, length, &bus);

		if (r == -EXDEV && !(request->flags & PMEM_ALLOC_SCATTERED))
			return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL,
				"PMEM_ALLOC_SCATTERED accepts several pieces",
				"%s sees its memory at 0x%llx in several pieces",
				request->master->node, (unsigned long long)run->phys);
		if (r < 0 && r != -EXDEV)
			return r;
		left -= length;
	}
	return 0;
}

static int check(const struct alloc_request *request, const struct pmem_region *region)
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
	return request->limited ? check_seen(request, region) : 0;
}

/* A region that breaks what was asked for is refused here, whatever its backend believed. */
int select_check(const struct alloc_request *request, const struct pmem_region *region)
{
	int r = check(request, region);

	return r < 0 ? select_explain(request, r) : 0;
}
