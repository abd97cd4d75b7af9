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

/* How the thread was before. By value: it stays in a register, and a hundred functions are smaller. */
struct call {
	int errnum;
	int cancel_state;
};

struct call call_begin(void);
/* ctx: whose call it is; NULL: nobody's, or not known. The result is passed on. */
int call_end(struct call before, const struct pmem_ctx *ctx, int result);

/*
 * The thread's error is the context's too, for threads other than this one. call_end() does it; what
 * calls back into the program cannot be one call, and does it itself. NULL: nobody's.
 */
void call_tell(struct pmem_ctx *ctx);

/* The body of a public function: returns what the expression does. */
#define CALL(ctx, expression)                               \
	do {                                                \
		struct call call_ = call_begin();           \
		const struct pmem_ctx *ctx_ = (ctx);        \
		return call_end(call_, ctx_, (expression)); \
	} while (0)

/* The same for one that has no error result. */
#define CALL_AS(type, ctx, expression)            \
	do {                                      \
		struct call call_ = call_begin(); \
		type result_ = (expression);      \
		call_end(call_, (ctx), 0);        \
		return result_;                   \
	} while (0)

#endif
