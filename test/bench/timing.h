/* SPDX-License-Identifier: MIT */
#ifndef BENCH_TIMING_H
#define BENCH_TIMING_H

#include <time.h>

static inline double bench_clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline double bench_now_us(void)
{
	return bench_clock_ns(CLOCK_MONOTONIC) / 1e3;
}

/* Of this thread alone: the machine may be busy. */
static inline double bench_worked_ns(void)
{
	return bench_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static inline double bench_worked_us(void)
{
	return bench_worked_ns() / 1e3;
}

/* Both in turn, so that neither has the better half of the time; a[] and b[] are what a call took, in each round. */
static inline void bench_in_turn(double (*us)(void), void (*bare)(void), void (*library)(void), int rounds, int repeat,
	double *a, double *b)
{
	for (int i = 0; i < rounds; i++) {
		double t = us();

		for (int n = 0; n < repeat; n++)
			bare();
		a[i] = (us() - t) / repeat;
		t = us();
		for (int n = 0; n < repeat; n++)
			library();
		b[i] = (us() - t) / repeat;
	}
}

#endif
