/* SPDX-License-Identifier: MIT */
/* For the other objects of this layer. Nothing exported is called from inside the library. */
#ifndef CONTEXT_H
#define CONTEXT_H

#include "soc/ctx.h"

struct pmem_ctx *context_ref(struct pmem_ctx *ctx);
void context_unref(struct pmem_ctx *ctx);

#endif
