/* SPDX-License-Identifier: MIT */
/*
 * Which units of an area are free: runs of units are taken and given back in constant time, whatever
 * the number of areas and of runs. Two-level segregated fit (Masmano, Ripoll, Crespo, Real: "TLSF: a
 * new dynamic memory allocator for real-time systems", 2004) with its tags out of band. Arithmetic
 * only: no memory of an area is touched, nothing is allocated, no thread is known.
 */
#ifndef POOL_SPANS_H
#define POOL_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct area;

/* Of a unit: tags of the first and last of a run say how long it is. */
struct span_tag {
	struct span_tag *next, *prev; /* free runs of about that length; of the first unit */
	struct area *area;
	uint32_t length;              /* units; of the first and the last */
	uint32_t free;                /* first: 1 free, 0 taken; last: the same */
};

struct area {
	uintptr_t base;          /* pointer to its first byte; only compared, never followed */
	uint64_t address;        /* what alignment is about: bus, else physical, else the pointer */
	uint32_t shift;          /* a unit is 1 << shift bytes */
	uint32_t units;
	struct span_tag *tags;   /* one for each unit */
};

#define SPAN_LEVELS 27       /* runs of up to 2^27 - 1 units */
#define SPAN_PARTS  4

struct spans {
	uint32_t levels;                /* those with a free run */
	uint8_t parts[SPAN_LEVELS];     /* within the level */
	struct span_tag *free[SPAN_LEVELS][SPAN_PARTS];
	uint64_t free_bytes;
};

/* All of the area is one free run. tags need not be zeroed; area->units is below 2^27, not 0. */
void spans_add(struct spans *spans, struct area *area);
/* The area is one free run? Then it may be removed. */
bool spans_whole(const struct area *area);
void spans_remove(struct spans *spans, struct area *area);

/*
 * bytes at a multiple of align, a power of two. The tag of the first unit, or NULL: no run is known
 * to fit (of runs that fit by chance a few are looked at).
 */
struct span_tag *spans_take(struct spans *spans, uint64_t bytes, uint64_t align);
void spans_give(struct spans *spans, struct span_tag *first);

static inline uint32_t span_index(const struct span_tag *tag)
{
	return (uint32_t)(tag - tag->area->tags);
}

static inline uintptr_t span_pointer(const struct span_tag *tag)
{
	return tag->area->base + ((uintptr_t)span_index(tag) << tag->area->shift);
}

static inline uint64_t span_address(const struct span_tag *tag)
{
	return tag->area->address + ((uint64_t)span_index(tag) << tag->area->shift);
}

static inline uint64_t span_bytes(const struct span_tag *tag)
{
	return (uint64_t)tag->length << tag->area->shift;
}

#endif
