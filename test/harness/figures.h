/* SPDX-License-Identifier: MIT */
/*
 * How much a test has tried, for docs/testing.md: a line "NAME<TAB>VALUE" in the file that PMEM_FIGURES names, which
 * test/figures/figures.py reads. Without the variable nothing is written.
 */
#ifndef TEST_FIGURES_H
#define TEST_FIGURES_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline void test_figure(const char *name, uint64_t value)
{
	const char *path = getenv("PMEM_FIGURES");
	FILE *file = path ? fopen(path, "a") : NULL;

	if (!file)
		return;
	/* One write of a short line to a file opened for appending: suites that run at once do not mix. */
	(void)fprintf(file, "%s\t%" PRIu64 "\n", name, value);
	(void)fclose(file);
}

#endif
