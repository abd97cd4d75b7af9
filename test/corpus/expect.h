/* SPDX-License-Identifier: MIT */
/*
 * What a node's registers are, computed from the blob with libfdt and from the text of the
 * Devicetree Specification only; it shares no code and no shortcut with lib/soc.
 */
#ifndef TEST_EXPECT_H
#define TEST_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPECT_DEPTH 64

/* A node that has children: how they are addressed, and how that leads upwards. */
struct expect_bus {
	int node;                       /* offset in the blob */
	unsigned address_cells;
	unsigned size_cells;
	bool pci;
};

/* The way from the root to a node. */
struct expect_way {
	const void *blob;
	struct expect_bus bus[EXPECT_DEPTH]; /* bus[0] is the root */
	unsigned depth;                      /* of the node itself; the root's is 0 */
};

/* Enter a node at that depth: its parent is the last one entered at depth - 1. */
void expect_enter(struct expect_way *way, int node, unsigned depth);

/* How many entries has the property that tells the node's registers? */
unsigned expect_entries(const struct expect_way *way);
/* Entry number index; false if the CPU cannot reach it. */
bool expect_reg(const struct expect_way *way, unsigned index, uint64_t *phys, uint64_t *size);

/* Entries of the dma-ranges of the node (which is a bus); 0 also if it has none. */
unsigned expect_windows(const struct expect_way *way);
/* One of them: where the bus sees it, where the CPU does, how long it is. */
bool expect_window(const struct expect_way *way, unsigned index, uint64_t *bus, uint64_t *phys,
	uint64_t *size);

#endif
