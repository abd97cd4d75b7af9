/* SPDX-License-Identifier: MIT */
/* lib/base/interval.c: compared with a search that looks at every one. */
#include <stdlib.h>

#include "base/interval.h"
#include "suite.h"

#define COUNT 200

static struct interval all[COUNT];
static bool inside[COUNT];

static bool holds(const struct interval *i, uint64_t number)
{
	return i->first <= number && number <= i->last;
}

/* The set answers as all[] does, and every node knows how far it reaches. */
static void check(struct interval_set *set, uint64_t number)
{
	struct interval *found = interval_find(set, number);
	bool any = false;

	for (size_t i = 0; i < COUNT; i++)
		any |= inside[i] && holds(&all[i], number);
	ck_assert_int_eq(found != NULL, any);
	if (found) {
		ck_assert(holds(found, number));
		ck_assert(inside[found - all]);
	}
}

/* Counted, not asserted node by node: an assertion is slow, under valgrind very much so. */
static uint64_t reach_of(const struct interval *node, unsigned *wrong)
{
	uint64_t reach, below;

	if (!node)
		return 0;
	reach = node->last;
	below = reach_of(RB_LEFT(node, link), wrong);
	reach = below > reach ? below : reach;
	below = reach_of(RB_RIGHT(node, link), wrong);
	reach = below > reach ? below : reach;
	*wrong += node->reach != reach;
	return reach;
}

START_TEST(none)
{
	struct interval_set set = RB_INITIALIZER(&set);

	ck_assert_ptr_null(interval_find(&set, 0));
	ck_assert_ptr_null(interval_find(&set, UINT64_MAX));
}
END_TEST

START_TEST(the_whole_space)
{
	struct interval_set set = RB_INITIALIZER(&set);
	struct interval one = { .first = 0, .last = UINT64_MAX };

	interval_insert(&set, &one);
	ck_assert_ptr_eq(interval_find(&set, 0), &one);
	ck_assert_ptr_eq(interval_find(&set, UINT64_MAX), &one);
	interval_remove(&set, &one);
	ck_assert_ptr_null(interval_find(&set, 0));
}
END_TEST

START_TEST(a_small_one_does_not_hide_a_large_one)
{
	struct interval_set set = RB_INITIALIZER(&set);
	struct interval large = { .first = 0, .last = 0xfffff };
	struct interval small = { .first = 0x100, .last = 0x1ff };

	interval_insert(&set, &small);
	interval_insert(&set, &large);
	ck_assert_ptr_eq(interval_find(&set, 0x5000), &large);
	interval_remove(&set, &large);
	ck_assert_ptr_null(interval_find(&set, 0x5000));
	ck_assert_ptr_eq(interval_find(&set, 0x1ff), &small);
}
END_TEST

/* Few different numbers, so that there are many overlaps and many equal ones. */
START_TEST(as_a_search_that_looks_at_every_one)
{
	struct interval_set set = RB_INITIALIZER(&set);
	unsigned wrong = 0;

	srandom((unsigned)_i + 1);
	for (unsigned step = 0; step < 2000; step++) {
		size_t i = (size_t)random() % COUNT;

		if (inside[i]) {
			interval_remove(&set, &all[i]);
		} else {
			all[i].first = (uint64_t)random() % 1000;
			all[i].last = all[i].first + (uint64_t)random() % (random() % 8 ? 5 : 200);
			interval_insert(&set, &all[i]);
		}
		inside[i] = !inside[i];
		check(&set, (uint64_t)random() % 1200);
		reach_of(RB_ROOT(&set), &wrong);
		ck_assert_uint_eq(wrong, 0);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("interval");
	TCase *tc = tcase_create("interval");

	tcase_add_test(tc, none);
	tcase_add_test(tc, the_whole_space);
	tcase_add_test(tc, a_small_one_does_not_hide_a_large_one);
	tcase_add_loop_test(tc, as_a_search_that_looks_at_every_one, 0, 8);
	suite_add_tcase(suite, tc);
	return suite;
}
