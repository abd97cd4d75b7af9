/* SPDX-License-Identifier: MIT */
/*
 * What a program calls for each object. In the steady state nothing is held, set up or told: that is
 * done by those that are called if it is not quick.
 */
#include "api/pool_own.h"

static __attribute__((noinline)) void *alloc_aligned(struct pmem_pool *pool, uint64_t size,
	uint64_t align)
{
	void *pointer;

	if (__builtin_expect(pool_take_aligned(&pool->objects, size, align, &pointer), 1))
		return pointer;
	return pool_alloc_slowly(pool, size, align);
}

void *pmem_pool_alloc(struct pmem_pool *pool, uint64_t size, uint64_t align)
{
	void *pointer;

	if (__builtin_expect(!pool, 0))
		return pool_alloc_slowly(pool, size, align);
	if (__builtin_expect(align > 1, 0))
		return alloc_aligned(pool, size, align);
	if (__builtin_expect(pool_take_of(&pool->objects, &pool->objects.store.classes, size, &pointer), 1))
		return pointer;
	return pool_alloc_slowly(pool, size, align);
}

int pmem_pool_free(struct pmem_pool *pool, void *pointer)
{
	if (__builtin_expect(pool && pool_give_quick(&pool->objects, (uintptr_t)pointer), 1))
		return 0;
	return pool_free_slowly(pool, pointer);
}

static inline int address(const struct pmem_pool *pool, const volatile void *pointer, uint32_t need,
	uint64_t *out)
{
	if (__builtin_expect(pool && out, 1)) {
		const struct map *map = atomic_load_explicit(&pool->objects.store.maps[0],
			memory_order_acquire);
		uintptr_t i;

		if (__builtin_expect(map_index(map, (uintptr_t)pointer, &i), 1)) {
			uint64_t entry = map_entry(need == PMEM_EXTENTS_BUS ? &map->bus[i] :
				&map->phys[i]);

			if (__builtin_expect(entry != 0, 1)) {
				*out = entry - 1 + (uintptr_t)pointer;
				return 0;
			}
		}
	}
	return pool_no_address(pool, pointer, need, out);
}

int pmem_pool_phys(const struct pmem_pool *pool, const volatile void *pointer, uint64_t *phys)
{
	return address(pool, pointer, PMEM_EXTENTS_PHYS, phys);
}

int pmem_pool_bus(const struct pmem_pool *pool, const volatile void *pointer, uint64_t *bus)
{
	return address(pool, pointer, PMEM_EXTENTS_BUS, bus);
}
