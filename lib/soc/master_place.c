/* SPDX-License-Identifier: MIT */
#include "soc/master_place.h"

#include <errno.h>
#include <string.h>

#include <bsd/string.h>

#include "base/error.h"
#include "dt/find.h"
#include "soc/endpoint.h"
#include "soc/lookup.h"
#include "soc/soc.h"

static int is_main_bus(void *user, const char *node)
{
	struct place *place = user;
	int r = dt_compatible(place->dt, node, "simple-bus");

	if (r == 1 && !dt_is_named(node, "soc")) {
		/* The first bus, unless one that is called soc follows. */
		if (!place->node[1])
			strlcpy(place->node, node, sizeof(place->node));
		return 0;
	}
	if (r == 1)
		strlcpy(place->node, node, sizeof(place->node));
	return dt_says_nothing(r) ? 0 : r;
}

/* The family's DMA engine, else the bus with the SoC's devices, else the root. */
static int default_place(const struct pmem_ctx *ctx, struct place *place)
{
	int r = find_first_of(place->dt, soc_family(ctx)->dma, NULL, NULL, place->node);

	if (r != -ENOENT)
		return r;
	place->plain = true;
	strlcpy(place->node, "/", sizeof(place->node));
	r = dt_children(place->dt, "/", is_main_bus, place);
	return r < 0 ? r : 0;
}

/* A PCI device has the windows of its host bridge, whether or not it has a node itself. */
static int find_endpoint(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct place *place)
{
	struct endpoint endpoint = { .bridge = "" };
	int r = lookup_tree(ctx, operation, &place->dt);

	if (r == 0)
		r = endpoint_find(ctx, operation, name, &endpoint);
	if (r < 0)
		return r;
	if (!endpoint.bridge[0])
		return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, operation, endpoint.device,
			"name the node of its host bridge", "its host bridge has no node in the device tree");
	place->plain = true;
	strlcpy(place->device, endpoint.device, sizeof(place->device));
	r = dt_find(place->dt, endpoint.bridge, place->node);
	return r < 0 ? lookup_error(place->dt, operation, endpoint.bridge, r, NULL) : 0;
}

int place_find(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct place *place)
{
	int r;

	place->plain = false;
	place->device[0] = '\0';
	if (name && endpoint_named(name))
		return find_endpoint(ctx, operation, name, place);
	if (name)
		return lookup_node(ctx, operation, name, &place->dt, place->node);
	r = lookup_tree(ctx, operation, &place->dt);
	if (r < 0)
		return r;
	r = default_place(ctx, place);
	return r < 0 ? lookup_error(place->dt, operation, "/", r, NULL) : 0;
}

int place_windows(const char *operation, const struct place *place, struct dma_map *map)
{
	struct translate_why why = { .text = NULL };
	char bus[DT_PATH_MAX];
	int r = 0;

	strlcpy(bus, place->node, sizeof(bus));
	if (!place->plain)
		r = dma_begin(place->dt, bus);
	if (r == 0 || r == -ENOENT) /* that is the root itself */
		r = dma_map_read(place->dt, bus, map, &why);
	return r < 0 ? lookup_error(place->dt, operation, place->node, r, &why) : 0;
}
