/* SPDX-License-Identifier: MIT */
/* CPU cache maintenance from user mode, where the architecture has it. */
#ifndef OS_CACHE_H
#define OS_CACHE_H

#include <stddef.h>

int cache_clean(const void *addr, size_t length);
int cache_flush(const void *addr, size_t length);

#endif
