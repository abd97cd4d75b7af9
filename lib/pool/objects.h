/* SPDX-License-Identifier: MIT */
/*
 * A store of objects that threads share: a lock for the store, and for each thread a stack of free
 * objects of each size, which needs none. No errors are set here; lib/api/pool.c explains.
 */
#ifndef POOL_OBJECTS_H
#define POOL_OBJECTS_H

#include "base/attr.h"
#include "os/fork_lock.h"
#include "pool/slabs.h"
#include "pool/threads.h"

/*
 * Free objects of one size that a thread has. Below the lowest is one that is none (its pointer is 0), so that
 * who takes one need not look where the lowest is. The last bin is the place of no class: always empty and full.
 */
struct pool_bin {
	_Atomic(struct object *) top;
	struct object *bottom, *end;
	char even[32 - 3 * sizeof(void *)];
};

_Static_assert(sizeof(struct pool_bin) == CLASS_PLACE(1), "a bin is where its class says");

struct pool_cache {
	struct pool_bin bins[CLASS_COUNT + 1]; /* first: CLASS_PLACE() */
	struct pool_cache *next, *prev;
};

struct pool {
	struct thread_table threads;
	struct store store;
	struct fork_lock lock;    /* of store, caches, and the table when it changes */
	uint32_t process;         /* whose it is */
	atomic_bool busy;         /* something is being changed; a child may find it half done */
	struct pool_cache *caches;
	struct thread_watch watch;
};

struct pool_numbers {
	uint64_t bytes, free_bytes;         /* of all memory; of what is in no slab and no object */
	uint64_t objects, object_bytes;     /* that are handed out */
	uint64_t cached, cached_bytes;      /* that threads keep */
	uint64_t threads;
};

/* 0; or what the kernel says for a page of memory. */
int pool_begin(struct pool *pool, uint64_t align, uint64_t boundary, bool cached);
/* In a child only what can be freed there. */
void pool_end(struct pool *pool);
/* Is it this process's? */
bool pool_mine(const struct pool *pool);

/* For changes by the caller: around store_add(), store_idle(), store_remove(). */
void pool_lock(struct pool *pool);
void pool_unlock(struct pool *pool);

#define POOL_FULL 1
/*
 * size is not 0, align 0 or a power of two, both fit the boundary. 0; POOL_FULL there is no room for it;
 * -ENOMEM no heap. *bytes: what it needs in a row, at least.
 */
int pool_take(struct pool *pool, uint64_t size, uint64_t align, void **pointer, uint64_t *bytes);
/* The same, with the lock held. */
int pool_take_held(struct pool *pool, uint64_t size, uint64_t align, void **pointer,
	uint64_t *bytes);
/*
 * 0; -EALREADY an object that begins there was given back; -EINVAL it points into one; -ENOENT no
 * object is there.
 */
int pool_give(struct pool *pool, uintptr_t pointer);
/* What this thread keeps goes back, and empty slabs. */
void pool_tidy(struct pool *pool);
void pool_count(struct pool *pool, struct pool_numbers *numbers);

/*
 * What others may write at the same time, so that it is atomic; but not what is looked for: that only
 * this thread writes, or one that has told it of. A plain read can be part of a comparison.
 */
#if SANITIZE_THREAD
#define POOL_LOOK(place) atomic_load_explicit(&(place), memory_order_relaxed)
#else
#define POOL_LOOK(place) (*(const uintptr_t *)(uintptr_t)&(place))
#endif

/* This thread's place in the table; NULL: it has none, or not where it is found at once. */
static inline const struct thread_slot *pool_slot(const struct pool *pool)
{
	const struct thread_slot *slot = atomic_load_explicit(&pool->threads.slots,
		memory_order_acquire);
	uintptr_t self = threads_self();

	slot = threads_home(slot, self);
	return POOL_LOOK(slot->thread) == self ? slot : NULL;
}

static inline struct pool_bin *pool_bin(const struct thread_slot *slot, uintptr_t place)
{
	return (struct pool_bin *)(place + POOL_LOOK(slot->what));
}

/*
 * The next three are all that a call costs in the steady state. false: ask pool_take(), pool_give().
 * classes: those that are right for the alignment.
 */

static inline bool pool_take_of(const struct pool *pool, const struct class_table *classes,
	uint64_t size, void **pointer)
{
	uintptr_t place = class_look_up(classes, size), object;
	const struct thread_slot *slot = pool_slot(pool);
	_Atomic uintptr_t *state;
	struct pool_bin *bin;
	struct object *top;

	if (__builtin_expect(!slot, 0))
		return false;
	bin = pool_bin(slot, place);
	top = atomic_load_explicit(&bin->top, memory_order_relaxed) - 1;
	object = top->pointer;
	if (__builtin_expect(!object, 0))
		return false;
	state = top->state;
	atomic_store_explicit(&bin->top, top, memory_order_relaxed);
	atomic_store_explicit(state, object, memory_order_relaxed);
	*pointer = (void *)object;
	return true;
}

/* align is not 0. */
static inline bool pool_take_aligned(const struct pool *pool, uint64_t size, uint64_t align,
	void **pointer)
{
	/* Whatever is a multiple of a power of two gets a class that is one, too. */
	if (align & (align - 1))
		return false;
	return pool_take_of(pool, align > CLASS_LINE ? &pool->store.aligned : &pool->store.classes,
		(size + align - 1) & ~(align - 1), pointer);
}

static inline bool pool_give_quick(struct pool *pool, uintptr_t pointer)
{
	/* Of a pointer from elsewhere any slab: no object in there begins where it points. */
	struct slab *slab = map_slab_at(atomic_load_explicit(&pool->store.maps[0],
		memory_order_acquire), pointer);
	const struct thread_slot *slot;
	_Atomic uintptr_t *state;
	struct pool_bin *bin;
	struct object *top;
	uint64_t form;

	if (__builtin_expect(!slab || !pointer, 0)) /* NULL is what is noted of who is not handed out */
		return false;
	form = slab->form;
	state = slab_state(slab, form, pointer);
	if (__builtin_expect(!state || POOL_LOOK(*state) != pointer, 0))
		return false;
	slot = pool_slot(pool);
	if (__builtin_expect(!slot, 0))
		return false;
	bin = pool_bin(slot, slab_place(form));
	top = atomic_load_explicit(&bin->top, memory_order_relaxed);
	if (__builtin_expect(top == bin->end, 0))
		return false;
	atomic_store_explicit(state, 0, memory_order_relaxed);
	top->pointer = pointer;
	top->state = state;
	atomic_store_explicit(&bin->top, top + 1, memory_order_relaxed);
	return true;
}

#endif
