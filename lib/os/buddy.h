/* SPDX-License-Identifier: MIT */
/* Free memory in large blocks, by /proc/buddyinfo. */
#ifndef OS_BUDDY_H
#define OS_BUDDY_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that are free in blocks of at least that many; 0 if the kernel does not tell. */
uint64_t buddy_free(const char *root, size_t page, size_t block);

#endif
