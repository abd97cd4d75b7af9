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

/* The names are those of glibc, as far as there are any. */
START_TEST(the_own_names_are_the_same)
{
	char own[ERRNO_NAME_SIZE], libc[ERRNO_NAME_SIZE];
	int same = 0;

	for (int errnum = 1; errnum < 200; errnum++) {
		const char *name = bare_name(errnum, own);

		ck_assert_str_eq(bare_words(errnum, own), name);
		if (name == own)
			continue;
		same++;
		ck_assert_str_eq(name, errno_name(errnum, libc));
	}
	ck_assert_int_ge(same, 50);
	ck_assert_str_eq(bare_name(EACCES, own), "EACCES");
	ck_assert_str_eq(bare_name(ENAMETOOLONG, own), "ENAMETOOLONG");
}
END_TEST

/* Whatever the C library knows, nobody reads "(null)". */
START_TEST(nothing_is_without_a_name)
{
	char buffer[ERRNO_NAME_SIZE];

	ck_assert_str_eq(errno_name(EPERM, buffer), "EPERM");
	ck_assert_str_eq(errno_name(99999, buffer), "errno 99999");
	ck_assert_str_eq(bare_name(99999, buffer), "errno 99999");
	ck_assert_str_eq(bare_words(99999, buffer), "errno 99999");
	ck_assert_str_eq(bare_name(INT_MIN, buffer), "errno -2147483648");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("errno_name");
	TCase *tc = tcase_create("errno_name");

	tcase_add_test(tc, the_own_names_are_the_same);
	tcase_add_test(tc, nothing_is_without_a_name);
	suite_add_tcase(suite, tc);
	return suite;
}
