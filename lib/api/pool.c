/* SPDX-License-Identifier: MIT */
/* Pools: where their memory comes from, and why something is refused. */
#include "api/call.h"
#include "api/pool_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "api/region_own.h"
#include "backend/backing.h"
#include "base/bits.h"
#include "base/error.h"

#define ALIGN_MAX  (1ull << 30)
#define SLAB_USUAL 65536u

static int no_heap(const char *operation)
{
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, operation, NULL, NULL,
		"no memory to note what is where");
}

static int try_pool_new(struct pmem_ctx *ctx, const struct pmem_pool_opts *opts,
	struct pmem_pool **out)
{
	struct pmem_pool *pool;
	int r;

	if (!ctx || !out)
		return error_null("pool new", ctx ? "out" : "ctx");
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return no_heap("pool new");
	r = pool_options_make(ctx, opts, &pool->options);
	if (r == 0) {
		r = pool_begin(&pool->objects, pool->options.align, pool->options.boundary,
			!(pool->options.flags & PMEM_POOL_NO_CACHE));
		if (r < 0) {
			error_set(-r, PMEM_CAUSE_LIMIT, "pool new", NULL, NULL,
				"no page for the threads of the pool");
			pool_options_drop(&pool->options);
		}
	}
	if (r < 0) {
		free(pool);
		return r;
	}
	pool->ctx = context_ref(ctx);
	*out = pool;
	return 0;
}

int pmem_pool_new(struct pmem_ctx *ctx, const struct pmem_pool_opts *opts, struct pmem_pool **out)
{
	CALL(ctx, try_pool_new(ctx, opts, out));
}

/* In a child whose parent was adding or removing one, the list may be half of each. */
static int close_regions(struct pmem_pool *pool, bool whole)
{
	struct pmem_error why; /* the first */
	int r = 0;

	while (whole && pool->regions) {
		struct pool_region *next = pool->regions->next;
		int one = pool->regions->taken ? region_close(pool->regions->region) : 0;

		if (one < 0 && r == 0) {
			error_save(&why);
			r = one;
		}
		free(pool->regions);
		pool->regions = next;
	}
	return r < 0 ? error_restore(&why) : 0;
}

static int try_pool_close(struct pmem_pool *pool)
{
	int r;

	if (!pool)
		return 0;
	r = close_regions(pool, pool_mine(&pool->objects) || !pool->objects.busy);
	pool_end(&pool->objects);
	pool_options_drop(&pool->options);
	context_unref(pool->ctx);
	free(pool);
	return r;
}

int pmem_pool_close(struct pmem_pool *pool)
{
	struct pmem_ctx *ctx = context_ref(pool_context(pool));
	struct call call = call_begin();
	int r = call_end(call, ctx, try_pool_close(pool));

	context_unref(ctx);
	return r;
}

/* The extents of the region, with as many addresses as can be known. *count 0: none can. */
static int extents_of(const struct pmem_region *region, struct pmem_extent **extents, size_t *count)
{
	static const uint32_t needs[] = { PMEM_EXTENTS_PHYS | PMEM_EXTENTS_BUS, PMEM_EXTENTS_PHYS,
		PMEM_EXTENTS_BUS };
	int r = -ENXIO;

	*extents = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(needs) && r < 0; i++) {
		r = region_extents(region, 0, PMEM_TO_END, needs[i], NULL, 0, count);
		if (r < 0)
			continue;
		*extents = calloc(*count, sizeof(**extents));
		if (!*extents)
			return -ENOMEM;
		r = region_extents(region, 0, PMEM_TO_END, needs[i], *extents, *count, count);
		if (r < 0) {
			free(*extents);
			*extents = NULL;
		}
	}
	if (r < 0)
		*count = 0;
	return 0;
}

/* The lock is held. Some pieces may be too small to be used, but not all. */
static int add_pieces(struct pmem_pool *pool, struct pmem_region *region,
	const struct pmem_extent *extents, size_t count)
{
	struct store *store = &pool->objects.store;
	uintptr_t base = (uintptr_t)region->data;
	int r = -EINVAL, one;

	if (!count)
		return store_add(store, base, region->size, PIECE_UNKNOWN, PIECE_UNKNOWN, region, 0);
	for (size_t i = 0; i < count; i++) {
		one = store_add(store, base + (uintptr_t)extents[i].offset, extents[i].length,
			extents[i].phys, extents[i].bus, region, extents[i].offset);
		if (one < 0 && one != -EINVAL) {
			store_remove(store, region);
			return one;
		}
		r = one == 0 ? 0 : r;
	}
	return r;
}

/* The object for which the pool takes a region. */
struct wanted {
	uint64_t size, align;
	void **out;
};

/*
 * The object, before anybody else can have the room. A region that is no use for it is taken out again, unless a
 * part of it was set apart before memory for that ran out.
 */
static int take_first(struct pmem_pool *pool, struct pmem_region *region,
	const struct wanted *wanted, bool *out_again)
{
	uint64_t bytes;
	int r = pool_take_held(&pool->objects, wanted->size, wanted->align, wanted->out, &bytes);

	*out_again = r != 0 && store_idle(&pool->objects.store, region);
	if (*out_again)
		store_remove(&pool->objects.store, region);
	return r;
}

/*
 * wanted: for whom the pool took it; NULL: it is the caller's. From the moment that the lock is given back
 * a region that was taken may be used by others, given back by pmem_pool_trim(), and gone. Unless 0,
 * *mine tells whether it is still the caller's to close; POOL_FULL: there is no room in it.
 */
static int add_region(struct pmem_pool *pool, struct pmem_region *region,
	const struct wanted *wanted, bool *mine)
{
	struct pool_region *entry = calloc(1, sizeof(*entry));
	struct pmem_extent *extents = NULL;
	size_t count = 0;
	int r = entry ? extents_of(region, &extents, &count) : -ENOMEM;

	*mine = true;
	if (r == 0) {
		pool_lock(&pool->objects);
		for (const struct pool_region *e = pool->regions; e && r == 0; e = e->next)
			r = e->region == region ? -EEXIST : 0;
		if (r == 0)
			r = add_pieces(pool, region, extents, count);
		*mine = r != 0;
		if (r == 0 && wanted)
			r = take_first(pool, region, wanted, mine);
		if (!*mine) {
			*entry = (struct pool_region){ pool->regions, region,
				region->size, wanted != NULL };
			pool->regions = entry;
			pool->taken += wanted ? region->size : 0;
			entry = NULL;
		}
		pool_unlock(&pool->objects);
	}
	free(extents);
	free(entry);
	if (r == POOL_FULL)
		return r;
	if (r == -ENOMEM)
		return no_heap("pool add region");
	if (r == -EEXIST)
		return error_set(EEXIST, PMEM_CAUSE_BUSY, "pool add region", NULL, NULL,
			"the pool has this region");
	if (r == -ERANGE)
		return error_set(ERANGE, PMEM_CAUSE_LIMIT, "pool add region", NULL,
			"make another pool for it", "the region at %p is further than 256 GiB from all "
			"memory that the pool has", region->data);
	if (r < 0)
		return error_set(EINVAL, PMEM_CAUSE_BOUNDS, "pool add region", NULL, NULL,
			"there is no whole 4 KiB in a piece of these 0x%llx bytes",
			(unsigned long long)region->size);
	return 0;
}

static int try_pool_add_region(struct pmem_pool *pool, struct pmem_region *region)
{
	bool mine;
	int r = pool_check("pool add region", pool);

	if (r < 0)
		return r;
	if (!region)
		return error_null("pool add region", "region");
	if (!region->data)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "pool add region", NULL, NULL,
			"the region is not mapped");
	if (region->attrs & PMEM_REGION_READONLY)
		return error_set(EACCES, PMEM_CAUSE_READONLY, "pool add region", NULL, NULL,
			"the region is read-only");
	return add_region(pool, region, NULL, &mine);
}

int pmem_pool_add_region(struct pmem_pool *pool, struct pmem_region *region)
{
	CALL(pool_context(pool), try_pool_add_region(pool, region));
}

static int limit(const char *why, uint64_t bytes)
{
	return error_set(ENOMEM, PMEM_CAUSE_LIMIT, "pool alloc", NULL,
		"pmem_pool_stats() tells what threads keep; PMEM_POOL_NO_CACHE makes them keep nothing",
		"0x%llx bytes: no room in the pool, and %s", (unsigned long long)bytes, why);
}

/*
 * Another region, and the object in it: bytes at a multiple of align. The growing lock is held. POOL_FULL:
 * a new region has no room for it.
 */
static int grow(struct pmem_pool *pool, uint64_t bytes, uint64_t align,
	const struct wanted *wanted)
{
	struct pmem_alloc_opts alloc = pool->options.alloc;
	uint64_t left, size = pool->options.grow, least;
	struct pmem_region *region;
	struct pmem_error why;
	bool mine;
	int r, closed;

	pool_lock(&pool->objects); /* pmem_pool_trim() of another thread makes it less */
	left = pool->options.max - pool->taken;
	pool_unlock(&pool->objects);
	if (pool->options.flags & PMEM_POOL_NO_GROW)
		return limit("it does not grow (PMEM_POOL_NO_GROW)", bytes);
	if (pool->options.boundary) /* what begins at a multiple of as much crosses none */
		while (align < bytes && align < ALIGN_MAX)
			align *= 2;
	if (alloc.align < align)
		alloc.align = align;
	least = bytes < SLAB_USUAL ? SLAB_USUAL : bytes;
	if (least > left)
		least = bytes < 4096 ? 4096 : bytes;
	if (least > left)
		return limit("it has the most that it may", bytes);
	size = size < least ? least : size > left ? left : size;
	r = region_alloc(pool->ctx, size, &alloc, &region);
	/* A pool of small regions is better than none. */
	if (r == -ENOMEM && size > least)
		r = region_alloc(pool->ctx, least, &alloc, &region);
	if (r < 0)
		return r;
	r = add_region(pool, region, wanted, &mine);
	if (r == 0 || !mine)
		return r;
	error_save(&why);
	closed = region_close(region);
	return r < 0 ? error_restore(&why) : closed < 0 ? closed : r;
}

/* The pool was full. One thread grows it; those that come meanwhile find what it brought. */
static int alloc_by_growing(struct pmem_pool *pool, uint64_t size, uint64_t align, void **out)
{
	const struct wanted wanted = { size, align, out };
	uint64_t bytes;
	int r;

	if (atomic_load(&pool->grower) == threads_self())
		return error_set(EBUSY, PMEM_CAUSE_BUSY, "pool alloc", NULL, NULL,
			"this thread is just growing the pool: asked for by a log callback");
	fork_lock_take(&pool->growing);
	atomic_store(&pool->grower, threads_self());
	r = pool_take(&pool->objects, size, align, out, &bytes);
	if (r == POOL_FULL) {
		r = grow(pool, bytes, align > pool->options.align ? align : pool->options.align, &wanted);
		if (r == POOL_FULL)
			r = error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "pool alloc", NULL,
				"allocate regions without PMEM_ALLOC_SCATTERED",
				"no piece of a new region has room for 0x%llx bytes",
				(unsigned long long)bytes);
	} else if (r < 0) {
		r = no_heap("pool alloc");
	}
	atomic_store(&pool->grower, 0);
	fork_lock_give(&pool->growing);
	return r;
}

static int check_alloc(const struct pmem_pool *pool, uint64_t size, uint64_t align)
{
	int r = pool_check("pool alloc", pool);

	if (r < 0)
		return r;
	if (size == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "pool alloc", NULL, NULL,
			"the size is 0");
	if (align && (!bits_is_power_of_two(align) || align > ALIGN_MAX))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "pool alloc", NULL, NULL,
			"the alignment 0x%llx is not a power of two up to 0x%llx",
			(unsigned long long)align, ALIGN_MAX);
	if (pool->options.boundary && size > pool->options.boundary)
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "pool alloc", NULL, NULL,
			"0x%llx bytes cross the boundary 0x%llx of the pool", (unsigned long long)size,
			(unsigned long long)pool->options.boundary);
	if (size > UINT64_MAX / 8)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "pool alloc", NULL, NULL,
			"0x%llx bytes are in no region", (unsigned long long)size);
	return 0;
}

static int try_pool_alloc(struct pmem_pool *pool, uint64_t size, uint64_t align, void **out)
{
	uint64_t bytes;
	int r = check_alloc(pool, size, align);

	if (r < 0)
		return r;
	r = pool_take(&pool->objects, size, align, out, &bytes);
	if (r < 0)
		return no_heap("pool alloc");
	return r == POOL_FULL ? alloc_by_growing(pool, size, align, out) : 0;
}

void *pool_alloc_slowly(struct pmem_pool *pool, uint64_t size, uint64_t align)
{
	struct call call = call_begin();
	void *pointer = NULL;

	call_end(call, pool_context(pool), try_pool_alloc(pool, size, align, &pointer));
	return pointer;
}

static int try_pool_free(struct pmem_pool *pool, void *pointer)
{
	int r = pool_check("pool free", pool);

	if (r < 0 || !pointer)
		return r;
	r = pool_give(&pool->objects, (uintptr_t)pointer);
	if (r == -EALREADY)
		return error_set(EALREADY, PMEM_CAUSE_NOT_FOUND, "pool free", NULL,
			"it is freed twice, or a pointer was kept too long",
			"the object at %p was given back", pointer);
	if (r == -EINVAL)
		return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, "pool free", NULL,
			"free what pmem_pool_alloc() gave", "%p is inside of an object", pointer);
	if (r < 0)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "pool free", NULL,
			"free it where it was allocated, and once", "no object of this pool is at %p",
			pointer);
	return 0;
}

int pool_free_slowly(struct pmem_pool *pool, void *pointer)
{
	CALL(pool_context(pool), try_pool_free(pool, pointer));
}
