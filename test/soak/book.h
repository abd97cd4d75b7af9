/* SPDX-License-Identifier: MIT */
/*
 * The book of what is held: where each page was said to be, whose each page frame is, and what is written in it.
 */
#ifndef SOAK_BOOK_H
#define SOAK_BOOK_H

#include <pmem/pmem.h>

#include "soak.h"

struct entry {
	const char *what;
	struct pmem_region *region; /* or NULL, then */
	struct pmem_pool *pool;     /* it is an object of this one; or neither: the control */
	unsigned char *at;
	size_t length;
	uint32_t owner;             /* never 0 */
	bool same;                  /* all of its pages have one content, for KSM */
	bool moves;                 /* it may: content alone is compared */
	bool unseen;                /* a dma-buf: its pages are not in the page table, so the library alone is asked */
	size_t pages;
	uint64_t *told;             /* the address of each page, as the library told it first */
};

void book_open(void);

/*
 * Fill with a pattern, ask the library where each page is, and claim its frames. false, after soak_fault(), if another has one
 * of them, or if there is no memory for the book.
 */
bool book_enter(struct pmem_ctx *ctx, struct entry *entry);
/* Every page is where it was, and holds what was written; again: the library says so, too. room: as many as it has pages. */
bool book_look(struct pmem_ctx *ctx, const struct entry *entry, uint64_t *room, bool again);
/* The same frames are free for others. Before the memory is given back. */
void book_leave(struct entry *entry);

#endif
