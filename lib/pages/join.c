/* SPDX-License-Identifier: MIT */
/*
 * More than the kernel's largest block: blocks of that size, which are few and often come from one
 * corner of memory, until some follow each other; those are mapped side by side. Each is an io_uring memory
 * region, so that nothing moves it. Where such a mapping lies the kernel alone decides
 * (io_uring_get_unmapped_area()), but one after the other they fill a hole from its top.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/neighbours.h"
#include "pages/returning.h"
#include "pages/uring.h"
#include "pages/ways.h"

/* Taken at once, at most: descriptors, and 640 MiB with 4 KiB pages. */
#define PIECES_MAX 160

/* Mappings that land elsewhere, in smaller holes or beside those of other threads. */
#define STRAY_MAX 64

struct piece {
	int ring;
	uint64_t offset; /* where its ring has it */
	void *at;
};

struct join {
	const struct taking *t;
	size_t unit, need;
	struct neighbours found; /* at: a piece */
	struct neighbours_wanted wanted;
	struct piece pieces[PIECES_MAX];
	size_t count;
};

/* The kernel takes single pages where it has no block: then the last lies elsewhere. */
static int in_one_piece(const struct join *j, unsigned char *at, uint64_t *phys)
{
	uint64_t last;
	int r = frames_phys(j->t->frames, j->t->root, at, 1, phys);

	if (r == 0)
		r = frames_phys(j->t->frames, j->t->root, at + j->unit - j->t->page, 1, &last);
	if (r == 0 && last != *phys + j->unit - j->t->page)
		return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, NULL,
			"the kernel has no more blocks of %zu bytes", j->unit);
	return r;
}

static int add_piece(struct join *j)
{
	struct piece *piece = &j->pieces[j->count];
	uint64_t phys;
	int r = uring_make(j->t->root, j->unit, &piece->offset);

	if (r < 0)
		return r;
	piece->ring = r;
	r = uring_map(piece->ring, piece->offset, j->unit, &piece->at);
	if (r < 0) {
		returning_note(j->unit + RETURNING_RING);
		os->close(piece->ring);
		return r;
	}
	j->count++;
	r = in_one_piece(j, piece->at, &phys);
	return r < 0 ? r : neighbours_add_one(&j->found, phys, piece);
}

/* The first of need pieces in a row; found.count: there is none, for lack of time or of pieces. */
static int search(struct join *j, size_t most, size_t *row, bool *above)
{
	int r = 0;

	while (r == 0 && j->count < most && (j->count == 0 || !patience_ends(&j->t->patience))) {
		r = add_piece(j);
		*row = neighbours_find(&j->found, &j->wanted, above);
		if (*row != j->found.count)
			return 0;
	}
	/* A later piece that cannot be had is the end of the search, and no more. */
	return j->found.count ? 0 : r;
}

/*
 * Map the pieces of the row, the last first, each below the one before, which is how Linux fills a hole. What
 * lands elsewhere stays until the end, so that its hole is full, and all begins again.
 */
static int place(struct join *j, size_t row, struct pages_block *block)
{
	void *made[STRAY_MAX + PIECES_MAX / 2];
	unsigned char *first = NULL; /* of what lies in order so far */
	size_t count = 0, placed = 0;
	int r = 0;

	while (r == 0 && placed < j->need && count < ARRAY_SIZE(made)) {
		const struct piece *piece = j->found.units[row + j->need - 1 - placed].at;

		r = uring_map(piece->ring, piece->offset, j->unit, &made[count]);
		if (r < 0)
			break;
		placed = placed == 0 || (unsigned char *)made[count] + j->unit == first ? placed + 1 : 0;
		first = made[count++];
	}
	if (first && placed == j->need) {
		count -= placed;
		r = ways_take_mapped(first, placed * j->unit, PIN_IO_REGION, block);
	} else if (r == 0) {
		r = error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "mmap", NULL, NULL,
			"%zu blocks lie in a row, but cannot be mapped side by side", j->need);
	}
	while (count)
		os->munmap(made[--count], j->unit);
	return r;
}

static int join(struct join *j, size_t most, struct pages_block *block)
{
	size_t row = 0;
	bool above = false;
	int r = search(j, most, &row, &above);

	if (r < 0)
		return r;
	if (row < j->found.count)
		return place(j, row, block);
	return neighbours_none(&j->found, &j->wanted, above, patience_ends(&j->t->patience));
}

int way_join(const struct taking *t, struct pages_block *block)
{
	const size_t unit = t->page << WAYS_LARGEST_ORDER, need = (t->size - 1) / unit + 1;
	uint64_t available, most;
	struct join *j;
	int r;

	if (need < 2 || need > PIECES_MAX / 2 || t->frames < 0)
		return WAY_NOT_FOR_THIS;
	available = area_available_for(t->root, need * (uint64_t)unit);
	if (need * (uint64_t)unit > available)
		return area_refuse(t->root, need * (uint64_t)unit);
	most = available / WAYS_SHARE / unit;
	j = calloc(1, sizeof(*j));
	if (!j)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"no memory for a list of blocks");
	j->t = t;
	j->wanted = (struct neighbours_wanted){ t->size, t->want->align, t->want->max_addr };
	j->unit = j->found.unit = unit;
	j->need = need;
	r = join(j, most > PIECES_MAX ? PIECES_MAX : most < need ? need : (size_t)most, block);
	while (j->count) {
		const struct piece *piece = &j->pieces[--j->count];

		returning_note(unit + RETURNING_RING);
		os->munmap(piece->at, unit);
		os->close(piece->ring);
	}
	free(j->found.units);
	free(j);
	return r;
}
