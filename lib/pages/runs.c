/* SPDX-License-Identifier: MIT */
/*
 * Frames of large ranges, as contiguous runs or one by one. Of a huge page one entry of pagemap tells all; which pages are huge, the
 * kernel tells for a twentieth of what it costs to read their entries (PAGEMAP_SCAN, Linux 6.7). Asked
 * before and after, since a huge page may be split in between, and its parts moved.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/frames.h"
#include "pages/hugetlb.h"

/* include/uapi/linux/fs.h: PAGEMAP_SCAN, struct pm_scan_arg, struct page_region, PAGE_IS_* */
#define SCAN 0xc0606610ul
#define IS_PRESENT (1u << 3)
#define IS_SWAPPED (1u << 4)
#define IS_ZERO    (1u << 5)
#define IS_HUGE    (1u << 6)

struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, any_of, return_mask;
};

/*
 * To learn how long huge pages are takes some 20 us the first time, as much as the entries of this many bytes
 * if they are huge; and each look some 0.4.
 */
#define SCAN_MIN ((uint64_t)32 << 20)
/* Huge pages that are looked at together: their addresses are kept until it is sure that they are. */
#define TOGETHER 512
/* Pages that are read before it is looked whether huge ones follow: more and more of them. */
#define STEP_MIN 512
#define STEP_MAX 32768

struct walk {
	int fd;
	const char *root;
	uint64_t start, page;
	uint64_t huge;      /* bytes of the smallest huge page; 0: nothing tells them */
	size_t step;
	uint64_t *pages;    /* where the next addresses go; NULL: runs are wanted */
	struct pages_run *runs;
	size_t count, room;
};

/* Room for so many runs more. */
static int make_room(struct walk *w, size_t count)
{
	size_t room = w->room ? w->room : 16;
	struct pages_run *more;

	while (room - w->count < count)
		room *= 2;
	if (room == w->room)
		return 0;
	more = reallocarray(w->runs, room, sizeof(*more));
	if (!more)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "translate", NULL, NULL,
			"no memory for a list of %zu runs", room);
	w->runs = more;
	w->room = room;
	return 0;
}

static int add_run(struct walk *w, uint64_t phys, uint64_t length)
{
	struct pages_run *last = w->count ? &w->runs[w->count - 1] : NULL;
	int r;

	if (last && last->phys + last->length == phys) {
		last->length += length;
		return 0;
	}
	r = make_room(w, 1);
	if (r == 0)
		w->runs[w->count++] = (struct pages_run){ .phys = phys, .length = length };
	return r;
}

static int add(struct walk *w, uint64_t phys, uint64_t length)
{
	if (!w->pages)
		return add_run(w, phys, length);
	for (uint64_t at = 0; at < length; at += w->page)
		*w->pages++ = phys + at;
	return 0;
}

/* The end of the huge pages that begin at va, if they do, looked for up to end; else va. */
static uint64_t huge_until(struct walk *w, uint64_t va, uint64_t end)
{
	struct scan_region region = { .start = 0 };
	struct scan_arg arg = {
		.size = sizeof(arg), .start = va, .end = end,
		.vec = (uintptr_t)&region, .vec_len = 1,
		.inverted = IS_SWAPPED | IS_ZERO,
		.mask = IS_PRESENT | IS_HUGE | IS_SWAPPED | IS_ZERO,
		.return_mask = IS_HUGE,
	};
	int r = os->ioctl(w->fd, SCAN, &arg);

	if (r < 0)
		w->huge = 0; /* an older kernel */
	/* Room was made for what was asked for, in whole pages. */
	return r == 1 && region.start == va && region.end > va && region.end <= end &&
		(region.end - va) % w->page == 0 ? region.end : va;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Pages from the one at va that are huge and now in the list; 0: none, or it is not sure. */
static int take_huge(struct walk *w, uint64_t va, uint64_t end, size_t *taken)
{
	uint64_t phys[TOGETHER], boundary = (va & ~(w->huge - 1)) + w->huge, next;
	size_t n = 0;
	int r = 0;

	*taken = 0;
	/* One entry first: small pages would all be walked over. */
	if (huge_until(w, va, va + w->page) == va)
		return 0;
	end = huge_until(w, va, least(end, boundary + (TOGETHER - 1) * w->huge));
	for (uint64_t at = va; r == 0 && at < end; at = (at & ~(w->huge - 1)) + w->huge)
		r = frames_phys(w->fd, w->root, (const void *)(uintptr_t)at, 1, &phys[n++]);
	if (r < 0 || end == va || huge_until(w, va, end) != end)
		return r;
	n = 0;
	for (uint64_t at = va; r == 0 && at < end; at = next) {
		next = least((at & ~(w->huge - 1)) + w->huge, end);
		r = add(w, phys[n++], next - at);
	}
	*taken = (size_t)((end - va) / w->page);
	return r;
}

/* Frames may lie in any order, which no processor foresees: so there is no branch for each. */
static int add_pages(struct walk *w, const uint64_t *phys, size_t n)
{
	struct pages_run *last, run;
	int r = make_room(w, n);

	if (r == 0)
		r = add_run(w, phys[0], w->page);
	if (r < 0)
		return r;
	last = &w->runs[w->count - 1];
	run = *last;
	for (size_t i = 1; i < n; i++) {
		bool begins = phys[i] != phys[i - 1] + w->page;

		last += begins;
		run.phys = begins ? phys[i] : run.phys;
		run.length = (begins ? 0 : run.length) + w->page;
		*last = run;
	}
	w->count = (size_t)(last - w->runs) + 1;
	return 0;
}

static int take_small(struct walk *w, uint64_t va, size_t count)
{
	uint64_t block[512];
	int r = 0;

	if (w->pages) {
		r = frames_phys(w->fd, w->root, (const void *)(uintptr_t)va, count, w->pages);
		w->pages += count;
		return r;
	}
	for (size_t done = 0; r == 0 && done < count; done += ARRAY_SIZE(block)) {
		size_t n = count - done < ARRAY_SIZE(block) ? count - done : ARRAY_SIZE(block);

		r = frames_phys(w->fd, w->root, (const void *)(uintptr_t)(va + done * w->page), n, block);
		if (r == 0)
			r = add_pages(w, block, n);
	}
	return r;
}

/* The next pages, of count that are left. How many. */
static int take_next(struct walk *w, uint64_t va, size_t count, size_t *taken)
{
	int r = 0;

	*taken = 0;
	if (w->huge)
		r = take_huge(w, va, va + count * w->page, taken);
	if (r < 0 || *taken) {
		w->step = STEP_MIN;
		return r;
	}
	*taken = w->huge && count > w->step ? w->step : count;
	w->step = w->step < STEP_MAX ? 4 * w->step : STEP_MAX;
	return take_small(w, va, *taken);
}

/* Bytes that are a huge page at least, wherever one is; 0: unknown, or hardly more than a page. */
static uint64_t huge_size(const char *root, uint64_t page)
{
	size_t thp = area_thp_size(root), pool = hugetlb_smallest(root, thp ? thp : SIZE_MAX);
	uint64_t size = pool ? pool : thp;

	return size / page < 64 ? 0 : size; /* a call for each costs as much as 300 entries */
}

static int walk(struct walk *w, int fd, const char *root, const void *addr, size_t count)
{
	size_t taken;
	int r = 0;

	w->fd = fd;
	w->root = root;
	w->page = os->page_size();
	w->step = STEP_MIN;
	w->start = (uintptr_t)addr & ~(w->page - 1);
	if (count >= SCAN_MIN / w->page)
		w->huge = huge_size(root, w->page);
	for (size_t done = 0; r == 0 && done < count; done += taken)
		r = take_next(w, w->start + done * w->page, count - done, &taken);
	return r;
}

int frames_runs(int fd, const char *root, const void *addr, size_t count, struct pages_run **runs,
	size_t *run_count)
{
	struct walk w = { .runs = NULL };
	int r = walk(&w, fd, root, addr, count);

	if (r < 0) {
		free(w.runs);
		return r;
	}
	*runs = w.runs;
	*run_count = w.count;
	return 0;
}

int frames_bulk(int fd, const char *root, const void *addr, size_t count, uint64_t *phys)
{
	struct walk w = { .pages = phys };

	return walk(&w, fd, root, addr, count);
}
