/* SPDX-License-Identifier: MIT */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include <check.h>

/* Add the cases of memory.c, one for each entry of the table. */
void memory_add(TCase *tc, int backends);

#endif
