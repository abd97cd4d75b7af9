/* SPDX-License-Identifier: MIT */
/* Why the kernel refuses to map a range of /dev/mem: the causes behind EPERM and EINVAL. */
#ifndef BACKEND_DEVMEM_WHY_H
#define BACKEND_DEVMEM_WHY_H

#include <stdint.h>

#include "soc/ctx.h"

/* Set the thread's error for mmap() of [phys, phys + size) that failed with errnum. */
int devmem_why(struct pmem_ctx *ctx, int errnum, const char *path, uint64_t phys, uint64_t size);

#endif
