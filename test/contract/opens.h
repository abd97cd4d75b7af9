/* SPDX-License-Identifier: MIT */
#ifndef TEST_OPENS_H
#define TEST_OPENS_H

#include "suite.h"

/* Every device is opened at most once by each public call. */
void opens_add(TCase *tc, int backends);

#endif
