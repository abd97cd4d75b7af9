/* SPDX-License-Identifier: MIT */
/* The reasons of several backends: copies keep them, and whoever ends leaves nothing behind. */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "counted_heap.h"
#include "played_ten.h"

/* Nine refuse, the tenth gives: what they said is gone, and the last error is the one before. */
START_TEST(a_success_keeps_nothing)
{
	struct pmem_region *region;
	long before;

	all_refuse();
	granted = 64;
	before = live;
	for (unsigned i = 0; i < 3; i++) {
		assert_works(pmem_region_alloc(ctx, granted, NULL, &region));
		assert_works(pmem_region_close(region));
		ck_assert_int_eq(live, before);
	}
	check_whole(pmem_error_last());
}
END_TEST

START_TEST(failures_do_not_pile_up)
{
	long before;

	all_refuse();
	before = live;
	for (unsigned i = 0; i < 5; i++)
		all_refuse();
	ck_assert_int_eq(live, before);
}
END_TEST

static void *free_error(void *error)
{
	check_whole(error);
	pmem_error_free(error);
	return NULL;
}

/* A copy, the copy's copy and a child's copy: each lives as long as its owner wants. */
START_TEST(copies_keep_the_reasons)
{
	struct pmem_error *copy, *again, *child;
	struct pmem_region *region;
	long before = live;
	pthread_t thread;

	assert_works(pmem_error_dup(all_refuse(), &copy));
	assert_works(pmem_error_dup(copy, &again));
	assert_works(pmem_error_dup(pmem_error_child(copy, 7), &child));
	assert_fails(pmem_region_alloc(ctx, 0, NULL, &region), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	check_whole(copy);
	pmem_error_free(copy);
	check_whole(again);
	ck_assert_int_eq(pthread_create(&thread, NULL, free_error, again), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_str_eq(pmem_error_backend(child), "play7");
	ck_assert_uint_eq(strlen(pmem_error_message(child)), LENGTH);
	pmem_error_free(child);
	ck_assert_int_eq(live, before);
}
END_TEST

static void *fail_with(void *user)
{
	struct pmem_region *region;

	pmem_region_alloc(user, 1, NULL, &region);
	return NULL;
}

/* Any thread may ask, also when the one that failed and the context are gone. */
START_TEST(the_context_tells_them)
{
	struct pmem_ctx *other;
	struct pmem_error *error;
	pthread_t thread;
	long before;

	all_refuse();
	before = live;
	assert_works(pmem_ctx_new(&other));
	ck_assert_int_eq(pthread_create(&thread, NULL, fail_with, other), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	assert_works(pmem_ctx_error(other, &error));
	pmem_ctx_unref(other);
	check_whole(error);
	pmem_error_free(error);
	/* What a context learns it frees, so only the reasons could be left. */
	ck_assert_int_eq(live, before);
}
END_TEST

START_TEST(threads_that_end_leave_nothing)
{
	pthread_t threads[16];
	long before = 0;

	/* The first one's reasons stay with the context, until the next one's take their place. */
	for (unsigned i = 0; i < 16; i++) {
		ck_assert_int_eq(pthread_create(&threads[i], NULL, fail_with, ctx), 0);
		if (i > 0)
			continue;
		pthread_join(threads[i], NULL);
		before = live;
	}
	for (unsigned i = 1; i < 16; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(live, before);
}
END_TEST

static pthread_key_t last_words;

static void fail_at_the_end(void *user)
{
	fail_with(user);
}

static void *fail_late(void *user)
{
	pthread_setspecific(last_words, user);
	return fail_with(user);
}

/* The program's destructors may call the library after the library's own has run. */
START_TEST(threads_that_fail_while_ending)
{
	pthread_t thread;
	long before = 0;

	ck_assert_int_eq(pthread_key_create(&last_words, fail_at_the_end), 0);
	for (unsigned i = 0; i < 2; i++) {
		before = live;
		ck_assert_int_eq(pthread_create(&thread, NULL, fail_late, ctx), 0);
		pthread_join(thread, NULL);
	}
	pthread_key_delete(last_words);
	ck_assert_int_eq(live, before);
}
END_TEST

/* Whichever allocation fails: the error is the same, its reasons are all there or none. */
START_TEST(without_memory)
{
	bool whole = false;

	all_refuse();
	for (unsigned nth = 1; !whole; nth++) {
		const struct pmem_error *e;
		struct pmem_region *region;
		long before;
		int r;

		assert_fails(pmem_region_alloc(ctx, 0, NULL, &region), EINVAL,
			PMEM_CAUSE_ZERO_SIZE);
		before = live;
		countdown = nth;
		r = pmem_region_alloc(ctx, 1, NULL, &region);
		whole = countdown != 0;
		countdown = 0;
		e = pmem_error_last();
		if (r == -ENOMEM) /* for the region itself */
			continue;
		ck_assert_int_eq(r, -ENOENT);
		ck_assert_uint_eq(pmem_error_cause(e), PMEM_CAUSE_NO_MEMORY);
		ck_assert_ptr_nonnull(strstr(pmem_error_message(e), "no backend could"));
		if (whole) {
			check_whole(e);
			ck_assert_uint_gt(nth, BACKENDS);
		} else {
			ck_assert_uint_eq(pmem_error_child_count(e), 0);
			ck_assert_int_eq(live, before);
		}
	}
}
END_TEST

/* Whoever is refused is told why, and may free what he was given as often as he is given it. */
START_TEST(a_status_without_memory)
{
	struct pmem_error *why;
	long before = live;

	absent = true;
	for (unsigned i = 0; i < 3; i++) {
		why = NULL;
		countdown = 1;
		assert_fails(pmem_backend_status(ctx, i, &why), ENOMEM, PMEM_CAUSE_NO_MEMORY);
		ck_assert_uint_eq(countdown, 0);
		ck_assert_ptr_nonnull(why);
		ck_assert_int_eq(pmem_error_code(why), -ENOMEM);
		ck_assert_uint_eq(pmem_error_cause(why), PMEM_CAUSE_NO_MEMORY);
		ck_assert_ptr_nonnull(strstr(pmem_error_text(why), pmem_error_message(why)));
		ck_assert_uint_gt(strlen(pmem_error_message(why)), 0);
		pmem_error_free(why);
		ck_assert_int_eq(live, before);
	}
	assert_fails(pmem_backend_status(ctx, 4, &why), ENXIO, PMEM_CAUSE_NO_DEVICE);
	ck_assert_str_eq(pmem_error_backend(why), "play4");
	pmem_error_free(why);
}
END_TEST

/* "The backend cannot tell" would be a lie: it told, and there was no memory to keep it. */
START_TEST(an_unknown_address_without_memory)
{
	struct pmem_region region = { .ctx = ctx, .ops = &played[0], .fd = -1 };
	uint64_t phys;

	error_set(EPERM, PMEM_CAUSE_CAPABILITY, "read", "/proc/self/pagemap", NULL, "it is hidden");
	countdown = 1;
	region_set_unknown(&region);
	ck_assert_uint_eq(countdown, 0);
	assert_fails(pmem_region_phys(&region, &phys), ENXIO, PMEM_CAUSE_NO_MEMORY);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "no memory"));
	error_free(region.why_unknown);
}
END_TEST

/* A reason may have reasons of its own. */
START_TEST(nested)
{
	struct error_list *inner = NULL, *outer = NULL;
	struct pmem_error *copy, *deep;
	struct pmem_region *region;
	long before = live;

	error_set(EIO, PMEM_CAUSE_SYSTEM, "read", NULL, NULL, "the innermost");
	ck_assert(error_list_add(&inner, error_last(), "in"));
	error_set(EIO, PMEM_CAUSE_SYSTEM, "read", NULL, NULL, "the middle");
	error_adopt(inner);
	ck_assert(error_list_add(&outer, error_last(), "out"));
	error_set(EPERM, PMEM_CAUSE_SYSTEM, "read", NULL, NULL, "the outermost");
	error_adopt(outer);
	assert_works(pmem_error_dup(pmem_error_last(), &copy));
	assert_works(pmem_error_dup(pmem_error_child(copy, 0), &deep));
	assert_fails(pmem_region_alloc(ctx, 0, NULL, &region), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	ck_assert_str_eq(pmem_error_message(pmem_error_child(pmem_error_child(copy, 0), 0)),
		"the innermost");
	pmem_error_free(copy);
	ck_assert_str_eq(pmem_error_backend(deep), "out");
	ck_assert_str_eq(pmem_error_backend(pmem_error_child(deep, 0)), "in");
	pmem_error_free(deep);
	ck_assert_int_eq(live, before);
}
END_TEST

/* The heap of a sanitizer is not fit for a child of a program with threads that use it. */
#define FIT (!SANITIZE_ADDRESS && !SANITIZE_THREAD)

static void *fail_for_ever(void *user)
{
	do {
		fail_with(user);
		pthread_testcancel();
	} while (FIT);
	return NULL;
}

/* A child of any moment uses, replaces and frees what it inherited. */
START_TEST(children_of_fork)
{
	pthread_t thread;

	all_refuse();
	ck_assert_int_eq(pthread_create(&thread, NULL, fail_for_ever, ctx), 0);
	if (!FIT)
		pthread_join(thread, NULL);
	for (unsigned i = 0; i < 40; i++) {
		pid_t child = fork();
		int status;

		ck_assert_int_ge(child, 0);
		if (child == 0) {
			struct pmem_error *error = NULL;

			alarm(30);
			check_whole(pmem_error_last());
			pmem_ctx_error(ctx, &error); /* the parent's is not told */
			check_whole(all_refuse());
			assert_works(pmem_ctx_error(ctx, &error));
			check_whole(error);
			pmem_error_free(error);
			pmem_ctx_unref(ctx);
			/* What the other thread was about to free is nobody's here: no leak to look for. */
			raise(SIGKILL);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, SIGKILL);
	}
	if (!FIT)
		return;
	pthread_cancel(thread);
	pthread_join(thread, NULL);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("children_life");
	TCase *tc = tcase_create("children_life");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_success_keeps_nothing);
	tcase_add_test(tc, failures_do_not_pile_up);
	tcase_add_test(tc, copies_keep_the_reasons);
	tcase_add_test(tc, the_context_tells_them);
	tcase_add_test(tc, threads_that_end_leave_nothing);
	tcase_add_test(tc, threads_that_fail_while_ending);
	tcase_add_test(tc, without_memory);
	tcase_add_test(tc, a_status_without_memory);
	tcase_add_test(tc, an_unknown_address_without_memory);
	tcase_add_test(tc, nested);
	tcase_add_test(tc, children_of_fork);
	suite_add_tcase(suite, tc);
	return suite;
}
