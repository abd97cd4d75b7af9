/* SPDX-License-Identifier: MIT */
/* What this program may do, how it is treated, and by which kernel: see os.h. */
#ifndef OS_SELF_H
#define OS_SELF_H

int self_capable(unsigned cap);
int self_io_flusher(int on);
int self_kernel_version(void);

#endif
