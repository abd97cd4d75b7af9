/* SPDX-License-Identifier: MIT */
/*
 * What every public function that can fail or block is wrapped in:
 * - success leaves errno and the last error alone; a failure is told, to the thread and to the
 *   context;
 * - the thread cannot be cancelled inside, where it would leave things taken.
 */
#ifndef LIB_CALL_H
#define LIB_CALL_H

#include "soc/ctx.h"

struct call {
	struct pmem_ctx *ctx;
	int errnum;
	int cancel_state;
};

/* ctx: whose call it is; NULL: nobody's, or not known. */
void call_begin(struct call *call, const struct pmem_ctx *ctx);
/* The result, passed on. */
int call_end(const struct call *call, int result);

/*
 * The thread's error is the context's too, for threads other than this one. call_end() does it; what
 * calls back into the program cannot be one call, and does it itself. NULL: nobody's.
 */
void call_tell(struct pmem_ctx *ctx);

/* The body of a public function: returns what the expression does. */
#define CALL(ctx, expression)                          \
	do {                                           \
		struct call call_;                     \
		call_begin(&call_, (ctx));             \
		return call_end(&call_, (expression)); \
	} while (0)

/* The same for one that has no error result. */
#define CALL_AS(type, ctx, expression)     \
	do {                               \
		struct call call_;         \
		type result_;              \
		call_begin(&call_, (ctx)); \
		result_ = (expression);    \
		call_end(&call_, 0);       \
		return result_;            \
	} while (0)

#endif
