/* SPDX-License-Identifier: MIT */
/*
 * What the backends of dma-bufs share: telling one from other files, mapping it, making it true
 * for the CPU and for devices, and giving it back. region->fd is the dma-buf and owned by the
 * region; region->priv belongs to the functions below.
 */
#ifndef BACKEND_DMABUF_H
#define BACKEND_DMABUF_H

#include <stdbool.h>

#include "backend/backend.h"

/* Is fd a dma-buf? 0; -EBADF, -EINVAL (WRONG_KIND) with the error set. Asks the kernel, changes nothing. */
int dmabuf_check(int fd, const char *operation);

/* Bytes of the dma-buf, whole pages. Sets the error. */
int dmabuf_size(int fd, uint64_t *size);

/*
 * Who made the dma-buf fd of this process: a heap's name, "udmabuf", a driver's name; "" where
 * the kernel does not tell (before Linux 5.3).
 */
#define DMABUF_EXPORTER_MAX 64
void dmabuf_exporter(const struct pmem_ctx *ctx, int fd, char name[DMABUF_EXPORTER_MAX]);

/* Name it for the kernel's lists of dma-bufs; a kernel that cannot is no failure. */
void dmabuf_set_name(int fd, const char *name);

/* DMA_BUF_IOCTL_SYNC, repeated while the kernel asks for it. Sets the error. */
int dmabuf_sync_ioctl(int fd, uint32_t direction, bool begin);

/* The same of a descriptor that may be anything: -EBADF, -EINVAL (WRONG_KIND), -EOPNOTSUPP. */
int dmabuf_sync_bare(int fd, uint32_t direction, bool begin);

/*
 * Map size bytes of region->fd and set size, data and the attribute DMABUF; a child does not
 * inherit the mapping. PMEM_IMPORT_NO_MAP: set what there is to be set, UNMAPPED too. Sets the error.
 */
int dmabuf_map(struct pmem_region *region, uint64_t size, uint32_t map_flags);

/* Will only drivers reach the memory of that request, by its descriptor? */
static inline bool dmabuf_for_drivers(const struct alloc_request *request)
{
	const uint32_t both = PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS;

	return (request->flags & both) == both;
}

/* What is known of a dma-buf's caches, before dmabuf_set_caches() decides. */
#define DMABUF_UNCACHED  (1u << 0) /* the CPU's mapping bypasses the caches */
#define DMABUF_ATTACHED  (1u << 1) /* a device is attached and mapped: the exporter's sync works */
#define DMABUF_NXP_FLUSH (1u << 2) /* NXP's address call answered, and it flushes the buffer */
#define DMABUF_DRIVERS   (1u << 3) /* the kernel sees to its caches, for drivers and for its maker */

/*
 * Decide the cache attributes (uncached; coherent; cached, and who syncs it), and clean what the
 * kernel's zeroing left in the caches, so that nothing is written back over what a device stores:
 * unmapped memory is mapped for that, unless DMABUF_DRIVERS. -EOPNOTSUPP (NOT_COHERENT) if it can be
 * neither coherent nor synced.
 */
int dmabuf_set_caches(struct pmem_region *region, uint32_t known);

/* pmem_backend_ops.sync: tells the exporter, and cleans the caches itself where that is needed. */
int dmabuf_sync(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin);

/* A descriptor that must stay open as long as the region; -1: none. */
void dmabuf_keep(struct pmem_region *region, int fd);

/* Unmap, close and free runs; pmem_backend_ops.close. 0 or the first error, which is set. */
int dmabuf_close(struct pmem_region *region);

/* The same after a failed attempt: the thread's error stays, and region is as it was before. */
int dmabuf_forget(struct pmem_region *region);
int dmabuf_undo(struct pmem_region *region);

/* pmem_backend_ops.import (dmabuf_import.c): any exporter's. */
int dmabuf_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region);

#endif
