/* SPDX-License-Identifier: MIT */
/*
 * The program has other threads, which map memory and open files all the time: what the library
 * gives up is theirs a moment later. Allocations that move pages about run beside a thread whose
 * own mappings, and one whose own descriptors, must stay what they are.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "suite.h"

#define PIECES 1024
#define PIECE  65536
#define FILES  64

#define SECONDS 15

static struct pmem_ctx *ctx;
static atomic_bool stop;

const char *test_skip(void)
{
	return addresses_are_hidden();
}

static void setup(void)
{
	atomic_store(&stop, false);
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
}

/*
 * More and more pieces, so that the highest hole of the program is soon one of the library's; then
 * a look at all. A piece that somebody unmapped is a SIGSEGV, and so a failure.
 */
static void *map_and_look(void *user)
{
	static uint32_t *pieces[PIECES];

	while (!atomic_load(&stop)) {
		bool changed = false;

		for (uint32_t i = 0; i < PIECES; i++) {
			pieces[i] = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			if (pieces[i] == MAP_FAILED)
				return user;
			*pieces[i] = i;
		}
		for (uint32_t i = 0; i < PIECES; i++) {
			changed |= *pieces[i] != i;
			munmap(pieces[i], PIECE);
		}
		if (changed)
			return user;
	}
	return NULL;
}

/* Each number must stay the file that it was opened as. */
static void *open_and_look(void *user)
{
	struct { int fd; ino_t inode; } files[FILES];
	unsigned seed = 2;

	for (size_t i = 0; i < FILES; i++)
		files[i].fd = -1;
	while (!atomic_load(&stop)) {
		size_t i = (size_t)rand_r(&seed) % FILES;
		struct stat st;

		if (files[i].fd >= 0) {
			if (fstat(files[i].fd, &st) < 0 || st.st_ino != files[i].inode)
				return user;
			close(files[i].fd);
		}
		files[i].fd = memfd_create("other", MFD_CLOEXEC);
		if (files[i].fd < 0 || fstat(files[i].fd, &st) < 0)
			return user;
		files[i].inode = st.st_ino;
	}
	for (size_t i = 0; i < FILES; i++) {
		if (files[i].fd >= 0)
			close(files[i].fd);
	}
	return NULL;
}

/* At most so many rounds, and no more than fit: where memory is in pieces, a search takes a second. */
static void beside_others(uint64_t size, uint32_t flags, unsigned rounds)
{
	const time_t last = time(NULL) + SECONDS;
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = "pages" };
	pthread_t mapper, opener;
	void *failed;
	unsigned got = 0, tried;

	ck_assert_int_eq(pthread_create(&mapper, NULL, map_and_look, ctx), 0);
	ck_assert_int_eq(pthread_create(&opener, NULL, open_and_look, ctx), 0);
	for (tried = 0; tried < rounds && time(NULL) < last; tried++) {
		struct pmem_region *region;

		if (pmem_region_alloc(ctx, size, &opts, &region) == 0) {
			got++;
			memset(pmem_region_data(region), 0x5a, (size_t)size);
			assert_works(pmem_region_close(region));
		}
	}
	atomic_store(&stop, true);
	pthread_join(mapper, &failed);
	ck_assert_msg(!failed, "another thread's memory was changed");
	pthread_join(opener, &failed);
	ck_assert_msg(!failed, "another thread's descriptor was changed");
	printf("%llu bytes: %u of %u allocations\n", (unsigned long long)size, got, tried);
}

START_TEST(pages)
{
	beside_others(4096, 0, 300);
	stop = false;
	beside_others(1 << 20, 0, 100);
}
END_TEST

/* Several huge pages are put together in the page table: the way that leaves holes. */
START_TEST(huge_pages)
{
	beside_others(32u << 20, 0, 100);
}
END_TEST

START_TEST(scattered)
{
	beside_others(32u << 20, PMEM_ALLOC_SCATTERED, 30);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("others");
	TCase *tc = tcase_create("others");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pages);
	tcase_add_test(tc, huge_pages);
	tcase_add_test(tc, scattered);
	suite_add_tcase(suite, tc);
	return suite;
}
