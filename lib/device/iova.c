/* SPDX-License-Identifier: MIT */
/*
 * A balanced tree of what is taken, by address. Each node knows the room just before it and the most of
 * that in its subtree, counted from the first multiple of each page size on: so the lowest place that
 * fits is found in O(log n), not only one that is long enough. Windows are few: one is where a search
 * begins and ends, and only the room at its two ends is cut and looked at by itself.
 */
#include "device/iova.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/* A larger page saves nothing that can be measured, and wastes addresses. */
#define LARGEST_PAGE (1ull << 30)
/* Places looked at for an alignment that is no page size; then only those where it is sure to fit. */
#define LOOKS 64

static void set_most(struct iova_taken *node);

#undef RB_AUGMENT
#define RB_AUGMENT(node) set_most(node)

static int compare(const struct iova_taken *a, const struct iova_taken *b)
{
	return (a->first > b->first) - (a->first < b->first);
}

/* Of what the macro makes, few functions are used. cppcheck does not look into libbsd. */
/* cppcheck-suppress unknownMacro */
RB_GENERATE_INTERNAL(iova_set, iova_taken, link, compare, static __attribute__((unused)))

static void set_most(struct iova_taken *node)
{
	const struct iova_taken *left = RB_LEFT(node, link), *right = RB_RIGHT(node, link);

	for (unsigned i = 0; i < IOVA_SIZES; i++) {
		uint64_t most = node->room[i];

		if (left && left->most[i] > most)
			most = left->most[i];
		if (right && right->most[i] > most)
			most = right->most[i];
		node->most[i] = most;
	}
}

static void set_most_upwards(struct iova_taken *node)
{
	for (; node; node = RB_PARENT(node, link))
		set_most(node);
}

/* The first address behind a taken range, after the page that stays free; false: there is none. */
static bool behind(const struct iova *space, const struct iova_taken *taken, uint64_t *first)
{
	if (!taken) {
		*first = space->page; /* never 0 */
		return true;
	}
	return bits_add(taken->last, space->page, first) && bits_add(*first, 1, first);
}

/* The end of the room before a taken range, less the page that stays free: its first byte is not in it. */
static uint64_t end_before(const struct iova *space, const struct iova_taken *taken)
{
	return taken->first > space->page ? taken->first - space->page : 0;
}

static void measure(const struct iova *space, struct iova_taken *node)
{
	uint64_t first, at, end = end_before(space, node);
	bool any = behind(space, iova_set_RB_PREV(node), &first);

	for (unsigned i = 0; i < IOVA_SIZES; i++)
		node->room[i] = any && bits_align_up(first, space->sizes[i], &at) && at < end ?
			end - at : 0;
}

/* What is before the node has changed. */
static void renew(const struct iova *space, struct iova_taken *node)
{
	if (!node)
		return;
	measure(space, node);
	set_most_upwards(node);
}

/* --- finding a place ----------------------------------------------------------------------- */

struct wanted {
	uint64_t size, align;
	unsigned class;  /* of the sizes, the largest that align is a multiple of */
	uint64_t enough; /* room of that class in which it fits wherever that begins */
};

/* The lowest node of the subtree with so much room before it; the subtree has one. */
static struct iova_taken *lowest(struct iova_taken *node, unsigned class, uint64_t room)
{
	for (;;) {
		struct iova_taken *left = RB_LEFT(node, link);

		if (left && left->most[class] >= room)
			node = left;
		else if (node->room[class] >= room)
			return node;
		else
			node = RB_RIGHT(node, link);
	}
}

/* The next node with so much room before it, or NULL. */
static struct iova_taken *following(struct iova_taken *node, unsigned class, uint64_t room)
{
	struct iova_taken *right = RB_RIGHT(node, link), *parent;

	if (right && right->most[class] >= room)
		return lowest(right, class, room);
	for (; (parent = RB_PARENT(node, link)) != NULL; node = parent) {
		if (RB_LEFT(parent, link) != node)
			continue;
		if (parent->room[class] >= room)
			return parent;
		right = RB_RIGHT(parent, link);
		if (right && right->most[class] >= room)
			return lowest(right, class, room);
	}
	return NULL;
}

/* Fits into [first, last]? *at is where. */
static bool fits(const struct wanted *wanted, uint64_t first, uint64_t last, uint64_t *at)
{
	return bits_align_up(first, wanted->align, at) && *at <= last &&
		last - *at >= wanted->size - 1;
}

/* The lowest place inside [first, last]. */
static bool find_between(const struct iova *space, const struct wanted *wanted, uint64_t first,
	uint64_t last, uint64_t *at)
{
	struct iova_set *set = (struct iova_set *)(uintptr_t)&space->taken; /* it only looks */
	struct iova_taken key = { .first = first }, *next = iova_set_RB_NFIND(set, &key);
	uint64_t from, room = wanted->size;
	unsigned looks = 0;

	/* A range that begins below may reach into it, or up to it. */
	if (!behind(space, next ? iova_set_RB_PREV(next) : iova_set_RB_MINMAX(set, RB_INF), &from))
		return false;
	from = from > first ? from : first;
	while (from <= last) {
		uint64_t end = next ? end_before(space, next) : 0;

		if (!next || end > last)
			return fits(wanted, from, last, at);
		if (end > from && fits(wanted, from, end - 1, at))
			return true;
		if (++looks == LOOKS)
			room = wanted->enough;
		next = following(next, wanted->class, room);
		if (!behind(space, next ? iova_set_RB_PREV(next) : iova_set_RB_MINMAX(set, RB_INF), &from))
			return false;
	}
	return false;
}

static bool find(const struct iova *space, uint64_t size, uint64_t align, uint64_t max_addr, uint64_t *at)
{
	struct wanted wanted = { .size = size, .align = align };

	while (wanted.class + 1 < IOVA_SIZES && space->sizes[wanted.class + 1] <= align)
		wanted.class++;
	if (!bits_add(size, align - space->sizes[wanted.class], &wanted.enough))
		wanted.enough = UINT64_MAX;
	for (size_t i = 0; i < space->window_count; i++) {
		const struct iova_window *window = &space->windows[i];

		if (window->first > max_addr)
			break;
		if (find_between(space, &wanted, window->first,
			window->last < max_addr ? window->last : max_addr, at))
			return true;
	}
	return false;
}

/* --- taking and giving --------------------------------------------------------------------- */

static int insert(struct iova *space, uint64_t first, uint64_t last)
{
	struct iova_taken *node = malloc(sizeof(*node)); /* glibc's calloc() costs as much as all else here */

	if (!node)
		return -ENOMEM;
	*node = (struct iova_taken){ .first = first, .last = last };
	iova_set_RB_INSERT(&space->taken, node);
	renew(space, node);
	renew(space, iova_set_RB_NEXT(node));
	space->ranges++;
	space->bytes += last - first + 1;
	return 0;
}

int iova_take(struct iova *space, uint64_t size, uint64_t align, uint64_t max_addr, uint64_t *iova)
{
	unsigned i = IOVA_SIZES;
	uint64_t at;
	int r;

	if (size == 0 || (align && !bits_is_power_of_two(align)))
		return -EINVAL;
	if (space->window_count == 0 || !bits_align_up(size, space->page, &size))
		return -ENOSPC;
	/* A place where large pages can be used, else one where smaller ones can. */
	while (i-- > 0) {
		uint64_t wanted = space->sizes[i] > align ? space->sizes[i] : align;

		if (i > 0 && (space->sizes[i] > size || space->sizes[i] == space->sizes[i - 1]))
			continue;
		if (!find(space, size, wanted, max_addr, &at))
			continue;
		r = insert(space, at, at + (size - 1));
		if (r == 0)
			*iova = at;
		return r;
	}
	return -ENOSPC;
}

int iova_reserve(struct iova *space, uint64_t first, uint64_t last)
{
	struct iova_taken key = { .first = first }, *next, *before;

	if (space->page == 0 || first == 0 || last < first || first % space->page ||
		last % space->page != space->page - 1)
		return -EINVAL;
	if (!iova_inside(space, first, last))
		return -ERANGE;
	next = iova_set_RB_NFIND(&space->taken, &key);
	before = next ? iova_set_RB_PREV(next) : iova_set_RB_MINMAX(&space->taken, RB_INF);
	if ((next && next->first <= last) || (before && before->last >= first))
		return -EEXIST;
	return insert(space, first, last);
}

int iova_give(struct iova *space, uint64_t iova)
{
	struct iova_taken key = { .first = iova }, *node, *next, *low;

	node = iova_set_RB_FIND(&space->taken, &key);
	if (!node)
		return -ENOENT;
	next = iova_set_RB_NEXT(node);
	/* The lowest node whose subtree loses something: of two children the next takes the place. */
	low = RB_PARENT(node, link);
	if (RB_LEFT(node, link) && RB_RIGHT(node, link))
		low = RB_PARENT(next, link) == node ? next : RB_PARENT(next, link);
	iova_set_RB_REMOVE(&space->taken, node);
	set_most_upwards(low);
	renew(space, next);
	space->ranges--;
	space->bytes -= node->last - node->first + 1;
	free(node);
	return 0;
}

uint64_t iova_largest(const struct iova *space, uint64_t max_addr)
{
	uint64_t fit = 0, at, pages;

	if (space->window_count == 0)
		return 0;
	/* From the highest bit down: what fits, and half as much more, and so on. */
	for (pages = bits_align_down(UINT64_MAX, space->page) / space->page; pages & (pages - 1);)
		pages &= pages - 1;
	for (; pages; pages >>= 1)
		if (find(space, fit + pages * space->page, space->page, max_addr, &at))
			fit += pages * space->page;
	return fit;
}

/* --- windows ------------------------------------------------------------------------------- */

bool iova_inside(const struct iova *space, uint64_t first, uint64_t last)
{
	if (space->page == 0 || first < space->page || last < first || first % space->page ||
		last % space->page != space->page - 1)
		return false;
	for (size_t i = 0; i < space->window_count; i++)
		if (space->windows[i].first <= first && last <= space->windows[i].last)
			return true;
	return false;
}

bool iova_outside(const struct iova *space, struct iova_window *range)
{
	struct iova_set *set = (struct iova_set *)(uintptr_t)&space->taken; /* it only looks */
	const struct iova_taken *node;

	for (node = iova_set_RB_MINMAX(set, RB_NEGINF); node;
		node = iova_set_RB_NEXT((struct iova_taken *)(uintptr_t)node)) {
		if (iova_inside(space, node->first, node->last))
			continue;
		range->first = node->first;
		range->last = node->last;
		return true;
	}
	return false;
}

/* Of many page sizes (AMD's IOMMU has every power of two) those that CPUs have too. */
static void choose_sizes(struct iova *space, uint64_t page_sizes)
{
	uint64_t above = page_sizes & (page_sizes - 1) & (LARGEST_PAGE | (LARGEST_PAGE - 1));
	unsigned i = 0;

	space->page = space->sizes[0] = page_sizes & (~page_sizes + 1);
	if (__builtin_popcountll(above) >= IOVA_SIZES)
		above &= 1ull << 16 | 1ull << 21 | LARGEST_PAGE;
	while (++i < IOVA_SIZES) {
		space->sizes[i] = above ? above & (~above + 1) : space->sizes[i - 1];
		above &= above - 1;
	}
}

int iova_set_windows(struct iova *space, const struct iova_window *windows, size_t count,
	uint64_t page_sizes)
{
	struct iova_window *copy;
	struct iova_taken *node;

	if (page_sizes == 0)
		return -EINVAL;
	for (size_t i = 0; i < count; i++)
		if (windows[i].last < windows[i].first ||
			(i && windows[i].first <= windows[i - 1].last))
			return -EINVAL;
	copy = calloc(count + 1, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	if (count)
		memcpy(copy, windows, count * sizeof(*copy));
	free(space->windows);
	space->windows = copy;
	space->window_count = count;
	choose_sizes(space, page_sizes);
	RB_FOREACH(node, iova_set, &space->taken)
		measure(space, node);
	RB_FOREACH(node, iova_set, &space->taken)
		set_most_upwards(node);
	return 0;
}

void iova_clear(struct iova *space)
{
	struct iova_taken *node, *next;

	RB_FOREACH_SAFE(node, iova_set, &space->taken, next) {
		iova_set_RB_REMOVE(&space->taken, node);
		free(node);
	}
	free(space->windows);
	*space = (struct iova){ 0 };
}
