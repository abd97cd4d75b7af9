/* SPDX-License-Identifier: MIT */
/* In a real memory cgroup a request ends with memory or with a reason, never with the killer. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define MIB ((uint64_t)1 << 20)

static char folder[256];
static const char *limit_file;

static int write_file(const char *name, const char *text)
{
	char path[512];
	int fd, n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = (int)write(fd, text, strlen(text));
	close(fd);
	return n == (int)strlen(text) ? 0 : -1;
}

/* A cgroup of this process's own, in the version that has the memory controller. */
static bool make_cgroup(const char *base, const char *limit)
{
	snprintf(folder, sizeof(folder), "%s/libpmem-test-%d", base, (int)getpid());
	if (mkdir(folder, 0755) < 0)
		return false;
	limit_file = limit;
	if (write_file(limit, "536870912") == 0)
		return true;
	rmdir(folder);
	return false;
}

const char *test_skip(void)
{
	if (addresses_are_hidden())
		return "physical addresses are hidden: needs CAP_SYS_ADMIN";
	if (!make_cgroup("/sys/fs/cgroup/memory", "memory.limit_in_bytes") &&
		!make_cgroup("/sys/fs/cgroup", "memory.max"))
		return "no memory cgroup can be made here";
	rmdir(folder);
	return NULL;
}

static void setup(void)
{
	ck_assert(make_cgroup("/sys/fs/cgroup/memory", "memory.limit_in_bytes") ||
		make_cgroup("/sys/fs/cgroup", "memory.max"));
}

static void teardown(void)
{
	ck_assert_int_eq(rmdir(folder), 0);
}

/* In the child, which is in the cgroup. 0: memory; 1: refused with the right reason */
static int take(uint64_t size, uint32_t flags, const char *backend)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = backend };
	struct pmem_region *region;
	struct pmem_ctx *ctx;
	const struct pmem_error *e;

	if (pmem_ctx_new(&ctx))
		return 2;
	if (pmem_region_alloc(ctx, size, &opts, &region) == 0) {
		memset(pmem_region_data(region), 1, (size_t)size);
		return pmem_region_close(region) ? 3 : 0;
	}
	e = pmem_error_last();
	if (pmem_error_cause(e) == PMEM_CAUSE_LIMIT && strstr(pmem_error_text(e), "libpmem-test-"))
		return 1;
	if (pmem_error_cause(e) == PMEM_CAUSE_NOT_CONTIGUOUS)
		return 1;
	fprintf(stderr, "%s\n", pmem_error_text(e));
	return 4;
}

static int in_cgroup(uint64_t limit, uint64_t size, uint32_t flags)
{
	char text[32];
	pid_t child;
	int status;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)limit);
	ck_assert_int_eq(write_file(limit_file, text), 0);
	child = fork();
	if (child == 0) {
		snprintf(text, sizeof(text), "%d", (int)getpid());
		_exit(write_file("cgroup.procs", text) ? 9 : take(size, flags, "pages"));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(!WIFSIGNALED(status), "%llu MiB in %llu: killed by signal %d",
		(unsigned long long)(size / MIB), (unsigned long long)(limit / MIB),
		WTERMSIG(status));
	ck_assert_msg(WEXITSTATUS(status) <= 1, "%llu MiB in %llu: exit %d",
		(unsigned long long)(size / MIB), (unsigned long long)(limit / MIB),
		WEXITSTATUS(status));
	return WEXITSTATUS(status);
}

START_TEST(nobody_is_killed)
{
	static const struct { uint64_t limit, size; uint32_t flags; } cases[] = {
		{ 128, 8, 0 }, { 512, 64, 0 }, { 64, 128, PMEM_ALLOC_SCATTERED },
		{ 64, 16, PMEM_ALLOC_SCATTERED }, { 32, 2, 0 }, { 16, 64, 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (unsigned n = 0; n < 5; n++)
			in_cgroup(cases[i].limit * MIB, cases[i].size * MIB, cases[i].flags);
	}
}
END_TEST

START_TEST(the_reason_names_the_cgroup)
{
	ck_assert_int_eq(in_cgroup(64 * MIB, 128 * MIB, PMEM_ALLOC_SCATTERED), 1);
	ck_assert_int_eq(in_cgroup(64 * MIB, 16 * MIB, PMEM_ALLOC_SCATTERED), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tc = tcase_create("cgroup");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nobody_is_killed);
	tcase_add_test(tc, the_reason_names_the_cgroup);
	suite_add_tcase(suite, tc);
	return suite;
}
