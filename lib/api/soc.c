/* SPDX-License-Identifier: MIT */
#include "api/call.h"
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
