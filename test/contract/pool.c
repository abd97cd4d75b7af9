/* SPDX-License-Identifier: MIT */
/* A pool in a region of each backend, by each way to one: what it says of an object is what the region says. */
#include "pool.h"

#include <string.h>

#include "machine.h"

static void ask_object(struct pmem_pool *pool, struct pmem_region *region, char *p, uint64_t size)
{
	uint64_t offset = 0, phys = 0, told = 0;
	struct pmem_extent extent;
	struct pmem_region *found;
	size_t count;
	int r;

	assert_works(pmem_pool_region(pool, p, &found, &offset));
	ck_assert_ptr_eq(found, region);
	ck_assert_ptr_eq((char *)pmem_region_data(region) + offset, p);
	ck_assert(offset + size <= pmem_region_size(region));
	r = pmem_region_extent(region, offset, &phys, NULL);
	ck_assert_int_eq(pmem_pool_phys(pool, p, &told), r);
	ck_assert(r < 0 || told == phys);
	r = pmem_region_extents(region, offset, size, PMEM_EXTENTS_BUS, &extent, 1, &count);
	ck_assert_int_eq(pmem_pool_bus(pool, p, &told), r);
	ck_assert(r < 0 || (told == extent.bus && count == 1));
	if (fixture->touchable) {
		assert_works(pmem_region_cpu_begin(region, offset, size, PMEM_DIR_BOTH));
		memset(p, 0x77, (size_t)size);
		assert_works(pmem_region_cpu_end(region, offset, size, PMEM_DIR_BOTH));
	}
}

static void use(struct pmem_region *region)
{
	static const uint64_t sizes[] = { 1, 64, 1000, 4096 };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .flags = PMEM_POOL_NO_GROW };
	struct pmem_pool *pool;
	void *p[ARRAY_SIZE(sizes)];
	size_t n = 0;
	int r;

	assert_works(pmem_pool_new(ctx, &opts, &pool));
	r = pmem_pool_add_region(pool, region);
	if (r < 0) { /* registers of less than 4 KiB, and what may not be written */
		ck_assert(pmem_region_size(region) < 2 * 4096 ||
			(pmem_region_attrs(region) & PMEM_REGION_READONLY));
	} else {
		while (n < ARRAY_SIZE(sizes) && (p[n] = pmem_pool_alloc(pool, sizes[n], 0))) {
			ask_object(pool, region, p[n], sizes[n]);
			n++;
		}
		ck_assert_uint_gt(n, 0);
		while (n--)
			assert_works(pmem_pool_free(pool, p[n]));
	}
	assert_works(pmem_pool_close(pool));
	assert_works(pmem_region_close(region));
}

START_TEST(pool_in_a_region)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *region;

	machine_start(_i, true);
	opts.backend = ops->name;
	opts.flags = fixture->alloc_flags;
	if (ops->alloc && backend_find(ops->name)) {
		assert_works(pmem_region_alloc(ctx, 5 * 4096, &opts, &region));
		use(region);
	}
	if (ops->map && backend_find(ops->name) &&
		pmem_region_map(ctx, fixture->phys, fixture->size, 0, &region) == 0)
		use(region);
	if (ops->import && backend_find(ops->name)) {
		assert_works(pmem_region_import(ctx, foreign_fd, 0, &region));
		use(region);
	}
	machine_stop();
}
END_TEST

void pool_add(TCase *tc, int backends)
{
	tcase_add_loop_test(tc, pool_in_a_region, 0, backends);
}
