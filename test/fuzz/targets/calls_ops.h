/* SPDX-License-Identifier: MIT */
/* What the threads of target_calls.c do: each operation takes its choices from the input. */
#ifndef FUZZ_CALLS_OPS_H
#define FUZZ_CALLS_OPS_H

#include "calls_book.h"

struct caller {
	unsigned number;
	struct input *in;
	struct pmem_ctx *ctx;
	unsigned steps;
	bool over;                 /* the context may be gone */
	unsigned refs;             /* more than the one that it began with */
	struct pmem_error *kept;   /* a copy of an error */
	int kept_code;
};

/* Nothing but a call that fails may make the result another one. */
static inline bool calls_worked(int r)
{
	MUST(book_told(r) >= 0 || answers_faulty());
	return r >= 0;
}

/* Another one may have its turn in the middle of an operation. */
void calls_pass(struct caller *caller);

/* The operations of each kind of thing, of which one is chosen. */
void calls_region(struct caller *caller, unsigned which);
void calls_pool(struct caller *caller, unsigned which);
void calls_device(struct caller *caller, unsigned which);
void calls_other(struct caller *caller, unsigned which);
/* All that lives is closed. */
void calls_end(struct caller *caller, bool backwards);

#endif
