/* SPDX-License-Identifier: MIT */
/* What the machine is, and questions about nodes; see gpio.c and master.c for the rest. */
#include "soc/soc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dt/find.h"
#include "dt/translate.h"
#include "families/families.h"
#include "soc/lookup.h"

int soc_look(const struct pmem_ctx *ctx, const char *operation)
{
	int r;

	return identify(ctx, &r) ? 0 : lookup_error(NULL, operation, "/proc/device-tree", r, NULL);
}

const struct soc_family *soc_family(const struct pmem_ctx *ctx)
{
	int r;
	const struct soc *soc = identify(ctx, &r);

	return soc ? &soc->family : &ctx->soc->unknown;
}

const char *soc_model(const struct pmem_ctx *ctx)
{
	int r;
	const struct soc *soc = identify(ctx, &r);

	return soc && soc->model ? soc->model : "";
}

const char *soc_compatible(const struct pmem_ctx *ctx, size_t i)
{
	int r;
	const struct soc *soc = identify(ctx, &r);

	return soc && soc->has_tree ? dt_string(&soc->compatible, i) : NULL;
}

bool soc_has_tree(const struct pmem_ctx *ctx)
{
	int r;
	const struct soc *soc = identify(ctx, &r);

	return soc && soc->has_tree;
}

int soc_node_path(const struct pmem_ctx *ctx, const char *node, unsigned nth, char *path)
{
	const struct dt *dt;
	int r = lookup_tree(ctx, "find node", &dt);

	if (r < 0)
		return r;
	r = find_node(dt, node, nth, path);
	return r < 0 ? lookup_error(dt, "find node", node, r, NULL) : 0;
}

int soc_node_reg(const struct pmem_ctx *ctx, const char *node, unsigned index, uint64_t *phys,
	uint64_t *size)
{
	struct translate_why why = { .text = NULL };
	char path[DT_PATH_MAX];
	const struct dt *dt;
	int r = lookup_node(ctx, "node address", node, &dt, path);

	if (r < 0)
		return r;
	r = translate_reg(dt, path, index, phys, size, &why);
	if (r == -ENOENT)
		return lookup_no_entry(dt, path, index);
	return r < 0 ? lookup_error(dt, "node address", path, r, &why) : 0;
}

int soc_node_available(const struct pmem_ctx *ctx, const char *node)
{
	char path[DT_PATH_MAX];
	const struct dt *dt;
	int r = lookup_node(ctx, "node status", node, &dt, path);

	if (r < 0)
		return r;
	r = dt_available(dt, path);
	return r < 0 ? lookup_error(dt, "node status", path, r, NULL) : r;
}

int soc_node_property(const struct pmem_ctx *ctx, const char *node, const char *property,
	char **data, size_t *size)
{
	char path[DT_PATH_MAX];
	struct dt_prop prop;
	const struct dt *dt;
	int r = lookup_node(ctx, "node property", node, &dt, path);

	if (r < 0)
		return r;
	r = property[0] && !strchr(property, '/') ? dt_read(dt, path, property, &prop) : -ENOENT;
	if (r < 0)
		return lookup_no_property(dt, path, property, r);
	*data = prop.own ? prop.own : malloc(prop.size + 1);
	if (!*data)
		return lookup_error(dt, "node property", path, -ENOMEM, NULL);
	if (!prop.own)
		memcpy(*data, prop.data, prop.size + 1);
	*size = prop.size;
	return 0;
}
