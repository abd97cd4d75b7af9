/* SPDX-License-Identifier: MIT */
/*
 * Regions and objects of a pool stay where they are: 84 MiB of them, under twenty compactions of fragmented memory and
 * twenty forks with a writing parent, while pages that are only mlocked do move. Both are counted
 * by the same means in the same run, so that "0 moved" cannot come from a kernel that moves
 * nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fragment.h"
#include "pages/pin.h"
#include "suite.h"

#define ROUNDS 20
#define MIB    ((size_t)1 << 20)

/* Regions of several kinds; together 64 MiB. */
static const struct kind {
	size_t size;
	unsigned count;
	uint32_t flags;
} kinds[] = {
	{ 4096, 256, 0 },                          /* 1 MiB of single pages */
	{ 64 << 10, 112, 0 },                      /* 7 MiB of the kernel's own blocks */
	{ 1 << 20, 24, PMEM_ALLOC_SCATTERED },     /* 24 MiB of small pages */
	{ 4 << 20, 4, PMEM_ALLOC_SCATTERED },      /* 16 MiB of huge pages */
	{ 2 << 20, 4, 0 },                         /* 8 MiB */
	{ 4 << 20, 2, 0 },                         /* 8 MiB */
};

#define REGIONS_MAX 512

static struct pmem_ctx *ctx;
static struct pmem_region *regions[REGIONS_MAX];
static size_t region_count;

/* The other kind: memory that is only locked. */
static unsigned char *locked;
static size_t locked_length = 16 * MIB;
static uint64_t *locked_frames, *now; /* now has room for the largest region too */
static size_t page;

const char *test_skip(void)
{
	const char *why = addresses_are_hidden();

	if (why)
		return why;
	if (access("/proc/sys/vm/compact_memory", W_OK) < 0)
		return "/proc/sys/vm/compact_memory cannot be written: no compaction to test";
	if (fragment_available() < 1024 * MIB)
		return "less than 1 GiB of memory is available to fragment";
	return NULL;
}

/* And memory that is the program's own. */
static unsigned char *own;
#define OWN_LENGTH (8 * MIB)

static void take_own(void)
{
	own = mmap(NULL, OWN_LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(own, MAP_FAILED);
	assert_works(pmem_region_register(ctx, own, OWN_LENGTH, 0, &regions[region_count]));
	ck_assert(pmem_region_attrs(regions[region_count]) & PMEM_REGION_PINNED);
	region_count++;
}

/* A row of blocks: before memory is fragmented, for to find it the library goes through all that is free. */
static void take_row(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages", .wait_ms = 5000 };

	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_region_alloc(ctx, 8 * MIB, &opts, &regions[region_count]));
	ck_assert(pmem_region_attrs(regions[region_count]) & PMEM_REGION_PINNED);
	region_count++;
}

/* And objects of a pool. */
#define OBJECTS 64
#define OBJECT  ((size_t)64 << 10)
static struct pmem_pool *pool;
static unsigned char *objects[OBJECTS];
static uint64_t objects_phys[OBJECTS];

static void take_objects(void)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages" };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };

	assert_works(pmem_pool_new(ctx, &opts, &pool));
	for (unsigned i = 0; i < OBJECTS; i++) {
		objects[i] = pmem_pool_alloc(pool, OBJECT, page);
		ck_assert_ptr_nonnull(objects[i]);
		assert_works(pmem_pool_phys(pool, objects[i], &objects_phys[i]));
	}
}

/* Pages of objects that are not where the pool said. */
static size_t objects_moved(void)
{
	size_t moved = 0, pages = OBJECT / page;

	for (unsigned i = 0; i < OBJECTS; i++) {
		assert_works(pmem_vaddr_phys_bulk(ctx, objects[i], pages, now));
		for (size_t n = 0; n < pages; n++)
			moved += now[n] != objects_phys[i] + n * page;
	}
	return moved;
}

static void take_regions(void)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		for (unsigned i = 0; i < kinds[k].count; i++) {
			struct pmem_alloc_opts opts = { .size = sizeof(opts),
				.flags = kinds[k].flags, .backend = "pages" };

			assert_works(pmem_region_alloc(ctx, kinds[k].size, &opts,
				&regions[region_count]));
			ck_assert(pmem_region_attrs(regions[region_count]) & PMEM_REGION_PINNED);
			region_count++;
		}
	}
	take_own();
	take_objects();
}

static void take_locked(void)
{
	size_t pages = locked_length / page;

	locked = mmap(NULL, locked_length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(locked, MAP_FAILED);
	madvise(locked, locked_length, MADV_NOHUGEPAGE);
	ck_assert_int_eq(mlock(locked, locked_length), 0);
	memset(locked, 1, locked_length);
	locked_frames = calloc(pages, sizeof(*locked_frames));
	now = calloc(8192, sizeof(*now));
	ck_assert(locked_frames && now && pages <= 8192);
}

static void drop_locked(void)
{
	munmap(locked, locked_length);
	free(locked_frames);
	free(now);
	locked_frames = now = NULL;
}

/* And memory in pipes, as on a kernel without io_uring; it cannot be asked for. */
static unsigned char *piped;
static size_t piped_length = 4 * MIB;
static uint64_t piped_frames[1024], piped_now[1024];
static struct pin pipes;

static void take_piped(void)
{
	if (piped_length / page > 1024)
		piped_length = 1024 * page;
	piped = mmap(NULL, piped_length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(piped, MAP_FAILED);
	madvise(piped, piped_length, MADV_NOHUGEPAGE);
	madvise(piped, piped_length, MADV_DONTFORK);
	memset(piped, 1, piped_length);
	assert_works(vmsplice_pin(piped, piped_length, &pipes));
	assert_works(pmem_vaddr_phys_bulk(ctx, piped, piped_length / page, piped_frames));
}

static bool piped_moved(void)
{
	assert_works(pmem_vaddr_phys_bulk(ctx, piped, piped_length / page, piped_now));
	return memcmp(piped_frames, piped_now, piped_length / page * sizeof(piped_now[0])) != 0;
}

static void drop_piped(void)
{
	assert_works(pin_drop(&pipes));
	munmap(piped, piped_length);
}

/* Pages of regions that are not where their regions say. */
static size_t regions_moved(void)
{
	size_t moved = 0;

	for (size_t r = 0; r < region_count; r++) {
		size_t pages = (size_t)pmem_region_size(regions[r]) / page;

		assert_works(pmem_vaddr_phys_bulk(ctx, pmem_region_data(regions[r]), pages, now));
		for (size_t i = 0; i < pages; i++) {
			uint64_t phys;

			assert_works(pmem_region_extent(regions[r], i * page, &phys, NULL));
			moved += phys != now[i];
		}
	}
	return moved;
}

static void note_locked(void)
{
	assert_works(pmem_vaddr_phys_bulk(ctx, locked, locked_length / page, locked_frames));
}

static size_t locked_moved(void)
{
	size_t moved = 0;

	assert_works(pmem_vaddr_phys_bulk(ctx, locked, locked_length / page, now));
	for (size_t i = 0; i < locked_length / page; i++)
		moved += now[i] != locked_frames[i];
	return moved;
}

/* Write to every page, and look whether the last round's writing is still there. */
static void write_regions(unsigned char round)
{
	for (size_t r = 0; r < region_count; r++) {
		unsigned char *p = pmem_region_data(regions[r]);

		for (size_t i = 0; i < pmem_region_size(regions[r]); i += page) {
			ck_assert_uint_eq(p[i], (unsigned char)(round - 1));
			p[i] = round;
		}
	}
	for (unsigned i = 0; i < OBJECTS; i++)
		memset(objects[i], round, OBJECT);
}

static void setup(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	srandom(1);
}

static void close_regions(void)
{
	for (size_t r = 0; r < region_count; r++)
		assert_works(pmem_region_close(regions[r]));
	munmap(own, OWN_LENGTH);
	assert_works(pmem_pool_close(pool));
	pmem_ctx_unref(ctx);
	region_count = 0;
}

START_TEST(test_compaction)
{
	size_t room = fragment_available() / 4, moved = 0, rounds_moved = 0;
	struct fragment base, more;

	if (room > 2048 * MIB)
		room = 2048 * MIB;
	take_row();
	ck_assert(fragment_make(&base, room / 8 * 7));
	take_regions();
	take_piped();
	write_regions(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t n;

		ck_assert(fragment_make(&more, room / 8)); /* fresh holes for every round, */
		take_locked();                             /* and pages that fell into them */
		note_locked();
		ck_assert(fragment_compact());
		n = locked_moved();
		moved += n;
		rounds_moved += n > 0;
		ck_assert_uint_eq(regions_moved(), 0);
		ck_assert_uint_eq(objects_moved(), 0);
		ck_assert(!piped_moved());
		drop_locked();
		fragment_drop(&more);
	}
	printf("compaction: 0 of %d rounds moved a region's page; %zu rounds moved %zu pages that "
	       "were only locked (of %zu)\n", ROUNDS, rounds_moved, moved, ROUNDS * (locked_length / page));
	ck_assert_msg(moved > 0, "no locked page moved either: this proves nothing");
	write_regions(2);
	fragment_drop(&base);
	drop_piped();
	close_regions();
}
END_TEST

START_TEST(test_fork_and_write)
{
	size_t moved = 0;

	take_row();
	take_regions();
	take_piped();
	take_locked();
	write_regions(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		int gate[2];
		pid_t child;
		char c;

		ck_assert_int_eq(pipe(gate), 0);
		note_locked();
		child = fork();
		ck_assert_int_ge(child, 0);
		if (child == 0) { /* keeps its share of the pages until the parent has written */
			close(gate[1]);
			_exit(read(gate[0], &c, 1) != 0);
		}
		close(gate[0]);
		write_regions((unsigned char)(round + 2));
		memset(piped, (int)round, piped_length);
		memset(locked, (int)round, locked_length);
		moved += locked_moved();
		ck_assert_uint_eq(regions_moved(), 0);
		ck_assert_uint_eq(objects_moved(), 0);
		ck_assert(!piped_moved());
		close(gate[1]);
		ck_assert_int_eq(waitpid(child, NULL, 0), child);
	}
	printf("fork: 0 of %d rounds moved a region's page; %zu moves of pages that were only "
	       "locked (of %zu)\n", ROUNDS, moved, ROUNDS * (locked_length / page));
	ck_assert_msg(moved >= ROUNDS * (locked_length / page) / 2,
		"locked pages hardly moved: this proves nothing");
	drop_locked();
	drop_piped();
	close_regions();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("stay");
	TCase *tc = tcase_create("stay");

	tcase_set_timeout(tc, 280);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_compaction);
	tcase_add_test(tc, test_fork_and_write);
	suite_add_tcase(suite, tc);
	return suite;
}
