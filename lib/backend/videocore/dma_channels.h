/* SPDX-License-Identifier: MIT */
/* The SoC's DMA channels that a dead process may have left running. */
#ifndef BACKEND_CHANNELS_H
#define BACKEND_CHANNELS_H

#include <stdint.h>

#include "soc/ctx.h"

/* The engine's compatible, on every Raspberry Pi. */
#define CHANNELS_NODE "brcm,bcm2835-dma"

/* Can this library stop all of these? Sets the error. */
int channels_check(struct pmem_ctx *ctx, uint32_t channels);

/* Stop them, each when its last write has arrived. Sets the error. */
int channels_stop(struct pmem_ctx *ctx, uint32_t channels);

#endif
