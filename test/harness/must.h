/* SPDX-License-Identifier: MIT */
#ifndef TEST_MUST_H
#define TEST_MUST_H

#include <stdio.h>
#include <stdlib.h>

/*
 * What must hold: else the process ends, so that a suite fails and a fuzzer keeps the input. For loops, where each
 * assertion of libcheck's would be a system call, and for what has no libcheck; assert() would be gone in release builds.
 */
#define MUST(condition)                                                             \
	do {                                                                        \
		if (!(condition)) {                                                 \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
				#condition);                                        \
			abort();                                                    \
		}                                                                   \
	} while (0)

#endif
