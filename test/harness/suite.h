/* SPDX-License-Identifier: MIT */
/* What a test file gives to the harness, and the checks it gets from it. */
#ifndef TEST_SUITE_H
#define TEST_SUITE_H

#include <check.h>

#include "fake.h"

/* Each test file defines this one. */
Suite *test_suite(void);

/*
 * A test file may define this to be skipped: return why, or NULL to run. A skip is exit 77 with
 * the reason printed; it is never a pass.
 */
const char *test_skip(void);

/* For test_skip(): why this process is not told where its pages are; NULL if it is. */
const char *addresses_are_hidden(void);

/* The call must fail with -errnum and the thread's error must tell that cause. */
#define assert_fails(call, errnum_, cause_)                                                \
	do {                                                                               \
		int result_ = (call);                                                      \
		const struct pmem_error *e_ = pmem_error_last();                           \
		ck_assert_msg(result_ == -(errnum_), "%s: returned %d, not -%d: %s", #call, \
			result_, (errnum_), pmem_error_text(e_));                          \
		ck_assert_int_eq(pmem_error_code(e_), -(errnum_));                         \
		ck_assert_msg(pmem_error_cause(e_) == (cause_), "%s: cause %s, not %s: %s", \
			#call, pmem_error_cause_name(pmem_error_cause(e_)),                \
			pmem_error_cause_name(cause_), pmem_error_text(e_));               \
	} while (0)

/* The call must return 0. */
#define assert_works(call)                                                                  \
	do {                                                                                \
		int result_ = (call);                                                       \
		ck_assert_msg(result_ == 0, "%s: %d: %s", #call, result_,                   \
			pmem_error_text(pmem_error_last()));                                \
	} while (0)

#endif
