/* SPDX-License-Identifier: MIT */
/*
 * lib/device/iova.c with whatever a kernel could say of windows and page sizes, and whatever could be asked:
 * numbers near the ends of everything. A list of all that is taken knows what must not happen.
 */
#ifndef FUZZ_MODEL_IOVA_H
#define FUZZ_MODEL_IOVA_H

#include <errno.h>

#include "device/iova.h"
#include "fuzz.h"

#define LIVE    128
#define WINDOWS 6

static struct iova space;
static struct { uint64_t first, last; } live[LIVE]; /* first 0: none */

/* Small, huge, a power of two or one beside it. */
static uint64_t number(void)
{
	uint64_t n = fuzz_next() >> fuzz_below(64);

	switch (fuzz_below(4)) {
	case 0:
		return n;
	case 1:
		return (1ull << fuzz_below(64)) - fuzz_below(3) + fuzz_below(2);
	case 2:
		return 0 - n;
	default:
		return n & ~0xfffull;
	}
}

static void set_windows(void)
{
	struct iova_window windows[WINDOWS];
	size_t count = fuzz_below(WINDOWS + 1);
	uint64_t sizes = fuzz_below(4) ? 0x40201000 : fuzz_below(2) ? fuzz_next() << fuzz_below(64) : number();
	bool sound = sizes != 0;
	int r;

	for (size_t i = 0; i < count; i++) {
		windows[i].first = number();
		windows[i].last = fuzz_below(2) ? number() : UINT64_MAX - number();
	}
	/* Mostly in order. */
	for (size_t i = 0; fuzz_below(8) && i + 1 < count; i++)
		for (size_t j = i + 1; j < count; j++)
			if (windows[j].first < windows[i].first) {
				struct iova_window other = windows[i];

				windows[i] = windows[j];
				windows[j] = other;
			}
	for (size_t i = 0; fuzz_below(8) && i < count; i++) {
		if (i + 1 < count && windows[i].last >= windows[i + 1].first && windows[i + 1].first)
			windows[i].last = windows[i + 1].first - 1;
		if (windows[i].last < windows[i].first)
			windows[i].last = windows[i].first;
	}
	for (size_t i = 0; i < count; i++)
		sound &= windows[i].first <= windows[i].last && (!i || windows[i - 1].last < windows[i].first);
	r = iova_set_windows(&space, windows, count, sizes);
	MUST(r == (sound ? 0 : -EINVAL));
	MUST(r || (space.page && sizes % space.page == 0 && space.page == space.sizes[0]));
	for (unsigned i = 1; r == 0 && i < IOVA_SIZES; i++)
		MUST(space.sizes[i] >= space.sizes[i - 1] && (sizes & space.sizes[i]));
}

/* Apart from all others; and with a page between them if the space chose the place. */
static void note(size_t k, uint64_t first, uint64_t last, uint64_t apart)
{
	MUST(first != 0 && first <= last && iova_inside(&space, first, last));
	for (size_t j = 0; j < LIVE; j++) {
		if (!live[j].first)
			continue;
		MUST(last < live[j].first ? live[j].first - last > apart :
			first > live[j].last && first - live[j].last > apart);
	}
	live[k].first = first;
	live[k].last = last;
}

static void take(size_t k)
{
	uint64_t size = fuzz_below(3) ? 1 + fuzz_below(8u << 20) : number(), at = 1;
	uint64_t align = fuzz_below(3) ? 0 : fuzz_below(4) ? 1ull << fuzz_below(64) : number();
	uint64_t max_addr = fuzz_below(2) ? UINT64_MAX : number(), largest = 0;
	int r;

	if (fuzz_below(4) == 0)
		largest = iova_largest(&space, max_addr);
	r = iova_take(&space, size, align, max_addr, &at);
	if (r == -EINVAL) {
		MUST(size == 0 || (align & (align - 1)));
		return;
	}
	MUST(size && (align & (align - 1)) == 0);
	MUST(r == 0 || (r == -ENOSPC && at == 1));
	/* Without an alignment, what is called the largest can be had, and no more. */
	MUST(!largest || align > space.page || (r == 0) == (size <= largest));
	if (r == 0) {
		size = (size + space.page - 1) / space.page * space.page;
		MUST(at % space.page == 0 && (!align || at % align == 0));
		MUST(at - 1 + size >= at && at - 1 + size <= max_addr);
		note(k, at, at - 1 + size, space.page);
	}
}

static void reserve(size_t k)
{
	uint64_t first = number(), last = first + number();
	int r;

	if (space.page && fuzz_below(8)) {
		first -= first % space.page;
		last |= space.page - 1;
	}
	r = iova_reserve(&space, first, last);
	MUST(r == 0 || r == -EINVAL || r == -ERANGE || r == -EEXIST);
	MUST((r == 0 || r == -EEXIST) == iova_inside(&space, first, last));
	if (r == 0)
		note(k, first, last, 0);
}

static void one_life(void)
{
	struct iova_window outside;
	size_t count = 0;
	uint64_t bytes = 0;

	set_windows();
	for (int step = 0; step < 500 && fuzz_more(); step++) {
		size_t k = fuzz_below(LIVE);

		if (fuzz_below(64) == 0)
			set_windows();
		if (live[k].first) {
			MUST(iova_give(&space, live[k].first) == 0);
			live[k].first = 0;
		} else if (fuzz_below(4)) {
			take(k);
		} else {
			reserve(k);
		}
	}
	for (size_t k = 0; k < LIVE; k++) {
		count += live[k].first != 0;
		bytes += live[k].first ? live[k].last - live[k].first + 1 : 0;
	}
	MUST(space.ranges == count && space.bytes == bytes);
	if (iova_outside(&space, &outside))
		MUST(!iova_inside(&space, outside.first, outside.last));
	for (size_t k = 0; k < LIVE; k++) {
		uint64_t at = number();
		bool there = false;

		for (size_t j = 0; j < LIVE; j++)
			there |= live[j].first && live[j].first == at;
		MUST(there || iova_give(&space, at) == -ENOENT);
	}
	/* Half of them by hand, the others with the space. */
	for (size_t k = 0; k < LIVE; k++) {
		MUST(!live[k].first || fuzz_below(2) || iova_give(&space, live[k].first) == 0);
		live[k].first = 0;
	}
	iova_clear(&space);
	MUST(space.ranges == 0 && !space.windows);
}

#endif
