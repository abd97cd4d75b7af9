/* SPDX-License-Identifier: MIT */
/*
 * How long one piece of memory is looked for. What is counted is this thread's own work, and the kernel's
 * for it, so that a busy machine does not end a search that has hardly begun; by the clock it is four
 * times as long at most. What cannot be interrupted, one huge page that the kernel makes room for, may
 * take some 25 ms more.
 */
#ifndef PAGES_PATIENCE_H
#define PAGES_PATIENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct patience {
	bool asked;         /* the caller said how long: by the clock */
	uint64_t work;      /* os->worked_us() that may be reached */
	uint64_t clock;     /* os->now_us() */
	uint64_t work_last; /* work may be put off until then */
};

/*
 * For size bytes. wait_ms, or 0: 40 ms; 1000 if the kernel has twice as much free in its largest blocks, so
 * that some may lie in a row, or up to 64 MiB if 32 times as much can be had in all. patience_more() lets it go on, up to a millisecond for each MiB.
 */
struct patience patience_begin(const char *root, uint64_t size, uint32_t wait_ms);
/* Is it over? */
bool patience_ends(const struct patience *p);
/* It looks good: 40 ms more. False if it is over for good. */
bool patience_more(struct patience *p);

#endif
