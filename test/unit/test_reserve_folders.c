/* SPDX-License-Identifier: MIT */
/* Where the record of huge pages is kept: one that somebody has is not passed by, and one in each folder is found. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "os/file.h"
#include "pages/reserve.h"
#include "suite.h"

#define GIB    ((size_t)1 << 30)
#define LARGE  "/sys/kernel/mm/hugepages/hugepages-1048576kB/"
#define BOOT   "01234567-89ab-cdef-0123-456789abcdef"
#define OURS   BOOT "\n1073741824 0 1\n"
#define FIRST  "/run/libpmem/hugepages"
#define SECOND "/run/user/0/libpmem/hugepages"

static struct pmem_ctx *ctx;

static void setup(void)
{
	fake_start();
	fake_page_size(4096);
	fake_env("XDG_RUNTIME_DIR", "/run/user/0");
	fake_text("/proc/sys/kernel/random/boot_id", BOOT "\n");
	fake_text(LARGE "nr_hugepages", "1\n");
	fake_text(LARGE "surplus_hugepages", "0\n");
	fake_text(FIRST, "");
	fake_dir("/run/user/0");
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(fake_fds(), 0);
	fake_stop();
}

static uint64_t number(void)
{
	uint64_t pages = UINT64_MAX;

	ck_assert_int_eq(file_read_u64(fake_root(), LARGE "nr_hugepages", &pages), 0);
	return pages;
}

START_TEST(found_in_each)
{
	fake_text(SECOND, OURS);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(), 0);
}
END_TEST

START_TEST(not_passed_by)
{
	struct reserve reserve;
	char path[4096];
	bool parts;
	int fd;

	snprintf(path, sizeof(path), "%s" FIRST, fake_root());
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), EWOULDBLOCK, PMEM_CAUSE_SYSTEM);
	snprintf(path, sizeof(path), "%s" SECOND, fake_root());
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_uint_eq(number(), 1);
	close(fd);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reserve folders");
	TCase *tc = tcase_create("folders");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, found_in_each);
	tcase_add_test(tc, not_passed_by);
	suite_add_tcase(suite, tc);
	return suite;
}
