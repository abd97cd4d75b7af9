/* SPDX-License-Identifier: MIT */
/*
 * The buffers of u-dma-buf, the module of github.com/ikwzm/udmabuf, as its class in sysfs shows them:
 * memory that whoever set the machine up reserved by name and size. The kernel's own /dev/udmabuf is
 * another thing (udmabuf.c) and has no such class.
 */
#ifndef BACKEND_KMOD_BUFFER_H
#define BACKEND_KMOD_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"

#define KMOD_NAME 64

struct kmod_buffer {
	char name[KMOD_NAME];  /* "udmabuf0", or what the device tree calls it */
	char folder[96];       /* /sys/class/u-dma-buf/NAME */
	char path[96];         /* /dev/NAME */
	uint64_t size;         /* bytes that may be used; whole pages can be mapped */
	uint64_t rdev;         /* of its node */
	uint32_t sync_mode;    /* how O_SYNC maps it */
	int coherent;          /* 1, 0; -1: an old version, which does not tell */
	unsigned ioctls;       /* its ioctl_version: 1 can sync, 2 can export too; 0: none */
};

/* How a mapping is cached: u-dma-buf's SYNC_MODE_*. */
enum kmod_kind {
	KMOD_CACHED,
	KMOD_NONCACHED,        /* as device memory: aligned accesses only */
	KMOD_WRITE_COMBINE,
	KMOD_DMA_COHERENT,
};

/* sync_mode: bit 2 is "always", below it is the kind of mappings that are made with O_SYNC. */
static inline enum kmod_kind kmod_kind_of(const struct kmod_buffer *buffer, bool o_sync)
{
	return o_sync || buffer->sync_mode & 4 ? (enum kmod_kind)(buffer->sync_mode & 3) : KMOD_CACHED;
}

/*
 * All of them, the smallest first, then by name; *buffers is freed by the caller. 0 is no error: the
 * module is there without a buffer. Sets the error: -ENOENT (NO_DEVICE) no such module; -EACCES,
 * -ENOMEM, what sysfs says.
 */
int kmod_list(struct pmem_ctx *ctx, struct kmod_buffer **buffers, size_t *count);

/*
 * Where it is in memory: the file phys_addr, which is what its DMA device uses, seen from the CPU. It stays
 * true while the node is open, which keeps the module. Sets the error: -ENXIO (ADDRESS_UNKNOWN) the
 * device is behind an IOMMU that translates. Then it must not be mapped: version 5.5.0 marks the
 * mapping as one of frames and lets the IOMMU's code insert pages, which is a BUG of the kernel.
 */
int kmod_place(struct pmem_ctx *ctx, const struct kmod_buffer *buffer, uint64_t *phys);

#endif
