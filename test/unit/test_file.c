/* SPDX-License-Identifier: MIT */
/* lib/os/file.c: what stands in place of a file of the kernel keeps nobody waiting. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/available.h"
#include "os/file.h"
#include "os/iomem.h"
#include "os/probe.h"
#include "suite.h"

static void setup(void)
{
	fake_start();
	alarm(20);
}

static void teardown(void)
{
	alarm(0);
	fake_stop();
}

/* In place of path: a pipe that nobody writes to, or (zeros) a device that never ends. */
static void put(const char *path, bool zeros)
{
	char full[512];

	fake_text(path, "");
	snprintf(full, sizeof(full), "%s%s", fake_root(), path);
	ck_assert_int_eq(unlink(full), 0);
	ck_assert_int_eq(zeros ? symlink("/dev/zero", full) : mkfifo(full, 0600), 0);
}

START_TEST(plain_files_only)
{
	static const char *const paths[] = { "/proc/meminfo", "/proc/iomem", "/proc/cpuinfo",
		"/proc/cmdline", "/proc/self/cgroup", "/proc/self/status", "/proc/device-tree/compatible",
		"/sys/kernel/security/lockdown" };
	char *text;
	size_t size;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		put(paths[i], _i);
		ck_assert_int_eq(file_read(fake_root(), paths[i], 1u << 20, &text, &size), -EINVAL);
	}
	fake_dir("/proc/folder");
	ck_assert_int_lt(file_read(fake_root(), "/proc/folder", 4096, &text, &size), 0);
}
END_TEST

/* A program without standard input gets its number for the next file: printf() must not end there. */
START_TEST(kept_above_the_standard_ones)
{
	char path[] = "/tmp/file.XXXXXX";
	int high = mkstemp(path), fd;

	ck_assert_int_ge(high, 3);
	ck_assert_int_eq(unlink(path), 0);
	/* No errno is made of what a driver says instead of a descriptor. */
	ck_assert_int_eq(file_keep(-1), -EPROTO);
	ck_assert_int_eq(file_keep(-ENOENT), -EPROTO);
	ck_assert_int_eq(file_keep(INT_MIN), -EPROTO);
	ck_assert_int_eq(file_keep(high), high);
	os = &os_linux;
	ck_assert_int_eq(dup2(high, STDIN_FILENO), STDIN_FILENO);
	/* The program's own: whoever was asked for a close-on-exec descriptor has made none. */
	ck_assert_int_eq(file_keep(STDIN_FILENO), -EPROTO);
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), 0);
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_SETFD, FD_CLOEXEC), 0);
	fd = file_keep(STDIN_FILENO);
	ck_assert_int_ge(fd, 3);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
	close(fd);
	close(high);
}
END_TEST

/* The questions that the library asks of them have an answer all the same. */
START_TEST(questions)
{
	struct available available;
	struct iomem_owner owner;
	struct pmem_ctx *ctx;

	put("/proc/meminfo", _i);
	put("/proc/iomem", _i);
	put("/proc/cpuinfo", _i);
	put("/proc/self/cgroup", _i);
	put("/proc/device-tree/compatible", _i);
	available_memory(fake_root(), &available);
	ck_assert_uint_eq(available.bytes, UINT64_MAX);
	ck_assert_int_eq(iomem_owner(fake_root(), 0, 1, &owner), -EINVAL);
	assert_works(pmem_ctx_new(&ctx));
	ck_assert_ptr_nonnull(pmem_soc_family(ctx));
	for (size_t i = 0; i < pmem_backend_count(ctx); i++)
		pmem_backend_status(ctx, i, NULL);
	pmem_ctx_unref(ctx);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("file");
	TCase *tc = tcase_create("file");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, plain_files_only, 0, 2);
	tcase_add_test(tc, kept_above_the_standard_ones);
	tcase_add_loop_test(tc, questions, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
