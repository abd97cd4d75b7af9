/* SPDX-License-Identifier: MIT */
/* Where a region is: its physical addresses, and those that a device uses. */
#include "api/call.h"
#include "backend/backing.h"

#include <errno.h>

#include "soc/soc.h"

static int unknown(const struct pmem_region *region, const char *operation)
{
	const struct pmem_error *why = region->why_unknown;

	return error_set(ENXIO, why ? why->cause : PMEM_CAUSE_ADDRESS_UNKNOWN, operation,
		why ? why->path : NULL, why ? why->hint : NULL, "the address is not known: %s",
		why ? why->message : "the backend cannot tell");
}

static int region_phys(const struct pmem_region *region, uint64_t *phys)
{
	if (region->run_count == 0)
		return unknown(region, "region phys");
	if (region->run_count > 1)
		return error_set(EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS, "region phys", NULL,
			"pmem_region_extent() tells each piece", "the region is in %zu pieces",
			region->run_count);
	*phys = region->runs[0].phys;
	return 0;
}

static int try_region_phys(const struct pmem_region *region, uint64_t *phys)
{
	if (!region || !phys)
		return error_null("region phys", region ? "phys" : "region");
	return region_phys(region, phys);
}

int pmem_region_phys(const struct pmem_region *region, uint64_t *phys)
{
	CALL(region_context(region), try_region_phys(region, phys));
}

static int try_region_bus(const struct pmem_region *region, uint64_t *bus)
{
	uint64_t phys = 0;
	int r;

	if (!region || !bus)
		return error_null("region bus", region ? "bus" : "region");
	if (region->has_bus) {
		*bus = region->bus;
		return 0;
	}
	r = region_phys(region, &phys);
	if (r == 0)
		r = soc_range_to_bus(region->ctx, NULL, phys, region->size, bus);
	return r;
}

int pmem_region_bus(const struct pmem_region *region, uint64_t *bus)
{
	CALL(region_context(region), try_region_bus(region, bus));
}

static int try_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys,
	uint64_t *length)
{
	uint64_t left; /* a piece may be longer than the region, which need not end with a page */

	if (!region || !phys)
		return error_null("region extent", region ? "phys" : "region");
	if (offset >= region->size)
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, "region extent", NULL, NULL,
			"offset 0x%llx is outside the region of 0x%llx bytes",
			(unsigned long long)offset, (unsigned long long)region->size);
	if (region->run_count == 0)
		return unknown(region, "region extent");
	left = region->size - offset;
	for (size_t i = 0; i < region->run_count; i++) {
		const struct pages_run *run = &region->runs[i];

		if (offset < run->length) {
			*phys = run->phys + offset;
			if (length)
				*length = run->length - offset < left ? run->length - offset : left;
			return 0;
		}
		offset -= run->length;
	}
	return unknown(region, "region extent");
}

int pmem_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys,
	uint64_t *length)
{
	CALL(region_context(region), try_region_extent(region, offset, phys, length));
}
