/* SPDX-License-Identifier: MIT */
/* What the firmware, the device tree and sysfs tell of a Raspberry Pi; see <pmem/firmware.h>. */
#ifndef BACKEND_FACTS_H
#define BACKEND_FACTS_H

#include <stdint.h>

#include "soc/ctx.h"

/* what is one of PMEM_FACT_*. Sets the error. */
int facts_get(struct pmem_ctx *ctx, uint32_t what, uint64_t *value);

#endif
