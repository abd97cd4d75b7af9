/* SPDX-License-Identifier: MIT */
/*
 * What a benchmark measured, for report.py: a line in the file that $BENCH_ROWS names, if it is set. The
 * median of some rounds, and the tenth from each end of them.
 */
#ifndef BENCH_ROWS_H
#define BENCH_ROWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline int bench_by_value(const void *a, const void *b)
{
	const double *x = (const double *)a, *y = (const double *)b;

	return (*x > *y) - (*x < *y);
}

/* note: shown beside the number; "" for none */
static inline void bench_row_note(const char *table, const char *x, const char *series, double median,
	double low, double high, const char *note)
{
	const char *name = getenv("BENCH_ROWS");
	FILE *file = name ? fopen(name, "ae") : NULL;

	if (!file)
		return;
	fprintf(file, "%s\t%s\t%s\t%.6g\t%.6g\t%.6g\t%s\n", table, x, series, median, low, high, note);
	fclose(file);
}

/* Sorts the values. Returns their median. */
static inline double bench_row(const char *table, const char *x, const char *series, double *values,
	int count)
{
	qsort(values, (size_t)count, sizeof(*values), bench_by_value);
	bench_row_note(table, x, series, values[count / 2], values[count / 10],
		values[count - 1 - count / 10], "");
	return values[count / 2];
}

static inline double bench_row_at(const char *table, size_t x, const char *series, double *values,
	int count)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", x);
	return bench_row(table, text, series, values, count);
}

#endif
