/* SPDX-License-Identifier: MIT */
/*
 * A played /proc/self/pagemap: every page that is asked for gets a frame by a rule, and keeps it,
 * also when mremap() moves the page. Runs inside fake_start() and fake_stop().
 */
#ifndef TEST_PAGEMAP_H
#define TEST_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pagemap_rule {
	PAGEMAP_IN_ORDER,  /* neighbours are neighbours; the frame number is the page number */
	PAGEMAP_BACKWARDS, /* neighbours, but in the wrong order: only gathering helps */
	PAGEMAP_BLOCKS,    /* 16 pages in order, the next 16 in front of them */
	PAGEMAP_APART,     /* no two pages are neighbours */
	PAGEMAP_MOVING,    /* other frames at every reading */
	PAGEMAP_HIDDEN,    /* present, frame number 0: no privilege */
	PAGEMAP_SHIFTED,   /* as in order, but one frame further: aligned blocks are not */
	PAGEMAP_HOLES,     /* nothing there: a device mapping */
	PAGEMAP_ACROSS,    /* of 32 pages in order every other frame, and those between of the 32 beside them */
	PAGEMAP_ODD,       /* odd frames: no page is aligned to more than a page */
};

/* Play pagemap by that rule. */
void pagemap_play(enum pagemap_rule rule);
/* Another rule from now on. */
void pagemap_rule(enum pagemap_rule rule);
/* All pages that were moved are given back: nothing of them is remembered. */
void pagemap_settle(void);
/* One page answers with this entry n times, then by the rule again; n 0: for ever. */
void pagemap_entry(const void *addr, uint64_t entry, unsigned n);
/* Answer at most that many bytes in one read; 0: all. */
void pagemap_chunk(size_t bytes);
/* Reads so far, and bytes. */
unsigned pagemap_reads(void);
/* What PAGEMAP_IN_ORDER says of a page: its physical address. */
uint64_t pagemap_frame_of(const void *addr);

#endif
