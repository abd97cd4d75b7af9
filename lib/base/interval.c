/* SPDX-License-Identifier: MIT */
/*
 * A balanced tree by first, in which every node knows how far its subtree reaches (Cormen et al.,
 * Introduction to Algorithms, "Interval trees"). The tree is libbsd's; its RB_AUGMENT() keeps
 * reach right in rotations, and what else changes lies on one path to the root.
 */
#include "base/interval.h"

#include <stddef.h>

static void set_reach(struct interval *node);

#undef RB_AUGMENT
#define RB_AUGMENT(node) set_reach(node)

static int compare(const struct interval *a, const struct interval *b)
{
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	/* Equal ones may be many: any order will do that does not change. */
	return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

/* Of what the macro makes, three functions are used. cppcheck does not look into libbsd. */
/* cppcheck-suppress unknownMacro */
RB_GENERATE_INTERNAL(interval_set, interval, link, compare, static __attribute__((unused)))

static void set_reach(struct interval *node)
{
	const struct interval *left = RB_LEFT(node, link), *right = RB_RIGHT(node, link);

	node->reach = node->last;
	if (left && left->reach > node->reach)
		node->reach = left->reach;
	if (right && right->reach > node->reach)
		node->reach = right->reach;
}

static void set_reach_upwards(struct interval *node)
{
	for (; node; node = RB_PARENT(node, link))
		set_reach(node);
}

void interval_insert(struct interval_set *set, struct interval *interval)
{
	interval->reach = interval->last;
	interval_set_RB_INSERT(set, interval);
	set_reach_upwards(interval);
}

void interval_remove(struct interval_set *set, struct interval *interval)
{
	/* The lowest node whose subtree loses something: of two children the next takes the place. */
	struct interval *lowest = RB_PARENT(interval, link);

	if (RB_LEFT(interval, link) && RB_RIGHT(interval, link)) {
		struct interval *next = interval_set_RB_NEXT(interval);

		lowest = RB_PARENT(next, link) == interval ? next : RB_PARENT(next, link);
	}
	interval_set_RB_REMOVE(set, interval);
	set_reach_upwards(lowest);
}

struct interval *interval_find(const struct interval_set *set, uint64_t number)
{
	struct interval *node = RB_ROOT(set);

	while (node && !(node->first <= number && number <= node->last)) {
		struct interval *left = RB_LEFT(node, link);

		/* If it is not on the left in spite of that reach, it is nowhere. */
		node = left && left->reach >= number ? left : RB_RIGHT(node, link);
	}
	return node;
}
