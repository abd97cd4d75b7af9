/* SPDX-License-Identifier: MIT */
#include "expect.h"

#include <libfdt.h>
#include <string.h>

/* Numbers of up to four cells, as they are written. */
typedef unsigned __int128 wide;

static wide cells(const fdt32_t *at, unsigned count)
{
	wide value = 0;

	while (count-- > 0)
		value = (value << 32) | fdt32_ld(at++);
	return value;
}

static unsigned count_of(const void *blob, int node, const char *name, unsigned absent)
{
	int length;
	const fdt32_t *p = fdt_getprop(blob, node, name, &length);

	return p && length == 4 ? fdt32_ld(p) : absent;
}

void expect_enter(struct expect_way *way, int node, unsigned depth)
{
	const char *type = fdt_getprop(way->blob, node, "device_type", NULL);
	struct expect_bus *bus = &way->bus[depth];

	way->depth = depth;
	bus->node = node;
	/* Specification 2.3.5: not inherited, 2 and 1 if they are missing. */
	bus->address_cells = count_of(way->blob, node, "#address-cells", 2);
	bus->size_cells = count_of(way->blob, node, "#size-cells", 1);
	bus->pci = type && (strcmp(type, "pci") == 0 || strcmp(type, "pciex") == 0);
}

/* A register property of the node: cells of one entry, and their number. */
static const fdt32_t *registers(const struct expect_way *way, unsigned *each, unsigned *count)
{
	const struct expect_bus *parent = &way->bus[way->depth - 1];
	const fdt32_t *p;
	int length;

	*count = 0;
	*each = parent->address_cells + parent->size_cells;
	if (way->depth == 0 || parent->address_cells == 0 || parent->address_cells > 4)
		return NULL;
	p = fdt_getprop(way->blob, way->bus[way->depth].node,
		parent->pci ? "assigned-addresses" : "reg", &length);
	if (p)
		*count = (unsigned)length / 4 / *each;
	return p;
}

unsigned expect_entries(const struct expect_way *way)
{
	unsigned each, count;

	if (way->depth > 0)
		registers(way, &each, &count);
	else
		count = 0;
	return count;
}

/* Does the child address lie in this window? The first of three cells names the kind of space. */
static bool in_window(const struct expect_bus *bus, wide address, wide base, wide size)
{
	if (bus->address_cells == 3) {
		wide a = address >> 64, b = base >> 64;

		if (bus->pci) { /* bits 25..24: configuration, I/O, memory, 64-bit memory */
			a = a >> 24 & 3;
			b = b >> 24 & 3;
			a = a == 3 ? 2 : a;
			b = b == 3 ? 2 : b;
		}
		if (a != b)
			return false;
		address = (uint64_t)address;
		base = (uint64_t)base;
	}
	return address >= base && address < base + size;
}

/* From an address on the bus number level to one on the bus above; false: no window. */
static bool above(const struct expect_way *way, unsigned level, const char *property, wide *address)
{
	const struct expect_bus *bus = &way->bus[level], *parent = &way->bus[level - 1];
	unsigned each = bus->address_cells + parent->address_cells + bus->size_cells;
	int length;
	const fdt32_t *p = fdt_getprop(way->blob, bus->node, property, &length);

	if (!p)
		return strcmp(property, "ranges") != 0;
	if (length == 0) /* one to one, but for a space code */
		return true;
	if (bus->size_cells == 0 || bus->address_cells == 0)
		return false;
	for (int left = length / 4; left >= (int)each; left -= (int)each, p += each) {
		wide base = cells(p, bus->address_cells);
		wide up = cells(p + bus->address_cells, parent->address_cells);
		wide size = cells(p + bus->address_cells + parent->address_cells,
			bus->size_cells);

		if (!in_window(bus, *address, base, size))
			continue;
		if (bus->address_cells == 3)
			*address = (uint64_t)*address, base = (uint64_t)base;
		*address = up + (*address - base);
		return true;
	}
	return false;
}

static bool to_root(const struct expect_way *way, unsigned level, const char *property, wide address,
	uint64_t *out)
{
	for (; level > 0; level--) {
		if (!above(way, level, property, &address))
			return false;
	}
	*out = (uint64_t)address;
	return address >> 64 == 0 || way->bus[0].address_cells > 2;
}

bool expect_reg(const struct expect_way *way, unsigned index, uint64_t *phys, uint64_t *size)
{
	const struct expect_bus *parent = &way->bus[way->depth - 1];
	unsigned each, count;
	const fdt32_t *p = registers(way, &each, &count);

	/* Nothing of size 0 lies in a window, and a bus without sizes has no windows. */
	if (index >= count || parent->size_cells == 0)
		return false;
	p += index * each;
	*size = (uint64_t)cells(p + parent->address_cells, parent->size_cells);
	return to_root(way, way->depth - 1, "ranges", cells(p, parent->address_cells), phys);
}

static const fdt32_t *windows(const struct expect_way *way, unsigned *each, unsigned *count)
{
	const struct expect_bus *bus = &way->bus[way->depth];
	const struct expect_bus *parent = &way->bus[way->depth ? way->depth - 1 : 0];
	int length;
	const fdt32_t *p = fdt_getprop(way->blob, bus->node, "dma-ranges", &length);

	*each = bus->address_cells + parent->address_cells + bus->size_cells;
	*count = p ? (unsigned)length / 4 / *each : 0;
	return p;
}

unsigned expect_windows(const struct expect_way *way)
{
	unsigned each, count;

	windows(way, &each, &count);
	return count;
}

bool expect_window(const struct expect_way *way, unsigned index, uint64_t *bus, uint64_t *phys,
	uint64_t *size)
{
	const struct expect_bus *own = &way->bus[way->depth];
	const struct expect_bus *parent = &way->bus[way->depth ? way->depth - 1 : 0];
	unsigned each, count;
	const fdt32_t *p = windows(way, &each, &count) + index * each;

	*bus = (uint64_t)cells(p, own->address_cells);
	*size = (uint64_t)cells(p + own->address_cells + parent->address_cells, own->size_cells);
	return to_root(way, way->depth ? way->depth - 1 : 0, "dma-ranges",
		cells(p + own->address_cells, parent->address_cells), phys);
}
