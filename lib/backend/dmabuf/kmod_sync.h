/* SPDX-License-Identifier: MIT */
/*
 * Making a part of a u-dma-buf true for the CPU or for devices: by the module, which asks the kernel
 * for its DMA device, or else by the CPU's own cache operations.
 */
#ifndef BACKEND_KMOD_SYNC_H
#define BACKEND_KMOD_SYNC_H

#include "backend/backing.h"
#include "dmabuf/kmod_buffer.h"
#include "os/fork_lock.h"

enum kmod_way {
	KMOD_NOTHING, /* needs none */
	KMOD_IOCTL,   /* of the node, where the module has them */
	KMOD_SYSFS,   /* by writing to its files */
	KMOD_CPU,
};

/* A buffer that is a region's: region->priv. */
struct kmod_held {
	struct kmod_buffer buffer;
	int node;              /* open, with the lock that keeps other users of this library out */
	uint64_t offset;       /* of the region in the buffer */
	enum kmod_way way;
	int files[2];          /* KMOD_SYSFS: sync_for_device, sync_for_cpu; -1 */
	struct fork_lock lock; /* KMOD_IOCTL: the module takes none, and keeps the range in one place */
};

/*
 * Find the way. kernel: the module's device is one that the kernel syncs for. Sets the error: -EOPNOTSUPP
 * (NOT_COHERENT) there is none; -EMFILE, -ENFILE (LIMIT)
 */
int kmod_sync_open(const struct pmem_ctx *ctx, struct kmod_held *held, bool kernel);
void kmod_sync_close(struct kmod_held *held);

/* pmem_backend_ops.sync, of a region whose priv is a struct kmod_held. */
int kmod_sync(const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction,
	bool begin);

#endif
