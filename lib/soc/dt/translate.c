/* SPDX-License-Identifier: MIT */
#include "dt/translate.h"

#include <errno.h>
#include <string.h>

#include <bsd/string.h>

#include "base/bits.h"

#define MAX_ADDRESS_CELLS 4 /* OF_MAX_ADDR_CELLS, drivers/of/address.c */

static int refuse(struct translate_why *why, const char *node, const char *text)
{
	why->text = text;
	strlcpy(why->node, node, sizeof(why->node));
	return -ENXIO;
}

/* The number in node or its nearest ancestor that has one; 1 above the root, as in Linux. */
static int inherited(const struct dt *dt, const char *node, const char *property, uint32_t *value)
{
	char at[DT_PATH_MAX];

	strlcpy(at, node, sizeof(at));
	do {
		int r = dt_u32(dt, at, property, value);

		if (r != -ENOENT)
			return r;
	} while (dt_parent(at));
	*value = 1;
	return 0;
}

/* of_bus_pci_match(), drivers/of/address.c */
int translate_is_pci(const struct dt *dt, const char *node)
{
	static const char types[][8] = { "pci", "pciex", "vci", "ht" };
	struct dt_prop type;
	int r = dt_read(dt, node, "device_type", &type);
	bool found = dt_is_named(node, "pcie");

	if (r < 0)
		return r == -ENOENT ? found : r;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		found = found || strcmp(type.data, types[i]) == 0;
	dt_free(&type);
	return found;
}

int translate_bus(const struct dt *dt, const char *node, struct bus *bus)
{
	uint32_t own = 0;
	int r = translate_is_pci(dt, node);

	if (r < 0)
		return r;
	if (r) {
		*bus = (struct bus){ BUS_PCI, 3, 2 };
		return 0;
	}
	if (dt_is_named(node, "isa")) {
		*bus = (struct bus){ BUS_ISA, 2, 1 };
		return 0;
	}
	r = dt_u32(dt, node, "#address-cells", &own);
	bus->kind = r == 0 && own == 3 ? BUS_FLAGS : BUS_PLAIN;
	if (r == -ENOENT)
		r = inherited(dt, node, "#address-cells", &bus->address_cells);
	else
		bus->address_cells = own;
	return r < 0 ? r : inherited(dt, node, "#size-cells", &bus->size_cells);
}

bool translate_bus_is_sane(const struct bus *bus)
{
	return bus->address_cells >= 1 && bus->address_cells <= MAX_ADDRESS_CELLS &&
		bus->size_cells > 0;
}

struct bus_address translate_address(const struct dt_prop *prop, size_t i, const struct bus *bus)
{
	uint32_t skip = bus->kind != BUS_PLAIN;

	return (struct bus_address){
		.flags = skip ? dt_cell(prop, i) : 0,
		.value = dt_number(prop, i + skip, bus->address_cells - skip),
	};
}

/* The kind of space, bits 24 and 25: 0 configuration, 1 I/O, 2 and 3 memory (IEEE 1275 2.1.3). */
static unsigned pci_space(uint32_t flags)
{
	unsigned space = (flags >> 24) & 3;

	return space == 3 ? 2 : space;
}

static bool same_space(enum bus_kind kind, uint32_t a, uint32_t b)
{
	switch (kind) {
	case BUS_PCI:
		return pci_space(a) == pci_space(b);
	case BUS_ISA:
		return ((a ^ b) & 1) == 0;
	case BUS_FLAGS:
		return a == b;
	case BUS_PLAIN:
		break;
	}
	return true;
}

/* Where in [base, base + size) is it? A window that wraps holds nothing, as in Linux. */
static bool inside(const struct bus *bus, const struct bus_address *address,
	const struct bus_address *base, uint64_t size, uint64_t *offset)
{
	uint64_t end;

	if (!same_space(bus->kind, address->flags, base->flags) ||
		!bits_add(base->value, size, &end))
		return false;
	if (address->value < base->value || address->value >= end)
		return false;
	*offset = address->value - base->value;
	return true;
}

/* First matching entry of a ranges property: child address, parent address, size. */
static const char *map_address(const struct dt_prop *ranges, const struct bus *child,
	const struct bus *parent, struct bus_address *address)
{
	uint64_t first = child->address_cells + parent->address_cells;
	uint64_t entry = first + child->size_cells, cells = ranges->size / sizeof(uint32_t);
	uint64_t offset;

	for (uint64_t at = 0; entry <= cells - at; at += entry) {
		struct bus_address base = translate_address(ranges, (size_t)at, child);
		uint64_t size = dt_number(ranges, (size_t)(at + first), child->size_cells);

		if (!inside(child, address, &base, size, &offset))
			continue;
		*address = translate_address(ranges, (size_t)at + child->address_cells, parent);
		if (!bits_add(address->value, offset, &address->value))
			return "an address of this bus wraps at 64 bits";
		return NULL;
	}
	return "the address lies in none of the bus's windows";
}

/* One level: from the bus that node makes to the one it sits on. */
static int step(const struct dt *dt, const char *node, const struct bus *child,
	const struct bus *parent, struct bus_address *address, const char *property,
	struct translate_why *why)
{
	struct dt_prop ranges;
	const char *text = NULL;
	int r = dt_read(dt, node, property, &ranges);

	if (r == -ENOENT && strcmp(property, "ranges") == 0)
		return refuse(why, node, "the bus has no ranges: its devices are not memory-mapped");
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (ranges.size > 0)
		text = map_address(&ranges, child, parent, address);
	dt_free(&ranges);
	return text ? refuse(why, node, text) : 0;
}

int translate_up(const struct dt *dt, char *node, struct bus bus, struct bus_address address,
	const char *property, uint64_t *out, struct translate_why *why)
{
	char parent[DT_PATH_MAX];
	struct bus above;
	int r;

	if (!translate_bus_is_sane(&bus))
		return refuse(why, node, "the bus has no usable #address-cells and #size-cells");
	strlcpy(parent, node, sizeof(parent));
	while (dt_parent(parent)) {
		r = translate_bus(dt, parent, &above);
		if (r < 0)
			return r;
		if (!translate_bus_is_sane(&above))
			return refuse(why, parent,
				"the bus has no usable #address-cells and #size-cells");
		r = step(dt, node, &bus, &above, &address, property, why);
		if (r < 0)
			return r;
		bus = above;
		strlcpy(node, parent, DT_PATH_MAX);
	}
	*out = address.value;
	return 0;
}

/* Entry index of a reg property: its address, and its size if the bus has sizes. */
static int reg_entry(const struct dt_prop *reg, const struct bus *bus, unsigned index,
	struct bus_address *address, uint64_t *size)
{
	uint64_t entry = (uint64_t)bus->address_cells + bus->size_cells;
	uint64_t entries = reg->size / sizeof(uint32_t) / entry;

	if (index >= entries)
		return -ENOENT;
	*address = translate_address(reg, (size_t)(index * entry), bus);
	*size = dt_number(reg, (size_t)(index * entry + bus->address_cells), bus->size_cells);
	return 0;
}

int translate_reg(const struct dt *dt, const char *node, unsigned index, uint64_t *phys,
	uint64_t *size, struct translate_why *why)
{
	char parent[DT_PATH_MAX];
	struct bus_address address;
	struct dt_prop reg;
	struct bus bus;
	uint64_t start = 0, length, last;
	int r;

	strlcpy(parent, node, sizeof(parent));
	if (!dt_parent(parent))
		return refuse(why, node, "the root has no address");
	r = translate_bus(dt, parent, &bus);
	if (r < 0)
		return r;
	if (bus.address_cells < 1 || bus.address_cells > MAX_ADDRESS_CELLS)
		return refuse(why, parent, "the bus has no usable #address-cells");
	r = dt_read(dt, node, bus.kind == BUS_PCI ? "assigned-addresses" : "reg", &reg);
	if (r < 0)
		return r;
	r = reg_entry(&reg, &bus, index, &address, &length);
	dt_free(&reg);
	if (r == 0)
		r = translate_up(dt, parent, bus, address, "ranges", &start, why);
	/* As __of_address_resource_bounds() of drivers/of/address.c has it. */
	if (r == 0 && length && !bits_add(start, length - 1, &last))
		return refuse(why, node, "its registers pass the end of the address space");
	if (r == 0) {
		*phys = start;
		*size = length;
	}
	return r;
}
