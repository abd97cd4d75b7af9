/* SPDX-License-Identifier: MIT */
/* lib/base/errno_name.c as it is built where the C library has no names for errnos (musl). */
#undef PMEM_HAVE_ERRNO_NAMES
#define errno_name  bare_name
#define errno_words bare_words
#include "base/errno_name.c"
#undef errno_name
#undef errno_words

#include <errno.h>
#include <limits.h>

#include "suite.h"

const char *errno_name(int errnum, char buffer[ERRNO_NAME_SIZE]);

START_TEST(a_number_is_enough)
{
	char buffer[ERRNO_NAME_SIZE];

	ck_assert_str_eq(bare_name(13, buffer), "errno 13");
	ck_assert_str_eq(bare_words(13, buffer), "errno 13");
	ck_assert_str_eq(bare_name(INT_MIN, buffer), "errno -2147483648");
}
END_TEST

/* Whatever the C library knows, nobody reads "(null)". */
START_TEST(nothing_is_without_a_name)
{
	char buffer[ERRNO_NAME_SIZE];
	const char *name = errno_name(EPERM, buffer);

	ck_assert(strcmp(name, "EPERM") == 0 || strcmp(name, "errno 1") == 0);
	ck_assert_str_eq(errno_name(99999, buffer), "errno 99999");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("errno_name");
	TCase *tc = tcase_create("errno_name");

	tcase_add_test(tc, a_number_is_enough);
	tcase_add_test(tc, nothing_is_without_a_name);
	suite_add_tcase(suite, tc);
	return suite;
}
