/* SPDX-License-Identifier: MIT */
/*
 * Huge pages that the kernel makes on request, for a moment in its pools. What the pools held before is
 * written down first, in a file that is locked as long as that lasts: whoever gets the lock next and
 * finds something written finds the remains of a process that was killed, and puts the pools back.
 * All of these set the thread's error.
 */
#ifndef PAGES_RESERVE_H
#define PAGES_RESERVE_H

#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"

/* Pools whose size is changed: the one that makes a page, and the one that its parts go to. */
#define RESERVE_POOLS 2

struct reserve {
	const char *root;
	int fd;                          /* locked */
	size_t sizes[RESERVE_POOLS];     /* of pages, in bytes; 0: none */
	uint64_t before[RESERVE_POOLS];  /* nr_hugepages, without surplus */
	uint64_t share[RESERVE_POOLS];   /* what is added to that; another number by then is somebody else's doing */
};

/*
 * Have the kernel make one page of that size, in part_size pieces if that is not 0 and the kernel can.
 * *parts: it did. It lies in its pool, free, until somebody maps it. -EACCES, -EPERM only root may
 * (CAPABILITY); -ENOMEM the kernel has no room for it; -ENOENT no folder for the record.
 */
int reserve_begin(struct pmem_ctx *ctx, size_t size, size_t part_size, struct reserve *out,
	bool *parts);
/*
 * The pools are what they were, or what others have made of them meanwhile, without our share; pages of them that are mapped now go back to the kernel when they are
 * unmapped (surplus pages, set_max_huge_pages() of mm/hugetlb.c).
 */
int reserve_end(struct reserve *reserve);

/* What processes left that were killed in between. 0, also if there is nothing. */
int reserve_reap(struct pmem_ctx *ctx);

#endif
