/* SPDX-License-Identifier: MIT */
/* The physical address space: what is where, and how it is drawn. */
#ifndef PHYSMEM_PHYSMAP_H
#define PHYSMEM_PHYSMAP_H

#include "physmem.h"

enum place_kind { PLACE_RAM, PLACE_CMA, PLACE_RESERVED, PLACE_KERNEL, PLACE_REGION, PLACE_DEVICE,
	PLACE_PCI, PLACE_WINDOW, PLACE_KINDS };

struct place {
	uint64_t first, last;
	enum place_kind kind;
	bool disabled;      /* a node of the device tree that is switched off */
	const char *source; /* "iomem", "device-tree", "pci", "debugfs", "process" */
	char *name;
};

struct place_list {
	struct place *at;
	size_t count;
	bool addresses; /* /proc/iomem tells addresses to this user */
};

/* A part of the drawing: RAM of one use, or devices that are near each other. */
struct block {
	uint64_t first, last;
	enum place_kind kind;
	const char *name;          /* borrowed; "" if the kind says it all */
	const struct place **inside; /* in order of their addresses */
	size_t count;
};

struct drawing {
	const char *title;
	struct block *blocks;
	size_t count;
	bool ascii, colour, all;
	int width;
};

const char *kind_word(enum place_kind kind);
/* All places, by address, those that hold others first. Freed by free_places(). */
void gather_places(struct pmem_ctx *ctx, struct place_list *list);
void free_places(struct place_list *list);
/* The blocks of them, by address; names are borrowed from the list. Freed by free_blocks(). */
void make_blocks(const struct place_list *list, struct drawing *drawing);
void free_blocks(struct drawing *drawing);
/* "948 MiB", "1.5 GiB" */
void human_size(char *text, size_t size, uint64_t bytes);
/* "timer, gpio and 12 more", escaped, to be freed; at most so many characters, unless all. */
char *names_inside(const struct block *block, size_t room, bool all);

void draw_text(const struct drawing *drawing);
void draw_svg(const struct drawing *drawing);

#endif
