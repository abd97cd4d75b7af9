/* SPDX-License-Identifier: MIT */
/* How a call's outcome becomes one struct pmemgo. Only for shim*.c. */
#ifndef PMEMGO_SHIM_RESULT_H
#define PMEMGO_SHIM_RESULT_H

#include <errno.h>

#include "shim.h"

/* Right after a call, in its thread. */
static inline struct pmemgo done(int result)
{
	struct pmemgo got = {.result = result};
	const struct pmem_error *last = result < 0 ? pmem_error_last() : NULL;

	/* One that a signal handler's call left is not ours. */
	if (last && pmem_error_code(last) == result && pmem_error_dup(last, &got.error))
		got.error = NULL;
	return got;
}

static inline struct pmemgo numbers(int result, uint64_t a, uint64_t b)
{
	struct pmemgo got = done(result);

	got.a = a;
	got.b = b;
	return got;
}

static inline struct pmemgo object(int result, void *made)
{
	struct pmemgo got = done(result);

	got.object = made;
	return got;
}

/* A pointer or a text; NULL with an errno is a failure. */
static inline struct pmemgo pointer(const void *found)
{
	return object(found || !errno ? 0 : -errno, (void *)found);
}

#endif
