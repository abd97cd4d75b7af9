/* SPDX-License-Identifier: MIT */
/* DMA engines that physmem selftest --dma can use safely: of kinds that it knows, and idle. */
#ifndef PHYSMEM_ENGINES_H
#define PHYSMEM_ENGINES_H

#include "physmem.h"

struct engine {
	const char *kind;  /* "bcm2835" */
	char name[64];     /* "channel 5", a PCI name */
	struct pmem_ctx *ctx;
	struct pmem_region *registers;
	struct pmem_region *block; /* what the engine itself reads; may be NULL */
	uint64_t at;               /* of the channel in registers */
	bool by_phys;              /* it takes physical addresses, not bus addresses */
	bool slow;                 /* no large copies */
	/* length bytes between two addresses; 0 or a negative errno. */
	int (*copy)(struct engine *engine, uint64_t to, uint64_t from, uint64_t length);
	/* Stop it, and give back what it has. */
	int (*close)(struct engine *engine);
};

/*
 * Each looks for its engine. ENGINE_NONE: there is none of this kind. 0: *engine is ready. Else an
 * exit code: it is there but may not be used, and the reason is told.
 */
#define ENGINE_NONE (-1)
int engine_bcm2835(struct pmem_ctx *ctx, struct engine *engine);
int engine_edu(struct pmem_ctx *ctx, struct engine *engine);

#endif
