/* SPDX-License-Identifier: MIT */
/*
 * PMEM_ALLOC_TRY_HARD in fragmented memory of this machine, and killed in the middle: afterwards the
 * kernel's pools of huge pages hold what they held before.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fragment.h"
#include "os/file.h"
#include "pages/hugetlb.h"
#include "pages/reserve.h"
#include "suite.h"

#define MIB   ((size_t)1 << 20)
#define TRIES 6 /* all alive: one page of 1 GiB serves several */
#define KILLS 6

static struct pmem_ctx *ctx;

const char *test_skip(void)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes("", sizes);
	const char *why = addresses_are_hidden();

	if (why)
		return why;
	if (count == 0 || sizes[count - 1] < 64 * MIB)
		return "this kernel has no pool of huge pages of 64 MiB or more";
	if (access(HUGETLB_FOLDER, W_OK) < 0)
		return "the pools of huge pages are not ours to change";
	return fragment_available() < 6144 * MIB ? "less than 6 GiB of memory are available" : NULL;
}

/* All pools in one number, so that no change goes unseen. */
static void pools(char *text, size_t size)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes("", sizes), used = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t total = 0, surplus = 0;
		char path[256];

		snprintf(path, sizeof(path), HUGETLB_FOLDER "/hugepages-%zukB/nr_hugepages",
			sizes[i] / 1024);
		assert_works(file_read_u64("", path, &total));
		snprintf(path, sizeof(path), HUGETLB_FOLDER "/hugepages-%zukB/surplus_hugepages",
			sizes[i] / 1024);
		assert_works(file_read_u64("", path, &surplus));
		used += (size_t)snprintf(text + used, size - used, "%zu:%llu-%llu ", sizes[i],
			(unsigned long long)total, (unsigned long long)surplus);
	}
}

static int try_hard(uint64_t size, struct pmem_region **out)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_TRY_HARD,
		.backend = "pages" };
	struct pmem_region *region;
	uint64_t phys, last;
	int r = pmem_region_alloc(ctx, size, &opts, &region);

	/* What other tests had a moment ago may still be on its way back: then the kernel refuses the page. */
	for (unsigned again = 0; r == -ENOMEM && again < 3; again++) {
		nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
		r = pmem_region_alloc(ctx, size, &opts, &region);
	}
	if (r < 0)
		return r;
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_vaddr_phys(ctx, (char *)pmem_region_data(region) + size - 1, &last));
	ck_assert_uint_eq(last, phys + size - 1);
	*out = region;
	return 0;
}

START_TEST(test_fragmented)
{
	char before[256], after[256];
	struct pmem_region *regions[TRIES];
	struct fragment f;

	pools(before, sizeof(before));
	ck_assert(fragment_make(&f, 2048 * MIB));
	assert_works(pmem_ctx_new(&ctx));
	for (unsigned i = 0; i < TRIES; i++)
		assert_works(try_hard(64 * MIB, &regions[i]));
	for (unsigned i = 0; i < TRIES; i++)
		assert_works(pmem_region_close(regions[i]));
	pmem_ctx_unref(ctx);
	fragment_drop(&f);
	pools(after, sizeof(after));
	ck_assert_str_eq(after, before);
	printf("64 MiB in one piece, %d of %d times, all alive, in fragmented memory\n", TRIES, TRIES);
}
END_TEST

/* A child that is killed when the kernel has made it a huge page. */
static void die_with_a_page(void)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes("", sizes);
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct reserve reserve;
		bool parts;

		for (unsigned tries = 0; pmem_ctx_new(&ctx) == 0 && tries < 4; tries++) {
			if (reserve_begin(ctx, sizes[count - 1], sizes[0], &reserve, &parts) == 0)
				raise(SIGKILL);
			nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL); /* as try_hard() */
		}
		_exit(1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* One that is killed anywhere: after that many milliseconds. */
static void die_after(unsigned ms)
{
	const struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		pmem_ctx_new(&ctx);
		for (;;) {
			struct pmem_region *region;

			if (try_hard(64 * MIB, &region) == 0)
				pmem_region_close(region);
		}
	}
	nanosleep(&t, NULL);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(test_killed)
{
	char before[256], after[256];

	pools(before, sizeof(before));
	for (unsigned i = 0; i < KILLS; i++) {
		if (i % 2) {
			die_after(100 + 137 * i);
		} else {
			die_with_a_page();
			pools(after, sizeof(after));
			ck_assert_str_ne(after, before);
		}
		assert_works(pmem_ctx_new(&ctx));
		assert_works(reserve_reap(ctx)); /* as the next one does */
		pmem_ctx_unref(ctx);
		pools(after, sizeof(after));
		ck_assert_str_eq(after, before);
	}
	printf("%d kills, %d of them with a page in a pool: all put back\n", KILLS, KILLS / 2);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("hard");
	TCase *tc = tcase_create("hard");

	tcase_set_timeout(tc, 280);
	tcase_add_test(tc, test_fragmented);
	tcase_add_test(tc, test_killed);
	suite_add_tcase(suite, tc);
	return suite;
}
