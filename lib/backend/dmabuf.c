/* SPDX-License-Identifier: MIT */
#include "dmabuf.h"

#include <errno.h>
#include <linux/dma-buf.h>
#include <linux/ioctl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bsd/string.h>

#include "os.h"
#include "soc.h"

/* The kernel may ask for a repeat (include/uapi/linux/dma-buf.h); it never does so for long. */
#define SYNC_TRIES 1000

static int sync_ioctl(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };
	int r = -EAGAIN;

	for (int i = 0; i < SYNC_TRIES && (r == -EAGAIN || r == -EINTR); i++)
		r = os->ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	return r;
}

int dmabuf_check(int fd, const char *operation)
{
	/*
	 * No READ or WRITE bit: a dma-buf refuses that with EINVAL before it does anything
	 * (drivers/dma-buf/dma-buf.c), everything else does not know the request.
	 */
	int r = sync_ioctl(fd, 0);

	if (r == -EINVAL)
		return 0;
	return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, operation, NULL,
		"pass a descriptor that a dma-buf exporter made",
		"file descriptor %d is not a dma-buf", fd);
}

int dmabuf_size(int fd, uint64_t *size)
{
	int64_t end = os->lseek(fd, 0, SEEK_END);

	if (end < 0)
		return error_set((int)-end, PMEM_CAUSE_SYSTEM, "lseek", NULL, NULL,
			"the size of the dma-buf cannot be learnt");
	os->lseek(fd, 0, SEEK_SET);
	if (end == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "lseek", NULL, NULL,
			"the dma-buf has no bytes");
	*size = (uint64_t)end;
	return 0;
}

void dmabuf_set_name(int fd, const char *name)
{
	char cut[32]; /* DMA_BUF_NAME_LEN, NUL included */

	strlcpy(cut, name, sizeof(cut));
	/* The spelling with the size of a pointer is the one that every kernel takes. */
	os->ioctl(fd, DMA_BUF_SET_NAME, cut);
}

int dmabuf_sync_ioctl(int fd, uint32_t direction, bool begin)
{
	uint64_t flags = begin ? DMA_BUF_SYNC_START : DMA_BUF_SYNC_END;
	int r;

	if (direction & PMEM_DIR_READ)
		flags |= DMA_BUF_SYNC_READ;
	if (direction & PMEM_DIR_WRITE)
		flags |= DMA_BUF_SYNC_WRITE;
	r = sync_ioctl(fd, flags);
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl DMA_BUF_IOCTL_SYNC", NULL, NULL,
			"the exporter refused to sync");
	return 0;
}

int dmabuf_map(struct pmem_region *region, uint64_t size, uint32_t map_flags)
{
	int prot = PROT_READ | (map_flags & PMEM_MAP_READONLY ? 0 : PROT_WRITE);
	int r = region_mmap(region, region->fd, 0, size, prot, NULL);

	if (r < 0)
		return r;
	/* Memory, not registers: a child must not hold it when the parent has given it back. */
	r = os->madvise(region->map_base, region->map_length, MADV_DONTFORK);
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "madvise MADV_DONTFORK", NULL, NULL,
			"the mapping cannot be kept from children");
	region->attrs |= PMEM_REGION_DMABUF;
	if (map_flags & PMEM_MAP_READONLY)
		region->attrs |= PMEM_REGION_READONLY;
	return 0;
}

int dmabuf_set_caches(struct pmem_region *region, bool uncached)
{
	int coherent;

	if (uncached) {
		region->attrs |= PMEM_REGION_COHERENT;
		return 0;
	}
	region->attrs |= PMEM_REGION_CACHED;
	coherent = soc_coherent(region->ctx, NULL);
	if (coherent < 0)
		return coherent;
	if (coherent) {
		region->attrs |= PMEM_REGION_COHERENT;
		return 0;
	}
	if (os->cache_flush(region->map_base, region->map_length) < 0)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT, "alloc", NULL,
			"an uncached heap would do",
			"the memory is cached and this CPU's caches cannot be cleaned from user "
			"mode");
	region->attrs |= PMEM_REGION_NEEDS_SYNC;
	return 0;
}

/*
 * DMA_BUF_IOCTL_SYNC reaches devices that are attached to the buffer and mapped, and no others: a
 * buffer that only user space knows gets no cache care although the call returns 0
 * (drivers/dma-buf/heaps/cma_heap.c). So the exporter is told, and the caches are cleaned here.
 */
int dmabuf_sync(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin)
{
	int r;

	if (begin) {
		r = dmabuf_sync_ioctl(region->fd, direction, true);
		return r < 0 ? r : region_sync_caches(region, offset, length, direction, true);
	}
	r = region_sync_caches(region, offset, length, direction, false);
	return r < 0 ? r : dmabuf_sync_ioctl(region->fd, direction, false);
}

int dmabuf_close(struct pmem_region *region)
{
	if (region->runs != &region->one_run)
		free(region->runs);
	region->runs = NULL;
	return region_unmap(region);
}
