/* SPDX-License-Identifier: MIT */
/* Questions about DMA masters: what address they see, and whether caches take part. */
#include "soc/master.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "base/error.h"
#include "dt/dma.h"
#include "os/file.h"
#include "os/os.h"
#include "soc/endpoint.h"
#include "soc/iommu.h"
#include "soc/lookup.h"
#include "soc/master_place.h"
#include "soc/soc.h"

#define HINT_IOMMU "pmem_device_open() and memory for that device (docs/devices.md); or boot with " \
	"iommu.passthrough=1 (x86: iommu=pt)"

int soc_refuse_iommu(const char *operation, const char *what)
{
	return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, operation, what, HINT_IOMMU,
		"an IOMMU decides what address a device must use");
}

static int refuse_device(const char *operation, const char *device, int iommu)
{
	if (iommu == 1)
		return soc_refuse_iommu(operation, device);
	return lookup_error(NULL, operation, device, iommu, NULL);
}

/*
 * Its own group decides. Where the tree has an IOMMU before it, it is in a group only from when a driver
 * is probed for it: until then nobody has told the IOMMU what to do with it.
 */
static int check_endpoint(const struct pmem_ctx *ctx, const char *operation, const struct place *place)
{
	int r = iommu_of_device(ctx->root, place->device);

	if (r == -ENOENT) {
		r = dma_has_iommu(place->dt, place->node);
		if (r == 1)
			r = iommu_present(ctx->root);
	}
	return r == 0 ? 0 : refuse_device(operation, place->device, r);
}

/*
 * 1 the windows hold; 0 not known, which is no failure: memory for a master that sees all of it
 * unless an IOMMU decides need not wait for what sysfs tells of each of its groups.
 */
static int read_map(const struct pmem_ctx *ctx, const char *operation, const struct place *place,
	bool memory, struct dma_map *map)
{
	int iommu = place->plain ? 0 : dma_has_iommu(place->dt, place->node), r = 0;

	if (place->device[0])
		r = check_endpoint(ctx, operation, place);
	if (r < 0)
		return r;
	if (iommu == 1 && memory) {
		r = place_windows(operation, place, map);
		if (r < 0 || !map->windows)
			return r;
	}
	if (iommu == 1)
		iommu = iommu_translates(ctx->root);
	if (iommu < 0)
		return lookup_error(place->dt, operation, place->node, iommu, NULL);
	if (iommu)
		return soc_refuse_iommu(operation, place->node);
	if (!map->windows)
		r = place_windows(operation, place, map);
	return r < 0 ? r : 1;
}

/* Does firmware describe the machine by ACPI? PCI devices then send physical addresses (Arm BSA, PCI_MM). */
static bool has_acpi(const struct pmem_ctx *ctx)
{
	char path[PATH_MAX];
	struct os_stat st;

	return file_path(path, ctx->root, "/sys/firmware/acpi") == 0 && os->stat(path, &st) == 0;
}

/* Without a tree a PCI device uses physical addresses, unless its own group says otherwise. */
static int endpoint_without_tree(const struct pmem_ctx *ctx, const char *operation,
	const struct soc *soc, const char *name)
{
	struct endpoint endpoint;
	int r = endpoint_find(ctx, operation, name, &endpoint);

	if (r < 0)
		return r;
	r = iommu_of_device(ctx->root, endpoint.device);
	if (r == -ENOENT) /* a PC's IOMMU has all of its devices in groups from the start */
		r = soc->x86 ? 0 : iommu_present(ctx->root);
	if (r)
		return refuse_device(operation, endpoint.device, r);
	return soc->x86 || has_acpi(ctx) ? 0 :
		error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, operation, endpoint.device, NULL,
			"nothing on this machine tells what addresses devices use");
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

	if (name && endpoint_named(name))
		return endpoint_without_tree(ctx, operation, soc, name);
	if (name)
		return lookup_tree(ctx, operation, &none);
	if (!soc->x86 && !*soc->family.vendor)
		return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, operation, soc->dt.base, NULL,
			"nothing on this machine tells what addresses devices use");
	r = iommu_translates(ctx->root);
	if (r < 0)
		return lookup_error(NULL, operation, "/sys/kernel/iommu_groups", r, NULL);
	return r ? soc_refuse_iommu(operation, "/sys/kernel/iommu_groups") : 0;
}

/* Which windows have memory behind them: by the nodes that the firmware describes RAM with. */
struct ram_search {
	const struct dt *dt;
	const struct dma_map *map;
	uint64_t highest; /* the end of the last such window; 0: none yet */
};

static uint64_t end_of(const struct dma_window *w)
{
	uint64_t last;

	if (w->size == 0)
		return 0;
	return bits_add(w->phys, w->size - 1, &last) ? last : UINT64_MAX;
}

static int windows_with_ram(void *user, const char *node)
{
	struct ram_search *search = user;
	struct translate_why why = { .text = NULL };
	uint64_t base, size;
	int r = 0;

	if (!dt_is_named(node, "memory"))
		return 0;
	for (unsigned i = 0; (r = translate_reg(search->dt, node, i, &base, &size, &why)) == 0; i++) {
		for (size_t k = 0; size && k < search->map->count; k++) {
			const struct dma_window *w = &search->map->windows[k];

			if (w->phys <= base + (size - 1) && base <= end_of(w) &&
				end_of(w) > search->highest)
				search->highest = end_of(w);
		}
	}
	return dt_says_nothing(r) || r == -ENXIO ? 0 : r;
}

/*
 * Highest address of memory for the master. A window may show it registers only (on a BCM2711 those
 * at 0xfc000000, behind all RAM that it sees), so those behind which the tree has memory count.
 */
static int find_highest(const struct dt *dt, struct soc_master *master)
{
	struct ram_search search = { .dt = dt, .map = &master->map };
	uint64_t all = 0;
	int r = 0;

	if (master->map.count > 1)
		r = dt_children(dt, "/", windows_with_ram, &search);
	for (size_t i = 0; i < master->map.count; i++) {
		uint64_t end = end_of(&master->map.windows[i]);

		all = end > all ? end : all;
	}
	master->highest = !master->map.windows ? UINT64_MAX : search.highest ? search.highest : all;
	return r;
}

/* An error of the device tree counts as not coherent: syncing in vain is only slow. */
static bool is_coherent(const struct place *place)
{
	int r = dma_coherent_by_default(place->dt);

	return r >= 0 && dma_coherent(place->dt, place->node, r) == 1;
}

/* The rest of a master that has its name; with its coherency: to get memory for it. */
static int fill_in(const struct pmem_ctx *ctx, const char *operation, bool memory,
	struct soc_master *master)
{
	struct place place;
	int r;
	const struct soc *soc = identify(ctx, &r);

	if (soc && !soc->has_tree) {
		master->highest = UINT64_MAX;
		master->coherent = soc->x86;
		if (memory && !master->name)
			return 0; /* where nothing limits, nothing needs to be known yet */
		r = without_tree(ctx, operation, soc, master->name);
		if (r == 0 && master->name && !(master->node = strdup(master->name)))
			r = lookup_error(NULL, operation, master->name, -ENOMEM, NULL);
		master->known = r == 0;
		return r;
	}
	r = place_find(ctx, operation, master->name, &place);
	if (r < 0)
		return r;
	master->engine = !master->name && !place.plain;
	master->node = strdup(place.node);
	if (!master->node)
		return lookup_error(place.dt, operation, place.node, -ENOMEM, NULL);
	master->coherent = memory && is_coherent(&place);
	r = read_map(ctx, operation, &place, memory, &master->map);
	if (r <= 0)
		return r;
	r = find_highest(place.dt, master);
	master->known = r == 0;
	return r < 0 ? lookup_error(place.dt, operation, "/memory", r, NULL) : 0;
}

/* *out is there also if what it sees is not known. */
static int make_master(const struct pmem_ctx *ctx, const char *operation, const char *name,
	bool memory, struct soc_master **out)
{
	struct soc_master *master = calloc(1, sizeof(*master));

	*out = master;
	if (master && name)
		master->name = strdup(name);
	if (!master || (name && !master->name))
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, operation, NULL, NULL,
			"no memory for what a DMA master sees");
	return fill_in(ctx, operation, memory, master);
}

void soc_master_free(struct soc_master *master)
{
	if (!master)
		return;
	dma_map_free(&master->map);
	free(master->node);
	free(master->name);
	free(master);
}

int soc_master_read(const struct pmem_ctx *ctx, const char *operation, const char *name,
	struct soc_master **out)
{
	struct soc_master *master = NULL;
	int r = make_master(ctx, operation, name, false, &master);

	if (r == 0)
		*out = master;
	else
		soc_master_free(master);
	return r;
}

/* No tree, one that this program may not read, or no address that could be known. */
static bool says_nothing(const char *name, int r)
{
	return r == -ENXIO || (!name && (r == -ENODEV || r == -EACCES || r == -EPERM));
}

int soc_master_for_memory(const struct pmem_ctx *ctx, const char *name, bool matters,
	struct soc_master **out)
{
	struct soc_master *master = NULL;
	int r = make_master(ctx, "alloc", name, true, &master);

	if (r < 0 && (!master || (matters && !says_nothing(name, r)))) {
		soc_master_free(master);
		return r;
	}
	*out = master;
	return 0;
}

int soc_coherent(const struct pmem_ctx *ctx, const char *name)
{
	struct place place;
	int r;
	const struct soc *soc = identify(ctx, &r);

	if (soc && !soc->has_tree && name && endpoint_named(name)) {
		struct endpoint endpoint;

		r = endpoint_find(ctx, "coherence", name, &endpoint);
		return r < 0 ? r : soc->x86;
	}
	if (soc && !soc->has_tree && !name)
		return soc->x86;
	r = place_find(ctx, "coherence", name, &place);
	if (r < 0)
		return r;
	r = dma_coherent_by_default(place.dt);
	if (r >= 0)
		r = dma_coherent(place.dt, place.node, r);
	return r < 0 ? lookup_error(place.dt, "coherence", place.node, r, NULL) : r;
}
