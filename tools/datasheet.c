/* SPDX-License-Identifier: MIT */
/*
 * Addresses as datasheets give them: a device whose reg has that number on its own bus, wherever the buses above
 * put it for the CPU. Devicetree specification, 2.3.6.
 */
#include "datasheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#define DEEPEST 16
#define ENTRIES 64 /* of a reg */

struct search {
	struct pmem_ctx *ctx;
	uint64_t address, phys;
	char *name;
	size_t size;
	bool found;
};

/* The big-endian cells of a property; how many. */
static size_t read_cells(const char *node, const char *name, uint32_t *cells, size_t most)
{
	char path[4200], full[8300];
	unsigned char bytes[4];
	size_t count = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", node, name);
	file = root_tree(full, sizeof(full), path) ? fopen(full, "re") : NULL;
	if (!file && errno == ENOMEM)
		no_memory();
	while (file && count < most && fread(bytes, 1, 4, file) == 4)
		cells[count++] = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			(uint32_t)bytes[2] << 8 | bytes[3];
	if (file)
		(void)fclose(file);
	return count;
}

static uint64_t number(const uint32_t *cells, uint32_t count)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < count; i++)
		value = value << 32 | cells[i];
	return value;
}

/* Addresses of more than two cells are those of a bus with spaces, such as PCI. */
static void look_at(struct search *search, const char *node, uint32_t address_cells, uint32_t size_cells)
{
	uint32_t reg[ENTRIES * 4], step = address_cells + size_cells;
	size_t count = address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2 ? 0 :
		read_cells(node, "reg", reg, sizeof(reg) / sizeof(reg[0]));

	for (uint32_t i = 0; (i + 1) * (size_t)step <= count && !search->found; i++) {
		uint64_t first = number(reg + i * (size_t)step, address_cells), phys;
		uint64_t size = number(reg + i * (size_t)step + address_cells, size_cells);

		if (search->address < first || search->address - first >= size ||
			sure(pmem_soc_node(search->ctx, node, i, &phys, NULL)))
			continue;
		search->phys = phys + (search->address - first);
		search->found = true;
		(void)strlcpy(search->name, node, search->size);
	}
}

static int is_node(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

static void descend(struct search *search, const char *node, int depth)
{
	uint32_t address_cells = 2, size_cells = 1;
	struct dirent **names = NULL;
	char full[8300], path[4200];
	int count = root_tree(full, sizeof(full), node) ? scandir(full, &names, is_node, alphasort) : 0;

	if (count < 0 && errno == ENOMEM)
		no_memory();
	(void)read_cells(node, "#address-cells", &address_cells, 1);
	(void)read_cells(node, "#size-cells", &size_cells, 1);
	for (int i = 0; i < count; i++) {
		if (!search->found &&
			snprintf(path, sizeof(path), "%s/%s", node, names[i]->d_name) < (int)sizeof(path)) {
			if (depth) /* what is at the root has the CPU's own addresses */
				look_at(search, path, address_cells, size_cells);
			if (!search->found && depth < DEEPEST)
				descend(search, path, depth + 1);
		}
		free(names[i]);
	}
	free(names);
}

bool datasheet_to_phys(struct pmem_ctx *ctx, uint64_t address, uint64_t *phys, char *name, size_t size)
{
	struct search search = { .ctx = ctx, .address = address, .name = name, .size = size };

	descend(&search, "", 0);
	if (search.found)
		*phys = search.phys;
	return search.found;
}
