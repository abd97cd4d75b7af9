/* SPDX-License-Identifier: MIT */
/* Who holds memory for devices: dma-bufs and pinned memory of all processes, and journals. */
#ifndef PHYSMEM_HOLDERS_H
#define PHYSMEM_HOLDERS_H

#include "physmem.h"

/*
 * "buffers": dma-bufs, each with its holders; "pinned": what processes keep in place by io_uring or a
 * packet ring; "unseen": processes that this user may not look at. places: also where pinned memory is.
 */
void facts_holders(struct pmem_ctx *ctx, json_object *into, bool places);
/* The journals of firmware memory and of pools: "journals". */
json_object *facts_journals(void);

#endif
