/* SPDX-License-Identifier: MIT */
/*
 * lib/backend/videocore/property.c with messages that are none. Each lies in a buffer of exactly its size,
 * so that the sanitizers see a read or write beyond it.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "videocore/property.h"
#include "suite.h"

static const uint32_t tags[] = { PROPERTY_FIRMWARE_REVISION, PROPERTY_VC_MEMORY, PROPERTY_ALLOCATE,
	PROPERTY_LOCK, PROPERTY_UNLOCK, PROPERTY_RELEASE, 0, 0xffffffff };

static uint32_t *exact(const uint32_t *words, size_t count)
{
	uint32_t *copy = malloc(count * sizeof(*words) + !count);

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, words, count * sizeof(*words));
	return copy;
}

/* Every result is one of those documented, and a reply is written only with 0. */
static void check_parse(const uint32_t *words, size_t count)
{
	uint32_t *copy = exact(words, count);
	uint32_t tag = tags[fuzz_below(ARRAY_SIZE(tags))];
	size_t wanted = fuzz_below(4);
	uint32_t *reply = malloc(wanted * sizeof(*reply) + !wanted);
	int r;

	memset(reply, 0x5a, wanted * sizeof(*reply));
	r = property_parse(copy, count, tag, reply, wanted);
	ck_assert(r == 0 || r == -EBADMSG || r == -EAGAIN || r == -EPROTO || r == -EOPNOTSUPP ||
		r == -ENODATA);
	for (size_t i = 0; r != 0 && i < wanted; i++)
		ck_assert_uint_eq(reply[i], 0x5a5a5a5a);
	ck_assert_mem_eq(copy, words, count * sizeof(*words));
	free(reply);
	free(copy);
}

START_TEST(noise)
{
	uint64_t runs = fuzz_begin(200000);
	uint32_t words[24];

	while (runs--) {
		size_t count = fuzz_below(ARRAY_SIZE(words) + 1);

		for (size_t i = 0; i < count; i++)
			words[i] = fuzz_word();
		if (count && fuzz_below(2))
			words[0] = (uint32_t)(4 * count);
		check_parse(words, count);
	}
}
END_TEST

START_TEST(damaged_answers)
{
	static const uint32_t good[] = { 60, 0x80000000, 0x10006, 8, 0x80000008, 1, 2, 0x3000d, 4,
		0x80000004, 0xfc001000, 0x3000c, 0, 0x80000000, 0 };
	uint64_t runs = fuzz_begin(200000);
	uint32_t words[ARRAY_SIZE(good)];

	while (runs--) {
		memcpy(words, good, sizeof(good));
		for (size_t n = fuzz_below(4); n > 0; n--)
			fuzz_mutate(words, sizeof(words));
		check_parse(words, ARRAY_SIZE(words) - fuzz_below(3));
	}
}
END_TEST

/* What is built can be read back: it is a request, and answered by setting two words. */
START_TEST(built_and_read)
{
	uint64_t runs = fuzz_begin(100000);

	while (runs--) {
		size_t room = fuzz_below(20), asked = fuzz_below(12), wanted = fuzz_below(12);
		uint32_t request[12], reply[12], tag = (uint32_t)fuzz_next() | 1;
		uint32_t *words = calloc(room + !room, sizeof(*words));
		size_t value = asked > wanted ? asked : wanted, total;

		for (size_t i = 0; i < ARRAY_SIZE(request); i++)
			request[i] = fuzz_word();
		total = property_build(words, room, tag, request, asked, wanted);
		ck_assert_uint_eq(total, value + 6 <= room ? value + 6 : 0);
		if (total) {
			ck_assert_int_eq(property_parse(words, room, tag, reply, wanted), -EAGAIN);
			words[1] = 0x80000000;
			ck_assert_int_eq(property_parse(words, room, tag, reply, wanted), -EOPNOTSUPP);
			words[4] = 0x80000000u | (uint32_t)(4 * wanted);
			ck_assert_int_eq(property_parse(words, room, tag, reply, wanted), 0);
			ck_assert_mem_eq(reply, words + 5, 4 * wanted);
		}
		free(words);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("property");
	TCase *tcase = tcase_create("words");

	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, noise);
	tcase_add_test(tcase, damaged_answers);
	tcase_add_test(tcase, built_and_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
