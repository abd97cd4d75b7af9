/* SPDX-License-Identifier: MIT */
/* What is asked of a pool now and then: regions, numbers, and what can be given back. */
#include "api/call.h"
#include "api/pool_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/region_own.h"
#include "base/error.h"

/* Bytes of struct pmem_pool_counts in 3.1, and more than it will ever have. */
#define POOL_STATS_SIZE_3_1 (offsetof(struct pmem_pool_counts, threads) + sizeof(uint64_t))
#define POOL_STATS_SIZE_MAX 4096

int pool_check(const char *operation, const struct pmem_pool *pool)
{
	if (!pool)
		return error_null(operation, "pool");
	if (pool_mine(&pool->objects))
		return 0;
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, NULL, "make a pool of its own",
		"the pool is of the process that this one was forked from");
}

static int find(const char *operation, const struct pmem_pool *pool, const volatile void *pointer,
	struct pmem_region **region, uint64_t *offset)
{
	const struct piece *piece = store_piece(&pool->objects.store, (uintptr_t)pointer);

	if (!piece)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, operation, NULL, NULL,
			"%p is not in the memory of this pool", (const void *)(uintptr_t)pointer);
	*region = piece->owner;
	*offset = piece->offset + ((uintptr_t)pointer - piece->area.base);
	return 0;
}

static int try_no_address(const struct pmem_pool *pool, const volatile void *pointer, uint32_t need,
	uint64_t *address)
{
	const char *operation = need == PMEM_EXTENTS_BUS ? "pool bus" : "pool phys";
	struct pmem_region *region;
	struct pmem_extent extent;
	uint64_t offset;
	size_t count;
	int r;

	if (!pool || !address)
		return error_null(operation, pool ? "out" : "pool");
	r = find(operation, pool, pointer, &region, &offset);
	if (r == 0)
		r = region_extents(region, offset, 1, need, &extent, 1, &count);
	if (r == 0)
		*address = need == PMEM_EXTENTS_BUS ? extent.bus : extent.phys;
	return r;
}

int pool_no_address(const struct pmem_pool *pool, const volatile void *pointer, uint32_t need,
	uint64_t *address)
{
	CALL(pool_context(pool), try_no_address(pool, pointer, need, address));
}

static int try_pool_region(const struct pmem_pool *pool, const volatile void *pointer,
	struct pmem_region **region, uint64_t *offset)
{
	struct pmem_region *found;
	uint64_t at;
	int r;

	if (!pool || !region)
		return error_null("pool region", pool ? "region" : "pool");
	r = find("pool region", pool, pointer, &found, &at);
	if (r == 0) {
		*region = found;
		if (offset)
			*offset = at;
	}
	return r;
}

int pmem_pool_region(const struct pmem_pool *pool, const volatile void *pointer,
	struct pmem_region **region, uint64_t *offset)
{
	CALL(pool_context(pool), try_pool_region(pool, pointer, region, offset));
}

/* Off the list: the first region that the pool took and nothing is in; NULL: there is none. */
static struct pool_region *take_idle(struct pmem_pool *pool)
{
	struct pool_region **at = &pool->regions, *entry;

	pool_lock(&pool->objects);
	while (*at && !((*at)->taken && store_idle(&pool->objects.store, (*at)->region)))
		at = &(*at)->next;
	entry = *at;
	if (entry) {
		*at = entry->next;
		store_remove(&pool->objects.store, entry->region);
		pool->taken -= entry->size;
	}
	pool_unlock(&pool->objects);
	return entry;
}

static int try_pool_trim(struct pmem_pool *pool, uint64_t *bytes)
{
	int r = pool_check("pool trim", pool);
	struct pool_region *entry;
	struct pmem_error why;
	uint64_t sum = 0;

	if (r < 0)
		return r;
	pool_tidy(&pool->objects);
	while ((entry = take_idle(pool))) {
		int one = region_close(entry->region);

		if (one < 0 && r == 0) {
			error_save(&why);
			r = one;
		}
		sum += entry->size;
		free(entry);
	}
	if (r < 0)
		return error_restore(&why);
	if (bytes)
		*bytes = sum;
	return 0;
}

int pmem_pool_trim(struct pmem_pool *pool, uint64_t *bytes)
{
	CALL(pool_context(pool), try_pool_trim(pool, bytes));
}

static int try_pool_stats(struct pmem_pool *pool, struct pmem_pool_counts *stats)
{
	struct pmem_pool_counts known = { .regions = 0 };
	struct pool_numbers numbers;
	int r = pool_check("pool stats", pool);

	if (r < 0)
		return r;
	if (!stats)
		return error_null("pool stats", "stats");
	if (stats->size < POOL_STATS_SIZE_3_1 || stats->size > POOL_STATS_SIZE_MAX)
		return error_set(EINVAL, PMEM_CAUSE_OPTIONS, "pool stats", NULL,
			"set the member size to sizeof the struct", "statistics of %u bytes",
			stats->size);
	pool_lock(&pool->objects);
	for (const struct pool_region *e = pool->regions; e; e = e->next)
		known.regions++;
	pool_unlock(&pool->objects);
	pool_count(&pool->objects, &numbers);
	known.size = stats->size;
	known.bytes = numbers.bytes;
	known.free_bytes = numbers.free_bytes;
	known.objects = numbers.objects;
	known.object_bytes = numbers.object_bytes;
	known.cached = numbers.cached;
	known.cached_bytes = numbers.cached_bytes;
	known.threads = numbers.threads;
	memcpy(stats, &known, known.size < sizeof(known) ? known.size : sizeof(known));
	return 0;
}

int pmem_pool_stats(struct pmem_pool *pool, struct pmem_pool_counts *stats)
{
	CALL(pool_context(pool), try_pool_stats(pool, stats));
}
