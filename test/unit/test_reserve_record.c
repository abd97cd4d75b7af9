/* SPDX-License-Identifier: MIT */
/* The record of huge pages that were made: who puts back what the dead left, and what of it is believed. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "forks_at_locks.h"
#include "played_reserve.h"

/* Killed with a page in the pool: the next one puts it back; of another boot there is nothing to. */
START_TEST(test_the_dead)
{
	struct reserve reserve;
	bool parts;

	fake_text(RECORD, BOOT "\n1073741824 0 1\n2097152 2 512\n");
	set(LARGE "nr_hugepages", 1);
	set(SMALL "nr_hugepages", 515);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 2);
	ck_assert_str_eq(record(), "");

	fake_text(RECORD, "fedcba98" "-89ab-cdef-0123-456789abcdef\n1073741824 0 1\n");
	set(LARGE "nr_hugepages", 1);
	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 2);
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
}
END_TEST

/* A record that is not whole protects nobody: nothing is changed, and what others made in the same moment is theirs. */
START_TEST(test_short_record)
{
	struct reserve reserve;
	bool parts;

	short_record = true;
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), ENOSPC, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* Nor is one believed that somebody else may have written. */
START_TEST(test_record_of_others)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s" RECORD, fake_root());
	fake_text(RECORD, BOOT "\n1073741824 0 1\n");
	set(LARGE "nr_hugepages", 1);
	ck_assert_int_eq(chmod(path, 0622), 0);
	assert_fails(reserve_reap(ctx), EACCES, PMEM_CAUSE_CAPABILITY);
	ck_assert_int_eq(chmod(path, 0600), 0);
	if (chown(path, 12345, 12345) == 0) {
		assert_fails(reserve_reap(ctx), EACCES, PMEM_CAUSE_CAPABILITY);
		ck_assert_int_eq(chown(path, geteuid(), getegid()), 0);
	}
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

/* What cannot be read cannot be put back: it stays written down for the next one. */
START_TEST(test_unreadable)
{
	struct reserve reserve;
	bool parts;

	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	fake_fail_named("read", EIO);
	ck_assert_int_eq(reserve_end(&reserve), -EIO);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

/* Damage is not believed, and what an administrator took away meanwhile is not given back. */
START_TEST(test_damage)
{
	fake_text(RECORD, BOOT "\nwhat\n1073741824\n1073741824 0\n12345 0 1\n99999999999999999999999 0 1\n"
		"1073741824 5 1\n1073741824 2 1");
	set(LARGE "nr_hugepages", 3);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 3);
	ck_assert_str_eq(record(), "");
}
END_TEST

/* Somebody is at it: not waited for when only what the dead left is looked for; else for a while. */
START_TEST(test_in_use)
{
	char path[4096];
	struct reserve reserve;
	bool parts;
	int fd;

	fake_text(RECORD, BOOT "\n1073741824 0 1\n");
	set(LARGE "nr_hugepages", 1);
	snprintf(path, sizeof(path), "%s" RECORD, fake_root());
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), EWOULDBLOCK, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	close(fd);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

START_TEST(test_children_hold_no_lock)
{
	struct reserve reserve;
	bool parts;

	fork_at_locks();
	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	assert_works(reserve_end(&reserve));
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(forks_at_locks, 2);
	fork_no_more();
}
END_TEST

/* A link in the folder leads to nobody's file. */
START_TEST(test_links)
{
	struct reserve reserve;
	bool parts;

	fake_dir("/run/libpmem");
	fake_text("/precious", "precious");
	fake_link(RECORD, "../../precious");
	ck_assert_int_lt(reserve_begin(ctx, GIB, 0, &reserve, &parts), 0);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reserve_record");
	TCase *tc = tcase_create("record");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_the_dead);
	tcase_add_test(tc, test_short_record);
	tcase_add_test(tc, test_record_of_others);
	tcase_add_test(tc, test_unreadable);
	tcase_add_test(tc, test_damage);
	tcase_add_test(tc, test_in_use);
	tcase_add_test(tc, test_children_hold_no_lock);
	tcase_add_test(tc, test_links);
	suite_add_tcase(suite, tc);
	return suite;
}
