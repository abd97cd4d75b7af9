/* SPDX-License-Identifier: MIT */
/*
 * From a pointer to the piece of memory that it points into, and to its addresses: flat tables over
 * the window of pointers that the pieces span. The tables are read without a lock while pieces are
 * added: a table that has become too small is replaced, and kept until the end for those who may
 * still be reading it. Each new one is twice as wide, so that they are few.
 */
#ifndef POOL_MAP_H
#define POOL_MAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pool/spans.h"

struct slab;

/* A piece: contiguous in every address that is known. spans.h knows the first part of it. */
struct piece {
	struct area area;
	uint64_t bytes;            /* all of its units */
	uint64_t phys, bus;        /* of base; PIECE_UNKNOWN */
	void *owner;               /* whoever brought it; and where in it the piece begins */
	uint64_t offset;
	unsigned window;           /* the map that it is in */
	struct piece *next;
};

#define PIECE_UNKNOWN UINT64_MAX

struct map {
	uintptr_t base;
	uintptr_t length;          /* bytes of the window */
	uint32_t shift;            /* an entry is for 1 << shift bytes: within one piece, or none */
	/* What an entry is for, less the pointer, and 1 (the difference is even); 0: there is none. */
	uint64_t *phys, *bus;       /* read by map_entry() */
	_Atomic(struct piece *) *pieces;
	struct map *older;
	uintptr_t entries;
	uintptr_t mask;            /* of a page's number: its place in slabs. No two of the window have the same */
	_Atomic(struct slab *) slabs[1]; /* of each 4 KiB; NULL: nothing was handed out there */
};

/* Pieces begin and end with a page of that size, or a larger one. */
#define MAP_PAGE_SHIFT 12

extern struct map map_of_nothing;

/*
 * What is read was written before the object there was handed out, so it needs no order; and in
 * 32-bit programs, where it would be two reads, no more than that. (ARMv6 has no atomic one.)
 */
static inline uint64_t map_entry(const uint64_t *entry)
{
#if UINTPTR_MAX > UINT32_MAX
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
#else
	return *entry;
#endif
}

/*
 * The map with the piece added: the same if it has room. pieces: all that there are, with the new one;
 * those of another window are passed over. NULL: no memory, or (-ERANGE in *r) pieces lie further apart than a window may be wide.
 */
struct map *map_with(struct map *map, struct piece *pieces, struct piece *added, int *r);
void map_without(struct map *map, const struct piece *piece);
void map_free(struct map *map);

/* The index of the entry in *i; false: outside of the window. */
static inline bool map_index(const struct map *map, uintptr_t pointer, uintptr_t *i)
{
	uintptr_t offset = pointer - map->base;

	*i = offset >> map->shift;
	return offset < map->length;
}

/* The same of a pointer that is in the window; of another it may be any slab's. */
static inline struct slab *map_slab_at(const struct map *map, uintptr_t pointer)
{
	return atomic_load_explicit(&map->slabs[pointer >> MAP_PAGE_SHIFT & map->mask],
		memory_order_relaxed);
}

/* The slab that has some of the page, or had; NULL: none. */
static inline struct slab *map_slab(const struct map *map, uintptr_t pointer)
{
	return pointer - map->base < map->length ? map_slab_at(map, pointer) : NULL;
}

/* For the pages of so many bytes. */
void map_note(struct map *map, uintptr_t pointer, uint64_t bytes, struct slab *slab);

static inline struct piece *map_find(const struct map *map, uintptr_t pointer)
{
	uintptr_t i;

	if (!map_index(map, pointer, &i))
		return NULL;
	return atomic_load_explicit(&map->pieces[i], memory_order_relaxed);
}

#endif
