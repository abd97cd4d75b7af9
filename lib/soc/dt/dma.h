/* SPDX-License-Identifier: MIT */
/*
 * What a DMA master sees: dma-ranges and dma-coherent up the tree (Devicetree Specification
 * 2.3.9, and of_dma_get_range() and of_dma_is_coherent() of drivers/of/address.c).
 */
#ifndef SOC_DMA_H
#define SOC_DMA_H

#include "dt/translate.h"

struct dma_window {
	uint64_t phys;
	uint64_t bus;
	uint64_t size;
};

/* Windows in the tree's order: the first that holds an address counts. None: bus is phys. */
struct dma_map {
	struct dma_window *windows;
	size_t count;
};

/* The node above, from the view of DMA: the tree parent, unless interconnects say "dma-mem". */
int dma_parent(const struct dt *dt, char *node);

/* The node where the search for a device's windows begins; as dma_parent(), but for PCI devices. */
int dma_begin(const struct dt *dt, char *node);

/* The windows of a plain device on that bus. -ENXIO, with why, none can be translated. */
int dma_map_read(const struct dt *dt, const char *bus, struct dma_map *map,
	struct translate_why *why);
void dma_map_free(struct dma_map *map);

/* -ERANGE if no window holds it. */
int dma_to_phys(const struct dma_map *map, uint64_t bus, uint64_t *phys);
/*
 * Back, for all of [phys, phys + length), length at least 1: one address for the whole. -ERANGE
 * if a part is not seen; -EXDEV if windows with another offset show a part.
 */
int dma_range_to_bus(const struct dma_map *map, uint64_t phys, uint64_t length, uint64_t *bus);
/* Of as much of it, from its start, as has one address: *piece bytes. -ERANGE the start is not seen. */
int dma_piece_to_bus(const struct dma_map *map, uint64_t phys, uint64_t length, uint64_t *bus,
	uint64_t *piece);

/* 1 coherent, 0 not: the first of the two properties on the way up, else what fallback says. */
int dma_coherent(const struct dt *dt, const char *node, bool fallback);
/*
 * That fallback for a tree, by what its CPUs are, so that a fake root answers as the machine it
 * plays: RISC-V and PowerPC are coherent unless a node says otherwise, ARM the other way round.
 */
int dma_coherent_by_default(const struct dt *dt);

/* Does an IOMMU stand between that device and memory, by the tree? 1 or 0 */
int dma_has_iommu(const struct dt *dt, const char *node);

#endif
