/* SPDX-License-Identifier: MIT */
/* The ways to a block of pages, and what the files behind pages_take() share. */
#ifndef PAGES_WAYS_H
#define PAGES_WAYS_H

#include <errno.h>

#include "pages/pages.h"
#include "pages/patience.h"

/* One call of pages_take(). */
struct taking {
	struct pmem_ctx *ctx;
	const char *root;         /* its root */
	const struct pages_request *want;
	size_t size;   /* want->size */
	size_t page;
	int frames;    /* pagemap that shows frames; -1: this program may not see them */
	struct patience patience; /* no new step of a search after it ends */
};

/*
 * A way to get memory: data and length of block filled in, populated, perhaps pinned. Contiguity,
 * alignment and limit are checked afterwards, so a way may also just be lucky. Sets the error, but for
 * WAY_NOT_FOR_THIS: not for a request like this one, or not in this kernel, of which nothing is told.
 */
#define WAY_NOT_FOR_THIS (-EOPNOTSUPP)
typedef int way_fn(const struct taking *t, struct pages_block *block);

/* The kernel's own pages, just mapped, become the block, and are kept from children; else unmapped. */
int ways_take_mapped(void *addr, size_t length, enum pin_class whose, struct pages_block *block);

/* The block that a power-of-two allocator has to give: it is aligned to its own size. */
size_t ways_natural(const struct taking *t);
/* Its largest: MAX_PAGE_ORDER, 10 unless configured otherwise. */
#define WAYS_LARGEST_ORDER 10

/* Of what is available, while blocks in a row are looked for. More finds hardly more: see docs/pages.md. */
#define WAYS_SHARE 8

way_fn way_page;            /* one small page */
way_fn way_region;          /* kernel pages of an io_uring memory region */
way_fn way_packet;          /* the same of a packet socket's ring */
way_fn way_folio;           /* a larger folio of anonymous memory (mTHP), or luck */
way_fn way_thp_free;        /* one transparent huge page, if one is free and the request as large */
way_fn way_thp;             /* one transparent huge page, by a write fault */
way_fn way_collapse;        /* one transparent huge page, made out of small ones */
way_fn way_hugetlb;         /* one page of the smallest fitting pool */
way_fn way_hugetlb_larger;  /* one page of the next larger pool */
way_fn way_sieve;           /* neighbours among many huge pages that nobody writes to; -ENOENT none */
way_fn way_join;            /* blocks of the largest size that happen to be neighbours */
way_fn way_gather_thp;      /* neighbours among many transparent huge pages, moved together */
way_fn way_gather;          /* the same with small pages */

/* hard.c, for PMEM_ALLOC_TRY_HARD: a page that the kernel makes for this; all memory compacted once. */
way_fn hard_reserve;
int hard_compact(const struct taking *t);

/* contiguous.c: the first way whose memory keeps every promise. */
int contiguous_take(const struct taking *t, struct pages_block *block);

/*
 * block.c: pin, then read the frames into block->runs, twice where they could change; -EAGAIN (MOVED)
 * if they do not stay. Leaves the block as it was on failure.
 */
int block_pin_and_find(const struct taking *t, struct pages_block *block);
/* The second half alone. */
int block_find(const struct taking *t, struct pages_block *block);
/* Do its runs keep what was asked? Sets the error. Yes if they are not known. */
int block_keeps(const struct taking *t, const struct pages_block *block);
/* The same of where it lies now, before it is pinned, which costs more than looking. */
int block_check(const struct taking *t, struct pages_block *block);

#endif
