/* SPDX-License-Identifier: MIT */
/*
 * Fragmented memory. Compaction moves pages out of partly filled blocks into free ones at higher
 * frames: on a machine that has only just started there is nothing to move, and a test that
 * nothing moves would prove nothing.
 */
#ifndef TEST_FRAGMENT_H
#define TEST_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>

struct fragment {
	unsigned char *at;
	size_t length;
};

/* Take length bytes of small pages and give back seven of every eight, one at a random place. */
bool fragment_make(struct fragment *f, size_t length);
void fragment_drop(struct fragment *f);

/* Let the kernel compact all memory; false if it may not be asked. */
bool fragment_compact(void);

/* Bytes of memory available. */
size_t fragment_available(void);

#endif
