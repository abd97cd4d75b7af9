/* SPDX-License-Identifier: MIT */
/* What this program may do, how it is treated, and by which kernel: see os.h. */
#ifndef OS_SELF_H
#define OS_SELF_H

#include <stddef.h>
#include <stdint.h>

size_t self_page_size(void);
int self_capable(unsigned cap);
int self_io_flusher(int on);
int self_kernel_version(void);

/*
 * A number of this process: no process that it was forked from, or forks, has the same. Unlike
 * getpid() it costs no system call, and a number is not used again.
 */
uint32_t self_process(void);

#endif
