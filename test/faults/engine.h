/* SPDX-License-Identifier: MIT */
/*
 * Lets every call of an operation fail. After each fault: the result explains itself; whatever was taken is given
 * back once things are closed, or is what the kernel did not take; and the same operation works undisturbed.
 */
#ifndef TEST_ENGINE_H
#define TEST_ENGINE_H

#include "operation.h"

/* A machine, on which operations are tried. */
struct ground {
	const char *name;
	/* What must hold, or come back, when all is closed; NULL: nothing. what: the fault, for messages. */
	void (*settled)(const char *what);
};

enum mode {
	MODE_ONCE,    /* one call fails, with each errno; reads that are short */
	MODE_KIND,    /* from that call on, all of its name */
	MODE_ALL,     /* from that call on, all */
	MODE_STORM,   /* it is interrupted one to five times */
	MODE_HEAP,    /* an allocation fails; from it on all do */
	MODES
};

void engine_start(const struct ground *ground);
void engine_try(const struct operation *operations, enum mode mode);
/* Tells the figures. */
void engine_stop(enum mode mode);

#endif
