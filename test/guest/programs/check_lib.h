/* SPDX-License-Identifier: MIT */
/* What the checks of the library share. */
#ifndef GUEST_CHECK_LIB_H
#define GUEST_CHECK_LIB_H

#include <grp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "check.h"

static inline const char *check_error(void)
{
	return pmem_error_text(pmem_error_last());
}

/* The call returns 0; the library's own explanation if it does not. */
#define CHECK_OK(name, call) CHECK(name, (call) == 0, "%s", check_error())

#define CHECK_U64(name, got, wanted)                                                               \
	do {                                                                                       \
		uint64_t got_ = (got), wanted_ = (wanted);                                         \
		CHECK(name, got_ == wanted_, "got 0x%llx, wanted 0x%llx",                          \
			(unsigned long long)got_, (unsigned long long)wanted_);                    \
	} while (0)

/* The call fails, and for exactly this cause; the reason is the whole explanation. */
static inline void check_refused(const char *name, int result, const char *cause)
{
	const struct pmem_error *e = pmem_error_last();
	const char *got = result < 0 ? pmem_error_cause_name(pmem_error_cause(e)) : "success";

	CHECK(name, result < 0 && !strcmp(got, cause), "wanted %s, got %s: %s", cause, got,
		result < 0 ? pmem_error_text(e) : "it was allowed");
	if (result < 0)
		printf("%s: %s\n", name, pmem_error_text(e));
}

/* A context, or the end of the program with a failed check. */
static inline struct pmem_ctx *check_ctx(void)
{
	struct pmem_ctx *ctx = NULL;
	int result = pmem_ctx_new(&ctx);

	if (result != 0) {
		CHECK_OK("context", result);
		exit(check_end());
	}
	return ctx;
}

/* From here on an ordinary user without any group but his own; ends the program if that fails. */
static inline void check_become_user(void)
{
	if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
		_exit(1);
}

static inline uint64_t check_number(const char *text)
{
	return strtoull(text, NULL, 0);
}

#endif
