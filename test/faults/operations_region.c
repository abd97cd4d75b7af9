/* SPDX-License-Identifier: MIT */
/* Regions: how they come, what is done with them, how they go. */
#include <errno.h>
#include <string.h>

#include "machine.h"
#include "operation.h"

#define PAGE 4096u

void close_region(const struct operation *o, struct world *w)
{
	(void)o;
	if (w->region)
		told("pmem_region_close", pmem_region_close(w->region));
	w->region = NULL;
}

static bool allocates(void)
{
	return ops->alloc != NULL;
}

static bool maps(void)
{
	return ops->map != NULL;
}

static bool imports(void)
{
	return ops->import != NULL;
}

static bool has_gpio(void)
{
	return strcmp(ops->name, "gpiomem") == 0;
}

static bool is_pci(void)
{
	return strcmp(ops->name, "pci") == 0;
}

static bool is_pages(void)
{
	return strcmp(ops->name, "pages") == 0;
}

static bool makes(void)
{
	return allocates() || maps() || imports();
}

int made(const struct world *w, int result)
{
	ck_assert_msg(result < 0 || w->region, "a success, and no region");
	return result;
}

static int alloc_of(const struct operation *o, struct world *w, const char *backend, uint64_t size, uint64_t align)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend, .align = align,
		.flags = o->flags | (fixture ? fixture->alloc_flags : 0) };

	return made(w, pmem_region_alloc(w->ctx, size, &opts, &w->region));
}

static int alloc(const struct operation *o, struct world *w)
{
	return alloc_of(o, w, ops->name, 3 * PAGE - 5, 0);
}

static int alloc_any(const struct operation *o, struct world *w)
{
	return alloc_of(o, w, NULL, 4 * PAGE, 0);
}

static int alloc_aligned(const struct operation *o, struct world *w)
{
	return alloc_of(o, w, ops->name, 16 * PAGE, 16 * PAGE);
}

static int alloc_cold(const struct operation *o, struct world *w)
{
	int r = TOLD(pmem_ctx_new(&w->ctx));

	return r < 0 ? r : alloc(o, w);
}

static int map(const struct operation *o, struct world *w)
{
	return made(w, pmem_region_map(w->ctx, fixture->phys, fixture->size, o->flags, &w->region));
}

static int map_gpio(const struct operation *o, struct world *w)
{
	return made(w, pmem_region_map_gpio(w->ctx, o->flags, &w->region));
}

static int map_node(const struct operation *o, struct world *w)
{
	return made(w, pmem_region_map_node(w->ctx, "/soc/gpiomem@7d504100", 0, o->flags, &w->region));
}

static int map_pci(const struct operation *o, struct world *w)
{
	return made(w, pmem_region_map_pci(w->ctx, "00:04.0", 0, o->flags, &w->region));
}

static int map_file(const struct operation *o, struct world *w)
{
	return made(w, pmem_region_map_file(w->ctx, "/dev/mem", 0, fixture->size, fixture->phys, o->flags, &w->region));
}

static int import(const struct operation *o, struct world *w)
{
	return made(w, pmem_region_import(w->ctx, foreign_fd, o->flags, &w->region));
}

static int sync_dmabuf(const struct operation *o, struct world *w)
{
	int r = TOLD(pmem_dmabuf_cpu_begin(w->ctx, foreign_fd, PMEM_DIR_BOTH));
	int after = TOLD(pmem_dmabuf_cpu_end(w->ctx, foreign_fd, PMEM_DIR_BOTH));

	(void)o;
	return after < 0 ? after : r < 0 ? pmem_error_code(pmem_error_last()) : 0;
}

static void have_memory(const struct operation *o, struct world *w)
{
	(void)o;
	ck_assert_int_eq(os_linux.mmap(NULL, 4 * PAGE, 3, 0x22, -1, 0, &w->memory), 0); /* private, anonymous */
	memset(w->memory, 1, 4 * PAGE);
}

static int register_it(const struct operation *o, struct world *w)
{
	return made(w, pmem_region_register(w->ctx, w->memory, 3 * PAGE, o->flags, &w->region));
}

static void close_registered(const struct operation *o, struct world *w)
{
	close_region(o, w);
	ck_assert_int_eq(((unsigned char *)w->memory)[3 * PAGE - 1], 1); /* unchanged, and there */
	ck_assert_int_eq(os_linux.munmap(w->memory, 4 * PAGE), 0);
}

/* Any region of this machine. */
static void have_region(const struct operation *o, struct world *w)
{
	struct operation plain = *o;

	plain.flags = o->flags & PMEM_ALLOC_NO_MAP ? o->flags : 0;
	if (allocates())
		assert_works(alloc(&plain, w));
	else if (maps())
		assert_works(map(&plain, w));
	else
		assert_works(import(&plain, w));
}

static void have_map(const struct operation *o, struct world *w)
{
	assert_works(map(o, w));
}

static void have_import(const struct operation *o, struct world *w)
{
	assert_works(import(o, w));
}

int act_close(const struct operation *o, struct world *w)
{
	struct pmem_region *region = w->region;

	(void)o;
	w->region = NULL;
	return pmem_region_close(region);
}

static int sync_it(const struct operation *o, struct world *w)
{
	int begun = TOLD(pmem_region_cpu_begin(w->region, 0, PMEM_TO_END, PMEM_DIR_BOTH));

	(void)o;
	if (begun < 0)
		return begun;
	return pmem_region_cpu_end(w->region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
}

static int give_fd(const struct operation *o, struct world *w)
{
	(void)o;
	w->fd = pmem_region_dup_fd(w->region);
	return w->fd < 0 ? w->fd : 0;
}

static void drop_fd(const struct operation *o, struct world *w)
{
	if (w->fd >= 0)
		ck_assert_int_eq(os->close(w->fd), 0);
	close_region(o, w);
}

/* Where it is, in every way. */
static int place(const struct operation *o, struct world *w)
{
	struct pmem_extent extents[4];
	struct pmem_region *found;
	uint64_t value = 0;
	size_t count;
	int r = TOLD(pmem_region_phys(w->region, &value));

	(void)o;
	if (r == 0)
		TOLD(pmem_region_find_phys(w->ctx, value, &found, &value));
	TOLD(pmem_region_bus(w->region, &value));
	TOLD(pmem_region_bus_for(w->region, "/soc", &value));
	TOLD(pmem_region_extents(w->region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, extents, 4, &count));
	TOLD(pmem_region_extents(w->region, 0, PMEM_TO_END, PMEM_EXTENTS_BUS, extents, 4, &count));
	return pmem_region_find(w->ctx, pmem_region_data(w->region), &found, &value);
}

static int life(const struct operation *o, struct world *w)
{
	int r = TOLD(alloc(o, w));

	if (r < 0)
		return r;
	sync_it(o, w);
	place(o, w);
	if (give_fd(o, w) >= 0) {
		TOLD(pmem_region_import(w->ctx, w->fd, 0, (struct pmem_region **)&w->memory));
		if (w->memory)
			TOLD(pmem_region_close(w->memory));
	}
	return act_close(o, w);
}

#define ALLOC(what, bits) { "alloc of " what, bits, .fits = allocates, .act = alloc, .after = close_region }

const struct operation operations_region[] = {
	{ "alloc of the first", .cold = true, .fits = allocates, .act = alloc_cold, .after = close_region },
	ALLOC("memory", 0),
	ALLOC("pieces", PMEM_ALLOC_SCATTERED),
	ALLOC("memory without address", PMEM_ALLOC_NO_ADDRESS),
	ALLOC("memory that may move", PMEM_ALLOC_MAY_MOVE),
	ALLOC("cached memory", PMEM_ALLOC_CACHED),
	ALLOC("uncached memory", PMEM_ALLOC_UNCACHED),
	ALLOC("a dma-buf", PMEM_ALLOC_DMABUF),
	ALLOC("memory that is not mapped", PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS),
	ALLOC("memory for nobody", PMEM_ALLOC_NO_MASTER | PMEM_ALLOC_NO_ZERO),
	{ "alloc of any", .fits = allocates, .act = alloc_any, .after = close_region },
	{ "alloc of aligned", .fits = allocates, .act = alloc_aligned, .after = close_region },
	{ "map", .fits = maps, .act = map, .after = close_region },
	{ "map to read", PMEM_MAP_READONLY, .fits = maps, .act = map, .after = close_region },
	{ "map file", .fits = maps, .act = map_file, .after = close_region },
	{ "map gpio", .fits = has_gpio, .act = map_gpio, .after = close_region },
	{ "map node", .fits = has_gpio, .act = map_node, .after = close_region },
	{ "map pci", .fits = is_pci, .act = map_pci, .after = close_region },
	{ "import", .fits = imports, .act = import, .after = close_region },
	{ "import to read", PMEM_MAP_READONLY, .fits = imports, .act = import, .after = close_region },
	{ "import unmapped", PMEM_IMPORT_NO_MAP, .fits = imports, .act = import, .after = close_region },
	{ "sync a dma-buf", .fits = imports, .act = sync_dmabuf },
	{ "register", .fits = is_pages, .before = have_memory, .act = register_it, .after = close_registered },
	{ "register what may move", PMEM_REGISTER_MAY_MOVE, .fits = is_pages, .before = have_memory,
		.act = register_it, .after = close_registered },
	{ "sync", .fits = makes, .before = have_region, .act = sync_it, .after = close_region },
	{ "sync an import", .fits = imports, .before = have_import, .act = sync_it, .after = close_region },
	{ "give a descriptor", .fits = makes, .before = have_region, .act = give_fd, .after = drop_fd },
	{ "ask a region", .fits = makes, .before = have_region, .act = place, .after = close_region },
	{ "close", .fits = makes, .before = have_region, .act = act_close },
	{ "close a map", .fits = maps, .before = have_map, .act = act_close },
	{ "close an import", .fits = imports, .before = have_import, .act = act_close },
	{ "a life", .fits = allocates, .act = life, .after = drop_fd },
	{ .name = NULL },
};
