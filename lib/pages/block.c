/* SPDX-License-Identifier: MIT */
/* What becomes of a block of pages: pinned, found, given back. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "pages/area.h"
#include "pages/take.h"

#define PAGEMAP "/proc/self/pagemap"

/* Pinned pages do not move; whatever moves this often was not pinned. */
#define SETTLE_TRIES 3

static bool same(const struct pages_run *a, size_t a_count, const struct pages_run *b,
	size_t b_count)
{
	return a_count == b_count && memcmp(a, b, a_count * sizeof(*a)) == 0;
}

/* 1 the frames are in block->runs; 0 they changed between two readings, and should not have. */
static int read_twice(const struct taking *t, struct pages_block *block)
{
	size_t pages = t->size / t->page, first_count, second_count;
	struct pages_run *first, *second;
	bool stay;
	int r;

	r = frames_runs(t->frames, t->root, block->data, pages, &first, &first_count);
	if (r < 0)
		return r;
	r = frames_runs(t->frames, t->root, block->data, pages, &second, &second_count);
	if (r < 0) {
		free(first);
		return r;
	}
	stay = block->pin.class == PIN_NONE || same(first, first_count, second, second_count);
	free(first);
	if (!stay) {
		free(second);
		return 0;
	}
	block->runs = second;
	block->run_count = second_count;
	return 1;
}

int take_settle(const struct taking *t, struct pages_block *block)
{
	struct pmem_error why;
	int r = 0;

	if (block->pin.class == PIN_NONE)
		r = pin_take(t->root, block->data, t->size, &block->pin);
	if (r < 0 && !t->want->may_move)
		return r;
	if (t->frames < 0)
		return 0;
	for (unsigned n = 0; n < SETTLE_TRIES; n++) {
		r = read_twice(t, block);
		if (r > 0)
			return 0;
		if (r < 0)
			break;
	}
	if (r == 0)
		error_set(EAGAIN, PMEM_CAUSE_MOVED, "pin", PAGEMAP, NULL,
			"pages kept moving although %s should hold them",
			pin_name(block->pin.class));
	error_save(&why);
	if (block->pin.class != PIN_IO_REGION)
		pin_drop(&block->pin);
	return error_restore(&why);
}

int pages_give(struct pages_block *block)
{
	int first = pin_drop(&block->pin), r = 0;

	if (block->data)
		r = area_unmap(block->data, block->length);
	free(block->runs);
	*block = (struct pages_block){ .data = NULL };
	return first ? first : r;
}
