/* SPDX-License-Identifier: MIT */
/*
 * The pagemap that a context keeps: opened once, with the rights of that moment, and never shared with a
 * child.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake.h"
#include "os/pagemap.h"
#include "pagemap.h"
#include "pages/frames.h"
#include "soc/ctx.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static void setup(void)
{
	fake_start();
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(pmem_ctx_new(&ctx));
	fake_count_opens(true);
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

START_TEST(opened_once)
{
	int fd = frames_get(ctx);
	unsigned reads = pagemap_reads();

	ck_assert_int_gt(fd, 2);
	ck_assert_int_eq(frames_get(ctx), fd);
	ck_assert_int_eq(frames_get_visible(ctx), fd);
	ck_assert_uint_eq(pagemap_reads(), reads + 1); /* a look at what it shows */
	ck_assert_int_eq(frames_get_visible(ctx), fd);
	ck_assert_uint_eq(pagemap_reads(), reads + 1);
	ck_assert_uint_eq(fake_opens(PAGEMAP_PATH), 1);
}
END_TEST

/* That it was refused is not kept: rights may be got, and /proc mounted. */
START_TEST(a_refusal_is_not_kept)
{
	fake_fail_named("open", EACCES);
	assert_fails(frames_get(ctx), EACCES, PMEM_CAUSE_FILE_MODE);
	fake_fail_named(NULL, 0);
	ck_assert_int_ge(frames_get(ctx), 0);
}
END_TEST

START_TEST(another_context_asks_anew)
{
	struct pmem_ctx *other;
	int fd;

	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(frames_get_visible(ctx), EPERM, PMEM_CAUSE_CAPABILITY);
	pagemap_rule(PAGEMAP_IN_ORDER);
	assert_works(pmem_ctx_new(&other));
	fd = frames_get_visible(other);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_ne(fd, frames_get(ctx));
	pmem_ctx_unref(other);
	ck_assert_uint_eq(fake_opens(PAGEMAP_PATH), 2);
}
END_TEST

/* In a child the number is perhaps another file's: it is neither read, nor closed, nor believed. */
static void in_child(int parents)
{
	unsigned reads = pagemap_reads();

	if (frames_get(ctx) == parents || fake_opens(PAGEMAP_PATH) != 2)
		_exit(1);
	if (frames_get_visible(ctx) == parents || pagemap_reads() != reads + 1)
		_exit(2);
	pmem_ctx_unref(ctx);
	if (fcntl(parents, F_GETFD) < 0)
		_exit(3);
	if (fake_fds() != 0) /* but for the parent's */
		_exit(4);
	_exit(0);
}

static void check_child(void (*run)(int parents))
{
	int parents = frames_get_visible(ctx), status;
	pid_t child = fork();

	if (child == 0)
		run(parents);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ck_assert_int_eq(frames_get_visible(ctx), parents);
}

START_TEST(a_child_opens_its_own)
{
	check_child(in_child);
}
END_TEST

static void ends_in_child(int parents)
{
	pmem_ctx_unref(ctx);
	_exit(fcntl(parents, F_GETFD) < 0);
}

START_TEST(a_child_that_only_ends_closes_nothing)
{
	check_child(ends_in_child);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pagemap");
	TCase *tc = tcase_create("pagemap");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, opened_once);
	tcase_add_test(tc, a_refusal_is_not_kept);
	tcase_add_test(tc, another_context_asks_anew);
	tcase_add_test(tc, a_child_opens_its_own);
	tcase_add_test(tc, a_child_that_only_ends_closes_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
