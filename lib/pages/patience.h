/* SPDX-License-Identifier: MIT */
/*
 * How long one piece of memory is looked for. What is counted is this thread's own work, and the kernel's
 * for it; by the clock it is twice that at most. A step that the kernel takes cannot be interrupted: one
 * block or huge page that it makes room for may take some 25 ms.
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
};

/*
 * For size bytes. wait_ms by the clock, or 0: 85 ms for up to two of the kernel's largest blocks (8 MiB with
 * 4 KiB pages), 30 for more.
 */
struct patience patience_begin(uint64_t size, uint32_t wait_ms);
/* Microseconds until it is over; 0: it is. */
uint64_t patience_left(const struct patience *p);
bool patience_ends(const struct patience *p);

#endif
