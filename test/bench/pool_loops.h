/* SPDX-License-Identifier: MIT */
/*
 * The three patterns of allocating and freeing, with whatever allocates written into the loop: each
 * peer is called as its users call it. 8 bytes are stored into each object. CPU time of the thread, so
 * that a busy machine says little.
 */
#ifndef BENCH_POOL_LOOPS_H
#define BENCH_POOL_LOOPS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "timing.h"

enum { LIFO, FIFO, RAND, PATTERNS };

#define BURST 32
#define RING  256
#define SLOTS 1024

/* ns of CPU for one pair, of so many; live: room for SLOTS pointers. */
typedef double bench_loop_fn(unsigned pattern, size_t size, unsigned pairs, void **live);

static inline void bench_store(void *object)
{
	if (__builtin_expect(!object, 0)) {
		fprintf(stderr, "no memory\n");
		exit(1);
	}
	*(volatile uint64_t *)object = 1;
}

/* ALLOC(size) is an expression, FREE(pointer) too; before is run first, and may declare. */
#define BENCH_LOOPS(name, before, ALLOC, FREE)                                              \
	static double name(unsigned pattern, size_t size, unsigned pairs, void **live)      \
	{                                                                                   \
		uint32_t random = 12345;                                                    \
		unsigned i, k, n = pattern == LIFO ? BURST : pattern == FIFO ? RING : SLOTS; \
		double begin, took;                                                         \
		before;                                                                     \
		(void)size;                                                                 \
		for (k = 0; k < n; k++) {                                                   \
			live[k] = ALLOC(size);                                              \
			bench_store(live[k]);                                               \
		}                                                                           \
		if (pattern == LIFO)                                                        \
			while (k-- > 0)                                                     \
				FREE(live[k]);                                              \
		begin = bench_worked_ns();                                                  \
		if (pattern == LIFO) {                                                      \
			for (i = 0; i < pairs; i += BURST) {                                \
				for (k = 0; k < BURST; k++) {                               \
					live[k] = ALLOC(size);                              \
					bench_store(live[k]);                               \
				}                                                           \
				while (k-- > 0)                                             \
					FREE(live[k]);                                      \
			}                                                                   \
		} else {                                                                    \
			for (i = k = 0; i < pairs; i++) {                                   \
				random = random * 1664525u + 1013904223u;                   \
				k = pattern == FIFO ? i % RING : random >> 22;              \
				FREE(live[k]);                                              \
				live[k] = ALLOC(size);                                      \
				bench_store(live[k]);                                       \
			}                                                                   \
		}                                                                           \
		took = (bench_worked_ns() - begin) / pairs;                                 \
		for (k = 0; pattern != LIFO && k < n; k++)                                  \
			FREE(live[k]);                                                      \
		return took;                                                                \
	}

#endif
