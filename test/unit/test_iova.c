/* SPDX-License-Identifier: MIT */
/* lib/device/iova.c: compared with a search that tries every page of small windows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "device/iova.h"
#include "must.h"
#include "suite.h"

#define PAGE  4096ull
#define USUAL 0x40201000ull /* 4 KiB, 2 MiB, 1 GiB */
#define LIVE  60

static const struct iova_window vtd[] = { { 0, 0xfedfffff }, { 0xfef00000, 0x7fffffffffull } };
static struct iova space;

static void teardown(void)
{
	iova_clear(&space);
}

static uint64_t take(uint64_t size, uint64_t align, uint64_t max_addr)
{
	uint64_t at = 1;
	int r = iova_take(&space, size, align, max_addr, &at);

	ck_assert_msg(r == 0, "0x%llx bytes: %d", (unsigned long long)size, r);
	return at;
}

static void refused(int expected, uint64_t size, uint64_t align, uint64_t max_addr)
{
	uint64_t at = 42;

	ck_assert_int_eq(iova_take(&space, size, align, max_addr, &at), expected);
	ck_assert_uint_eq(at, 42);
}

START_TEST(nothing)
{
	struct iova_window range;

	refused(-ENOSPC, PAGE, 0, UINT64_MAX);
	ck_assert_int_eq(iova_reserve(&space, PAGE, 2 * PAGE - 1), -EINVAL);
	ck_assert_int_eq(iova_give(&space, PAGE), -ENOENT);
	ck_assert_uint_eq(iova_largest(&space, UINT64_MAX), 0);
	ck_assert(!iova_inside(&space, PAGE, 2 * PAGE - 1));
	ck_assert(!iova_outside(&space, &range));
	ck_assert_int_eq(iova_set_windows(&space, NULL, 0, USUAL), 0);
	refused(-ENOSPC, PAGE, 0, UINT64_MAX);
	ck_assert_uint_eq(iova_largest(&space, UINT64_MAX), 0);
}
END_TEST

START_TEST(windows_that_are_none)
{
	static const struct iova_window backwards[] = { { 8 * PAGE, 4 * PAGE } };
	static const struct iova_window unsorted[] = { { 8 * PAGE, 9 * PAGE }, { 0, PAGE } };
	static const struct iova_window overlap[] = { { 0, 8 * PAGE }, { 8 * PAGE, 9 * PAGE } };

	ck_assert_int_eq(iova_set_windows(&space, vtd, 2, USUAL), 0);
	ck_assert_int_eq(iova_set_windows(&space, vtd, 2, 0), -EINVAL);
	ck_assert_int_eq(iova_set_windows(&space, backwards, 1, USUAL), -EINVAL);
	ck_assert_int_eq(iova_set_windows(&space, unsorted, 2, USUAL), -EINVAL);
	ck_assert_int_eq(iova_set_windows(&space, overlap, 2, USUAL), -EINVAL);
	/* It is as it was. */
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), PAGE);
	ck_assert_uint_eq(iova_largest(&space, UINT64_MAX), 0x7fffffffffull - 0xfef00000 + 1);
}
END_TEST

/* What VT-d says of itself: below 4 GiB there is a hole for interrupts. */
START_TEST(places)
{
	ck_assert_int_eq(iova_set_windows(&space, vtd, 2, USUAL), 0);
	ck_assert_uint_eq(take(1, 0, UINT64_MAX), PAGE); /* never 0 */
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), 3 * PAGE); /* a page stays free */
	ck_assert_uint_eq(take(2 * PAGE, 0, UINT64_MAX), 5 * PAGE);
	ck_assert_uint_eq(take(2ull << 20, 0, UINT64_MAX), 2ull << 20);
	ck_assert_uint_eq(take((2ull << 20) + 1, 0, UINT64_MAX), 6ull << 20);
	ck_assert_uint_eq(take(1ull << 30, 0, UINT64_MAX), 1ull << 30);
	ck_assert_uint_eq(take(PAGE, 1ull << 27, UINT64_MAX), 1ull << 27);
	ck_assert_uint_eq(take(3ull << 30, 0, UINT64_MAX), 4ull << 30); /* not over the hole */
	ck_assert_uint_eq(space.ranges, 8);
	ck_assert_uint_eq(space.bytes, 4 * PAGE + (4ull << 20) + PAGE + (4ull << 30) + PAGE);
	refused(-EINVAL, 0, 0, UINT64_MAX);
	refused(-EINVAL, PAGE, 3, UINT64_MAX);
	refused(-ENOSPC, UINT64_MAX, 0, UINT64_MAX);
	refused(-ENOSPC, UINT64_MAX - PAGE + 1, 0, UINT64_MAX);
	refused(-ENOSPC, 1ull << 39, 0, UINT64_MAX);
	refused(-ENOSPC, PAGE, 1ull << 63, UINT64_MAX);
	refused(-ENOSPC, PAGE, 0, 0);
	refused(-ENOSPC, PAGE, 0, 2 * PAGE - 2);
}
END_TEST

/* edu's mask has 28 bits: the last byte may be the last that it reaches, and no byte more. */
START_TEST(reach)
{
	ck_assert_int_eq(iova_set_windows(&space, vtd, 2, USUAL), 0);
	ck_assert_uint_eq(iova_largest(&space, (1u << 28) - 1), (1u << 28) - PAGE);
	ck_assert_uint_eq(iova_largest(&space, (1u << 28) - 2), (1u << 28) - 2 * PAGE);
	ck_assert_uint_eq(take(254u << 20, 0, (1u << 28) - 1), 2u << 20);
	refused(-ENOSPC, 2u << 20, 0, (1u << 28) - 1);
	/* Not at a multiple of its size, but there. */
	ck_assert_uint_eq(take((2u << 20) - 2 * PAGE, 0, (1u << 28) - 1), PAGE);
	refused(-ENOSPC, PAGE, 0, (1u << 28) - 1);
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), (1u << 28) + PAGE);
}
END_TEST

START_TEST(where_a_large_page_has_no_place)
{
	static const struct iova_window narrow[] = { { 0x100000, 0x4fffff } };

	ck_assert_int_eq(iova_set_windows(&space, narrow, 1, USUAL), 0);
	ck_assert_uint_eq(take(0x300000, 0, UINT64_MAX), 0x200000);
	ck_assert_int_eq(iova_give(&space, 0x200000), 0);
	ck_assert_uint_eq(take(0x400000, 0, UINT64_MAX), 0x100000);
	ck_assert_int_eq(iova_give(&space, 0x100000), 0);
	refused(-ENOSPC, 0x400000, 0x200000, UINT64_MAX); /* the caller's wish is a must */
}
END_TEST

START_TEST(end_of_addresses)
{
	static const struct iova_window high[] = { { UINT64_MAX - 8 * PAGE + 1, UINT64_MAX } };
	static const struct iova_window all[] = { { 0, UINT64_MAX } };
	uint64_t base = high[0].first;

	ck_assert_int_eq(iova_set_windows(&space, high, 1, USUAL), 0);
	ck_assert_uint_eq(take(6 * PAGE, 0, UINT64_MAX), base);
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), base + 7 * PAGE);
	refused(-ENOSPC, PAGE, 0, UINT64_MAX);
	ck_assert_int_eq(iova_give(&space, base), 0);
	ck_assert_uint_eq(iova_largest(&space, UINT64_MAX), 6 * PAGE);
	ck_assert_int_eq(iova_give(&space, base + 7 * PAGE), 0);
	ck_assert_int_eq(iova_set_windows(&space, all, 1, USUAL), 0);
	ck_assert_uint_eq(iova_largest(&space, UINT64_MAX), UINT64_MAX - PAGE + 1);
	ck_assert_uint_eq(take(UINT64_MAX - PAGE + 1, 0, UINT64_MAX), PAGE);
	ck_assert_uint_eq(iova_largest(&space, UINT64_MAX), 0);
	refused(-ENOSPC, PAGE, 0, UINT64_MAX);
}
END_TEST

START_TEST(fixed)
{
	ck_assert_int_eq(iova_set_windows(&space, vtd, 2, USUAL), 0);
	ck_assert_int_eq(iova_reserve(&space, 4 * PAGE, 6 * PAGE - 1), 0);
	ck_assert_int_eq(iova_reserve(&space, 6 * PAGE, 7 * PAGE - 1), 0); /* side by side, if asked */
	ck_assert_int_eq(iova_reserve(&space, 6 * PAGE, 7 * PAGE - 1), -EEXIST);
	ck_assert_int_eq(iova_reserve(&space, 5 * PAGE, 6 * PAGE - 1), -EEXIST);
	ck_assert_int_eq(iova_reserve(&space, 3 * PAGE, 5 * PAGE - 1), -EEXIST);
	ck_assert_int_eq(iova_reserve(&space, PAGE, 9 * PAGE - 1), -EEXIST);
	ck_assert_int_eq(iova_reserve(&space, 0, PAGE - 1), -EINVAL);
	ck_assert_int_eq(iova_reserve(&space, 9 * PAGE + 1, 10 * PAGE - 1), -EINVAL);
	ck_assert_int_eq(iova_reserve(&space, 9 * PAGE, 10 * PAGE), -EINVAL);
	ck_assert_int_eq(iova_reserve(&space, 9 * PAGE, 9 * PAGE - 1), -EINVAL);
	ck_assert_int_eq(iova_reserve(&space, 0xfedff000, 0xfee00fff), -ERANGE);
	ck_assert_int_eq(iova_reserve(&space, 0xfee00000, 0xfee00fff), -ERANGE);
	ck_assert_int_eq(iova_reserve(&space, 1ull << 39, (1ull << 39) + PAGE - 1), -ERANGE);
	/* Pages 1 and 2 are free, but 3 has to stay so. */
	ck_assert_uint_eq(take(2 * PAGE, 0, UINT64_MAX), PAGE);
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), 8 * PAGE);
	ck_assert_int_eq(iova_give(&space, 5 * PAGE), -ENOENT);
	ck_assert_int_eq(iova_give(&space, 4 * PAGE), 0);
	ck_assert_int_eq(iova_give(&space, 4 * PAGE), -ENOENT);
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), 4 * PAGE);
}
END_TEST

/* A second device takes something away: what lies there by now is told, and stays until it is given back. */
START_TEST(windows_shrink)
{
	static const struct iova_window smaller[] = { { 8 * PAGE, 19 * PAGE - 1 },
		{ 21 * PAGE, 32 * PAGE - 1 } };
	struct iova_window range = { 1, 1 };

	ck_assert_int_eq(iova_set_windows(&space, vtd, 2, USUAL), 0);
	ck_assert_uint_eq(take(3 * PAGE, 0, UINT64_MAX), PAGE);
	ck_assert_int_eq(iova_reserve(&space, 18 * PAGE, 22 * PAGE - 1), 0);
	ck_assert(!iova_outside(&space, &range));
	ck_assert_uint_eq(range.first, 1);
	ck_assert_int_eq(iova_set_windows(&space, smaller, 2, USUAL), 0);
	ck_assert(iova_outside(&space, &range));
	ck_assert_uint_eq(range.first, PAGE);
	ck_assert_uint_eq(range.last, 4 * PAGE - 1);
	ck_assert_int_eq(iova_give(&space, PAGE), 0);
	ck_assert(iova_outside(&space, &range));
	ck_assert_uint_eq(range.first, 18 * PAGE);
	/* It lies across the hole, and keeps what it has on both sides. */
	ck_assert_uint_eq(take(9 * PAGE, 0, UINT64_MAX), 8 * PAGE);
	ck_assert_uint_eq(take(9 * PAGE, 0, UINT64_MAX), 23 * PAGE);
	refused(-ENOSPC, PAGE, 0, UINT64_MAX);
	ck_assert_int_eq(iova_give(&space, 18 * PAGE), 0);
	ck_assert(!iova_outside(&space, &range));
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), 18 * PAGE);
	ck_assert_uint_eq(take(PAGE, 0, UINT64_MAX), 21 * PAGE);
	/* Larger pages by now: what is no whole page of them is told too. */
	ck_assert_int_eq(iova_set_windows(&space, smaller, 2, 0x4000), 0);
	ck_assert(iova_outside(&space, &range));
	ck_assert_uint_eq(range.first, 8 * PAGE);
}
END_TEST

START_TEST(sizes_of_pages)
{
	static const struct { uint64_t mask, sizes[IOVA_SIZES]; } table[] = {
		{ USUAL, { 0x1000, 0x200000, 0x40000000, 0x40000000 } },
		{ 0x2004000, { 0x4000, 0x2000000, 0x2000000, 0x2000000 } },
		{ 0x20010000, { 0x10000, 0x20000000, 0x20000000, 0x20000000 } },
		{ 0x8040201000, { 0x1000, 0x200000, 0x40000000, 0x40000000 } },
		{ 0xfffffffffffff000, { 0x1000, 0x10000, 0x200000, 0x40000000 } },
		{ 0x42011000, { 0x1000, 0x10000, 0x2000000, 0x40000000 } },
		{ 0x1000, { 0x1000, 0x1000, 0x1000, 0x1000 } },
		{ 1ull << 63, { 1ull << 63, 1ull << 63, 1ull << 63, 1ull << 63 } },
		{ 1, { 1, 1, 1, 1 } },
		{ UINT64_MAX, { 1, 0x10000, 0x200000, 0x40000000 } },
	};
	static const struct iova_window all[] = { { 0, UINT64_MAX } };

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		ck_assert_int_eq(iova_set_windows(&space, all, 1, table[i].mask), 0);
		for (unsigned k = 0; k < IOVA_SIZES; k++)
			ck_assert_msg(space.sizes[k] == table[i].sizes[k], "0x%llx: size %u is 0x%llx",
				(unsigned long long)table[i].mask, k,
				(unsigned long long)space.sizes[k]);
		ck_assert_uint_eq(take(1, 0, UINT64_MAX), table[i].sizes[0]);
		ck_assert_uint_eq(space.bytes, table[i].sizes[0]);
		ck_assert_int_eq(iova_give(&space, table[i].sizes[0]), 0);
	}
}
END_TEST

/* --- a model ------------------------------------------------------------------------------- */

static struct { uint64_t first, size; } live[LIVE]; /* size 0: none */
static struct iova_window some[5];
static size_t some_count;
static uint64_t mask, state;

static uint64_t next(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return state >> 17;
}

static size_t below(size_t limit)
{
	return (size_t)(next() % limit);
}

/* Small windows, here and there: from 0 on, around 4 GiB, up to the end; some end within a page. */
static void choose_windows(void)
{
	static const uint64_t from[] = { 0, 0x40000, 0xfffc0000, 0x7fffff80000, UINT64_MAX - 0x7ffff };

	mask = 0x1000 | (below(2) ? 0x4000 : 0) | (below(2) ? 0x10000 : 0);
	some_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		uint64_t length = i == 0 ? 1 + below(0x3ffff) : 1 + below(0x7ffff);

		if (below(4) == 0)
			continue;
		some[some_count].first = from[i] + (below(2) ? below(0x3000) : 0);
		if (bits_add(from[i], length, &some[some_count].last) == false || below(3) == 0)
			some[some_count].last = from[i] + (i == 0 ? 0x3ffff : 0x7ffff);
		if (some[some_count].last >= some[some_count].first)
			some_count++;
	}
	ck_assert_int_eq(iova_set_windows(&space, some, some_count, mask), 0);
}

static bool is_free(uint64_t first, uint64_t size)
{
	for (size_t k = 0; k < LIVE; k++)
		/* With a page more on both sides; live[] never begins with page 0, nothing wraps. */
		if (live[k].size && first - 1 + size >= live[k].first - PAGE &&
			first - PAGE <= live[k].first - 1 + live[k].size)
			return false;
	return true;
}

static bool model_find(uint64_t size, uint64_t align, uint64_t max_addr, uint64_t *at)
{
	for (size_t i = 0; i < some_count; i++) {
		uint64_t end = some[i].last < max_addr ? some[i].last : max_addr;
		uint64_t first = (some[i].first + align - 1) / align * align;

		if (first == 0)
			first = align;
		for (; first <= end && first >= some[i].first && size - 1 <= end - first; first += align) {
			if (is_free(first, size)) {
				*at = first;
				return true;
			}
			if (first + align < first)
				break;
		}
	}
	return false;
}

static bool model_take(uint64_t size, uint64_t align, uint64_t max_addr, uint64_t *at)
{
	for (uint64_t page = 0x10000; page >= PAGE; page >>= 2)
		if ((mask & page) && (page <= size || page == PAGE) &&
			model_find(size, page > align ? page : align, max_addr, at))
			return true;
	return false;
}

/* Every node knows its room and that below, and the order is right. */
static size_t check_tree(struct iova_taken *node, uint64_t *last, uint64_t most[IOVA_SIZES])
{
	uint64_t left[IOVA_SIZES] = { 0 }, right[IOVA_SIZES] = { 0 };
	size_t count;

	if (!node)
		return 0;
	count = check_tree(RB_LEFT(node, link), last, left);
	MUST(node->first > *last || *last == 0);
	for (unsigned i = 0; i < IOVA_SIZES; i++) {
		uint64_t from = *last ? *last + 1 + space.page : space.page;
		uint64_t at = (from + space.sizes[i] - 1) / space.sizes[i] * space.sizes[i];
		uint64_t room = at < node->first - space.page && node->first > space.page && at >= from ?
			node->first - space.page - at : 0;

		MUST(node->room[i] == room);
		most[i] = room > left[i] ? room : left[i];
	}
	*last = node->last;
	count += check_tree(RB_RIGHT(node, link), last, right);
	for (unsigned i = 0; i < IOVA_SIZES; i++) {
		most[i] = most[i] > right[i] ? most[i] : right[i];
		MUST(node->most[i] == most[i]);
	}
	return count + 1;
}

static void check_all(void)
{
	uint64_t last = 0, most[IOVA_SIZES] = { 0 }, bytes = 0;
	struct iova_window range;
	size_t count = 0;
	bool outside = false;

	for (size_t k = 0; k < LIVE; k++) {
		count += live[k].size != 0;
		bytes += live[k].size;
		outside |= live[k].size && !iova_inside(&space, live[k].first, live[k].first - 1 + live[k].size);
	}
	MUST(space.ranges == count && space.bytes == bytes);
	MUST(check_tree(RB_ROOT(&space.taken), &last, most) == count);
	MUST(iova_outside(&space, &range) == outside);
}

static void model_step(void)
{
	size_t k = below(LIVE);
	uint64_t size = 1 + below(1u << (4 + below(15))), align = below(3) ? 0 : 1ull << below(20);
	uint64_t max_addr = below(2) ? UINT64_MAX : below(2) ? below(0x90000) : 0xffffffff + next();
	uint64_t at = 0, expected = 0, whole = (size + PAGE - 1) / PAGE * PAGE, first;
	bool fits;

	if (live[k].size) {
		MUST(iova_give(&space, live[k].first) == 0);
		MUST(iova_give(&space, live[k].first) == -ENOENT);
		live[k].size = 0;
	} else if (below(4)) {
		fits = model_take(whole, align, max_addr, &expected);
		MUST(iova_take(&space, size, align, max_addr, &at) == (fits ? 0 : -ENOSPC));
		MUST(at == expected);
		live[k].first = at;
		live[k].size = fits ? whole : 0;
	} else if (some_count) {
		first = (some[below(some_count)].first + below(0x80000)) / PAGE * PAGE;
		fits = first && iova_inside(&space, first, first - 1 + whole);
		for (size_t j = 0; fits && j < LIVE; j++)
			fits = !live[j].size || first - 1 + whole < live[j].first ||
				live[j].first - 1 + live[j].size < first;
		MUST((iova_reserve(&space, first, first - 1 + whole) == 0) == fits);
		live[k].first = first;
		live[k].size = fits ? whole : 0;
	}
}

START_TEST(like_the_model)
{
	uint64_t at;

	state = (uint64_t)_i;
	memset(live, 0, sizeof(live));
	choose_windows();
	for (int step = 0; step < 1200; step++) {
		model_step();
		check_all();
		if (step % 100 == 99) {
			uint64_t largest = iova_largest(&space, UINT64_MAX);

			MUST(largest == 0 || model_find(largest, PAGE, UINT64_MAX, &at));
			MUST(!model_find(largest + PAGE, PAGE, UINT64_MAX, &at));
		}
		if (step % 400 == 399)
			choose_windows();
	}
	for (size_t k = 0; k < LIVE; k++)
		MUST(!live[k].size || iova_give(&space, live[k].first) == 0);
	MUST(space.ranges == 0 && space.bytes == 0 && RB_EMPTY(&space.taken));
}
END_TEST

/* --- many ---------------------------------------------------------------------------------- */

#define MANY 65535 /* maps that a container of VFIO has */

/* What was given back is used before new addresses are: the same load for ever needs no more space. */
START_TEST(many)
{
	static uint64_t at[MANY];
	uint64_t highest = 0;

	state = 1;
	ck_assert_int_eq(iova_set_windows(&space, vtd, 2, USUAL), 0);
	for (size_t i = 0; i < MANY; i++) {
		MUST(iova_take(&space, i % 64 ? PAGE * (1 + i % 7) : 2u << 20, 0, UINT64_MAX, &at[i]) == 0);
		highest = at[i] > highest ? at[i] : highest;
	}
	for (size_t round = 0; round < 4 * MANY; round++) {
		size_t i = below(MANY);

		MUST(iova_give(&space, at[i]) == 0);
		MUST(iova_take(&space, i % 64 ? PAGE * (1 + i % 7) : 2u << 20, 0, UINT64_MAX, &at[i]) == 0);
		MUST(at[i] <= highest);
	}
	ck_assert_uint_eq(space.ranges, MANY);
	/* An alignment that is no page size is not looked for in every one of them, and yet found. */
	for (size_t i = 0; i < 1000; i++)
		MUST(iova_take(&space, PAGE, 1u << 18, UINT64_MAX, &at[i]) == 0 && at[i] % (1u << 18) == 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("iova");
	TCase *tcase = tcase_create("places");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, nothing);
	tcase_add_test(tcase, windows_that_are_none);
	tcase_add_test(tcase, places);
	tcase_add_test(tcase, reach);
	tcase_add_test(tcase, where_a_large_page_has_no_place);
	tcase_add_test(tcase, end_of_addresses);
	tcase_add_test(tcase, fixed);
	tcase_add_test(tcase, windows_shrink);
	tcase_add_test(tcase, sizes_of_pages);
	tcase_add_loop_test(tcase, like_the_model, 0, 12);
	tcase_add_test(tcase, many);
	suite_add_tcase(suite, tcase);
	return suite;
}
