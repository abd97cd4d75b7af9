/* SPDX-License-Identifier: MIT */
/*
 * From a node's reg to the address that the CPU uses, by the Devicetree Specification 2.3.8
 * (ranges) and, where the specification is silent, as drivers/of/address.c of Linux does it.
 */
#ifndef SOC_TRANSLATE_H
#define SOC_TRANSLATE_H

#include "dt/dt.h"

/* Why a tree's answer cannot be had, for the error message. */
struct translate_why {
	const char *text;           /* NULL: the result says it all */
	char node[DT_PATH_MAX];     /* where in the tree */
};

/* How a bus writes addresses: all but plain ones have a first cell that is no number. */
enum bus_kind {
	BUS_PLAIN,
	BUS_PCI,     /* the space code of IEEE 1275 */
	BUS_ISA,     /* bit 0 is I/O */
	BUS_FLAGS,   /* any other bus with 3 address cells: must be equal */
};

struct bus {
	enum bus_kind kind;
	uint32_t address_cells;
	uint32_t size_cells;
};

struct bus_address {
	uint32_t flags;
	uint64_t value;
};

/* How the children of node are addressed. 0 or -errno */
int translate_bus(const struct dt *dt, const char *node, struct bus *bus);
/* Can addresses of that bus be translated: 1 to 4 address cells and a size? */
bool translate_bus_is_sane(const struct bus *bus);
/* The address at cell i. The bus is sane and its cells are there. */
struct bus_address translate_address(const struct dt_prop *prop, size_t i, const struct bus *bus);

/*
 * Carry an address of the bus that node makes up to the root, through each property ("ranges",
 * or "dma-ranges", where absence means identity). node is used up. -ENXIO with why
 */
int translate_up(const struct dt *dt, char *node, struct bus bus, struct bus_address address,
	const char *property, uint64_t *out, struct translate_why *why);

/*
 * Entry number index of the node's registers. -ENOENT no such entry; -ENXIO not reachable by the
 * CPU, with why; else -errno of reading.
 */
int translate_reg(const struct dt *dt, const char *node, unsigned index, uint64_t *phys,
	uint64_t *size, struct translate_why *why);

/* Is the node a PCI bus, host bridge or behind one? 1 or 0 */
int translate_is_pci(const struct dt *dt, const char *node);

#endif
