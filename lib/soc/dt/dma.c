/* SPDX-License-Identifier: MIT */
#include "dt/dma.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/bits.h"
#include "dt/find.h"

/* A chain of dma-mem links may be a circle in a broken tree. */
#define MAX_HOPS (2 * DT_DEPTH_MAX)
/* Links that lead elsewhere than up; no tree has more than two in a row. */
#define MAX_DMA_LINKS 8
/* Each link before the one that is asked for costs a walk over the tree. */
#define MAX_LINKS 64

/* The phandle at entry number index of interconnects, whose entries have arguments. */
static int interconnect(const struct dt *dt, const char *node, int index, char *out)
{
	struct dt_prop list;
	uint32_t cells;
	uint64_t at = 0;
	int r = dt_read(dt, node, "interconnects", &list);

	if (r < 0)
		return r;
	for (;; index--) {
		if (at >= list.size / sizeof(uint32_t)) {
			r = -ENOENT;
			break;
		}
		r = find_phandle(dt, dt_cell(&list, (size_t)at), out);
		if (r == 0)
			r = dt_u32(dt, out, "#interconnect-cells", &cells);
		if (r < 0 || index == 0)
			break;
		at += 1 + (uint64_t)cells;
	}
	dt_free(&list);
	return r;
}

/* __of_get_dma_parent(), drivers/of/address.c: a link that leads nowhere is no link. */
int dma_parent(const struct dt *dt, char *node)
{
	char target[DT_PATH_MAX];
	struct dt_prop names;
	int index, r = dt_read(dt, node, "interconnect-names", &names);

	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0) {
		index = dt_string_index(&names, "dma-mem");
		dt_free(&names);
		r = index < 0 || index > MAX_LINKS ? -ENOENT : interconnect(dt, node, index, target);
		if (r == 0) {
			strlcpy(node, target, DT_PATH_MAX);
			return 0;
		}
		if (!dt_says_nothing(r))
			return r;
	}
	return dt_parent(node) ? 0 : -ENOENT;
}

/*
 * Linux configures every PCI device from the node of its host bridge, whatever bridges are between
 * (pci_dma_configure(), drivers/pci/pci-driver.c: of_dma_configure() with the bridge's parent).
 */
int dma_begin(const struct dt *dt, char *node)
{
	char above[DT_PATH_MAX];
	int r;

	strlcpy(above, node, sizeof(above));
	if (!dt_parent(above))
		return -ENOENT;
	r = translate_is_pci(dt, above);
	if (r <= 0)
		return r < 0 && !dt_says_nothing(r) ? r : dma_parent(dt, node);
	do {
		strlcpy(node, above, DT_PATH_MAX);
		r = dt_parent(above) ? translate_is_pci(dt, above) : 0;
	} while (r == 1);
	return dt_says_nothing(r) ? 0 : r;
}

/* dma_parent(), which counts those of its steps that are no step up; each costs a walk. */
static int next_parent(const struct dt *dt, char *node, unsigned *links)
{
	char before[DT_PATH_MAX];
	size_t n;
	int r;

	strlcpy(before, node, sizeof(before));
	r = dma_parent(dt, node);
	if (r < 0)
		return r;
	n = strlen(node);
	if (n > 1 && (strncmp(before, node, n) != 0 || before[n] != '/') && ++*links > MAX_DMA_LINKS)
		return -ELOOP;
	return 0;
}

/*
 * The node whose dma-ranges count, of_dma_get_range(): an empty property is passed over, and the
 * first bus may have none; from the second on, none ends the search.
 */
static int find_ranges(const struct dt *dt, char *node, struct dt_prop *ranges)
{
	unsigned links = 0;

	for (unsigned hops = 0; hops < MAX_HOPS; hops++) {
		int r = dt_read(dt, node, "dma-ranges", ranges);

		if (r == 0 && ranges->size > 0)
			return 0;
		if (r == 0)
			dt_free(ranges);
		else if (r != -ENOENT || hops > 0)
			return r;
		r = next_parent(dt, node, &links);
		if (r < 0)
			return r;
	}
	return -ELOOP;
}

static int read_window(const struct dt *dt, const char *node, const struct dt_prop *ranges,
	size_t at, const struct bus *child, const struct bus *parent, struct dma_window *window,
	struct translate_why *why)
{
	size_t cpu = at + child->address_cells;
	struct bus_address address = translate_address(ranges, cpu, parent);
	char up[DT_PATH_MAX];

	window->bus = translate_address(ranges, at, child).value;
	window->size = dt_number(ranges, cpu + parent->address_cells, child->size_cells);
	strlcpy(up, node, sizeof(up));
	if (!dt_parent(up)) {
		window->phys = address.value;
		return 0;
	}
	return translate_up(dt, up, *parent, address, "dma-ranges", &window->phys, why);
}

/* Untranslatable entries are dropped, as in Linux; with none left the map is no map. */
static int read_windows(const struct dt *dt, const char *node, const struct dt_prop *ranges,
	const struct bus *child, const struct bus *parent, struct dma_map *map,
	struct translate_why *why)
{
	size_t entry = child->address_cells + parent->address_cells + child->size_cells;
	size_t entries = ranges->size / sizeof(uint32_t) / entry;
	int r = 0;

	map->windows = calloc(entries ? entries : 1, sizeof(map->windows[0]));
	map->count = 0;
	if (!map->windows)
		return -ENOMEM;
	for (size_t i = 0; i < entries; i++) {
		r = read_window(dt, node, ranges, i * entry, child, parent,
			&map->windows[map->count], why);
		if (r == 0)
			map->count++;
		else if (r != -ENXIO)
			break;
	}
	if (r == 0 || r == -ENXIO)
		r = map->count ? 0 : -ENXIO;
	if (r < 0)
		dma_map_free(map);
	if (r == -ENXIO && !why->text) {
		why->text = "dma-ranges has no complete entry";
		strlcpy(why->node, node, sizeof(why->node));
	}
	return r;
}

static int bus_pair(const struct dt *dt, const char *node, struct bus *child, struct bus *parent)
{
	char up[DT_PATH_MAX];
	int r = translate_bus(dt, node, child);

	strlcpy(up, node, sizeof(up));
	dt_parent(up); /* the root is its own parent here, as in of_n_addr_cells() */
	return r < 0 ? r : translate_bus(dt, up, parent);
}

int dma_map_read(const struct dt *dt, const char *bus, struct dma_map *map,
	struct translate_why *why)
{
	char node[DT_PATH_MAX];
	struct bus child, parent;
	struct dt_prop ranges;
	int r;

	*map = (struct dma_map){ 0 };
	strlcpy(node, bus, sizeof(node));
	r = find_ranges(dt, node, &ranges);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = bus_pair(dt, node, &child, &parent);
	if (r == 0 && translate_bus_is_sane(&child) && translate_bus_is_sane(&parent) &&
		child.size_cells <= DT_PROP_MAX) {
		r = read_windows(dt, node, &ranges, &child, &parent, map, why);
	} else if (r == 0) {
		why->text = "the bus has no usable #address-cells and #size-cells";
		strlcpy(why->node, node, sizeof(why->node));
		r = -ENXIO;
	}
	dt_free(&ranges);
	return r;
}

void dma_map_free(struct dma_map *map)
{
	free(map->windows);
	*map = (struct dma_map){ 0 };
}

int dma_to_phys(const struct dma_map *map, uint64_t bus, uint64_t *phys)
{
	if (!map->windows) {
		*phys = bus;
		return 0;
	}
	for (size_t i = 0; i < map->count; i++) {
		const struct dma_window *w = &map->windows[i];

		if (bus >= w->bus && bus - w->bus < w->size)
			return bits_add(w->phys, bus - w->bus, phys) ? 0 : -ERANGE;
	}
	return -ERANGE;
}

static const struct dma_window *window_of(const struct dma_map *map, uint64_t phys)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct dma_window *w = &map->windows[i];

		if (phys >= w->phys && phys - w->phys < w->size)
			return w;
	}
	return NULL;
}

/* Windows that follow each other with one offset are as good as one. */
int dma_piece_to_bus(const struct dma_map *map, uint64_t phys, uint64_t length, uint64_t *bus,
	uint64_t *piece)
{
	const struct dma_window *first, *w;
	uint64_t at = phys, left = length, end;

	if (!bits_add(phys, length - 1, &end))
		return -ERANGE;
	if (!map->windows) {
		*bus = phys;
		*piece = length;
		return 0;
	}
	first = w = window_of(map, phys);
	for (; w && w->bus - w->phys == first->bus - first->phys; w = window_of(map, at)) {
		uint64_t here = w->size - (at - w->phys);

		if (here >= left) {
			left = 0;
			break;
		}
		at += here;
		left -= here;
	}
	if (!first || !bits_add(first->bus, phys - first->phys, &at) ||
		!bits_add(at, length - left - 1, &end))
		return -ERANGE;
	*bus = at;
	*piece = length - left;
	return 0;
}

int dma_range_to_bus(const struct dma_map *map, uint64_t phys, uint64_t length, uint64_t *bus)
{
	uint64_t first = 0, next = 0, piece = 0;
	int r = dma_piece_to_bus(map, phys, length, &first, &piece);
	bool one = r == 0 && piece == length;

	for (uint64_t done = piece; r == 0 && done < length; done += piece)
		r = dma_piece_to_bus(map, phys + done, length - done, &next, &piece);
	if (r < 0)
		return r;
	if (!one)
		return -EXDEV;
	*bus = first;
	return 0;
}

int dma_coherent(const struct dt *dt, const char *node, bool fallback)
{
	char at[DT_PATH_MAX], bridge[DT_PATH_MAX];
	unsigned links = 0;
	int pci;

	strlcpy(at, node, sizeof(at));
	strlcpy(bridge, node, sizeof(bridge));
	pci = dt_parent(bridge) ? translate_is_pci(dt, bridge) : 0;
	if (pci == 1 && dma_begin(dt, at) < 0) /* what a PCI device itself says does not count */
		strlcpy(at, node, sizeof(at));
	for (unsigned hops = 0; hops < MAX_HOPS; hops++) {
		int r = dt_has(dt, at, "dma-coherent");

		if (r)
			return r;
		r = dt_has(dt, at, "dma-noncoherent");
		if (r)
			return r < 0 ? r : 0;
		r = next_parent(dt, at, &links);
		if (r == -ENOENT)
			return fallback;
		if (r < 0)
			return r;
	}
	return -ELOOP;
}

struct cpu_search {
	const struct dt *dt;
};

static int is_coherent_cpu(void *user, const char *node)
{
	const struct dt *dt = ((const struct cpu_search *)user)->dt;
	const char *name = strrchr(node, '/') + 1;
	int r = strncmp(name, "PowerPC,", 8) == 0;

	if (r == 0)
		r = dt_compatible(dt, node, "riscv");
	if (r == 0)
		r = dt_has(dt, node, "riscv,isa");
	if (r == 0)
		r = dt_has(dt, node, "riscv,isa-base");
	return dt_says_nothing(r) ? 0 : r;
}

int dma_coherent_by_default(const struct dt *dt)
{
	struct cpu_search search = { dt };
	char cpus[DT_PATH_MAX];
	int r = dt_find(dt, "/cpus", cpus);

	if (r == 0)
		r = dt_children(dt, cpus, is_coherent_cpu, &search);
	return dt_says_nothing(r) ? 0 : r;
}

/* of_iommu_xlate(): an IOMMU that is disabled translates nothing. Entries of size cells. */
static int any_available(const struct dt *dt, const char *node, const char *property, size_t at,
	size_t size)
{
	char iommu[DT_PATH_MAX];
	struct dt_prop list;
	int r = dt_read(dt, node, property, &list);

	if (r < 0)
		return dt_says_nothing(r) ? 0 : r;
	for (r = 0; r == 0 && (at + 1) * sizeof(uint32_t) <= list.size; at += size) {
		r = find_phandle(dt, dt_cell(&list, at), iommu);
		if (r == 0)
			r = dt_available(dt, iommu);
		else if (dt_says_nothing(r))
			r = 1; /* leads nowhere that can be seen: be careful */
		if (size == 0)
			break;
	}
	dt_free(&list);
	return r;
}

int dma_has_iommu(const struct dt *dt, const char *node)
{
	char at[DT_PATH_MAX];
	/* How many cells an entry of iommus has is the IOMMU's to say: the first counts. */
	int r = any_available(dt, node, "iommus", 0, 0);

	strlcpy(at, node, sizeof(at));
	while (r == 0) {
		r = any_available(dt, at, "iommu-map", 1, 4); /* rid, phandle, base, length */
		if (!dt_parent(at))
			break;
	}
	return r;
}
