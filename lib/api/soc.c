/* SPDX-License-Identifier: MIT */
#include "api/call.h"
#include "soc/reserved.h"
#include "soc/soc.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <bsd/string.h>

#include <pmem/soc.h>

#include "base/error.h"
#include "os/os.h"

/* Can the machine be looked at? Its texts are certain then; else the reason is told. */
static bool look(const struct pmem_ctx *ctx, const char *operation)
{
	struct call call;

	if (!ctx)
		return false;
	call = call_begin();
	return call_end(call, ctx, soc_look(ctx, operation)) == 0;
}

const char *pmem_soc_family(const struct pmem_ctx *ctx)
{
	return look(ctx, "soc family") ? soc_family(ctx)->name : NULL;
}

const char *pmem_soc_vendor(const struct pmem_ctx *ctx)
{
	return look(ctx, "soc vendor") ? soc_family(ctx)->vendor : NULL;
}

const char *pmem_soc_model(const struct pmem_ctx *ctx)
{
	return look(ctx, "soc model") ? soc_model(ctx) : NULL;
}

const char *pmem_soc_compatible(const struct pmem_ctx *ctx, size_t i)
{
	return look(ctx, "soc compatible") ? soc_compatible(ctx, i) : NULL;
}

uint64_t pmem_soc_page_size(const struct pmem_ctx *ctx)
{
	return ctx ? os->page_size() : 0;
}

/* The arguments that most functions here share. */
static int check(const char *operation, const struct pmem_ctx *ctx, const char *node,
	const void *out)
{
	if (!ctx)
		return error_null(operation, "ctx");
	if (!node)
		return error_null(operation, "node");
	return out ? 0 : error_null(operation, "out parameter");
}

static int try_soc_node(const struct pmem_ctx *ctx, const char *node, uint32_t index,
	uint64_t *phys, uint64_t *size)
{
	uint64_t base, length;
	int r = check("soc node", ctx, node, phys);

	if (r == 0)
		r = soc_node_reg(ctx, node, index, &base, &length);
	if (r < 0)
		return r;
	*phys = base;
	if (size)
		*size = length;
	return 0;
}

int pmem_soc_node(const struct pmem_ctx *ctx, const char *node, uint32_t index, uint64_t *phys,
	uint64_t *size)
{
	CALL(ctx, try_soc_node(ctx, node, index, phys, size));
}

static int try_soc_gpio(const struct pmem_ctx *ctx, uint64_t *phys, uint64_t *size)
{
	uint64_t base, length;
	int r = check("soc gpio", ctx, "", phys);

	if (r == 0)
		r = soc_gpio(ctx, &base, &length);
	if (r < 0)
		return r;
	*phys = base;
	if (size)
		*size = length;
	return 0;
}

int pmem_soc_gpio(const struct pmem_ctx *ctx, uint64_t *phys, uint64_t *size)
{
	CALL(ctx, try_soc_gpio(ctx, phys, size));
}

static int try_soc_node_path(const struct pmem_ctx *ctx, const char *node, uint32_t nth,
	char *path, size_t size)
{
	char found[SOC_PATH_MAX];
	int r = check("soc node path", ctx, node, path);

	if (r == 0)
		r = soc_node_path(ctx, node, nth, found);
	if (r < 0)
		return r;
	if (strlen(found) >= size)
		return error_set(ENOSPC, PMEM_CAUSE_LIMIT, "soc node path", found, NULL,
			"the path needs %zu bytes, not %zu", strlen(found) + 1, size);
	strlcpy(path, found, size);
	return 0;
}

int pmem_soc_node_path(const struct pmem_ctx *ctx, const char *node, uint32_t nth, char *path,
	size_t size)
{
	CALL(ctx, try_soc_node_path(ctx, node, nth, path, size));
}

static int try_soc_node_available(const struct pmem_ctx *ctx, const char *node)
{
	int r = check("soc node available", ctx, node, node);

	return r < 0 ? r : soc_node_available(ctx, node);
}

int pmem_soc_node_available(const struct pmem_ctx *ctx, const char *node)
{
	CALL(ctx, try_soc_node_available(ctx, node));
}

static int try_soc_bus_to_phys(const struct pmem_ctx *ctx, const char *master, uint64_t in,
	uint64_t *out)
{
	int r = check("soc bus to phys", ctx, "", out);

	return r < 0 ? r : soc_bus_to_phys(ctx, master, in, out);
}

int pmem_soc_bus_to_phys(const struct pmem_ctx *ctx, const char *master, uint64_t in,
	uint64_t *out)
{
	CALL(ctx, try_soc_bus_to_phys(ctx, master, in, out));
}

static int try_soc_phys_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in,
	uint64_t *out)
{
	int r = check("soc phys to bus", ctx, "", out);

	return r < 0 ? r : soc_phys_to_bus(ctx, master, in, out);
}

int pmem_soc_phys_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in,
	uint64_t *out)
{
	CALL(ctx, try_soc_phys_to_bus(ctx, master, in, out));
}

static int try_soc_coherent(const struct pmem_ctx *ctx, const char *master)
{
	if (!ctx)
		return error_null("soc coherent", "ctx");
	return soc_coherent(ctx, master);
}

int pmem_soc_coherent(const struct pmem_ctx *ctx, const char *master)
{
	CALL(ctx, try_soc_coherent(ctx, master));
}

/* The list, and number i of it. Sets the error. */
static int find_reserved(const struct pmem_ctx *ctx, size_t i, const struct reserved **out)
{
	const struct reserved_list *list;
	int r;

	if (!ctx)
		return error_null("soc reserved", "ctx");
	r = reserved_kept(ctx, &list);
	if (r < 0)
		return r;
	if (i >= list->count)
		return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, "soc reserved", NULL, NULL,
			"there are %zu pieces of reserved memory, so no number %zu", list->count, i);
	*out = &list->entries[i];
	return 0;
}

static int try_soc_reserved_count(const struct pmem_ctx *ctx, size_t *count)
{
	const struct reserved_list *list;
	int r = check("soc reserved count", ctx, "", count);

	if (r == 0)
		r = reserved_kept(ctx, &list);
	if (r == 0)
		*count = list->count;
	return r;
}

int pmem_soc_reserved_count(const struct pmem_ctx *ctx, size_t *count)
{
	CALL(ctx, try_soc_reserved_count(ctx, count));
}

static int try_soc_reserved(const struct pmem_ctx *ctx, size_t i, uint64_t *phys, uint64_t *size,
	uint32_t *flags)
{
	const struct reserved *entry;
	int r = find_reserved(ctx, i, &entry);

	if (r < 0)
		return r;
	if (phys)
		*phys = entry->phys;
	if (size)
		*size = entry->size;
	if (flags)
		*flags = entry->flags;
	return 0;
}

int pmem_soc_reserved(const struct pmem_ctx *ctx, size_t i, uint64_t *phys, uint64_t *size,
	uint32_t *flags)
{
	CALL(ctx, try_soc_reserved(ctx, i, phys, size, flags));
}

static const struct reserved *try_entry(const struct pmem_ctx *ctx, size_t i)
{
	const struct reserved *entry = NULL;

	return find_reserved(ctx, i, &entry) == 0 ? entry : NULL;
}

static const struct reserved *reserved_entry(const struct pmem_ctx *ctx, size_t i)
{
	CALL_AS(const struct reserved *, ctx, try_entry(ctx, i));
}

const char *pmem_soc_reserved_path(const struct pmem_ctx *ctx, size_t i)
{
	const struct reserved *entry = reserved_entry(ctx, i);

	return entry ? entry->path : NULL;
}

const char *pmem_soc_reserved_compatible(const struct pmem_ctx *ctx, size_t i)
{
	const struct reserved *entry = reserved_entry(ctx, i);

	return entry ? entry->compatible : NULL;
}

static int try_soc_node_reserved(const struct pmem_ctx *ctx, const char *node, uint32_t index,
	const char *name, size_t *i)
{
	int r = check("soc node reserved", ctx, node, i);

	if (r < 0)
		return r;
	if (name && index)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "soc node reserved", NULL, NULL,
			"both a name and an index are given");
	return reserved_of_node(ctx, node, index, name, i);
}

int pmem_soc_node_reserved(const struct pmem_ctx *ctx, const char *node, uint32_t index,
	const char *name, size_t *i)
{
	CALL(ctx, try_soc_node_reserved(ctx, node, index, name, i));
}
