/* SPDX-License-Identifier: MIT */
/* Blocks that follow each other, mapped side by side where the played kernel lets them lie. */
#include <sys/mman.h>

#include "played_pages.h"

#define OFFSET 0x20000000 /* vm.c */
#define SLOTS  180
#define MAPS   (64 + 80) /* before join.c gives up */

/* Where the next mappings land, in blocks from the arena's begin; IN_ORDER: memory is as they lie. */
static const int *script;
static size_t script_count, next;
static unsigned char *arena;
static size_t unit;
static int ring_of[SLOTS]; /* descriptors of the rings that were mapped there, in that order */
static struct os_calls calls, below;

static int played_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
	void **out)
{
	int slot;

	if (offset != OFFSET)
		return below.mmap(hint, length, prot, flags, fd, offset, out);
	ck_assert_ptr_null(hint); /* the kernel refuses wishes */
	if (next == script_count)
		return -ENOMEM;
	slot = script[next++];
	ring_of[slot] = fd;
	return below.mmap(arena + (size_t)slot * unit, length, prot, flags | MAP_FIXED, fd, offset, out);
}

static void lands(const int *slots, size_t count)
{
	script = slots;
	script_count = count;
	next = 0;
}
#define LANDS(...) lands((const int[]){ __VA_ARGS__ }, sizeof((const int[]){ __VA_ARGS__ }) / sizeof(int))

static void join_setup(void)
{
	void *at;

	setup();
	fake_text("/proc/meminfo", "MemAvailable: 999999 kB\n");
	vm.region = true;
	unit = os->page_size() << 10;
	at = mmap(NULL, SLOTS * unit, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	munmap(at, SLOTS * unit);
	arena = at;
	below = *os;
	calls = *os;
	calls.mmap = played_mmap;
	os = &calls;
}

static void lies(size_t slot, int last_of, int first_of)
{
	ck_assert_ptr_eq(block.data, arena + slot * unit);
	ck_assert_int_eq(ring_of[slot], first_of);
	ck_assert_int_eq(ring_of[slot + 1], last_of);
	ck_assert_uint_eq(block.length, 2 * unit);
}

/* 20 and 21 follow each other. The second mapping of the first of them lands elsewhere, once. */
START_TEST(test_down)
{
	LANDS(1, 20, 5, 21, 40, 3, 51, 50);
	gives(request(2 * unit), PIN_IO_REGION);
	ck_assert_uint_eq(next, 8);
	lies(50, ring_of[21], ring_of[20]);
	give_back();
}
END_TEST

START_TEST(test_no_place_side_by_side)
{
	int apart[3 + MAPS] = { 21, 5, 20 };

	for (int n = 0; n < MAPS; n++)
		apart[3 + n] = 24 + n * 3 % 145;
	lands(apart, sizeof(apart) / sizeof(apart[0]));
	refused(request(2 * unit), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "cannot be mapped side by side");
	ck_assert_uint_eq(next, script_count);
}
END_TEST

START_TEST(test_none_follows)
{
	LANDS(1, 20, 5, 22, 40, 3, 51);
	refused(request(2 * unit), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "bytes in a row, as asked for, among 7");
	LANDS(1, 20, 5, 21, 40, 3, 51);
	refused(request(3 * unit), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "no 3 pieces of");
}
END_TEST

START_TEST(test_limit)
{
	struct pages_request want = request(2 * unit);

	want.max_addr = 4095;
	LANDS(1, 20, 21, 5);
	refused(want, ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "above the limit");
}
END_TEST

/* The kernel has no more such blocks, and gives single pages. */
START_TEST(test_single_pages)
{
	pagemap_rule(PAGEMAP_APART);
	LANDS(1, 2, 3, 4);
	refused(request(2 * unit), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "has no more blocks");
	ck_assert_uint_eq(next, 1);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("join");
	TCase *tc = tcase_create("join");

	tcase_add_checked_fixture(tc, join_setup, stop);
	tcase_add_test(tc, test_down);
	tcase_add_test(tc, test_no_place_side_by_side);
	tcase_add_test(tc, test_none_follows);
	tcase_add_test(tc, test_limit);
	tcase_add_test(tc, test_single_pages);
	suite_add_tcase(suite, tc);
	return suite;
}
