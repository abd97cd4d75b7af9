/* SPDX-License-Identifier: MIT */
/* lib/base and lib/api/errors.c: error values, option structs, arithmetic, log. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

#include "base/bits.h"
#include "base/error.h"
#include "base/log.h"
#include "base/opts.h"
#include "suite.h"

START_TEST(a_cut_is_marked)
{
	char lots[2000];
	const char *message;

	memset(lots, 'x', sizeof(lots) - 1);
	lots[sizeof(lots) - 1] = '\0';
	error_set(EIO, PMEM_CAUSE_SYSTEM, "cut", NULL, NULL, "%s", lots);
	message = pmem_error_message(error_last());
	ck_assert_str_eq(message + strlen(message) - 4, "x...");
	error_set(EIO, PMEM_CAUSE_SYSTEM, "cut", NULL, NULL, "short");
	ck_assert_str_eq(pmem_error_message(error_last()), "short");
}
END_TEST

START_TEST(error_carries_everything)
{
	const struct pmem_error *e;

	ck_assert_int_eq(error_set(EPERM, PMEM_CAUSE_LOCKDOWN, "open", "/dev/mem", "boot without it",
				 "lockdown is %s", "integrity"), -EPERM);
	ck_assert_int_eq(errno, EPERM);
	e = pmem_error_last();
	ck_assert_int_eq(pmem_error_code(e), -EPERM);
	ck_assert_uint_eq(pmem_error_cause(e), PMEM_CAUSE_LOCKDOWN);
	ck_assert_str_eq(pmem_error_operation(e), "open");
	ck_assert_str_eq(pmem_error_path(e), "/dev/mem");
	ck_assert_str_eq(pmem_error_message(e), "lockdown is integrity");
	ck_assert_str_eq(pmem_error_hint(e), "boot without it");
	ck_assert_str_eq(pmem_error_text(e),
		"open /dev/mem: lockdown is integrity (EPERM); boot without it");
}
END_TEST

START_TEST(error_of_nothing)
{
	ck_assert_ptr_null(pmem_error_last());
	ck_assert_int_eq(pmem_error_code(NULL), 0);
	ck_assert_uint_eq(pmem_error_cause(NULL), PMEM_CAUSE_NONE);
	ck_assert_str_eq(pmem_error_operation(NULL), "");
	ck_assert_str_eq(pmem_error_path(NULL), "");
	ck_assert_str_eq(pmem_error_message(NULL), "");
	ck_assert_str_eq(pmem_error_hint(NULL), "");
	ck_assert_str_eq(pmem_error_text(NULL), "no error");
	pmem_error_free(NULL);
}
END_TEST

/* Whoever meets them: what to do about them is the same everywhere. */
START_TEST(hints_of_all)
{
	const struct pmem_error *e;

	error_set(EMFILE, PMEM_CAUSE_SYSTEM, "open", "/a", NULL, "it failed");
	e = pmem_error_last();
	ck_assert_uint_eq(pmem_error_cause(e), PMEM_CAUSE_LIMIT);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(e), "this process"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(e), "ulimit -n"));
	ck_assert_ptr_nonnull(strstr(pmem_error_text(e), "ulimit -n"));
	error_set(ENFILE, PMEM_CAUSE_SYSTEM, "open", "/a", "", "it failed");
	e = pmem_error_last();
	ck_assert_uint_eq(pmem_error_cause(e), PMEM_CAUSE_LIMIT);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(e), "the machine"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(e), "fs.file-max"));
	error_set(EACCES, PMEM_CAUSE_FILE_MODE, "list", "/a", NULL, "it failed");
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "mode"));
	/* What knows more, says it. */
	error_set(EMFILE, PMEM_CAUSE_BUSY, "open", "/a", "wait", "it failed");
	ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_BUSY);
	ck_assert_str_eq(pmem_error_hint(pmem_error_last()), "wait");
}
END_TEST

START_TEST(error_may_quote_the_error_it_replaces)
{
	error_set(EIO, PMEM_CAUSE_SYSTEM, "read", "/a", "hint", "inner");
	error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "outer", error_last()->path,
		error_last()->hint, "because %s", error_last()->message);
	ck_assert_str_eq(pmem_error_text(pmem_error_last()), "outer /a: because inner (ENXIO); hint");
}
END_TEST

START_TEST(error_is_cut_to_fit)
{
	char longer[5000];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	error_set(EIO, PMEM_CAUSE_SYSTEM, longer, longer, longer, "%s", longer);
	ck_assert_uint_lt(strlen(pmem_error_text(pmem_error_last())), 1600);
}
END_TEST

START_TEST(error_copy_outlives_the_next_error)
{
	struct pmem_error *copy;

	error_set(EBUSY, PMEM_CAUSE_BUSY, "lock", NULL, NULL, "first");
	assert_works(pmem_error_dup(pmem_error_last(), &copy));
	error_set(EIO, PMEM_CAUSE_SYSTEM, "read", NULL, NULL, "second");
	ck_assert_str_eq(pmem_error_message(copy), "first");
	pmem_error_free(copy);
	assert_fails(pmem_error_dup(NULL, &copy), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_error_dup(pmem_error_last(), NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
}
END_TEST

static void *other_thread(void *result)
{
	*(int *)result = pmem_error_last() != NULL;
	error_set(EIO, PMEM_CAUSE_SYSTEM, "read", NULL, NULL, "of the other thread");
	return NULL;
}

START_TEST(error_belongs_to_the_thread)
{
	pthread_t thread; /* not C11's thrd_t, which sanitizers do not know */
	int result = -1;

	error_set(EBUSY, PMEM_CAUSE_BUSY, "lock", NULL, NULL, "mine");
	ck_assert_int_eq(pthread_create(&thread, NULL, other_thread, &result), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(result, 0);
	ck_assert_str_eq(pmem_error_message(pmem_error_last()), "mine");
}
END_TEST

START_TEST(causes_have_distinct_names)
{
	for (uint32_t i = 0; i <= PMEM_CAUSE_DEVICE_GONE; i++) {
		ck_assert_ptr_nonnull(pmem_error_cause_name(i));
		ck_assert_str_ne(pmem_error_cause_name(i), "unknown");
		for (uint32_t j = 0; j < i; j++)
			ck_assert_str_ne(pmem_error_cause_name(i), pmem_error_cause_name(j));
	}
	ck_assert_str_eq(pmem_error_cause_name(PMEM_CAUSE_DEVICE_GONE + 1), "unknown");
	ck_assert_str_eq(pmem_error_cause_name(UINT32_MAX), "unknown");
}
END_TEST

struct options {
	uint32_t size;
	uint32_t flags;
	uint64_t a;
	uint64_t b;
};

struct newer_options {
	struct options old;
	uint64_t c;
};

START_TEST(options_of_every_age)
{
	struct options out, in = { sizeof(in), 0, 1, 2 };
	struct newer_options newer = { { sizeof(newer), 0, 1, 2 }, 0 };

	assert_works(opts_copy("t", NULL, 16, &out, sizeof(out)));
	ck_assert_uint_eq(out.a, 0);
	assert_works(opts_copy("t", &in, 16, &out, sizeof(out)));
	ck_assert_uint_eq(out.b, 2);
	in.size = offsetof(struct options, b); /* compiled before b was there */
	assert_works(opts_copy("t", &in, in.size, &out, sizeof(out)));
	ck_assert_uint_eq(out.a, 1);
	ck_assert_uint_eq(out.b, 0);
	assert_works(opts_copy("t", &newer, 16, &out, sizeof(out)));
	ck_assert_uint_eq(out.b, 2);
	newer.c = 1;
	assert_fails(opts_copy("t", &newer, 16, &out, sizeof(out)), E2BIG, PMEM_CAUSE_OPTIONS);
	in.size = 0;
	assert_fails(opts_copy("t", &in, 16, &out, sizeof(out)), EINVAL, PMEM_CAUSE_OPTIONS);
	in.size = UINT32_MAX;
	assert_fails(opts_copy("t", &in, 16, &out, sizeof(out)), EINVAL, PMEM_CAUSE_OPTIONS);
}
END_TEST

START_TEST(arithmetic_at_its_edges)
{
	uint64_t v;

	ck_assert(bits_add(UINT64_MAX - 1, 1, &v) && v == UINT64_MAX);
	ck_assert(!bits_add(UINT64_MAX, 1, &v));
	ck_assert(bits_align_up(4097, 4096, &v) && v == 8192);
	ck_assert(bits_align_up(0, 4096, &v) && v == 0);
	ck_assert(!bits_align_up(UINT64_MAX - 5, 4096, &v));
	ck_assert_uint_eq(bits_align_down(UINT64_MAX, 4096), UINT64_MAX - 4095);
	ck_assert(bits_is_power_of_two(1) && bits_is_power_of_two(1ull << 63));
	ck_assert(!bits_is_power_of_two(0) && !bits_is_power_of_two(12));
	ck_assert(bits_inside(4, 4, 8) && bits_inside(8, 0, 8));
	ck_assert(!bits_inside(4, 5, 8) && !bits_inside(9, 0, 8));
	ck_assert(!bits_inside(8, UINT64_MAX, 8));
}
END_TEST

static void keep(void *user, uint32_t level, const char *message)
{
	snprintf(user, 100, "%u:%s", level, message);
}

START_TEST(log_reaches_the_listener)
{
	char seen[100] = "";
	struct log log = { .fn = NULL };

	log_write(&log, PMEM_LEVEL_INFO, "nobody listens");
	log.fn = keep;
	log.user = seen;
	errno = ENOENT;
	log_write(&log, PMEM_LEVEL_WARNING, "page %d", 7);
	ck_assert_str_eq(seen, "2:page 7");
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("base");
	TCase *tc = tcase_create("base");

	tcase_add_test(tc, a_cut_is_marked);
	tcase_add_test(tc, error_of_nothing); /* first: without forks the others leave errors */
	tcase_add_test(tc, error_carries_everything);
	tcase_add_test(tc, hints_of_all);
	tcase_add_test(tc, error_may_quote_the_error_it_replaces);
	tcase_add_test(tc, error_is_cut_to_fit);
	tcase_add_test(tc, error_copy_outlives_the_next_error);
	tcase_add_test(tc, error_belongs_to_the_thread);
	tcase_add_test(tc, causes_have_distinct_names);
	tcase_add_test(tc, options_of_every_age);
	tcase_add_test(tc, arithmetic_at_its_edges);
	tcase_add_test(tc, log_reaches_the_listener);
	suite_add_tcase(suite, tc);
	return suite;
}
