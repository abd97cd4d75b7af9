/* SPDX-License-Identifier: MIT */
/* Files in huge pages, of a file system that nobody else sees. */
#ifndef OS_HUGE_FILE_H
#define OS_HUGE_FILE_H

#include <stdint.h>

/* See huge_file and fallocate of struct os_calls; of linux.c alone. */
int huge_file_open(void);
int huge_file_allocate(int fd, int mode, uint64_t offset, uint64_t length);

#endif
