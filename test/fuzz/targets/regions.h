/* SPDX-License-Identifier: MIT */
/* What holds for each region that was handed out, whoever answered. */
#ifndef FUZZ_REGIONS_H
#define FUZZ_REGIONS_H

#include <pmem/pmem.h>

#include "answers.h"

static inline void region_must_fit(const struct pmem_region *region, uint64_t size, uint64_t align, uint64_t max_addr)
{
	uint32_t attrs = pmem_region_attrs(region);
	uint64_t phys, length, at = 0;
	bool first = true;

	MUST(size && pmem_region_size(region) == size);
	MUST((pmem_region_data(region) == NULL) == ((attrs & PMEM_REGION_UNMAPPED) != 0));
	MUST(pmem_region_backend(region)[0]);
	while (at < size && answers_result(pmem_region_extent(region, at, &phys, &length)) == 0) {
		MUST(length && length <= size - at);
		MUST(phys + (length - 1) >= phys);
		MUST(!max_addr || phys + (length - 1) <= max_addr);
		MUST(!first || !align || phys % align == 0);
		MUST(length == size || !(attrs & PMEM_REGION_CONTIGUOUS));
		at += length;
		first = false;
	}
	MUST(at == 0 || at == size);
}

/* Its bytes can be written, if there are any and few. */
static inline void region_touch(const struct pmem_region *region)
{
	void *data = pmem_region_data(region);

	if (data && pmem_region_size(region) <= 1u << 20 && !(pmem_region_attrs(region) & PMEM_REGION_READONLY))
		memset(data, 0x55, (size_t)pmem_region_size(region));
}

#endif
