/* SPDX-License-Identifier: MIT */
/*
 * What the backends of dma-bufs share: mapping one, making it true for the CPU and for devices,
 * and giving it back. region->fd is the dma-buf and owned by the region.
 */
#ifndef BACKEND_DMABUF_H
#define BACKEND_DMABUF_H

#include <stdbool.h>

#include "backend.h"

/* Is fd a dma-buf? 0; -EINVAL (WRONG_KIND) with the error set. Asks the kernel, changes nothing. */
int dmabuf_check(int fd, const char *operation);

/* Bytes of the dma-buf, whole pages. Sets the error. */
int dmabuf_size(int fd, uint64_t *size);

/* Name it for the kernel's lists of dma-bufs; a kernel that cannot is no failure. */
void dmabuf_set_name(int fd, const char *name);

/* DMA_BUF_IOCTL_SYNC, repeated while the kernel asks for it. Sets the error. */
int dmabuf_sync_ioctl(int fd, uint32_t direction, bool begin);

/*
 * Map size bytes of region->fd and set size, data and the attribute DMABUF; a child does not
 * inherit the mapping. Sets the error.
 */
int dmabuf_map(struct pmem_region *region, uint64_t size, uint32_t map_flags);

/*
 * Decide the cache attributes of mapped memory (uncached, or cached as this machine is coherent
 * or not), and clean what the kernel's zeroing left in the caches, so that nothing is written
 * back over what a device stores. -EOPNOTSUPP (NOT_COHERENT) if it can be neither coherent nor
 * synced.
 */
int dmabuf_set_caches(struct pmem_region *region, bool uncached);

/* pmem_backend_ops.sync: tells the exporter, and cleans the caches itself where that is needed. */
int dmabuf_sync(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin);

/* Unmap, close and free runs; pmem_backend_ops.close of a backend without more to do. */
int dmabuf_close(struct pmem_region *region);

#endif
