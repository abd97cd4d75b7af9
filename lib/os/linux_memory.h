/* SPDX-License-Identifier: MIT */
/* The real calls that change what is mapped: see struct os_calls; of linux.c alone. */
#ifndef OS_LINUX_MEMORY_H
#define OS_LINUX_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

int memory_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset, void **out);
int memory_munmap(void *addr, size_t length);
int memory_mremap(void *old, size_t old_length, size_t new_length, int flags, void *to, void **out);
int memory_mprotect(void *addr, size_t length, int prot);
int memory_madvise(void *addr, size_t length, int advice);
ssize_t memory_vmsplice(int fd, const struct iovec *iov, size_t count, unsigned flags);

#endif
