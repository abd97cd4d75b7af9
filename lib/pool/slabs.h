/* SPDX-License-Identifier: MIT */
/*
 * Objects in pieces of memory: slabs of objects of one size, and runs for larger ones. All of it out of
 * band, none of it with a lock: the caller has one. Nothing of the memory is touched.
 */
#ifndef POOL_SLABS_H
#define POOL_SLABS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pool/classes.h"
#include "pool/map.h"

#define SLAB_LINE 64

/*
 * Its memory is never given back to the heap before the end, so that whoever follows a pointer that is
 * no object's reads what is wrong, but is there.
 */
struct slab {
	uint32_t class;          /* CLASS_NONE: one large object */
	uint32_t fresh;          /* objects from here on have never been taken */
	uint32_t depth;          /* of the stack: those given back */
	uint32_t capacity;       /* objects that states and stack have room for */
	uint32_t count;          /* objects */
	struct span_tag *span;
	struct slab *next, *prev; /* with something free, of the class; or not in use */
	uint16_t *stack;
	void *block;             /* of the heap, that this is in */
	/* What each call looks at, and of few objects the states, is one cache line. */
	__attribute__((aligned(SLAB_LINE)))
	uintptr_t base;          /* of the first object */
	uint64_t form;           /* slab_form(): each word that a call reads is a part of what it takes */
	_Atomic uintptr_t states[]; /* where the object begins, if it is handed out; else 0 */
};

#define STORE_WINDOWS 4

struct store {
	struct spans spans;
	/* The first is looked at by the quick calls. The others are for what lies too far from it. */
	_Atomic(struct map *) maps[STORE_WINDOWS];
	struct piece *pieces, *unused_pieces;
	struct slab *partial[CLASS_COUNT];
	struct slab *unused[CLASS_COUNT + 1];
	uint32_t empty[CLASS_COUNT]; /* slabs of which no object is taken; one is kept */
	uint64_t bytes;          /* of all pieces */
	uint64_t object_bytes;   /* of all objects that are out of their slabs */
	uint64_t objects;
	uint64_t align;          /* the least */
	uint64_t boundary;       /* that no object crosses; 0: any may */
	bool powers_only;        /* of sizes: so none crosses a boundary that a slab may cross */
	struct class_table classes, aligned; /* the second for what is to be aligned above a line */
};

/* A slab and less does not cross boundaries from here on: pieces are cut there. */
#define STORE_CUT (2u << 20)

/* An object that is not handed out, and where that it is gets noted. */
struct object {
	uintptr_t pointer;
	_Atomic uintptr_t *state;
};

/* align: a power of two; boundary: 0 or one, not below align. */
void store_init(struct store *store, uint64_t align, uint64_t boundary);
void store_free(struct store *store);

/*
 * Memory at base, contiguous in each address that is not PIECE_UNKNOWN. It is cut where objects must
 * not cross, and trimmed to whole units. 0; -ENOMEM; -EINVAL nothing is left of it; -ERANGE too far
 * from the rest.
 */
int store_add(struct store *store, uintptr_t base, uint64_t bytes, uint64_t phys, uint64_t bus,
	void *owner, uint64_t offset);
/* Nothing is taken of what the owner brought. */
bool store_idle(const struct store *store, const void *owner);
/* Forget all of what the owner brought. */
void store_remove(struct store *store, const void *owner);
/* Give back what is kept for quick use. */
void store_tidy(struct store *store);

/* The class of objects of that size; CLASS_NONE: they are large. */
unsigned store_class(const struct store *store, uint64_t size, uint64_t align);
/* Up to count objects of a class. How many; fewer: there is no more room (or, in *r, no heap: -ENOMEM). */
size_t store_take(struct store *store, unsigned class, struct object *objects, size_t count,
	int *r);
/* Bytes in a row that an object of no class takes. */
uint64_t store_large(const struct store *store, uint64_t size);
/* An object of no class, of so many bytes. false: there is no room (or, in *r, no heap: -ENOMEM). */
bool store_take_large(struct store *store, uint64_t bytes, uint64_t align, struct object *object, int *r);
/* The slab that has the pointer, in any window; NULL: none. */
struct slab *store_slab(const struct store *store, uintptr_t pointer);
struct piece *store_piece(const struct store *store, uintptr_t pointer);
/* Not handed out any more. */
void store_give(struct store *store, const struct object *object);

/* inverse: 2^32 / size, rounded up, or 0 if there is one object. place: CLASS_PLACE() of the class. */
static inline uint64_t slab_form(uint32_t inverse, uint16_t count, uint16_t place)
{
	return (uint64_t)place << 48 | (uint64_t)count << 32 | inverse;
}

static inline uintptr_t slab_place(uint64_t form)
{
	return (uintptr_t)(form >> 48);
}

/* Where it is noted that an object which begins there, or just before, is handed out; or NULL. */
static inline _Atomic uintptr_t *slab_state(struct slab *slab, uint64_t form, uintptr_t pointer)
{
	uint64_t i = (uint64_t)(pointer - slab->base) * (uint32_t)form >> 32;

	return __builtin_expect(i < (uint16_t)(form >> 32), 1) ? &slab->states[i] : NULL;
}

#endif
