/* SPDX-License-Identifier: MIT */
/*
 * Every allocation and every system call of every public path failing in turn, on the played
 * machine of each backend: a clean error or full success, and no byte, descriptor or mapping left.
 */
#include "memory.h"

#include <errno.h>
#include <string.h>

#include "figures.h"
#include "heap.h"
#include "machine.h"

/* What can be asked of a region. */
static void ask_region(struct pmem_ctx *own, struct pmem_region *region)
{
	struct pmem_region *found;
	struct pmem_extent extent;
	uint64_t value;
	size_t count;
	int fd;

	pmem_region_phys(region, &value);
	pmem_region_bus(region, &value);
	pmem_region_bus_for(region, "/soc", &value);
	pmem_region_extent(region, 0, &value, NULL);
	pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS | PMEM_EXTENTS_BUS, &extent, 1,
		&count);
	/* Closing it waits for ever if one of them keeps the lock. */
	pmem_region_find(own, pmem_region_data(region), &found, &value);
	pmem_region_find_phys(own, fixture->phys, &found, &value);
	if (fixture->touchable) {
		pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
		pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
	}
	fd = pmem_region_dup_fd(region);
	fake_guard(false);
	if (fd >= 0)
		os->close(fd);
	fake_guard(true);
	pmem_region_close(region);
}

/* Objects, a large one and of two sizes, in one region of its own. */
static void ask_pool(struct pmem_ctx *own, const struct pmem_alloc_opts *alloc)
{
	struct pmem_pool_opts opts = { .size = sizeof(opts), .grow = 98304, .alloc = alloc };
	struct pmem_pool_counts stats = { .size = sizeof(stats) };
	static const uint64_t sizes[] = { 66000, 64, 4096 };
	void *p[ARRAY_SIZE(sizes)];
	struct pmem_pool *pool;
	uint64_t value;

	if (pmem_pool_new(own, &opts, &pool) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		p[i] = pmem_pool_alloc(pool, sizes[i], 0);
		if (p[i])
			pmem_pool_phys(pool, p[i], &value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		ck_assert_int_eq(pmem_pool_free(pool, p[i]), 0); /* that never fails */
	pmem_pool_stats(pool, &stats);
	pmem_pool_trim(pool, &value);
	pmem_pool_close(pool);
}

/* What can be asked of the machine. */
static void ask_machine(struct pmem_ctx *own)
{
	uint64_t phys, size;
	char path[256];
	uint32_t way;
	size_t count;

	for (size_t i = 0; i < pmem_backend_count(own); i++) {
		struct pmem_error *why = NULL;

		pmem_backend_status(own, i, &why);
		pmem_error_free(why);
	}
	pmem_soc_model(own);
	pmem_soc_gpio(own, &phys, &size);
	pmem_soc_node(own, "brcm,bcm2835-gpio", 0, &phys, &size);
	pmem_soc_node_path(own, "gpio0", 0, path, sizeof(path));
	pmem_soc_phys_to_bus(own, NULL, 0, &phys);
	pmem_firmware_get(own, PMEM_FACT_VC_SIZE, &size);
	pmem_firmware_reclaim(own, 0, &count, &size);
	pmem_vaddr_phys(own, path, &phys);
	pmem_vaddr_phys_bulk(own, path, 1, &phys);
	pmem_vaddr_pagemap(own, path, &phys);
	pmem_heap_count(own, &count);
	pmem_heap_name(own, 0);
	pmem_heap_way(own, 0, &way);
}

/* One life of the library: a context, everything asked of it, a region by each way. */
static int life(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = ops->name,
		.flags = fixture->alloc_flags };
	struct pmem_region *region;
	struct pmem_ctx *own;
	int r = pmem_ctx_new(&own);

	if (r < 0)
		return r;
	fake_guard(true);
	ask_machine(own);
	if (ops->alloc) {
		r = pmem_region_alloc(own, 5000, &opts, &region);
		if (r == 0)
			ask_region(own, region);
	}
	if (ops->alloc)
		ask_pool(own, &opts);
	opts.flags |= PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS;
	if (ops->alloc && pmem_region_alloc(own, 5000, &opts, &region) == 0)
		pmem_region_close(region);
	if (ops->map && pmem_region_map(own, fixture->phys, fixture->size, 0, &region) == 0)
		ask_region(own, region);
	if (ops->import && pmem_region_import(own, foreign_fd, 0, &region) == 0)
		ask_region(own, region);
	if (ops->import && pmem_region_import(own, foreign_fd, PMEM_IMPORT_NO_MAP, &region) == 0)
		pmem_region_close(region);
	if (ops->import && pmem_dmabuf_cpu_begin(own, foreign_fd, PMEM_DIR_READ) == 0)
		pmem_dmabuf_cpu_end(own, foreign_fd, PMEM_DIR_READ);
	if (pmem_region_map_gpio(own, 0, &region) == 0)
		pmem_region_close(region);
	if (pmem_region_map_node(own, "/soc/gpio@7e200000", 0, 0, &region) == 0)
		pmem_region_close(region);
	pmem_ctx_unref(own);
	fake_guard(false);
	return r;
}

/*
 * Some state of a process stays: what is there after one undisturbed life is not a leak. What is
 * learnt of the tree goes with the last context of the machine, so none but those of lives is there.
 */
static size_t settled(void)
{
	pmem_ctx_unref(ctx);
	ctx = NULL;
	heap_arm(0);
	life();
	heap_disarm();
	return heap_live();
}

START_TEST(no_memory)
{
	size_t fds, blocks;
	unsigned tried = 0;
	int r;

	machine_start(_i, true);
	blocks = settled();
	fds = fake_fds();
	for (bool failed = true; failed; tried += failed) {
		unsigned n = tried + 1;

		heap_arm(n);
		r = life();
		/* ENXIO: where there is no memory to note an address, it is not known. */
		ck_assert_msg(r == 0 || r == -ENOMEM || r == -ENXIO, "allocation %u fails: %d", n, r);
		failed = heap_disarm();
		ck_assert_msg(heap_live() == blocks, "%s: %zu blocks left when allocation %u fails",
			ops->name, heap_live() - blocks, n);
		nothing_is_left(fds, "an allocation failed");
		ck_assert_uint_lt(n, 5000);
	}
	test_figure("contract.allocations", tried);
	machine_stop();
}
END_TEST

/* The same with every system call. */
START_TEST(no_call)
{
	const char *failed = "";
	size_t fds, blocks;
	unsigned tried = 0;

	machine_start(_i, true);
	blocks = settled();
	fds = fake_fds();
	for (; failed; tried += failed != NULL) {
		unsigned n = tried + 1;

		heap_arm(0);
		fake_fail(n, EIO);
		ck_assert_int_le(life(), 0);
		failed = fake_failed();
		fake_fail(0, 0);
		heap_disarm();
		ck_assert_msg(heap_live() == blocks, "%s: %zu blocks left when call %u, %s, fails",
			ops->name, heap_live() - blocks, n, failed ? failed : "none");
		nothing_is_left(fds, failed ? failed : "a life");
		ck_assert_uint_lt(n, 20000);
	}
	test_figure("contract.calls", tried);
	machine_stop();
}
END_TEST

void memory_add(TCase *tc, int backends)
{
	tcase_add_loop_test(tc, no_memory, 0, backends);
	tcase_add_loop_test(tc, no_call, 0, backends);
}
