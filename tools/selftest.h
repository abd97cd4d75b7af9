/* SPDX-License-Identifier: MIT */
/* What physmem selftest allocates, shared by the allocation, the copies and the report. */
#ifndef PHYSMEM_SELFTEST_H
#define PHYSMEM_SELFTEST_H

#include "physmem.h"

struct selftest {
	struct pmem_ctx *ctx;
	struct pmem_alloc_opts opts;
	uint64_t size;
	uint64_t hole;
	bool hole_given, need_address, dma, json;
	json_object *remark; /* why there is no address; NULL if there is one */
};

/* region.c: what a region is, as JSON and as rows. */
json_object *facts_region(const struct pmem_region *region);
void show_region(json_object *region);
/* selftest_dma.c: the same by a DMA engine. */
int selftest_dma(struct selftest *test);

#endif
