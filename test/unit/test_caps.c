/* SPDX-License-Identifier: MIT */
/* Chains of capabilities, as a kernel may tell them and as none does: what is looked at is inside the answer, and it ends. */
#include <stdlib.h>
#include <string.h>

#include "device/caps.h"
#include "suite.h"

#define LENGTH 128u
#define WANTED 1u
#define OTHER  7u

static unsigned char answer[LENGTH];

static void setup(void)
{
	memset(answer, 0, sizeof(answer));
}

static void put(uint32_t at, uint16_t id, uint32_t next, uint32_t pairs)
{
	const struct abi_cap_pairs cap = { .header = { .id = id, .version = 1, .next = next }, .count = pairs };
	size_t left = LENGTH - at;

	memcpy(answer + at, &cap, left < sizeof(cap) ? left : sizeof(cap));
	for (uint32_t i = 0; i < pairs && at + sizeof(cap) + (i + 1) * sizeof(struct abi_pair) <= LENGTH; i++)
		memcpy(answer + at + sizeof(cap) + i * sizeof(struct abi_pair), &(struct abi_pair){ i, 100 + i },
			sizeof(struct abi_pair));
}

/* The pairs are right, if there are any; what caps_pairs() says. */
static int ask(uint32_t offset, uint32_t pairs)
{
	struct abi_pair *list = NULL;
	uint32_t count = 99;
	int r = caps_pairs(answer, LENGTH, offset, WANTED, &list, &count);

	ck_assert(r == 1 ? count == pairs && list : count == 99 && !list);
	for (uint32_t i = 0; r == 1 && i < count; i++)
		ck_assert(list[i].a == i && list[i].b == 100 + i);
	free(list);
	return r;
}

START_TEST(test_found)
{
	put(16, WANTED, 0, 2);
	ck_assert_int_eq(ask(16, 2), 1);
	put(16, OTHER, 36, 0); /* the next begins in the middle of 8 bytes */
	put(36, WANTED, 0, 3);
	ck_assert_int_eq(ask(16, 3), 1);
	put(36, WANTED, 0, 0);
	ck_assert_int_eq(ask(16, 0), 1);
	put(LENGTH - 16 - 2 * 16, WANTED, 0, 2); /* whole, to the last byte */
	ck_assert_int_eq(ask(LENGTH - 16 - 2 * 16, 2), 1);
	put(LENGTH - 16, WANTED, 0, 0);
	ck_assert_int_eq(ask(LENGTH - 16, 0), 1);
}
END_TEST

START_TEST(test_none)
{
	ck_assert_int_eq(ask(0, 0), 0);
	put(0, WANTED, 0, 0); /* at 0 is the answer itself */
	ck_assert_int_eq(ask(0, 0), 0);
	put(16, OTHER, 0, 1);
	ck_assert_int_eq(ask(16, 0), 0);
}
END_TEST

START_TEST(test_not_whole)
{
	put(16, WANTED, 0, 7);
	ck_assert_int_eq(ask(16, 0), 0);
	put(16, WANTED, 0, UINT32_MAX);
	ck_assert_int_eq(ask(16, 0), 0);
	put(LENGTH - 8, WANTED, 0, 0); /* the header alone is inside */
	ck_assert_int_eq(ask(LENGTH - 8, 0), 0);
	for (uint32_t beyond = LENGTH - 7; beyond < LENGTH + 9; beyond++)
		ck_assert_int_eq(ask(beyond, 0), 0);
	ck_assert_int_eq(ask(UINT32_MAX, 0), 0);
	put(16, OTHER, UINT32_MAX - 4, 0);
	ck_assert_int_eq(ask(16, 0), 0);
}
END_TEST

START_TEST(test_circle)
{
	put(16, OTHER, 16, 0);
	ck_assert_int_eq(ask(16, 0), 0);
	put(16, OTHER, 64, 0);
	put(64, OTHER, 16, 0);
	ck_assert_int_eq(ask(16, 0), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("caps");
	TCase *tc = tcase_create("caps");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_found);
	tcase_add_test(tc, test_none);
	tcase_add_test(tc, test_not_whole);
	tcase_add_test(tc, test_circle);
	suite_add_tcase(suite, tc);
	return suite;
}
