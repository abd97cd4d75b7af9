/* SPDX-License-Identifier: MIT */
/*
 * How a check program reports. One line per check, which the runner reads:
 *     CHECK name ok | CHECK name FAIL reason | CHECK name SKIP reason
 * The program's exit status is check_end(): 0, or 1 when a check failed or none was run.
 */
#ifndef GUEST_CHECK_H
#define GUEST_CHECK_H

#include <stdarg.h>
#include <stdio.h>

static int check_failures;
static int check_runs;

__attribute__((format(printf, 3, 4))) static inline void check_line(
	const char *name, const char *verdict, const char *format, ...)
{
	va_list list;

	printf("CHECK %s %s ", name, verdict);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n");
	fflush(stdout);
}

/* The reason is printed when the condition does not hold. */
#define CHECK(name, condition, ...)                                                                \
	do {                                                                                       \
		check_runs++;                                                                      \
		if (condition) {                                                                   \
			check_line(name, "ok", "%s", "");                                          \
		} else {                                                                           \
			check_failures++;                                                          \
			check_line(name, "FAIL", __VA_ARGS__);                                     \
		}                                                                                  \
	} while (0)

#define CHECK_SKIP(name, ...)                                                                      \
	do {                                                                                       \
		check_runs++;                                                                      \
		check_line(name, "SKIP", __VA_ARGS__);                                             \
	} while (0)

static inline int check_end(void)
{
	return check_failures || !check_runs ? 1 : 0;
}

#endif
