/* SPDX-License-Identifier: MIT */
/* lib/pool/map.c: the piece of a pointer, where pieces lie at odd places. No memory is behind them. */
#include <string.h>

#include "pool/slabs.h"
#include "suite.h"

static struct store store;

/* Where the piece of that byte begins within its region; UINT64_MAX: it is of no piece. */
static uint64_t piece_of(uintptr_t pointer)
{
	const struct piece *piece = map_find(atomic_load(&store.maps[0]), pointer);

	return piece ? piece->offset : UINT64_MAX;
}

/* Pieces that do not lie at multiples of their length from each other. */
START_TEST(at_odd_places)
{
	const uintptr_t base = 0x40000000, other = base + 65536 + 4096;

	store_init(&store, 64, 0);
	ck_assert_int_eq(store_add(&store, base, 65536, 0x100000, PIECE_UNKNOWN, &store, 0), 0);
	ck_assert_int_eq(store_add(&store, other, 65536, 0x200000, PIECE_UNKNOWN, &store, 65536), 0);
	ck_assert_uint_eq(piece_of(base - 1), UINT64_MAX);
	ck_assert_uint_eq(piece_of(base), 0);
	ck_assert_uint_eq(piece_of(base + 65535), 0);
	ck_assert_uint_eq(piece_of(base + 65536), UINT64_MAX);
	ck_assert_uint_eq(piece_of(other - 1), UINT64_MAX);
	ck_assert_uint_eq(piece_of(other), 65536);
	ck_assert_uint_eq(piece_of(other + 65535), 65536);
	ck_assert_uint_eq(piece_of(other + 65536), UINT64_MAX);
	store_free(&store);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pool map");
	TCase *tc = tcase_create("map");

	tcase_add_test(tc, at_odd_places);
	suite_add_tcase(suite, tc);
	return suite;
}
