/* SPDX-License-Identifier: MIT */
#include "soc/reserved.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pmem/soc.h>

#include "base/error.h"
#include "dt/find.h"
#include "dt/translate.h"
#include "soc/lookup.h"

#define FOLDER "/reserved-memory"

struct listing {
	const struct dt *dt;
	struct bus bus;              /* how the children are addressed */
	struct reserved_list *list;
};

static int first_compatible(const struct dt *dt, const char *node, char **out)
{
	struct dt_prop prop;
	int r = dt_read(dt, node, "compatible", &prop);

	if (r < 0 && !dt_says_nothing(r))
		return r;
	*out = strdup(r == 0 && dt_string(&prop, 0) ? dt_string(&prop, 0) : "");
	if (r == 0)
		dt_free(&prop);
	return *out ? 0 : -ENOMEM;
}

static int read_flags(const struct dt *dt, const char *node, uint32_t *flags)
{
	static const struct {
		const char *property, *compatible;
		uint32_t flag;
	} known[] = {
		{ "no-map", NULL, PMEM_RESERVED_NO_MAP },
		{ "reusable", NULL, PMEM_RESERVED_REUSABLE },
		{ NULL, "shared-dma-pool", PMEM_RESERVED_POOL },
		{ "linux,cma-default", NULL, PMEM_RESERVED_DEFAULT },
		{ "linux,dma-default", NULL, PMEM_RESERVED_DEFAULT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		int r = known[i].property ? dt_has(dt, node, known[i].property) :
			dt_compatible(dt, node, known[i].compatible);

		if (r < 0 && !dt_says_nothing(r))
			return r;
		*flags |= r == 1 ? known[i].flag : 0;
	}
	return 0;
}

/* One more row of that node. */
static int add(struct listing *l, const char *node, uint32_t index, uint64_t phys, uint64_t size,
	uint32_t flags)
{
	struct reserved_list *list = l->list;
	struct reserved *more = reallocarray(list->entries, list->count + 1, sizeof(*more)), *entry;
	int r;

	if (!more)
		return -ENOMEM;
	list->entries = more;
	entry = &more[list->count];
	*entry = (struct reserved){ .path = strdup(node), .index = index, .flags = flags, .phys = phys,
		.size = size };
	list->count++; /* what it has is freed with the list from now on */
	r = read_flags(l->dt, node, &entry->flags);
	if (r == 0)
		r = first_compatible(l->dt, node, &entry->compatible);
	return entry->path ? r : -ENOMEM;
}

/* Its size only: Linux finds a place for it, and the tree does not learn which. */
static int add_dynamic(struct listing *l, const char *node)
{
	struct dt_prop prop;
	uint64_t size = 0;
	int r = dt_read(l->dt, node, "size", &prop);

	if (r < 0)
		return dt_says_nothing(r) ? 0 : r;
	if (l->bus.size_cells && prop.size >= l->bus.size_cells * sizeof(uint32_t))
		size = dt_number(&prop, 0, l->bus.size_cells);
	dt_free(&prop);
	return size ? add(l, node, 0, PMEM_ADDRESS_NONE, size, PMEM_RESERVED_DYNAMIC) : 0;
}

/* reg wins over size. What is disabled, empty or not to be translated is nothing to Linux either. */
static int add_node(void *user, const char *node)
{
	struct listing *l = user;
	struct translate_why why = { .text = NULL };
	uint64_t phys, size;
	uint32_t index = 0;
	int r = dt_available(l->dt, node);

	if (r <= 0)
		return dt_says_nothing(r) ? 0 : r;
	r = dt_has(l->dt, node, "reg");
	if (r <= 0)
		return r < 0 && !dt_says_nothing(r) ? r : add_dynamic(l, node);
	for (r = 0; r == 0; index++) {
		r = translate_reg(l->dt, node, index, &phys, &size, &why);
		if (r == 0 && size && phys != PMEM_ADDRESS_NONE)
			r = add(l, node, index, phys, size, 0);
	}
	return r == -ENOENT || r == -ENXIO || dt_says_nothing(r) ? 0 : r;
}

static int read_list(const struct dt *dt, struct reserved_list *list)
{
	struct listing l = { .dt = dt, .list = list };
	int r = translate_bus(dt, FOLDER, &l.bus);

	if (r == 0)
		r = dt_children(dt, FOLDER, add_node, &l);
	return dt_says_nothing(r) ? 0 : r;
}

int reserved_kept(const struct pmem_ctx *ctx, const struct reserved_list **out)
{
	struct reserved_list *list, *before = NULL;
	const struct dt *dt;
	int r = lookup_tree(ctx, "reserved memory", &dt);

	if (r < 0)
		return r;
	list = atomic_load(&ctx->soc->reserved);
	if (!list) {
		list = calloc(1, sizeof(*list));
		r = list ? read_list(dt, list) : -ENOMEM;
		if (r < 0) {
			reserved_free(list);
			return lookup_error(dt, "reserved memory", FOLDER, r, NULL);
		}
		/* Another thread may have been faster, and told what is in its list. */
		if (!atomic_compare_exchange_strong(&ctx->soc->reserved, &before, list)) {
			reserved_free(list);
			list = before;
		}
	}
	*out = list;
	return 0;
}

static int no_such_entry(const struct dt *dt, const char *node, uint32_t index, const char *name)
{
	if (dt_has(dt, node, "memory-region") != 1)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "node memory", node, NULL,
			"the node has no memory-region");
	if (name)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "node memory", node, NULL,
			"its memory-region-names have no \"%s\"", name);
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "node memory", node, NULL,
		"its memory-region has no entry %u", index);
}

static int find_name(const struct dt *dt, const char *node, const char *name, uint32_t *index)
{
	struct dt_prop names;
	int r = dt_read(dt, node, "memory-region-names", &names);

	if (r < 0)
		return r;
	r = dt_string_index(&names, name);
	dt_free(&names);
	if (r >= 0)
		*index = (uint32_t)r;
	return r < 0 ? r : 0;
}

static int find_target(const struct dt *dt, const char *node, uint32_t index, char *target)
{
	struct dt_prop links;
	int r = dt_read(dt, node, "memory-region", &links);

	if (r < 0)
		return r;
	r = index < links.size / sizeof(uint32_t) ? find_phandle(dt, dt_cell(&links, index), target) :
		-ERANGE;
	dt_free(&links);
	return r;
}

int reserved_of_node(const struct pmem_ctx *ctx, const char *node, uint32_t index, const char *name,
	size_t *entry)
{
	char path[DT_PATH_MAX], target[DT_PATH_MAX];
	const struct reserved_list *list;
	const struct dt *dt;
	int r = lookup_node(ctx, "node memory", node, &dt, path);

	if (r == 0)
		r = reserved_kept(ctx, &list);
	if (r < 0)
		return r;
	if (name) {
		r = find_name(dt, path, name, &index);
		if (dt_says_nothing(r))
			return no_such_entry(dt, path, index, name);
	}
	if (r == 0)
		r = find_target(dt, path, index, target);
	if (r == -ERANGE || (r < 0 && dt_has(dt, path, "memory-region") == 0))
		return no_such_entry(dt, path, index, NULL);
	if (r < 0 && !dt_says_nothing(r))
		return lookup_error(dt, "node memory", path, r, NULL);
	for (size_t i = 0; r == 0 && i < list->count; i++) {
		if (strcmp(list->entries[i].path, target) == 0) {
			*entry = i;
			return 0;
		}
	}
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "node memory", path, NULL,
		"entry %u of its memory-region leads to no reserved memory that is available", index);
}
