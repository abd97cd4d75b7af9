/* SPDX-License-Identifier: MIT */
#include "shim.h"

#include <errno.h>

#include "shim_result.h"

struct pmemgo pmemgo_pool_new(
	struct pmem_ctx *ctx, struct pmem_pool_opts opts, struct pmem_alloc_opts alloc)
{
	struct pmem_pool *pool = NULL;
	int r;

	opts.size = sizeof(opts);
	alloc.size = sizeof(alloc);
	opts.alloc = &alloc;
	r = pmem_pool_new(ctx, &opts, &pool);
	return object(r, pool);
}

struct pmemgo pmemgo_pool_close(struct pmem_pool *pool)
{
	return done(pmem_pool_close(pool));
}

struct pmemgo pmemgo_pool_add_region(struct pmem_pool *pool, struct pmem_region *region)
{
	return done(pmem_pool_add_region(pool, region));
}

struct pmemgo pmemgo_pool_alloc(struct pmem_pool *pool, uint64_t size, uint64_t align)
{
	errno = 0;
	return pointer(pmem_pool_alloc(pool, size, align));
}

struct pmemgo pmemgo_pool_free(struct pmem_pool *pool, void *freed)
{
	return done(pmem_pool_free(pool, freed));
}

struct pmemgo pmemgo_pool_phys(const struct pmem_pool *pool, uintptr_t where)
{
	uint64_t phys = 0;
	int r = pmem_pool_phys(pool, (const void *)where, &phys);

	return numbers(r, phys, 0);
}

struct pmemgo pmemgo_pool_bus(const struct pmem_pool *pool, uintptr_t where)
{
	uint64_t bus = 0;
	int r = pmem_pool_bus(pool, (const void *)where, &bus);

	return numbers(r, bus, 0);
}

struct pmemgo pmemgo_pool_region(const struct pmem_pool *pool, uintptr_t where)
{
	struct pmem_region *region = NULL;
	uint64_t offset = 0;
	int r = pmem_pool_region(pool, (const void *)where, &region, &offset);
	struct pmemgo got = numbers(r, offset, 0);

	got.object = region;
	return got;
}

struct pmemgo pmemgo_pool_sync(
	const struct pmem_pool *pool, uintptr_t where, uint64_t size, uint32_t direction, int begin)
{
	struct pmemgo got = pmemgo_pool_region(pool, where);

	if (got.result < 0)
		return got;
	return begin ? pmemgo_region_cpu_begin(got.object, got.a, size, direction) :
		       pmemgo_region_cpu_end(got.object, got.a, size, direction);
}

struct pmemgo pmemgo_pool_trim(struct pmem_pool *pool)
{
	uint64_t bytes = 0;
	int r = pmem_pool_trim(pool, &bytes);

	return numbers(r, bytes, 0);
}

struct pmemgo pmemgo_pool_stats(struct pmem_pool *pool, struct pmem_pool_counts *counts)
{
	counts->size = sizeof(*counts);
	return done(pmem_pool_stats(pool, counts));
}
