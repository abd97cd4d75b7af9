/* SPDX-License-Identifier: MIT */
#include "dmabuf/dmabuf.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/dma-buf.h>
#include <linux/ioctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bsd/string.h>

#include "dmabuf/dmabuf_address.h"
#include "os/file.h"
#include "os/os.h"
#include "soc/soc.h"

/* The kernel may ask for a repeat (include/uapi/linux/dma-buf.h); it never does so for long. */
#define SYNC_TRIES 1000

/* DMA_BUF_IOCTL_SYNC came with Linux 4.6; before, a dma-buf knows no request at all. */
#define KERNEL_SYNC 4006

/* Who makes a cached region true, in the low bits of priv; above, the kept descriptor plus 1. */
enum syncer { BY_CPU, BY_EXPORTER, BY_NXP_CALL };

static enum syncer syncer_of(const struct pmem_region *region)
{
	return (enum syncer)((uintptr_t)region->priv & 3);
}

static int kept_by(const struct pmem_region *region)
{
	return (int)((uintptr_t)region->priv >> 2) - 1;
}

static void set_priv(struct pmem_region *region, int keep, enum syncer syncer)
{
	region->priv = (void *)((uintptr_t)(keep + 1) << 2 | (uintptr_t)syncer);
}

void dmabuf_keep(struct pmem_region *region, int fd)
{
	set_priv(region, fd, syncer_of(region));
}

static int sync_ioctl(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };
	int r = -EAGAIN;

	for (int i = 0; i < SYNC_TRIES && (r == -EAGAIN || r == -EINTR); i++)
		r = os->ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync);
	return r;
}

static int not_open(int fd, const char *operation)
{
	return error_set(EBADF, PMEM_CAUSE_WRONG_KIND, operation, NULL, NULL,
		"%d is not an open file descriptor", fd);
}

int dmabuf_check(int fd, const char *operation)
{
	/*
	 * Two things that a dma-buf refuses with EINVAL before it does anything, and no other
	 * file both (drivers/dma-buf/dma-buf.c): a sync that neither reads nor writes, and a
	 * seek that is not to the start or the end. A heap's device, for one, refuses the first.
	 */
	int r = sync_ioctl(fd, 0);

	if (r == -EBADF)
		return not_open(fd, operation);
	if ((r == -EINVAL || (r == -ENOTTY && os->kernel_version() < KERNEL_SYNC)) &&
		os->lseek(fd, 0, SEEK_CUR) == -EINVAL)
		return 0;
	return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, operation, NULL,
		"pass a descriptor that a dma-buf exporter made",
		"file descriptor %d is not a dma-buf", fd);
}

int dmabuf_size(int fd, uint64_t *size)
{
	int64_t end = os->lseek(fd, 0, SEEK_END); /* tells, and moves nothing: dma_buf_llseek() */

	if (end < 0)
		return error_set((int)-end, PMEM_CAUSE_SYSTEM, "lseek", NULL, NULL,
			"the size of the dma-buf cannot be learnt");
	if (end == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "lseek", NULL, NULL,
			"the dma-buf has no bytes");
	*size = (uint64_t)end;
	return 0;
}

void dmabuf_exporter(const struct pmem_ctx *ctx, int fd, char name[DMABUF_EXPORTER_MAX])
{
	static const char key[] = "\nexp_name:\t"; /* dma_buf_show_fdinfo() */
	char path[64], *text, *at;
	size_t size;

	name[0] = '\0';
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (file_read(ctx->root, path, 65536, &text, &size) < 0)
		return;
	at = strstr(text, key);
	if (at) {
		at += sizeof(key) - 1;
		at[strcspn(at, "\n")] = '\0';
		strlcpy(name, at, DMABUF_EXPORTER_MAX);
	}
	free(text);
}

void dmabuf_set_name(int fd, const char *name)
{
	char cut[32]; /* DMA_BUF_NAME_LEN, NUL included */

	strlcpy(cut, name, sizeof(cut));
	/* The spelling with the size of a pointer is the one that every kernel takes. */
	os->ioctl(fd, DMA_BUF_SET_NAME, cut);
}

static int sync_direction(int fd, uint32_t direction, bool begin)
{
	uint64_t flags = begin ? DMA_BUF_SYNC_START : DMA_BUF_SYNC_END;

	if (direction & PMEM_DIR_READ)
		flags |= DMA_BUF_SYNC_READ;
	if (direction & PMEM_DIR_WRITE)
		flags |= DMA_BUF_SYNC_WRITE;
	return sync_ioctl(fd, flags);
}

static int refused_sync(int r)
{
	return error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl DMA_BUF_IOCTL_SYNC", NULL, NULL,
		"the exporter refused to sync");
}

int dmabuf_sync_ioctl(int fd, uint32_t direction, bool begin)
{
	int r = sync_direction(fd, direction, begin);

	if (r == -ENOTTY && os->kernel_version() < KERNEL_SYNC)
		return 0; /* nobody there to be told */
	return r < 0 ? refused_sync(r) : 0;
}

/* What fd is, is asked only to explain a refusal. */
int dmabuf_sync_bare(int fd, uint32_t direction, bool begin)
{
	int r = sync_direction(fd, direction, begin), kind;

	if (r >= 0)
		return 0;
	kind = dmabuf_check(fd, "dma-buf sync");
	if (kind < 0)
		return kind;
	if (r == -ENOTTY)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "dma-buf sync", NULL,
			"Linux 4.6 has it; pmem_region_import() maps and syncs the buffer",
			"this kernel has no call to sync a dma-buf");
	return refused_sync(r);
}

int dmabuf_map(struct pmem_region *region, uint64_t size, uint32_t map_flags)
{
	int prot = PROT_READ | (map_flags & PMEM_MAP_READONLY ? 0 : PROT_WRITE);
	int r = 0;

	if (map_flags & PMEM_IMPORT_NO_MAP) {
		region->size = size;
		region->attrs |= PMEM_REGION_UNMAPPED;
	} else {
		r = region_mmap_memory(region, region->fd, 0, size, prot, NULL);
	}
	if (r == -EACCES)
		return error_set(EACCES, PMEM_CAUSE_READONLY, "mmap", NULL,
			"PMEM_MAP_READONLY maps it for reading",
			"the descriptor was not opened for writing");
	if (r < 0)
		return r;
	region->attrs |= PMEM_REGION_DMABUF;
	if (map_flags & PMEM_MAP_READONLY)
		region->attrs |= PMEM_REGION_READONLY;
	return 0;
}

/* NXP's address call maps the buffer for a device and unmaps it, which flushes it. */
static int nxp_flush(const struct pmem_region *region)
{
	uint64_t phys;
	int r = dmabuf_nxp_address(region->fd, &phys);

	return r >= 0 ? 0 : error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl DMA_BUF_IOCTL_PHYS", NULL, NULL,
		"the kernel refused to flush the buffer");
}

/* Clean the caches of all of it. A plain -errno. */
static int flush_all(const struct pmem_region *region)
{
	struct pmem_region view = { .fd = -1 };
	int r;

	if (!(region->attrs & PMEM_REGION_UNMAPPED))
		return os->cache_flush(region->map_base, region->map_length);
	r = region_mmap_memory(&view, region->fd, 0, region->size, PROT_READ, NULL);
	if (r < 0)
		return r;
	r = os->cache_flush(view.map_base, view.map_length);
	region_unmap(&view);
	return r;
}

/* Cached memory of a machine whose devices do not look into caches: who can make it true? */
static int set_syncer(struct pmem_region *region, uint32_t known)
{
	int r;

	region->attrs |= PMEM_REGION_NEEDS_SYNC;
	if (known & DMABUF_DRIVERS)
		return 0;
	r = flush_all(region);
	if (r == 0) {
		set_priv(region, kept_by(region), BY_CPU);
		return 0;
	}
	if (known & DMABUF_ATTACHED) {
		set_priv(region, kept_by(region), BY_EXPORTER);
		r = dmabuf_sync_ioctl(region->fd, PMEM_DIR_BOTH, true);
		return r < 0 ? r : dmabuf_sync_ioctl(region->fd, PMEM_DIR_BOTH, false);
	}
	if (known & DMABUF_NXP_FLUSH) {
		set_priv(region, kept_by(region), BY_NXP_CALL);
		return nxp_flush(region);
	}
	region->attrs &= ~PMEM_REGION_NEEDS_SYNC;
	return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT, "alloc", NULL,
		"an uncached heap would do",
		"the memory is cached, devices here do not see the cache, and neither this CPU "
		"lets a program clean it nor does the dma-buf's exporter");
}

int dmabuf_set_caches(struct pmem_region *region, uint32_t known)
{
	bool coherent = region_coherent(region);

	if (known & DMABUF_UNCACHED) {
		region->attrs |= PMEM_REGION_COHERENT;
		/* The kernel zeroed through its own, cached view; drivers that forget to clean
		 * that are helped where the CPU allows it. */
		if (!coherent && !(known & DMABUF_DRIVERS))
			flush_all(region);
		return 0;
	}
	region->attrs |= PMEM_REGION_CACHED;
	if (coherent) {
		region->attrs |= PMEM_REGION_COHERENT;
		return 0;
	}
	return set_syncer(region, known);
}

/* The part that the exporter's sync does not do. */
static int sync_caches(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin)
{
	switch (syncer_of(region)) {
	case BY_CPU:
		return region_sync_caches(region, offset, length, direction, begin);
	case BY_NXP_CALL:
		return nxp_flush(region);
	default:
		return 0;
	}
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
		return r < 0 ? r : sync_caches(region, offset, length, direction, true);
	}
	r = sync_caches(region, offset, length, direction, false);
	return r < 0 ? r : dmabuf_sync_ioctl(region->fd, direction, false);
}

int dmabuf_close(struct pmem_region *region)
{
	int keep = kept_by(region);

	if (region->runs != &region->one_run)
		free(region->runs);
	region->runs = NULL;
	region->run_count = 0;
	region->priv = NULL;
	if (keep >= 0)
		os->close(keep);
	return region_unmap(region);
}

int dmabuf_forget(struct pmem_region *region)
{
	if (region->runs != &region->one_run)
		free(region->runs);
	return 0;
}

int dmabuf_undo(struct pmem_region *region)
{
	struct pmem_error first;

	error_save(&first);
	dmabuf_close(region);
	region_reset(region, region->ops);
	return error_restore(&first);
}
