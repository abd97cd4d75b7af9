/* SPDX-License-Identifier: MIT */
#ifndef TEST_THREADS_CHECK_H
#define TEST_THREADS_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include <pmem/pmem.h>

/* Of any thread: what must hold, else the program ends with the thread's error. */
#define CHECK(condition)                                                              \
	do {                                                                          \
		if (!(condition)) {                                                   \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__,        \
				#condition, pmem_error_text(pmem_error_last()));      \
			exit(1);                                                      \
		}                                                                     \
	} while (0)

#endif
