/* SPDX-License-Identifier: MIT */
/* /dev/vcsm-cma, for other backends: where is this dma-buf? */
#ifndef BACKEND_VCSM_H
#define BACKEND_VCSM_H

#include <stdint.h>

#include "soc/ctx.h"

/* The CPU's address of a bus address of this SoC's VideoCore. Sets the error. */
int vcsm_phys(uint64_t bus, uint64_t *phys);

/*
 * The bus address of a contiguous dma-buf that another driver made, on a Raspberry Pi 0 to 4. It
 * is true for as long as the descriptor in *hold is open, which attaches the buffer to the
 * VideoCore; the caller closes it. fd stays the caller's. Sets the error: UNSUPPORTED,
 * NO_DEVICE, FILE_MODE, NOT_CONTIGUOUS, WRONG_KIND.
 */
int vcsm_import_address(struct pmem_ctx *ctx, int fd, uint64_t *bus, int *hold);

#endif
