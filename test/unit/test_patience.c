/* SPDX-License-Identifier: MIT */
/* How long one piece is looked for, by played clocks. */
#include <sys/mman.h>

#include "pages/patience.h"
#include "played_pages.h"

#define MS 1000u

static struct os_calls calls, below;
static uint64_t worked, now;
static unsigned populated; /* calls that gave memory */
static uint64_t slowness;  /* microseconds of work for each */

static uint64_t played_now(void)
{
	return now;
}

static uint64_t played_worked(void)
{
	return worked;
}

static int slow_madvise(void *addr, size_t length, int advice)
{
	if (advice == 23) { /* MADV_POPULATE_WRITE */
		populated++;
		worked += slowness;
		now += slowness;
	}
	return below.madvise(addr, length, advice);
}

static void clocks_setup(void)
{
	setup();
	below = *os;
	calls = *os;
	calls.now_us = played_now;
	calls.worked_us = played_worked;
	calls.madvise = slow_madvise;
	os = &calls;
	worked = 5000;
	now = 1000000;
	populated = 0;
}

static void pass(uint64_t ms)
{
	worked += ms * MS;
	now += ms * MS;
}

START_TEST(test_work_counts)
{
	struct patience p = patience_begin(fake_root(), 4 * MIB, 0);

	pass(40);
	ck_assert(!patience_ends(&p));
	pass(1);
	ck_assert(patience_ends(&p));
	p = patience_begin(fake_root(), 4 * MIB, 0);
	now += 150 * MS; /* others worked: that is not held against it, but for so long */
	ck_assert(!patience_ends(&p));
	now += 11 * MS;
	ck_assert(patience_ends(&p));
}
END_TEST

/* 16 MiB, and 32 of them free in the largest blocks: there may be a row. */
START_TEST(test_hope)
{
	struct patience p;

	fake_text("/proc/buddyinfo", "Node 0, zone Normal 1 2 3 4 5 6 7 8 9 10 7\n");
	p = patience_begin(fake_root(), 16 * MIB, 0);
	pass(41);
	ck_assert(patience_ends(&p));
	fake_text("/proc/buddyinfo", "Node 0, zone DMA 0 0 0 0 0 0 0 0 0 0 3\n"
		"Node 0, zone Normal 1 2 3 4 5 6 7 8 9 10 5\n");
	p = patience_begin(fake_root(), 16 * MIB, 0);
	pass(999);
	ck_assert(!patience_ends(&p));
	pass(2);
	ck_assert(patience_ends(&p));
}
END_TEST

/* No large blocks are left, but the machine has plenty: of that the kernel can make some. */
START_TEST(test_small_beside_the_machine)
{
	struct patience p;

	fake_text("/proc/meminfo", "MemAvailable: 1048576 kB\n");
	p = patience_begin(fake_root(), 16 * MIB, 0);
	pass(999);
	ck_assert(!patience_ends(&p));
	pass(2);
	ck_assert(patience_ends(&p));
	p = patience_begin(fake_root(), 40 * MIB, 0);
	pass(41);
	ck_assert(patience_ends(&p));
}
END_TEST

START_TEST(test_more)
{
	struct patience p = patience_begin(fake_root(), 200 * MIB, 0);

	for (unsigned n = 0; n < 4; n++) {
		pass(41);
		ck_assert(patience_ends(&p));
		ck_assert(patience_more(&p));
		ck_assert(!patience_ends(&p));
	}
	pass(41); /* 205 ms: more than one for each MiB */
	ck_assert(!patience_more(&p));
}
END_TEST

START_TEST(test_asked)
{
	struct patience p = patience_begin(fake_root(), 200 * MIB, 3000);

	pass(2999);
	ck_assert(!patience_ends(&p));
	pass(2);
	ck_assert(patience_ends(&p));
	ck_assert(!patience_more(&p));
}
END_TEST

/* Each huge page takes the kernel 15 ms: after three of them the search ends, whatever the size. */
START_TEST(test_a_search)
{
	fake_text("/proc/meminfo", "MemAvailable: 200000 kB\n");
	fake_text(THP, "2097152\n");
	pagemap_rule(PAGEMAP_APART);
	slowness = 15 * MS;
	refused(request(8 * MIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "time was over");
	ck_assert_uint_le(populated, 4);
	populated = 0;
	refused(request(100 * MIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "time was over");
	ck_assert_uint_le(populated, 4);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("patience");
	TCase *tc = tcase_create("patience");

	tcase_add_checked_fixture(tc, clocks_setup, stop);
	tcase_add_test(tc, test_work_counts);
	tcase_add_test(tc, test_hope);
	tcase_add_test(tc, test_small_beside_the_machine);
	tcase_add_test(tc, test_more);
	tcase_add_test(tc, test_asked);
	tcase_add_test(tc, test_a_search);
	suite_add_tcase(suite, tc);
	return suite;
}
