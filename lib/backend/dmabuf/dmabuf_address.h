/* SPDX-License-Identifier: MIT */
/*
 * Where a dma-buf is. Mainline has no call for that; vendors have several, and old kernels show
 * the frames of some heaps in pagemap.
 */
#ifndef BACKEND_DMABUF_ADDRESS_H
#define BACKEND_DMABUF_ADDRESS_H

#include "backend/backend.h"

/* What is known of the buffer before its address is asked for. */
#define DMABUF_CONTIGUOUS (1u << 0) /* one piece: an answer for the first byte is enough */
#define DMABUF_STAYS      (1u << 1) /* its exporter never moves pages: pagemap stays true */
#define DMABUF_UNASKED    (1u << 2) /* it is not needed; a device that a way attaches may be */

struct dmabuf_answer {
	uint32_t way;      /* PMEM_WAY_*; 0: none answered */
	const char *name;  /* of that; "none" */
	int keep;          /* must stay open with the region; -1: nothing */
	bool attached;     /* a device is attached while keep is open: the exporter's sync works */
	bool flushes;      /* the call that answered flushes caches */
};

/*
 * Ask every way there is for the address of region->fd; pagemap only if it is mapped. Fills in runs
 * (and bus where that is what a way tells), or why_unknown unless DMABUF_UNASKED, and the attribute
 * CONTIGUOUS: by DMABUF_CONTIGUOUS where no frames tell otherwise. Never fails: "unknown" is an answer.
 */
void dmabuf_find_address(struct pmem_region *region, uint32_t known, struct dmabuf_answer *answer);

/* DMA_BUF_IOCTL_PHYS of NXP's kernels: the address of the first byte. A plain -errno. */
int dmabuf_nxp_address(int fd, uint64_t *phys);

#endif
