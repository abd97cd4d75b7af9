/* SPDX-License-Identifier: MIT */
/* The reasons of several backends: errors of their own, whole. */
#include <stdio.h>

#include "played_ten.h"

START_TEST(every_reason_is_whole)
{
	struct pmem_region *region;

	all_refuse();
	ck_assert_str_eq(pmem_error_backend(pmem_error_last()), "");
	check_whole(pmem_error_last());
	assert_fails(pmem_region_map(ctx, 0, 1, 0, &region), ENOENT, PMEM_CAUSE_NO_MEMORY);
	check_whole(pmem_error_last());
	assert_fails(pmem_region_import(ctx, 0, 0, &region), ENOENT, PMEM_CAUSE_NO_MEMORY);
	check_whole(pmem_error_last());
}
END_TEST

/* The parent's own message is one line in which nobody is missing. */
START_TEST(the_summary_names_all)
{
	const char *message = pmem_error_message(all_refuse());

	for (size_t i = 0; i < BACKENDS; i++) {
		char begin[64];

		snprintf(begin, sizeof(begin), "%s: /dev/%s: %c", played[i].name, played[i].name,
			(char)('0' + (int)i));
		ck_assert_msg(strstr(message, begin) != NULL, "%s: %s", begin, message);
	}
	ck_assert_ptr_nonnull(strstr(message, "0...; play1"));
	ck_assert_str_eq(message + strlen(message) - 4, "9...");
	length = 20;
	message = pmem_error_message(all_refuse());
	ck_assert_ptr_null(strstr(message, "..."));
	ck_assert_ptr_nonnull(strstr(message, "00000000000000000000; play1: /dev/play1: 11"));
}
END_TEST

START_TEST(one_backend_has_no_children)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "play4" };
	struct pmem_region *region;

	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_uint_eq(pmem_error_child_count(pmem_error_last()), 0);
	ck_assert_str_eq(pmem_error_backend(pmem_error_last()), "play4");
	assert_fails(pmem_region_alloc(ctx, 0, NULL, &region), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	ck_assert_str_eq(pmem_error_backend(pmem_error_last()), "");
	ck_assert_uint_eq(pmem_error_child_count(NULL), 0);
	ck_assert_ptr_null(pmem_error_child(NULL, 0));
	ck_assert_str_eq(pmem_error_backend(NULL), "");
}
END_TEST

/* Undo paths: a saved error comes back with its children, whatever was set meanwhile. */
START_TEST(saved_and_restored)
{
	struct pmem_error saved, *copy;
	int before;

	for (unsigned inside = 0; inside < 2; inside++) {
		assert_works(pmem_error_dup(all_refuse(), &copy));
		before = inside ? error_begin() : 0;
		error_restore(copy);
		error_free(copy);
		error_save(&saved);
		error_set(EIO, PMEM_CAUSE_SYSTEM, "close", NULL, NULL, "of no matter");
		check_whole(&saved);
		error_restore(&saved);
		if (inside)
			error_end(before, -ENOENT);
		check_whole(pmem_error_last());
	}
}
END_TEST

static void fail_too(void *user, uint32_t level, const char *message)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "play4" };
	struct pmem_region *region;
	static bool inside;

	(void)level;
	(void)message;
	if (inside)
		return;
	inside = true;
	assert_fails(pmem_region_alloc(user, 1, &opts, &region), ENOENT, PMEM_CAUSE_NO_DEVICE);
	check_whole(all_refuse());
	inside = false;
}

START_TEST(a_log_callback_with_errors_of_its_own)
{
	assert_works(pmem_ctx_set_log(ctx, fail_too, ctx));
	check_whole(all_refuse());
	assert_works(pmem_ctx_set_log(ctx, NULL, NULL));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("children");
	TCase *tc = tcase_create("children");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_reason_is_whole);
	tcase_add_test(tc, the_summary_names_all);
	tcase_add_test(tc, one_backend_has_no_children);
	tcase_add_test(tc, saved_and_restored);
	tcase_add_test(tc, a_log_callback_with_errors_of_its_own);
	suite_add_tcase(suite, tc);
	return suite;
}
