/* SPDX-License-Identifier: MIT */
#include "pool/objects.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "os/self.h"

/* Objects that a thread keeps of one size: at first, and once it has given back more at a time. */
#define SMALL_FIRST 32u
#define SMALL_MAX   256u
#define LARGE_FIRST 8u
#define LARGE_MAX   64u
#define LARGE_FROM  4096u   /* bytes; above this */

/* Below and above what a bin without room has. */
static struct object no_objects[1];

bool pool_mine(const struct pool *pool)
{
	return pool->process == self_process();
}

void pool_lock(struct pool *pool)
{
	fork_lock_take(&pool->lock);
	atomic_store(&pool->busy, true);
	/* Before any of the changes, also for who sees memory as a child does: at one moment. */
	atomic_thread_fence(memory_order_seq_cst);
}

void pool_unlock(struct pool *pool)
{
	atomic_store(&pool->busy, false);
	fork_lock_give(&pool->lock);
}

static size_t bin_count(const struct pool_bin *bin)
{
	return (size_t)(atomic_load_explicit(&bin->top, memory_order_relaxed) - bin->bottom);
}

/* The oldest count objects of the bin go back. The lock is held. */
static void give_back(struct pool *pool, struct pool_bin *bin, size_t count)
{
	size_t left = bin_count(bin) - count;

	for (size_t i = 0; i < count; i++)
		store_give(&pool->store, &bin->bottom[i]);
	if (left)
		memmove(bin->bottom, bin->bottom + count, left * sizeof(*bin->bottom));
	atomic_store_explicit(&bin->top, bin->bottom + left, memory_order_relaxed);
}

static void give_back_all(struct pool *pool, struct pool_cache *cache)
{
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		give_back(pool, &cache->bins[c], bin_count(&cache->bins[c]));
}

static void cache_free(struct pool_cache *cache)
{
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		if (cache->bins[c].end != cache->bins[c].bottom)
			free(cache->bins[c].bottom - 1);
	free(cache);
}

/* A thread of this process ends. */
static void thread_end(struct thread_watch *watch)
{
	struct pool *pool = (struct pool *)(void *)((char *)watch - offsetof(struct pool, watch));
	struct pool_cache *cache;

	pool_lock(pool);
	cache = threads_find(&pool->threads);
	if (cache) {
		threads_drop(&pool->threads);
		give_back_all(pool, cache);
		if (cache->next)
			cache->next->prev = cache->prev;
		if (cache->prev)
			cache->prev->next = cache->next;
		else
			pool->caches = cache->next;
		cache_free(cache);
	}
	pool_unlock(pool);
}

int pool_begin(struct pool *pool, uint64_t align, uint64_t boundary, bool cached)
{
	int r = 0;

	memset(pool, 0, sizeof(*pool));
	pool->process = self_process();
	store_init(&pool->store, align, boundary);
	threads_init(&pool->threads);
	pool->watch.end = thread_end;
	if (cached)
		r = threads_begin(&pool->threads);
	if (r < 0 && r != -EOPNOTSUPP)
		return r;
	threads_watch(&pool->watch);
	return 0;
}

void pool_end(struct pool *pool)
{
	bool mine = pool_mine(pool);

	if (mine)
		threads_unwatch(&pool->watch);
	else if (pool->busy) /* half changed when this child was made: what it has of it stays */
		return;
	threads_free(&pool->threads);
	while (pool->caches) {
		struct pool_cache *next = pool->caches->next;

		cache_free(pool->caches);
		pool->caches = next;
	}
	store_free(&pool->store);
}

/* That of this thread; made if there is none. The lock is held. NULL: then it goes without. */
static struct pool_cache *own_cache(struct pool *pool)
{
	struct pool_cache *cache = threads_find(&pool->threads);

	if (cache || !pool->threads.count)
		return cache;
	cache = calloc(1, sizeof(*cache));
	if (!cache)
		return NULL;
	for (unsigned c = 0; c <= CLASS_COUNT; c++) {
		cache->bins[c].bottom = cache->bins[c].end = no_objects + 1;
		atomic_init(&cache->bins[c].top, no_objects + 1);
	}
	/* What nobody will ask to give back is not kept. */
	if (!threads_ask_for_end() || !threads_put(&pool->threads, cache)) {
		free(cache);
		return NULL;
	}
	cache->next = pool->caches;
	if (cache->next)
		cache->next->prev = cache;
	pool->caches = cache;
	return cache;
}

/* Room for more; false: it has the most, or there is no memory. */
static bool bin_grow(struct pool_bin *bin, unsigned class)
{
	bool large = class_size(class) > LARGE_FROM;
	size_t capacity = (size_t)(bin->end - bin->bottom), count = bin_count(bin);
	struct object *old = capacity ? bin->bottom - 1 : NULL, *made;

	if (capacity == (large ? LARGE_MAX : SMALL_MAX))
		return false;
	capacity = capacity ? 2 * capacity : large ? LARGE_FIRST : SMALL_FIRST;
	made = reallocarray(old, capacity + 1, sizeof(*made));
	if (!made)
		return false;
	*made++ = no_objects[0];
	bin->bottom = made;
	bin->end = made + capacity;
	atomic_store_explicit(&bin->top, made + count, memory_order_relaxed);
	return true;
}

static void hand_out(const struct object *object, void **pointer)
{
	atomic_store_explicit(object->state, object->pointer, memory_order_relaxed);
	*pointer = (void *)object->pointer;
}

/* Half of what the bin has room for, and one of those. The lock is held. */
static int refill(struct pool *pool, unsigned class, struct object *object)
{
	struct pool_cache *cache = own_cache(pool);
	struct pool_bin *bin = cache ? &cache->bins[class] : NULL;
	struct object *top;
	size_t n;
	int r = POOL_FULL;

	if (bin && bin_count(bin)) { /* asked for in a way that is not quick */
		n = bin_count(bin);
	} else if (bin && (bin->end != bin->bottom || bin_grow(bin, class))) {
		n = store_take(&pool->store, class, bin->bottom,
			(size_t)(bin->end - bin->bottom) / 2, &r);
	} else {
		return store_take(&pool->store, class, object, 1, &r) ? 0 : r;
	}
	if (!n)
		return r;
	top = bin->bottom + n - 1;
	*object = *top;
	atomic_store_explicit(&bin->top, top, memory_order_relaxed);
	return 0;
}

int pool_take_held(struct pool *pool, uint64_t size, uint64_t align, void **pointer,
	uint64_t *bytes)
{
	unsigned class = store_class(&pool->store, size, align);
	struct object object;
	int r = POOL_FULL;

	*bytes = store_large(&pool->store, size);
	if (class != CLASS_NONE)
		r = refill(pool, class, &object);
	/* Sizes of classes are rounded up: 4096 bytes of a class may not fit into the page that is left. */
	if (r == POOL_FULL && store_take_large(&pool->store, *bytes, align ? align : 1, &object, &r))
		r = 0;
	if (r == 0)
		hand_out(&object, pointer);
	return r;
}

int pool_take(struct pool *pool, uint64_t size, uint64_t align, void **pointer, uint64_t *bytes)
{
	int r;

	pool_lock(pool);
	r = pool_take_held(pool, size, align, pointer, bytes);
	pool_unlock(pool);
	return r;
}

static int why_not(const struct slab *slab, uintptr_t pointer)
{
	uint64_t offset = pointer - slab->base;
	uint64_t size = slab->class == CLASS_NONE ? span_bytes(slab->span) : class_size(slab->class);
	uint64_t i = offset / size;
	uintptr_t start = slab->base + (uintptr_t)(i * size);

	if (i >= slab->count)
		return -ENOENT;
	if (pointer == start && i < slab->fresh)
		return -EALREADY;
	return atomic_load(&slab->states[i]) == start ? -EINVAL : -ENOENT;
}

/* The lock is held. */
static int give(struct pool *pool, uintptr_t pointer)
{
	struct slab *slab = store_slab(&pool->store, pointer);
	struct object object = { pointer, slab ? slab_state(slab, slab->form, pointer) : NULL };
	struct pool_cache *cache;
	struct pool_bin *bin;
	struct object *top;

	if (!slab)
		return -ENOENT;
	if (!object.state || atomic_load(object.state) != pointer)
		return why_not(slab, pointer);
	atomic_store(object.state, 0);
	cache = slab->class == CLASS_NONE ? NULL : own_cache(pool);
	bin = cache ? &cache->bins[slab->class] : NULL;
	if (bin && atomic_load(&bin->top) == bin->end && !bin_grow(bin, slab->class))
		give_back(pool, bin, bin_count(bin) / 2);
	top = bin ? atomic_load(&bin->top) : NULL;
	if (!bin || top == bin->end) { /* no memory for the bin */
		store_give(&pool->store, &object);
		return 0;
	}
	*top = object;
	atomic_store_explicit(&bin->top, top + 1, memory_order_relaxed);
	return 0;
}

int pool_give(struct pool *pool, uintptr_t pointer)
{
	int r;

	pool_lock(pool);
	r = give(pool, pointer);
	pool_unlock(pool);
	return r;
}

void pool_tidy(struct pool *pool)
{
	struct pool_cache *cache;

	pool_lock(pool);
	cache = threads_find(&pool->threads);
	if (cache)
		give_back_all(pool, cache);
	store_tidy(&pool->store);
	pool_unlock(pool);
}

void pool_count(struct pool *pool, struct pool_numbers *numbers)
{
	*numbers = (struct pool_numbers){ .threads = 0 };
	pool_lock(pool);
	for (const struct pool_cache *cache = pool->caches; cache; cache = cache->next) {
		numbers->threads++;
		for (unsigned c = 0; c < CLASS_COUNT; c++) {
			size_t count = bin_count(&cache->bins[c]);

			numbers->cached += count;
			numbers->cached_bytes += (uint64_t)count * class_size(c);
		}
	}
	numbers->bytes = pool->store.bytes;
	numbers->free_bytes = pool->store.spans.free_bytes;
	numbers->objects = pool->store.objects - numbers->cached;
	numbers->object_bytes = pool->store.object_bytes - numbers->cached_bytes;
	pool_unlock(pool);
}
