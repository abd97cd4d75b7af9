/* SPDX-License-Identifier: MIT */
/*
 * PMEM_ALLOC_TRY_HARD in fragmented memory of this machine, and killed in the middle: afterwards the
 * kernel's pools of huge pages hold what they held before.
 */
#include <errno.h>
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

static uint64_t pool_value(size_t size, const char *name)
{
	char path[256];
	uint64_t value = 0;

	snprintf(path, sizeof(path), HUGETLB_FOLDER "/hugepages-%zukB/%s", size / 1024, name);
	assert_works(file_read_u64("", path, &value));
	return value;
}

/* All pools in one text, so that no change goes unseen. */
static void pools(char *text, size_t size)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes("", sizes), used = 0;

	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, size - used, "%zu:%llu-%llu ", sizes[i],
			(unsigned long long)pool_value(sizes[i], "nr_hugepages"),
			(unsigned long long)pool_value(sizes[i], "surplus_hugepages"));
}

static void pool_set(size_t size, uint64_t pages)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), HUGETLB_FOLDER "/hugepages-%zukB/nr_hugepages", size / 1024);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fprintf(file, "%llu", (unsigned long long)pages);
	ck_assert_int_eq(fclose(file), 0);
}

/* Whether the kernel can make a page of the largest size, asked without the library. */
static bool kernel_can(void)
{
	size_t sizes[HUGETLB_POOLS], largest = sizes[hugetlb_sizes("", sizes) - 1];
	uint64_t before = pool_value(largest, "nr_hugepages"), after;

	pool_set(largest, before + 1);
	after = pool_value(largest, "nr_hugepages");
	pool_set(largest, before);
	return after > before;
}

static int allocate(uint64_t size, struct pmem_region **out)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_TRY_HARD,
		.backend = "pages" };

	return pmem_region_alloc(ctx, size, &opts, out);
}

/*
 * False if the kernel cannot make the page either: each place may hold one by now that cannot be moved. What other
 * tests had a moment ago may still be on its way back: then it could not, and can.
 */
static bool try_hard(uint64_t size, struct pmem_region **out)
{
	uint64_t phys, last;
	int r = allocate(size, out);

	for (unsigned again = 0; r == -ENOMEM && again < 3; again++) {
		ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_NOT_CONTIGUOUS);
		if (!kernel_can())
			return false;
		r = allocate(size, out);
	}
	assert_works(r);
	assert_works(pmem_region_phys(*out, &phys));
	assert_works(pmem_vaddr_phys(ctx, (char *)pmem_region_data(*out) + size - 1, &last));
	ck_assert_uint_eq(last, phys + size - 1);
	return true;
}

START_TEST(test_fragmented)
{
	char before[256], after[256];
	struct pmem_region *regions[TRIES];
	unsigned had = 0;
	struct fragment f;

	pools(before, sizeof(before));
	ck_assert(fragment_make(&f, 2048 * MIB));
	assert_works(pmem_ctx_new(&ctx));
	for (unsigned i = 0; i < TRIES; i++)
		had += try_hard(64 * MIB, &regions[had]);
	for (unsigned i = 0; i < had; i++)
		assert_works(pmem_region_close(regions[i]));
	pmem_ctx_unref(ctx);
	fragment_drop(&f);
	pools(after, sizeof(after));
	ck_assert_str_eq(after, before);
	printf("64 MiB in one piece, %u of %d times, all alive, in fragmented memory\n", had, TRIES);
}
END_TEST

/* The largest page with its parts. Memory may have a page in each place that cannot be moved: then a smaller one. */
static int any_page(struct reserve *reserve)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes("", sizes);
	bool parts;
	int r = -ENOMEM;

	for (unsigned tries = 0; r == -ENOMEM && tries < 4; tries++) {
		if (tries)
			nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL); /* on its way back, as above */
		for (size_t i = count; r == -ENOMEM && i-- > 0;)
			r = reserve_begin(ctx, sizes[i], i ? sizes[0] : 0, reserve, &parts);
	}
	return r;
}

/* A child that is killed when the kernel has made it a huge page. */
static void die_with_a_page(void)
{
	pid_t child = fork();
	int status;

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct reserve reserve;

		if (pmem_ctx_new(&ctx) == 0 && any_page(&reserve) == 0)
			raise(SIGKILL);
		fprintf(stderr, "%s\n", pmem_error_message(pmem_error_last()));
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

			if (allocate(64 * MIB, &region) == 0)
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
