/* SPDX-License-Identifier: MIT */
#include "soc/soc.h"

#include <errno.h>
#include <string.h>

#include <bsd/string.h>

#include <pmem/soc.h>

#include "error.h"
#include "os.h"

const char *pmem_soc_family(const struct pmem_ctx *ctx)
{
	const char *name;
	struct error_mark mark;

	if (!ctx)
		return NULL;
	error_mark(&mark);
	name = soc_family(ctx)->name;
	error_settle(&mark, 0);
	return name;
}

const char *pmem_soc_vendor(const struct pmem_ctx *ctx)
{
	const char *vendor;
	struct error_mark mark;

	if (!ctx)
		return NULL;
	error_mark(&mark);
	vendor = soc_family(ctx)->vendor;
	error_settle(&mark, 0);
	return vendor;
}

const char *pmem_soc_model(const struct pmem_ctx *ctx)
{
	const char *text;
	struct error_mark mark;

	if (!ctx)
		return NULL;
	error_mark(&mark);
	text = soc_model(ctx);
	error_settle(&mark, 0);
	return text;
}

const char *pmem_soc_compatible(const struct pmem_ctx *ctx, size_t i)
{
	const char *text;
	struct error_mark mark;

	if (!ctx)
		return NULL;
	error_mark(&mark);
	text = soc_compatible(ctx, i);
	error_settle(&mark, 0);
	return text;
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

int pmem_soc_node(const struct pmem_ctx *ctx, const char *node, unsigned index, uint64_t *phys,
	uint64_t *size)
{
	uint64_t base, length;
	struct error_mark mark;
	int r = check("soc node", ctx, node, phys);

	if (r < 0)
		return r;
	error_mark(&mark);
	r = error_settle(&mark, soc_node_reg(ctx, node, index, &base, &length));
	if (r < 0)
		return r;
	*phys = base;
	if (size)
		*size = length;
	return 0;
}

int pmem_soc_gpio(const struct pmem_ctx *ctx, uint64_t *phys, uint64_t *size)
{
	uint64_t base, length;
	struct error_mark mark;
	int r = check("soc gpio", ctx, "", phys);

	if (r < 0)
		return r;
	error_mark(&mark);
	r = error_settle(&mark, soc_gpio(ctx, &base, &length));
	if (r < 0)
		return r;
	*phys = base;
	if (size)
		*size = length;
	return 0;
}

int pmem_soc_node_path(const struct pmem_ctx *ctx, const char *node, unsigned nth, char *path,
	size_t size)
{
	char found[SOC_PATH_MAX];
	struct error_mark mark;
	int r = check("soc node path", ctx, node, path);

	if (r < 0)
		return r;
	error_mark(&mark);
	r = error_settle(&mark, soc_node_path(ctx, node, nth, found));
	if (r < 0)
		return r;
	if (strlen(found) >= size)
		return error_set(ENOSPC, PMEM_CAUSE_LIMIT, "soc node path", found, NULL,
			"the path needs %zu bytes, not %zu", strlen(found) + 1, size);
	strlcpy(path, found, size);
	return 0;
}

int pmem_soc_node_available(const struct pmem_ctx *ctx, const char *node)
{
	struct error_mark mark;
	int r = check("soc node available", ctx, node, node);

	if (r < 0)
		return r;
	error_mark(&mark);
	return error_settle(&mark, soc_node_available(ctx, node));
}

int pmem_soc_bus_to_phys(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out)
{
	struct error_mark mark;
	int r = check("soc bus to phys", ctx, "", out);

	if (r < 0)
		return r;
	error_mark(&mark);
	return error_settle(&mark, soc_bus_to_phys(ctx, master, in, out));
}

int pmem_soc_phys_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out)
{
	struct error_mark mark;
	int r = check("soc phys to bus", ctx, "", out);

	if (r < 0)
		return r;
	error_mark(&mark);
	return error_settle(&mark, soc_phys_to_bus(ctx, master, in, out));
}

int pmem_soc_coherent(const struct pmem_ctx *ctx, const char *master)
{
	struct error_mark mark;

	if (!ctx)
		return error_null("soc coherent", "ctx");
	error_mark(&mark);
	return error_settle(&mark, soc_coherent(ctx, master));
}
