/* SPDX-License-Identifier: MIT */
/* Memory on its way back, which is waited for. */
#include "suite.h"

#include "os/os.h"
#include "pages/area.h"
#include "pages/returning.h"

static void setup(void)
{
	fake_start();
	os->pause_ms(300); /* what other cases gave back is over */
}

START_TEST(what_is_given_back_is_over_soon)
{
	ck_assert_uint_eq(returning_bytes(), 0);
	returning_note(4096);
	returning_note(1); /* less than what is counted in counts as much */
	ck_assert_uint_eq(returning_bytes(), 5120);
	os->pause_ms(249);
	ck_assert_uint_eq(returning_bytes(), 5120);
	os->pause_ms(1);
	ck_assert_uint_eq(returning_bytes(), 0);
	returning_note(2048);
	ck_assert_uint_eq(returning_bytes(), 2048);
}
END_TEST

START_TEST(nobody_waits_longer_than_a_quarter_of_a_second)
{
	uint64_t start = os->now_us();
	unsigned steps = 0;

	while (returning_wait(start)) {
		returning_note(4096);
		ck_assert_uint_lt(steps++, 1000);
	}
	ck_assert_uint_gt(steps, 0);
	ck_assert_uint_ge(os->now_us() - start, 250000);
	ck_assert_uint_lt(os->now_us() - start, 260000);
}
END_TEST

/* The cgroup never gets it back here: the answer is the same, after the wait; and at once where nothing can come. */
START_TEST(a_refusal_waits_only_for_what_would_do)
{
	uint64_t start = os->now_us();

	fake_text("/proc/meminfo", "MemAvailable: 1024 kB\n");
	ck_assert_uint_eq(area_available_for(fake_root(), 2 << 20), 7 << 17);
	ck_assert_uint_eq(os->now_us(), start);
	returning_note(64 << 10);
	ck_assert_uint_eq(area_available_for(fake_root(), 2 << 20), 7 << 17);
	ck_assert_uint_eq(os->now_us(), start);
	returning_note(2 << 20);
	ck_assert_uint_eq(area_available_for(fake_root(), 1 << 19), 7 << 17);
	ck_assert_uint_eq(os->now_us(), start);
	ck_assert_uint_eq(area_available_for(fake_root(), 2 << 20), 7 << 17);
	ck_assert_uint_ge(os->now_us() - start, 250000);
}
END_TEST

static unsigned pauses;

/* As a recorder that plays a machine's past has it: nothing passes by waiting. */
static void pause_without_time(unsigned ms)
{
	(void)ms;
	ck_assert_uint_lt(pauses++, 1000);
}

START_TEST(a_clock_that_stands_still_keeps_nobody_waiting)
{
	struct os_calls calls = *os;

	calls.pause_ms = pause_without_time;
	os = &calls;
	pauses = 0;
	fake_text("/proc/meminfo", "MemAvailable: 1024 kB\n");
	returning_note(2 << 20);
	ck_assert_uint_eq(area_available_for(fake_root(), 2 << 20), 7 << 17);
	ck_assert_uint_eq(pauses, RETURNING_LOOKS);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("returning");
	TCase *tc = tcase_create("returning");

	tcase_add_checked_fixture(tc, setup, fake_stop);
	tcase_add_test(tc, what_is_given_back_is_over_soon);
	tcase_add_test(tc, nobody_waits_longer_than_a_quarter_of_a_second);
	tcase_add_test(tc, a_refusal_waits_only_for_what_would_do);
	tcase_add_test(tc, a_clock_that_stands_still_keeps_nobody_waiting);
	suite_add_tcase(suite, tc);
	return suite;
}
