/* SPDX-License-Identifier: MIT */
/* How a u-dma-buf is mapped so that the CPU and whoever uses it agree on what is in it. */
#ifndef BACKEND_KMOD_PLAN_H
#define BACKEND_KMOD_PLAN_H

#include "backend/backend.h"
#include "dmabuf/kmod_buffer.h"
#include "dmabuf/kmod_sync.h"

struct kmod_plan {
	bool o_sync;         /* the node is opened with it */
	enum kmod_kind kind;
	bool sync;           /* its users do not look into the cache */
};

/*
 * Cached where it can be synced (held knows how then), else past the cache by sync_mode, which is
 * never changed: others may rely on it. Sets the error: -EOPNOTSUPP (UNSUPPORTED) sync_mode maps it
 * otherwise; (NOT_COHERENT) nobody can sync it; as kmod_sync_open().
 */
int kmod_plan(struct pmem_ctx *ctx, const struct alloc_request *request,
	const struct pmem_region *region, struct kmod_held *held, struct kmod_plan *plan);

#endif
