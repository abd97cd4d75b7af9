/* SPDX-License-Identifier: MIT */
/*
 * A played table of backends, in place of lib/backend/choice/table.c: two allocators, "first" and
 * "second", whose memory and faults the test decides. Linking it takes the real table out.
 */
#ifndef TEST_PLAY_H
#define TEST_PLAY_H

#include <stdint.h>

#include "backend/backend.h"

struct play {
	int probe_errnum;    /* refuse to be probed; 0: usable */
	int alloc_errnum;    /* refuse to allocate */
	int map_errnum;
	int import_errnum;
	uint32_t cause;      /* of the refusals above; 0: PMEM_CAUSE_BUSY */
	int close_errnum;    /* close, and then fail */
	int close_errnums[4]; /* of the first that are closed, instead; 0: close_errnum */
	uint32_t attrs;      /* of what it gives */
	bool unknown;        /* the address is not known */
	unsigned pieces;     /* how many runs; 0 and 1: one */
	uint64_t phys;       /* of the first */
	uint64_t step;       /* from one run to the next; 0: 1 MiB */
	bool tells_bus;      /* the allocator's own bus address is phys + 0xc0000000 */
	_Atomic unsigned probes; /* how often it was asked */
	_Atomic unsigned asked;  /* for memory */
	_Atomic unsigned given;  /* regions handed out */
	_Atomic unsigned closes; /* regions taken back */
};

extern struct play play_first, play_second;

/* Both usable; contiguous, pinned, cached, coherent memory at 0x1000 and 0x2000. */
void play_reset(void);

/* A context on the two, and its end, which checks that whatever they gave came back. */
void play_start(struct pmem_ctx **ctx);
void play_stop(struct pmem_ctx *ctx);

/* An allocation that has to work. */
struct pmem_region *play_take(struct pmem_ctx *ctx, uint64_t size, uint32_t flags);

#endif
