/* SPDX-License-Identifier: MIT */
/* lib/os/run_dir.c: in which folders what outlives a process is looked for. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "os/run_dir.h"
#include "suite.h"

static char path[PATH_MAX];

static void assert_path(const char *expected)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", fake_root(), expected);
	ck_assert_str_eq(path, full);
}

START_TEST(by_default)
{
	fake_start();
	fake_env("XDG_RUNTIME_DIR", "/run/user/1000");
	ck_assert(run_dir_path(fake_root(), NULL, 0, path));
	assert_path("/run/libpmem");
	ck_assert(run_dir_path(fake_root(), NULL, 1, path));
	assert_path("/run/user/1000/libpmem");
	ck_assert(!run_dir_path(fake_root(), NULL, 2, path));
	fake_stop();
}
END_TEST

/* Unset, or relative to wherever the program is: there is none of the user. */
START_TEST(no_folder_of_the_user)
{
	fake_start();
	fake_env("XDG_RUNTIME_DIR", _i ? "run/user" : NULL);
	ck_assert(run_dir_path(fake_root(), NULL, 0, path));
	ck_assert(!run_dir_path(fake_root(), NULL, 1, path));
	fake_stop();
}
END_TEST

/* LIBPMEM_RUN_DIR is the only one, and is as it is given: not below the root. */
START_TEST(set_by_the_user)
{
	fake_start();
	ck_assert(run_dir_path(fake_root(), "/srv/here", 0, path));
	ck_assert_str_eq(path, "/srv/here");
	ck_assert(!run_dir_path(fake_root(), "/srv/here", 1, path));
	fake_stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("run dir");
	TCase *tc = tcase_create("folders");

	tcase_add_test(tc, by_default);
	tcase_add_loop_test(tc, no_folder_of_the_user, 0, 2);
	tcase_add_test(tc, set_by_the_user);
	suite_add_tcase(suite, tc);
	return suite;
}
