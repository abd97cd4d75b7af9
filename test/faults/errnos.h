/* SPDX-License-Identifier: MIT */
#ifndef TEST_ERRNOS_H
#define TEST_ERRNOS_H

#include <stdbool.h>
#include <stddef.h>

/* What is likely to be told by that call of the played kernel (its manual page), 0 ended. */
const int *errnos_of(const char *call);
/* Of them, number n (any) that is no reason to ask again. */
int errno_lasting(const char *call, size_t n);
/* Does lib/os/os.h say that a signal may interrupt it? Others are begun again there: test_signals.c. */
bool errnos_interrupted(const char *call);
/* May it do less than it was asked for? */
bool errnos_short(const char *call);

#endif
