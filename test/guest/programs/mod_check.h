/* SPDX-License-Identifier: MIT */
/*
 * What the self-checks of the test modules share. They use the raw ABI and nothing of libpmem, so
 * that a fault of a module is not taken for one of the library.
 */
#ifndef PMEM_TEST_MOD_CHECK_H
#define PMEM_TEST_MOD_CHECK_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* As CHECK, for where the program goes on only if it holds. */
#define check_result(name, condition, ...)                                                         \
	__extension__({                                                                            \
		int holds_ = (condition) != 0;                                                     \
		CHECK(name, holds_, __VA_ARGS__);                                                  \
		holds_;                                                                            \
	})

/* CHECK_EQ(name, got, wanted): both as 64-bit numbers */
#define CHECK_EQ(name, got, wanted)                                                                \
	do {                                                                                       \
		uint64_t got_ = (uint64_t)(got), wanted_ = (uint64_t)(wanted);                     \
		CHECK(name, got_ == wanted_, "got %#llx, wanted %#llx", (unsigned long long)got_,  \
			(unsigned long long)wanted_);                                              \
	} while (0)

/* CHECK_ERRNO(name, call, E): the call fails with exactly that errno */
#define CHECK_ERRNO(name, call, wanted)                                                            \
	do {                                                                                       \
		long ret_ = (long)(call);                                                          \
		int errno_ = errno;                                                                \
		CHECK(name, ret_ == -1 && errno_ == (wanted), "returned %ld, %s", ret_,            \
			strerror(errno_));                                                         \
	} while (0)

/* One key=value line of a /proc file; -1 if there is none. */
static inline long long check_counter(const char *path, const char *key)
{
	char line[256];
	size_t n = strlen(key);
	long long value = -1;
	FILE *f = fopen(path, "re");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (strncmp(line, key, n) == 0 && line[n] == '=')
			value = strtoll(line + n + 1, NULL, 0);
	fclose(f);
	return value;
}

/* 0 if the child left with 0, else what waitpid told */
static inline int check_wait(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

#endif
