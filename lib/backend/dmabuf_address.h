/* SPDX-License-Identifier: MIT */
/*
 * Where a dma-buf is. Mainline has no call for that; vendors have several, and old kernels show
 * the frames of some heaps in pagemap.
 */
#ifndef BACKEND_DMABUF_ADDRESS_H
#define BACKEND_DMABUF_ADDRESS_H

#include "backend.h"

/*
 * Ask every way there is for the address of region->fd, which is mapped. Fills in runs (and bus
 * where that is what a way tells), or why_unknown. contiguous: what the heap promises, since most
 * ways tell only the first byte. Never fails: "unknown" is an answer. *way is the name of the one
 * that answered, static, or NULL; *keep a descriptor that must stay open with the region, or -1.
 */
void dmabuf_find_address(struct pmem_region *region, bool contiguous, const char **way, int *keep);

#endif
