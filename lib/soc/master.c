/* SPDX-License-Identifier: MIT */
/* Questions about DMA masters: what address they see, and whether caches take part. */
#include "soc/soc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include "base/error.h"
#include "dt/dma.h"
#include "dt/find.h"
#include "families/families.h"
#include "soc/iommu.h"
#include "soc/lookup.h"

#define HINT_IOMMU "let a kernel driver or VFIO map the memory for the device, or boot with " \
	"iommu.passthrough=1 (x86: iommu=pt)"

/* A master: a node, or (plain) the bus that a device without a node sits on. */
struct master {
	const struct dt *dt;
	char node[DT_PATH_MAX];
	bool plain;
};

static int is_main_bus(void *user, const char *node)
{
	struct master *master = user;
	int r = dt_compatible(master->dt, node, "simple-bus");

	if (r == 1 && !dt_is_named(node, "soc")) {
		/* The first bus, unless one that is called soc follows. */
		if (!master->node[1])
			strlcpy(master->node, node, sizeof(master->node));
		return 0;
	}
	if (r == 1)
		strlcpy(master->node, node, sizeof(master->node));
	return dt_says_nothing(r) ? 0 : r;
}

/* The family's DMA engine, else the bus with the SoC's devices, else the root. */
static int default_master(const struct pmem_ctx *ctx, struct master *master)
{
	int r = find_first_of(master->dt, soc_family(ctx)->dma, NULL, NULL, master->node);

	if (r != -ENOENT)
		return r;
	master->plain = true;
	strlcpy(master->node, "/", sizeof(master->node));
	r = dt_children(master->dt, "/", is_main_bus, master);
	return r < 0 ? r : 0;
}

static int find_master(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct master *master)
{
	int r;

	master->plain = false;
	if (name)
		return answer_node(ctx, operation, name, &master->dt, master->node);
	r = answer_tree(ctx, operation, &master->dt);
	if (r < 0)
		return r;
	r = default_master(ctx, master);
	return r < 0 ? answer_error(master->dt, operation, "/", r, NULL) : 0;
}

static int refuse_iommu(const char *operation, const char *what)
{
	return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, operation, what, HINT_IOMMU,
		"an IOMMU decides what address a device must use");
}

static int read_map(const struct pmem_ctx *ctx, const char *operation, const struct master *master,
	struct dma_map *map)
{
	struct translate_why why = { .text = NULL };
	char bus[DT_PATH_MAX];
	int r = master->plain ? 0 : dma_has_iommu(master->dt, master->node);

	*map = (struct dma_map){ 0 };
	if (r == 1)
		r = iommu_translates(ctx->root);
	if (r == 1)
		return refuse_iommu(operation, master->node);
	strlcpy(bus, master->node, sizeof(bus));
	if (r == 0 && !master->plain) {
		r = dma_begin(master->dt, bus);
		if (r == -ENOENT)
			r = 0; /* the root itself */
	}
	if (r == 0)
		r = dma_map_read(master->dt, bus, map, &why);
	return r < 0 ? answer_error(master->dt, operation, master->node, r, &why) : 0;
}

/*
 * Without a tree, devices of a PC use physical addresses unless an IOMMU translates. So do those
 * of the SoCs that /proc/cpuinfo is believed for. Of other machines nothing is known.
 */
static int without_tree(const struct pmem_ctx *ctx, const char *operation, const struct soc *soc,
	const char *name)
{
	const struct dt *none;
	int r;

	if (name)
		return answer_tree(ctx, operation, &none);
	if (!soc->x86 && !*soc->family.vendor)
		return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, operation, soc->dt.base, NULL,
			"nothing on this machine tells what addresses devices use");
	r = iommu_translates(ctx->root);
	if (r < 0)
		return answer_error(NULL, operation, "/sys/kernel/iommu_groups", r, NULL);
	return r ? refuse_iommu(operation, "/sys/kernel/iommu_groups") : 0;
}

typedef int convert_fn(const struct dma_map *map, uint64_t in, uint64_t length, uint64_t *out);

static int byte_to_phys(const struct dma_map *map, uint64_t in, uint64_t length, uint64_t *out)
{
	(void)length; /* 1 */
	return dma_to_phys(map, in, out);
}

static int convert(const struct pmem_ctx *ctx, const char *operation, const char *name,
	convert_fn *fn, uint64_t in, uint64_t length, uint64_t *out)
{
	struct master master;
	struct dma_map map;
	uint64_t found;
	int r;
	const struct soc *soc = identify(ctx, &r);

	if (soc && !soc->has_tree) {
		r = without_tree(ctx, operation, soc, name);
		if (r == 0)
			*out = in;
		return r;
	}
	r = find_master(ctx, operation, name, &master);
	if (r == 0)
		r = read_map(ctx, operation, &master, &map);
	if (r < 0)
		return r;
	r = fn(&map, in, length, &found);
	dma_map_free(&map);
	if (r == 0)
		*out = found;
	if (r == -EXDEV)
		return error_set(EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS, operation, master.node, NULL,
			"this DMA master sees [0x%" PRIx64 ", + 0x%" PRIx64
			") through several windows, so it has no one address",
			in, length);
	if (r == -ERANGE)
		return error_set(ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW, operation, master.node,
			"ask for memory that the master reaches (max_addr)",
			"this DMA master does not see %s0x%" PRIx64 ", + 0x%" PRIx64,
			length > 1 ? "all of " : "", in, length);
	return r;
}

int soc_bus_to_phys(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out)
{
	return convert(ctx, "bus to phys", master, byte_to_phys, in, 1, out);
}

int soc_phys_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t *out)
{
	return convert(ctx, "phys to bus", master, dma_range_to_bus, in, 1, out);
}

int soc_range_to_bus(const struct pmem_ctx *ctx, const char *master, uint64_t in, uint64_t length,
	uint64_t *out)
{
	return convert(ctx, "phys to bus", master, dma_range_to_bus, in, length, out);
}

int soc_coherent(const struct pmem_ctx *ctx, const char *name)
{
	struct master master;
	int r;
	const struct soc *soc = identify(ctx, &r);

	if (soc && !soc->has_tree && !name)
		return soc->x86;
	r = find_master(ctx, "coherence", name, &master);
	if (r < 0)
		return r;
	r = dma_coherent_by_default(master.dt);
	if (r >= 0)
		r = dma_coherent(master.dt, master.node, r);
	return r < 0 ? answer_error(master.dt, "coherence", master.node, r, NULL) : r;
}
