/* SPDX-License-Identifier: MIT */
/*
 * A machine whose free memory is in small pieces. Small pages are taken; of each eight seven are freed,
 * one at a random place is kept. What is then still free in large blocks is held as huge pages. The
 * kernel may move the kept pages (to make large blocks, at a price), or they are pinned, and it
 * cannot. `spare` bytes stay for the rest of the machine at each moment.
 */
#ifndef BENCH_FRAGMENTED_H
#define BENCH_FRAGMENTED_H

#include <stdbool.h>
#include <stddef.h>

struct fragmented {
	unsigned char *small, *huge;
	size_t small_length, huge_length, huge_used;
	int rings[64]; /* that pin the kept pages */
	unsigned ring_count;
};

/* MemAvailable, in bytes. */
size_t memory_available(void);

/* Free blocks of 2 MiB and of 4 MiB. */
void memory_blocks(size_t *of_2m, size_t *of_4m);

/* length: at most so many bytes of small pages. False: too little memory, or it cannot be pinned. */
bool fragmented_make(struct fragmented *f, size_t length, size_t spare, bool pinned);
void fragmented_drop(struct fragmented *f);

#endif
