/* SPDX-License-Identifier: MIT */
/*
 * Which calls of the played kernel fail, for suites that try them all: how often, of which name, with what, and what
 * is left mapped because the kernel refused to unmap it.
 */
#ifndef TEST_PLAN_H
#define TEST_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#define PLAN_FOR_GOOD 0xffffffffu

/* Instead of an errno: read and write are done, but of no or half the bytes. */
#define PLAN_NOTHING (-1)
#define PLAN_HALF    (-2)

/* The nth call from now, and those of its kind after it until that many have failed. */
struct plan {
	unsigned nth;     /* of all calls; 1 is the next, 0: none fails */
	unsigned times;   /* how many; PLAN_FOR_GOOD: all */
	bool same;        /* of those after the nth, only calls of its name */
	int errnum;       /* or PLAN_NOTHING, PLAN_HALF */
	const char *what; /* is tried, for messages */
};

/* From now on. A failing munmap() leaves the memory mapped, as the kernel does. */
void plan_begin(const struct plan *plan);
/* Nothing fails any more. How many calls failed? */
unsigned plan_end(void);

/* How many of them had that name? And with what? */
unsigned plan_failed(const char *call);
int plan_errnum(void);
/* The calls from plan_begin() until plan_end(): how many, and the name of the nth (1 is the first). */
unsigned plan_calls(void);
const char *plan_call(unsigned nth);

/* Bytes that are mapped still, but for what the kernel refused to unmap, which goes now. */
size_t plan_mapped(void);
void plan_forget(void); /* at the end of the suite */

#endif
