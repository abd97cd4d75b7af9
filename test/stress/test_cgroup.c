/* SPDX-License-Identifier: MIT */
/*
 * In a real memory cgroup a request ends with memory or with a reason, never with the killer; and a search takes no
 * more of it than docs/pages.md says.
 */
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

/* A number after a word of a file of the cgroup; "" is the whole file. */
static uint64_t figure(const char *name, const char *word)
{
	char path[512], line[256];
	uint64_t value = UINT64_MAX;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	while (file && value == UINT64_MAX && fgets(line, sizeof(line), file))
		if (strncmp(line, word, strlen(word)) == 0)
			value = strtoull(line + strlen(word), NULL, 10);
	if (file)
		fclose(file);
	return value;
}

static bool is_version_1(void)
{
	return strcmp(limit_file, "memory.limit_in_bytes") == 0;
}

static uint64_t killed(void)
{
	return is_version_1() ? figure("memory.oom_control", "oom_kill ") : figure("memory.events", "oom_kill ");
}

static uint64_t most_used(void)
{
	return figure(is_version_1() ? "memory.max_usage_in_bytes" : "memory.peak", "");
}

static void run_in(const char *limit, int (*work)(void))
{
	char text[32];
	pid_t child;
	int status;

	ck_assert_int_eq(write_file(limit_file, limit), 0);
	child = fork();
	if (child == 0) {
		snprintf(text, sizeof(text), "%d", (int)getpid());
		_exit(write_file("cgroup.procs", text) ? 99 : work());
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status 0x%x", (unsigned)status);
	ck_assert_uint_eq(killed(), 0);
}

static void run_in_256_mib(int (*work)(void))
{
	run_in("268435456", work);
}

/* Ever more of it, none given back, up to a refusal. */
static int fill(uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = "pages" };
	struct pmem_region *regions[512] = { NULL };
	struct pmem_ctx *ctx;
	unsigned n = 0;

	if (pmem_ctx_new(&ctx))
		return 2;
	while (n < 512 && pmem_region_alloc(ctx, size, &opts, &regions[n]) == 0) {
		memset(pmem_region_data(regions[n]), 1, (size_t)size);
		n++;
	}
	while (n)
		pmem_region_close(regions[--n]);
	pmem_ctx_unref(ctx);
	return 0;
}

static int fill_with_objects(uint64_t size)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages" };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };
	struct pmem_pool *pool;
	struct pmem_ctx *ctx;
	uint64_t count = 0;
	void *at;

	if (pmem_ctx_new(&ctx) || pmem_pool_new(ctx, &opts, &pool))
		return 3;
	while ((at = pmem_pool_alloc(pool, size, 0))) {
		memset(at, 1, (size_t)size);
		count++;
	}
	pmem_pool_close(pool);
	pmem_ctx_unref(ctx);
	return count * size >= 128 * MIB && count * size < 256 * MIB ? 0 : 4;
}

/* 512 regions of 64 KiB are 32 MiB; of all larger sizes the cgroup is full before. */
static int all_sizes(void)
{
	static const uint64_t kib[] = { 4, 64, 2048, 4096, 8192, 16384, 65536, 131072, 524288 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(kib) / sizeof(kib[0]); i++) {
		r = fill(kib[i] * 1024, 0);
		r = r ? r : fill(kib[i] * 1024, PMEM_ALLOC_SCATTERED);
	}
	return r;
}

static int pools(void)
{
	int r = fill_with_objects(256);

	return r ? r : fill_with_objects(65536);
}

/* One of them: what the kernel makes on request is not the cgroup's, but all that was tried before is. */
static int hard(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_TRY_HARD, .backend = "pages" };
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx;

	if (pmem_ctx_new(&ctx))
		return 5;
	pmem_region_alloc(ctx, 64 * MIB, &opts, &region);
	pmem_region_close(region);
	pmem_ctx_unref(ctx);
	return 0;
}

START_TEST(all_in_256_mib)
{
	run_in_256_mib(all_sizes);
	run_in_256_mib(pools);
	run_in_256_mib(hard);
	printf("256 MiB: all sizes, pools and TRY_HARD: %llu killed, at most %llu MiB in use\n",
		(unsigned long long)killed(), (unsigned long long)(most_used() / MIB));
}
END_TEST

static int search(void)
{
	take(8 * MIB, 0, "pages");
	return 0;
}

/*
 * An eighth of what is available, which is less than 256 MiB less an eighth; that of the way before, for the kernel
 * takes rings apart a moment after they were closed; the request itself; the child.
 */
START_TEST(a_search_takes_its_share)
{
	run_in_256_mib(search);
	if (most_used() != UINT64_MAX) /* version 2 tells since Linux 5.19 */
		ck_assert_uint_le(most_used(), 2 * (256 - 32) * MIB / 8 + 8 * MIB + 4 * MIB);
}
END_TEST

/*
 * Given back, and taken again at once: both at a time do not fit. The kernel takes a ring apart 12 to 25 ms
 * after it was closed, and what it held is the cgroup's until then.
 */
static int again(uint64_t size, uint32_t flags, unsigned count)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = "pages" };
	struct pmem_region *regions[64];
	struct pmem_ctx *ctx;
	unsigned n;

	if (pmem_ctx_new(&ctx))
		return 2;
	for (unsigned round = 0; round < 100; round++) {
		for (n = 0; n < count; n++) {
			if (pmem_region_alloc(ctx, size, &opts, &regions[n])) {
				fprintf(stderr, "round %u, region %u: %s\n", round, n,
					pmem_error_text(pmem_error_last()));
				return 3;
			}
		}
		while (n)
			if (pmem_region_close(regions[--n]))
				return 4;
	}
	pmem_ctx_unref(ctx);
	return 0;
}

static int scattered_again(void)
{
	return again(40 * MIB, PMEM_ALLOC_SCATTERED, 1);
}

/* The kernel's largest blocks, each a ring's, until 16 MiB are left. */
static int blocks_again(void)
{
	return again(4 * MIB, 0, 12);
}

START_TEST(what_was_closed_can_be_had_again)
{
	run_in("67108864", scattered_again);
	run_in("67108864", blocks_again);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("cgroup");
	TCase *tc = tcase_create("cgroup");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nobody_is_killed);
	tcase_add_test(tc, the_reason_names_the_cgroup);
	tcase_add_test(tc, a_search_takes_its_share);
	tcase_add_test(tc, all_in_256_mib);
	tcase_add_test(tc, what_was_closed_can_be_had_again);
	suite_add_tcase(suite, tc);
	return suite;
}
