/* SPDX-License-Identifier: MIT */
#include "pages/neighbours.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/frames.h"

int neighbours_add_one(struct neighbours *list, uint64_t phys, void *at)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		struct neighbour *more = reallocarray(list->units, room, sizeof(*more));

		if (!more)
			return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
				"no memory for a list of %zu pages", room);
		list->units = more;
		list->room = room;
	}
	list->units[list->count++] = (struct neighbour){ .phys = phys, .at = at };
	return 0;
}

int neighbours_add(struct neighbours *list, int frames, const char *root, unsigned char *at,
	size_t length)
{
	struct pages_run *runs;
	size_t run_count;
	uint64_t offset = 0;
	int r = frames_runs(frames, root, at, length / os->page_size(), &runs, &run_count);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < run_count; i++) {
		uint64_t from, end = offset + runs[i].length;

		if (bits_align_up(offset, list->unit, &from)) {
			for (; r == 0 && from + list->unit <= end; from += list->unit)
				r = neighbours_add_one(list, runs[i].phys + (from - offset), at + from);
		}
		offset = end;
	}
	free(runs);
	return r;
}

static int by_phys(const void *a, const void *b)
{
	const struct neighbour *x = a, *y = b;

	return (x->phys > y->phys) - (x->phys < y->phys);
}

static size_t units(const struct neighbours *list, const struct neighbours_wanted *wanted)
{
	return (size_t)((wanted->length - 1) / list->unit + 1);
}

size_t neighbours_find(struct neighbours *list, const struct neighbours_wanted *wanted, bool *above)
{
	size_t start = 0, need = units(list, wanted);

	*above = false;
	list->longest = 0;
	if (list->count) /* there is no array of none */
		qsort(list->units, list->count, sizeof(*list->units), by_phys);
	for (size_t i = 0; i < list->count; i++) {
		uint64_t first;

		if (i > 0 && list->units[i].phys != list->units[i - 1].phys + list->unit)
			start = i;
		if (i + 1 - start > list->longest)
			list->longest = i + 1 - start;
		if (i + 1 - start < need)
			continue;
		first = list->units[i + 1 - need].phys;
		if (first & (wanted->align - 1))
			continue;
		if (first <= wanted->max_addr && wanted->length - 1 <= wanted->max_addr - first)
			return i + 1 - need;
		*above = true;
	}
	return list->count;
}

int neighbours_none(const struct neighbours *list, const struct neighbours_wanted *wanted, bool above,
	bool late)
{
	return error_set(above ? ERANGE : ENOMEM,
		above ? PMEM_CAUSE_ADDRESS_LIMIT : PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, NULL,
		"no %zu pieces of %zu bytes in a row, as asked for, among %zu that were taken, but %zu%s",
		units(list, wanted), list->unit, list->count, list->longest,
		above ? " above the limit" : late ? ", when time was over" : "");
}
