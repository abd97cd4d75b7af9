/* SPDX-License-Identifier: MIT */
/*
 * Neighbours by chance: take many pages, sort them by frame, and move those that follow each other
 * to one place in this program. Moving a page in the page table keeps its frame (mremap). Works for
 * huge pages where memory is fragmented, for small ones only where it is not.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "base/error.h"
#include "os/hole.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/migrate.h"
#include "pages/neighbours.h"
#include "pages/ways.h"
#include "pages/uring.h"

/* Small pages: 16,384 cost some 30 ms (64 MiB of 4 KiB), and at most half of what is free. */
#define SMALL_BUDGET ((uint64_t)16384)
#define SMALL_MAX    ((uint64_t)4 << 20)

/* Huge pages: a WAYS_SHARE, at most this; or a little more than the row. */
#define THP_BUDGET ((uint64_t)2 << 30)

#define ROUNDS_MAX 32
#define NO_ROW     1

/* As much is taken in one step: half a millisecond, and two where memory is slow to come. */
#define STEP ((size_t)2 << 20)

/* Rows that lie too high: Linux gives high memory first, and taking all of it is not worth that. */
#define ABOVE_MAX 3

struct gather {
	const struct taking *t;
	struct neighbours found;
	struct neighbours_wanted wanted;
	size_t need;       /* units in a row */
	struct area {
		void *at;
		size_t length;
		struct pin pin; /* of small pages: see hold() */
	} areas[ROUNDS_MAX];
	size_t area_count;
	unsigned above;    /* rounds that found a row, but only above the limit */
	bool late;         /* the search has taken as long as it may */
	size_t row, moved; /* found.units[row] and as many from there are no longer in their area */
};

/* The first unit of a row that fits, or how many there are. */
static size_t find_row(struct gather *g)
{
	bool above;
	size_t row = neighbours_find(&g->found, &g->wanted, &above);

	g->above += above;
	return row;
}

/* For want of memory it is the number of mappings (mm/mremap.c mremap_to()), unless nothing is left for a page table. */
static int cannot_move(int errnum)
{
	if (errnum == ENOMEM)
		return error_set(errnum, PMEM_CAUSE_LIMIT, "mremap", NULL,
			"if the program has that many (lines of /proc/PID/maps), raise sysctl vm.max_map_count",
			"the kernel has no room for one more mapping of this program");
	return error_set(errnum, PMEM_CAUSE_SYSTEM, "mremap", NULL, NULL,
		"a page cannot be moved to its place in a row");
}

/*
 * Move the row to one place. A move that fails leaves the page where it was; its place in the row may be a hole.
 */
static int move_row(struct gather *g, size_t row, struct pages_block *block)
{
	size_t unit = g->found.unit, length = g->need * unit;
	void *to, *out;
	int r = area_map(NULL, length, unit, true, &to);

	g->row = row;
	for (size_t i = 0; r == 0 && i < g->need; i++) {
		r = os->mremap(g->found.units[row + i].at, unit, unit,
			MREMAP_MAYMOVE | MREMAP_FIXED, (unsigned char *)to + i * unit, &out);
		if (r < 0) {
			r = cannot_move(-r);
			hole_unmap_around(to, length, (unsigned char *)to + i * unit, unit);
		} else {
			g->moved++;
		}
	}
	if (r == 0)
		*block = (struct pages_block){ .data = to, .length = length };
	return r;
}

static int by_place(const void *a, const void *b)
{
	const struct neighbour *x = a, *y = b;

	return ((uintptr_t)x->at > (uintptr_t)y->at) - ((uintptr_t)x->at < (uintptr_t)y->at);
}

/* What was moved away left a hole, which may be another thread's by now: only the rest is ours. */
static void give_back(struct gather *g)
{
	struct neighbour *moved = NULL;

	if (g->moved) {
		moved = g->found.units + g->row;
		qsort(moved, g->moved, sizeof(*moved), by_place);
	}
	for (size_t i = 0; i < g->area_count; i++) {
		unsigned char *from = g->areas[i].at, *end = from + g->areas[i].length;

		pin_drop(&g->areas[i].pin);
		for (size_t n = 0; n < g->moved; n++) {
			unsigned char *hole = moved[n].at;

			if (hole < from || hole >= end)
				continue;
			if (hole > from)
				os->munmap(from, (size_t)(hole - from));
			from = hole + g->found.unit;
		}
		if (from < end)
			os->munmap(from, (size_t)(end - from));
	}
	free(g->found.units);
}

/*
 * Small pages are held while neighbours are looked for, until the row itself is pinned: compaction
 * would move them meanwhile, and the pin those of a CMA area or of ZONE_MOVABLE, one by one. If
 * they cannot be held, the check after pinning tells what came out.
 */
static void hold(const struct gather *g, struct area *area)
{
	uring_pin(g->t->root, area->at, area->length, &area->pin);
}

/*
 * Give the area its pages, as long as there is time: where memory is fragmented each huge page may take
 * the kernel 25 ms. What there is no time for is cut off.
 */
static int populate(struct gather *g, struct area *area)
{
	size_t done = 0, step = g->found.unit > STEP ? g->found.unit : STEP;
	int r = 0;

	while (r == 0 && done < area->length && !g->late) {
		if (step > area->length - done)
			step = area->length - done;
		r = area_populate((unsigned char *)area->at + done, step);
		if (r == 0)
			done += step;
		g->late = patience_ends(&g->t->patience);
	}
	if (r < 0 || done == area->length)
		return r;
	r = os->munmap((unsigned char *)area->at + done, area->length - done);
	if (r == 0)
		area->length = done; /* else all of it is still ours to give back */
	return r < 0 ? error_set(-r, PMEM_CAUSE_SYSTEM, "munmap", NULL, NULL,
		"a mapping cannot be cut to size") : 0;
}

/* Take one more area; the first that holds a row ends the search: 0, or NO_ROW, which is no errno of the kernel. */
static int one_round(struct gather *g, size_t length, bool huge, struct pages_block *block)
{
	struct area *area = &g->areas[g->area_count];
	size_t row;
	int r = area_map(g->t->root, length, g->found.unit, huge, &area->at);

	if (r < 0)
		return r;
	area->length = length;
	g->area_count++;
	r = populate(g, area);
	if (r == 0 && !huge)
		hold(g, area);
	if (r == 0)
		r = neighbours_add(&g->found, g->t->frames, g->t->root, area->at, area->length);
	if (r < 0)
		return r;
	row = find_row(g);
	if (row != g->found.count)
		return move_row(g, row, block);
	return NO_ROW;
}

static int gather(const struct taking *t, size_t unit, uint64_t budget, bool huge,
	struct pages_block *block)
{
	struct gather g = { .t = t, .found.unit = unit, .need = (t->size - 1) / unit + 1,
		.wanted = { t->size, t->want->align, t->want->max_addr } };
	uint64_t length = 2 * (uint64_t)g.need * unit, total = 0;
	int r = NO_ROW;

	/* Every round doubles what is held, up to the budget. */
	while (r == NO_ROW && g.area_count < ROUNDS_MAX && g.above < ABOVE_MAX && !g.late) {
		if (length > budget - total)
			length = bits_align_down(budget - total, unit);
		if (length == 0)
			break;
		r = one_round(&g, (size_t)length, huge, block);
		if (g.area_count)
			total += g.areas[g.area_count - 1].length;
		length = total;
	}
	/* What fails here, for both are accounted for a moment, is tried again without the areas. */
	if (r == 0 && !huge)
		uring_pin(t->root, block->data, t->size, &block->pin);
	if (r == NO_ROW)
		r = neighbours_none(&g.found, &g.wanted, g.above, g.late);
	give_back(&g);
	return r;
}

int way_gather(const struct taking *t, struct pages_block *block)
{
	uint64_t available = area_available(t->root) / 2, budget = SMALL_BUDGET * t->page;

	if (t->size > SMALL_MAX)
		return WAY_NOT_FOR_THIS; /* too many small pages to find in a row */
	return gather(t, t->page, available < budget ? available : budget, false, block);
}

int way_gather_thp(const struct taking *t, struct pages_block *block)
{
	uint64_t available, budget, least;
	size_t thp = area_thp_size(t->root);
	int r;

	if (thp == 0 || (t->size <= thp && t->want->align <= thp))
		return WAY_NOT_FOR_THIS; /* no transparent huge pages to put together */
	available = area_available_for(t->root, (uint64_t)t->size + t->size / 4);
	budget = available / WAYS_SHARE;
	if (budget > THP_BUDGET)
		budget = THP_BUDGET;
	if (!bits_align_up(t->size, thp, &least) || least > available - available / 8)
		return area_refuse(t->root, t->size);
	r = migrate_check(t->root, t->size);
	if (r < 0)
		return r;
	if (budget < least + least / 8)
		budget = least + least / 8;
	return gather(t, thp, budget, true, block);
}
