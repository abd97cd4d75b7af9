/* SPDX-License-Identifier: MIT */
/* lib/backend/videocore/property.c: messages to the VideoCore firmware, word by word. */
#include <errno.h>
#include <string.h>

#include "videocore/property.h"
#include "suite.h"

/* The messages as programs that work on real boards send them (userland's mailbox.c, pigpio). */
START_TEST(messages_are_what_boards_take)
{
	const uint32_t request[3] = { 4096, 4096, 0x14 }, handle = 7;
	const uint32_t allocate[9] = { 36, 0, 0x3000c, 12, 12, 4096, 4096, 0x14, 0 };
	const uint32_t lock[7] = { 28, 0, 0x3000d, 4, 4, 7, 0 };
	const uint32_t memory[8] = { 32, 0, 0x10006, 8, 0, 0, 0, 0 };
	uint32_t words[PROPERTY_WORDS];

	ck_assert_uint_eq(property_build(words, 9, PROPERTY_ALLOCATE, request, 3, 1), 9);
	ck_assert_mem_eq(words, allocate, sizeof(allocate));
	ck_assert_uint_eq(property_build(words, 9, PROPERTY_LOCK, &handle, 1, 1), 7);
	ck_assert_mem_eq(words, lock, sizeof(lock));
	ck_assert_uint_eq(property_build(words, 9, PROPERTY_VC_MEMORY, NULL, 0, 2), 8);
	ck_assert_mem_eq(words, memory, sizeof(memory));
}
END_TEST

START_TEST(what_does_not_fit_is_not_built)
{
	const uint32_t request[4] = { 1, 2, 3, 4 };
	uint32_t words[PROPERTY_WORDS];

	memset(words, 0x5a, sizeof(words));
	for (size_t room = 0; room < 9; room++)
		ck_assert_uint_eq(property_build(words, room, PROPERTY_ALLOCATE, request, 3, 1), 0);
	ck_assert_uint_eq(property_build(words, 9, PROPERTY_ALLOCATE, request, 4, 1), 0);
	ck_assert_uint_eq(property_build(words, 9, PROPERTY_ALLOCATE, request, 1, SIZE_MAX), 0);
	for (size_t i = 0; i < PROPERTY_WORDS; i++)
		ck_assert_uint_eq(words[i], 0x5a5a5a5a);
}
END_TEST

static int parse(const uint32_t *words, size_t room)
{
	uint32_t reply[2] = { 0xdead, 0xdead };
	int r = property_parse(words, room, PROPERTY_LOCK, reply, 1);

	ck_assert_uint_eq(reply[1], 0xdead);
	ck_assert_uint_eq(reply[0], r == 0 ? 0xfc001000 : 0xdead);
	return r;
}

START_TEST(answers_are_believed_only_when_whole)
{
	uint32_t good[7] = { 28, 0x80000000, 0x3000d, 4, 0x80000004, 0xfc001000, 0 }, w[7];

	ck_assert_int_eq(parse(good, 7), 0);
	for (size_t room = 0; room < 7; room++)
		ck_assert_int_eq(parse(good, room), -EBADMSG);
#define WITH(index, value) (memcpy(w, good, sizeof(w)), w[index] = (value), w)
	ck_assert_int_eq(parse(WITH(0, 27), 7), -EBADMSG);
	ck_assert_int_eq(parse(WITH(0, 8), 7), -EBADMSG);
	ck_assert_int_eq(parse(WITH(0, 0xfffffffc), 7), -EBADMSG);
	ck_assert_int_eq(parse(WITH(1, 0), 7), -EAGAIN);
	ck_assert_int_eq(parse(WITH(1, 0x80000001), 7), -EPROTO);
	ck_assert_int_eq(parse(WITH(1, 1), 7), -EPROTO);
	ck_assert_int_eq(parse(WITH(2, 0x3000c), 7), -EBADMSG);
	ck_assert_int_eq(parse(WITH(3, 0xffffffff), 7), -EBADMSG);
	ck_assert_int_eq(parse(WITH(3, 12), 7), -EBADMSG);
	ck_assert_int_eq(parse(WITH(3, 3), 7), -ENODATA);
	ck_assert_int_eq(parse(WITH(4, 4), 7), -EOPNOTSUPP);
	ck_assert_int_eq(parse(WITH(4, 0x80000000), 7), -ENODATA);
	ck_assert_int_eq(parse(WITH(4, 0x80000003), 7), -ENODATA);
	ck_assert_int_eq(parse(WITH(4, 0x80000400), 7), 0); /* longer than the buffer: cut */
}
END_TEST

START_TEST(a_tag_behind_others_is_found)
{
	const uint32_t two[] = { 48, 0x80000000, 0x1, 5, 0x80000004, 1, 2, 0x3000d, 4, 0x80000004,
		0xfc001000, 0 };
	const uint32_t ended[] = { 48, 0x80000000, 0x1, 5, 0x80000004, 1, 2, 0, 4, 0x80000004,
		0xfc001000, 0 };

	ck_assert_int_eq(parse(two, 12), 0);
	ck_assert_int_eq(parse(ended, 12), -EBADMSG);
	ck_assert_int_eq(property_parse(two, 12, 0, NULL, 0), -EBADMSG);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("property");
	TCase *tcase = tcase_create("words");

	tcase_add_test(tcase, messages_are_what_boards_take);
	tcase_add_test(tcase, what_does_not_fit_is_not_built);
	tcase_add_test(tcase, answers_are_believed_only_when_whole);
	tcase_add_test(tcase, a_tag_behind_others_is_found);
	suite_add_tcase(suite, tcase);
	return suite;
}
