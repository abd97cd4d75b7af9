/* SPDX-License-Identifier: MIT */
#ifndef SOAK_HELD_H
#define SOAK_HELD_H

#include "book.h"

/* Take all that is held. false: after soak_fault() */
bool held_take(void);
/* Translate every page of it, and compare. */
bool held_look(void);
struct pmem_ctx *held_ctx(void);

/* churn.c: threads that make and give back, fork, and use descriptors and memory of their own, in the process that holds. */
bool churn_start(void);
/* They stop between two rounds, with nothing of theirs left; or go on. */
void churn_quiet(bool quiet);
void churn_end(void);

#endif
