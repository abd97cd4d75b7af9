/* SPDX-License-Identifier: MIT */
/* Contexts, pools, and questions about the machine. */
#include <errno.h>
#include <string.h>

#include "machine.h"
#include "operation.h"

static int new_context(const struct operation *o, struct world *w)
{
	(void)o;
	return pmem_ctx_new(&w->ctx);
}

/* What is left of a call that must not be forgotten: the first failure. */
static int first_of(int first, int next)
{
	return first < 0 ? first : next < 0 ? next : 0;
}

static int status(const struct operation *o, struct world *w)
{
	(void)o;
	for (size_t i = 0; i < pmem_backend_count(w->ctx); i++) {
		struct pmem_error *why = NULL;

		TOLD(pmem_backend_status(w->ctx, i, &why));
		pmem_error_free(why);
	}
	return 0;
}

static int machine(const struct operation *o, struct world *w)
{
	uint64_t phys, size;
	char path[256];
	uint32_t flags;
	size_t count = 0;

	(void)o;
	TOLD_POINTER(pmem_soc_family(w->ctx));
	pmem_soc_vendor(w->ctx);
	pmem_soc_model(w->ctx);
	pmem_soc_compatible(w->ctx, 0);
	TOLD(pmem_soc_gpio(w->ctx, &phys, &size));
	TOLD(pmem_soc_node(w->ctx, "brcm,bcm2835-gpio", 0, &phys, &size));
	TOLD(pmem_soc_node_path(w->ctx, "gpio0", 0, path, sizeof(path)));
	TOLD(pmem_soc_node_available(w->ctx, "/soc"));
	TOLD(pmem_soc_phys_to_bus(w->ctx, NULL, 0, &phys));
	TOLD(pmem_soc_bus_to_phys(w->ctx, "/soc", 0xc0000000, &phys));
	TOLD(pmem_soc_coherent(w->ctx, NULL));
	TOLD(pmem_soc_reserved_count(w->ctx, &count));
	TOLD(pmem_soc_reserved(w->ctx, 0, &phys, &size, &flags));
	return 0;
}

static int machine_cold(const struct operation *o, struct world *w)
{
	int r = TOLD(pmem_ctx_new(&w->ctx));

	return r < 0 ? r : machine(o, w);
}

static int heaps(const struct operation *o, struct world *w)
{
	size_t count = 0;
	uint32_t way;
	int r = TOLD(pmem_heap_count(w->ctx, &count));

	(void)o;
	for (size_t i = 0; r == 0 && i < count; i++) {
		TOLD_POINTER(pmem_heap_name(w->ctx, i));
		TOLD_POINTER(pmem_heap_path(w->ctx, i));
		pmem_heap_class(w->ctx, i);
		TOLD(pmem_heap_way(w->ctx, i, &way));
	}
	return r;
}

static bool has_frames(void)
{
	return strcmp(ops->name, "pages") == 0;
}

static int pointers(const struct operation *o, struct world *w)
{
	static unsigned char here[3 * 4096];
	const uint64_t list[] = { (uintptr_t)here, (uintptr_t)here + 4096 };
	struct pmem_extent extents[4];
	uint64_t phys[4];
	size_t count;
	int r;

	(void)o;
	memset(here, 1, sizeof(here));
	r = TOLD(pmem_vaddr_phys(w->ctx, here, phys));
	r = first_of(r, TOLD(pmem_vaddr_phys_bulk(w->ctx, here, 2, phys)));
	r = first_of(r, TOLD(pmem_vaddr_phys_list(w->ctx, list, 2, phys)));
	r = first_of(r, TOLD(pmem_vaddr_pagemap(w->ctx, here, phys)));
	TOLD(pmem_vaddr_extents(w->ctx, here, sizeof(here), extents, 4, &count));
	return 0;
}

static bool has_firmware(void)
{
	return strcmp(ops->name, "videocore") == 0;
}

static int firmware(const struct operation *o, struct world *w)
{
	uint64_t value;
	size_t count;

	(void)o;
	for (uint32_t what = 0; what < 12; what++)
		TOLD(pmem_firmware_get(w->ctx, what, &value));
	return pmem_firmware_reclaim(w->ctx, 0, &count, &value);
}

/* --- pools ---------------------------------------------------------------------------------- */

static bool gives_pools(void)
{
	return ops->alloc != NULL;
}

static int new_pool(const struct operation *o, struct world *w)
{
	const struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = ops->name,
		.flags = fixture->alloc_flags };
	const struct pmem_pool_opts opts = { .size = sizeof(opts), .grow = 98304, .alloc = &alloc };

	(void)o;
	return pmem_pool_new(w->ctx, &opts, &w->pool);
}

void close_pool(const struct operation *o, struct world *w)
{
	if (w->pool)
		told("pmem_pool_close", pmem_pool_close(w->pool));
	w->pool = NULL;
	close_region(o, w);
}

static void have_pool(const struct operation *o, struct world *w)
{
	assert_works(new_pool(o, w));
}

/* Objects, a large one and of two sizes; giving them back never fails. */
static int objects(const struct operation *o, struct world *w)
{
	static const uint64_t sizes[] = { 66000, 64, 4096 };
	void *p[ARRAY_SIZE(sizes)];
	uint64_t value;
	int r = 0;

	(void)o;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		p[i] = pmem_pool_alloc(w->pool, sizes[i], 0);
		if (!p[i])
			r = told("pmem_pool_alloc", -errno);
		else
			TOLD(pmem_pool_phys(w->pool, p[i], &value));
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		ck_assert_int_eq(pmem_pool_free(w->pool, p[i]), 0);
	TOLD(pmem_pool_trim(w->pool, &value));
	return r;
}

static void have_objects(const struct operation *o, struct world *w)
{
	have_pool(o, w);
	ck_assert_ptr_nonnull(pmem_pool_alloc(w->pool, 100, 0));
}

static int close_it(const struct operation *o, struct world *w)
{
	struct pmem_pool *pool = w->pool;

	(void)o;
	w->pool = NULL;
	return pmem_pool_close(pool);
}

static void have_both(const struct operation *o, struct world *w)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = ops->name, .flags = fixture->alloc_flags };

	have_pool(o, w);
	assert_works(pmem_region_alloc(w->ctx, 16 * 4096, &opts, &w->region));
}

static int add(const struct operation *o, struct world *w)
{
	int r = TOLD(pmem_pool_add_region(w->pool, w->region));

	(void)o;
	if (r < 0)
		return r;
	w->object = pmem_pool_alloc(w->pool, 64, 0);
	return w->object ? pmem_pool_free(w->pool, w->object) : -errno;
}

const struct operation operations_ask[] = {
	{ "context", .cold = true, .act = new_context },
	{ "machine, asked first", .cold = true, .act = machine_cold },
	{ "machine", .act = machine },
	{ "backends", .act = status },
	{ "heaps", .act = heaps },
	{ "pointers", .fits = has_frames, .act = pointers },
	{ "firmware", .fits = has_firmware, .act = firmware },
	{ "pool", .fits = gives_pools, .act = new_pool, .after = close_pool },
	{ "objects", .fits = gives_pools, .before = have_pool, .act = objects, .after = close_pool },
	{ "add to a pool", .fits = gives_pools, .before = have_both, .act = add, .after = close_pool },
	{ "close a pool", .fits = gives_pools, .before = have_objects, .act = close_it },
	{ .name = NULL },
};
