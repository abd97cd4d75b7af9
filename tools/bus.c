/* SPDX-License-Identifier: MIT */
/*
 * Addresses as datasheets give them: what a bus of the device tree calls a place, translated by the
 * ranges of that bus and of those above it (Devicetree specification, 2.3.8).
 */
#include "bus.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define PROPERTY_MAX 4096
#define DEPTH_MAX 4 /* buses below each other */

struct property {
	unsigned char data[PROPERTY_MAX];
	size_t size;
};

/* A property taken for absent or empty would make another address of it. */
static void must_read(const char *path)
{
	unread(path);
	if (!all_read())
		exit(EXIT_FAILED);
}

static bool read_property(const char *node, const char *name, struct property *out)
{
	char path[ADDRESS_MAX + 64], full[8192];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", node, name);
	if (!root_tree(full, sizeof(full), path))
		return false;
	file = fopen(full, "re");
	if (!file) {
		must_read(path);
		return false;
	}
	out->size = fread(out->data, 1, sizeof(out->data), file);
	if (ferror(file))
		must_read(path);
	(void)fclose(file);
	return true;
}

/* count cells, of 32 bits each and big-endian, as a number. */
static uint64_t cells(const struct property *property, size_t at, uint64_t count)
{
	uint64_t value = 0;

	for (size_t i = 0; i < 4 * count; i++)
		value = value << 8 | property->data[4 * at + i];
	return value;
}

static uint64_t count_of(const char *node, const char *name, uint64_t otherwise)
{
	struct property property;

	return read_property(node, name, &property) && property.size == 4 ?
		cells(&property, 0, 1) : otherwise;
}

/* One step up: what the bus's parent calls the address. */
static bool step(const char *node, const char *parent, uint64_t *address)
{
	struct property ranges;
	uint64_t own = count_of(node, "#address-cells", 2), size = count_of(node, "#size-cells", 1);
	uint64_t above = count_of(parent, "#address-cells", 2);
	size_t entry = (size_t)(own + above + size);

	if (!read_property(node, "ranges", &ranges))
		return false;
	if (!ranges.size)
		return true; /* the same on both sides */
	if (!own || own > 2 || !above || above > 2 || !size || size > 2)
		return false; /* PCI has 3 cells: what they mean is no address alone */
	for (size_t at = 0; at + entry <= ranges.size / 4; at += entry) {
		uint64_t first = cells(&ranges, at, own);
		uint64_t length = cells(&ranges, at + (size_t)(own + above), size);

		if (*address >= first && *address - first < length) {
			*address += cells(&ranges, at + (size_t)own, above) - first;
			return true;
		}
	}
	return false;
}

static bool translate(const char *bus, uint64_t address, uint64_t *phys)
{
	char node[ADDRESS_MAX], parent[ADDRESS_MAX];

	(void)strlcpy(node, bus, sizeof(node));
	while (node[0]) {
		(void)strlcpy(parent, node, sizeof(parent));
		*strrchr(parent, '/') = '\0';
		if (!step(node, parent, &address))
			return false;
		(void)strlcpy(node, parent, sizeof(node));
	}
	*phys = address;
	return true;
}

static void look_at(struct bus_search *search, const char *node)
{
	struct property ranges;
	uint64_t phys;

	if (!read_property(node, "ranges", &ranges) || !ranges.size ||
		!translate(node, search->address, &phys))
		return;
	if (!search->found[0]) {
		(void)strlcpy(search->found, node, sizeof(search->found));
		search->phys = phys;
	} else if (phys != search->phys && !search->other[0]) {
		(void)strlcpy(search->other, node, sizeof(search->other));
	}
}

static int is_node(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}

typedef void node_fn(void *user, const char *node, unsigned depth);

static void each_child(const char *node, unsigned depth, node_fn *fn, void *user)
{
	struct dirent **entries = NULL;
	char full[8192], child[ADDRESS_MAX];
	int count = root_tree(full, sizeof(full), node) ? scandir(full, &entries, is_node, alphasort) : 0;

	if (count < 0)
		must_read(full);
	for (int i = 0; i < count; i++) {
		int length = snprintf(child, sizeof(child), "%s/%s", node, entries[i]->d_name);

		if (length > 0 && (size_t)length < sizeof(child))
			fn(user, child, depth);
		free(entries[i]);
	}
	free(entries);
}

/* All buses that are so many steps below the node. */
static void descend(void *user, const char *node, unsigned depth)
{
	struct bus_search *search = user;
	struct property ranges;

	if (!depth)
		look_at(search, node);
	else if (!node[0] || read_property(node, "ranges", &ranges))
		each_child(node, depth - 1, descend, search);
}

void bus_ambiguous(const struct bus_search *search, char text[BUS_AMBIGUOUS_MAX])
{
	(void)snprintf(text, BUS_AMBIGUOUS_MAX, "%s and %s have 0x%08" PRIx64 " at different places",
		search->found, search->other, search->address);
}

/* --- the device that is there -------------------------------------------------------------------------- */

#define DEEPEST 16
#define ENTRIES 64 /* of a reg */

struct device_search {
	struct pmem_ctx *ctx;
	uint64_t phys;
	char *name;
	size_t size;
};

static bool covers(const struct device_search *search, const char *node)
{
	uint64_t phys, size;

	for (uint32_t i = 0; i < ENTRIES; i++) {
		int r = asked(pmem_soc_node(search->ctx, node, i, &phys, &size));

		if (r == 0 && search->phys >= phys && search->phys - phys < size)
			return true;
		if (r && r != -ENXIO) /* that entry has no address for the CPU */
			return false;
	}
	return false;
}

static void find_device(void *user, const char *node, unsigned depth)
{
	struct device_search *search = user;

	if (search->name[0])
		return;
	/* What is at the root is on no bus: memory, above all. */
	if (depth && covers(search, node))
		(void)strlcpy(search->name, node, search->size);
	else if (depth < DEEPEST)
		each_child(node, depth + 1, find_device, search);
}

void bus_device(struct pmem_ctx *ctx, uint64_t phys, char *name, size_t size)
{
	struct device_search search = { .ctx = ctx, .phys = phys, .name = name, .size = size };

	name[0] = '\0';
	each_child("", 0, find_device, &search);
}

/* A bus that changes no address has every number: only a device there says that one is meant. */
static void find_unchanged(struct pmem_ctx *ctx, struct bus_search *search)
{
	char node[ADDRESS_MAX];

	bus_device(ctx, search->address, node, sizeof(node));
	if (!node[0])
		return;
	*strrchr(node, '/') = '\0';
	if (translate(node, search->address, &search->phys) && search->phys == search->address)
		(void)strlcpy(search->found, node, sizeof(search->found));
}

bool bus_find(struct pmem_ctx *ctx, struct bus_search *search, uint64_t address)
{
	*search = (struct bus_search){ .address = address };
	for (unsigned depth = 1; depth <= DEPTH_MAX && !search->found[0]; depth++)
		descend(search, "", depth);
	if (!search->found[0])
		find_unchanged(ctx, search);
	return search->found[0] != '\0';
}

int bus_to_phys(struct pmem_ctx *ctx, const char *bus, uint64_t address, uint64_t *phys)
{
	struct bus_search search;
	char path[ADDRESS_MAX], text[BUS_AMBIGUOUS_MAX];

	if (bus) {
		if (pmem_soc_node_path(ctx, bus, 0, path, sizeof(path)))
			return fail_library(bus);
		if (translate(path, address, phys))
			return 0;
		return fail_because(EXIT_FAILED, "outside-window", NULL,
			"%s has no 0x%08" PRIx64 " in its ranges, or a bus above it has not", path,
			address);
	}
	if (bus_find(ctx, &search, address)) {
		if (search.other[0]) {
			bus_ambiguous(&search, text);
			return fail_because(EXIT_FAILED, "ambiguous",
				"bus:NODE:ADDRESS says which is meant", "%s", text);
		}
		*phys = search.phys;
		return 0;
	}
	/* What no bus calls so is what a device calls so: as release 3.0 took bus: always. */
	if (pmem_soc_bus_to_phys(ctx, NULL, address, phys))
		return fail_library(NULL);
	return 0;
}
