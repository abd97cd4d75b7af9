/* SPDX-License-Identifier: MIT */
/* Which of many pages lie next to each other in memory. All of these set the thread's error. */
#ifndef PAGES_NEIGHBOURS_H
#define PAGES_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A page, or a larger unit that is whole and aligned to its size: where it is, and what of ours it is. */
struct neighbour {
	uint64_t phys;
	void *at;
};

/* A list of them; begins with its unit, the rest zero. units is freed by the caller. */
struct neighbours {
	size_t unit; /* bytes */
	struct neighbour *units;
	size_t count, room;
	size_t longest; /* of all rows, whatever is wanted; neighbours_find() tells */
};

/*
 * Add the units of [at, at + length), which begins at a multiple of unit; those that are not one
 * piece are left out. frames: pagemap. What frames_runs() says, -ENOMEM
 */
int neighbours_add(struct neighbours *list, int frames, const char *root, unsigned char *at,
	size_t length);

/* Add one unit that lies at phys; what at is, is the caller's. -ENOMEM */
int neighbours_add_one(struct neighbours *list, uint64_t phys, void *at);

struct neighbours_wanted {
	uint64_t length;   /* bytes */
	uint64_t align;    /* of the first byte */
	uint64_t max_addr; /* of the last byte */
};

/*
 * Sort the list by phys. The index of the first unit of a row that holds what is wanted, or count;
 * *above: there was a row, but beyond max_addr.
 */
size_t neighbours_find(struct neighbours *list, const struct neighbours_wanted *wanted, bool *above);

/* The error that there is none: -ERANGE if above, else -ENOMEM. late: time was over. */
int neighbours_none(const struct neighbours *list, const struct neighbours_wanted *wanted, bool above,
	bool late);

#endif
