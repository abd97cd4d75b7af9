/* SPDX-License-Identifier: MIT */
#ifndef TEST_CONTRACT_POOL_H
#define TEST_CONTRACT_POOL_H

#include <check.h>

void pool_add(TCase *tc, int backends);

#endif
