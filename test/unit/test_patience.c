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
	struct patience p = patience_begin(8 * MIB, 0);

	pass(84);
	ck_assert(!patience_ends(&p));
	ck_assert_uint_eq(patience_left(&p), MS);
	pass(2);
	ck_assert(patience_ends(&p));
	p = patience_begin(8 * MIB, 0);
	now += 169 * MS; /* others worked: that is not held against it, but for so long */
	ck_assert(!patience_ends(&p));
	now += 2 * MS;
	ck_assert(patience_ends(&p));
}
END_TEST

/* A row of many blocks is luck, and nothing that a little more time brings. */
START_TEST(test_large)
{
	struct patience p = patience_begin(8 * MIB + 4096, 0);

	pass(29);
	ck_assert(!patience_ends(&p));
	pass(2);
	ck_assert(patience_ends(&p));
	p = patience_begin((uint64_t)16 << 30, 0);
	pass(31);
	ck_assert(patience_ends(&p));
}
END_TEST

START_TEST(test_asked)
{
	struct patience p = patience_begin(200 * MIB, 3000);

	pass(2999);
	ck_assert(!patience_ends(&p));
	pass(2);
	ck_assert(patience_ends(&p));
}
END_TEST

/* Each huge page takes the kernel 15 ms: the search ends, whatever the size. */
START_TEST(test_a_search)
{
	fake_text("/proc/meminfo", "MemAvailable: 200000 kB\n");
	fake_text(THP, "2097152\n");
	pagemap_rule(PAGEMAP_APART);
	slowness = 15 * MS;
	refused(request(8 * MIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "time was over");
	ck_assert_uint_le(populated, 7);
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
	tcase_add_test(tc, test_large);
	tcase_add_test(tc, test_asked);
	tcase_add_test(tc, test_a_search);
	suite_add_tcase(suite, tc);
	return suite;
}
