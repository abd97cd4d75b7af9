/* SPDX-License-Identifier: MIT */
/* Memory of the kernel's dma-heaps: /dev/dma_heap/NAME, freed by the kernel with its last user. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "dmabuf.h"
#include "dmabuf_address.h"
#include "file.h"
#include "heaps.h"
#include "meminfo.h"
#include "os.h"

/* A descriptor that must stay open with the region, as priv; -1 is stored as NULL. */
static void *keep_as_priv(int fd)
{
	return (void *)(intptr_t)(fd + 1);
}

static int priv_as_keep(const void *priv)
{
	return (int)(intptr_t)priv - 1;
}

static int open_heap(struct pmem_ctx *ctx, const struct heap *heap)
{
	int fd = file_open(ctx->root, heap->path, O_RDONLY);

	if (fd >= 0)
		return fd;
	return error_set(-fd, fd == -EACCES ? PMEM_CAUSE_FILE_MODE : PMEM_CAUSE_SYSTEM, "open",
		heap->path, fd == -EACCES ? "a udev rule can give the heap to a group" : NULL,
		"the heap cannot be opened");
}

static int dmaheap_probe(struct pmem_ctx *ctx)
{
	struct heap *heaps;
	size_t count;
	int r = heaps_list(ctx, &heaps, &count);

	if (r < 0)
		return r;
	r = error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "probe", "/dev/dma_heap", NULL,
		"there is no heap that a program may use");
	for (size_t i = 0; i < count && r < 0; i++) {
		if (heaps[i].class & HEAP_SECURE)
			continue;
		r = open_heap(ctx, &heaps[i]);
	}
	if (r >= 0)
		os->close(r);
	free(heaps);
	return r < 0 ? r : 0;
}

/* The heap that was asked for by name does not exist: name those that do. */
static int no_such_heap(const struct alloc_request *request, const struct heap *heaps, size_t count)
{
	char names[256] = "";
	size_t used = 0;

	for (size_t i = 0; i < count && used < sizeof(names); i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
			i ? ", " : "", heaps[i].name);
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", "/dev/dma_heap", NULL,
		"there is no heap called %s; there are: %s", request->heap, names);
}

static int refused_alloc(struct pmem_ctx *ctx, const struct heap *heap, uint64_t length, int r)
{
	char memory[128];

	meminfo_cma(ctx->root, memory, sizeof(memory));
	if (r == -ENOMEM)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "ioctl DMA_HEAP_IOCTL_ALLOC",
			heap->path,
			"cma=SIZE on the kernel command line, or on a Raspberry Pi "
			"dtoverlay=vc4-kms-v3d,cma-512, makes the CMA area larger",
			"the heap cannot give %llu KiB; %s", (unsigned long long)length / 1024,
			memory);
	return error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl DMA_HEAP_IOCTL_ALLOC", heap->path, NULL,
		"the heap refused %llu KiB", (unsigned long long)length / 1024);
}

/* A dma-buf of that heap, or -errno with the error set. */
static int alloc_fd(struct pmem_ctx *ctx, const struct heap *heap,
	const struct alloc_request *request)
{
	struct dma_heap_allocation_data data = {
		.len = request->length,
		.fd_flags = O_RDWR | O_CLOEXEC,
	};
	int fd = open_heap(ctx, heap);
	int r;

	if (fd < 0)
		return fd;
	r = os->ioctl(fd, heap->request, &data);
	os->close(fd);
	if (r < 0)
		return refused_alloc(ctx, heap, request->length, r);
	dmabuf_set_name((int)data.fd, request->name);
	return (int)data.fd;
}

static int dmaheap_close(struct pmem_region *region)
{
	int keep = priv_as_keep(region->priv);

	if (keep >= 0)
		os->close(keep);
	region->priv = NULL;
	return dmabuf_close(region);
}

/* One heap's answer to the request; *way is how the address was learnt, or NULL. */
static int alloc_from(struct pmem_ctx *ctx, const struct heap *heap,
	const struct alloc_request *request, struct pmem_region *region, const char **way)
{
	bool contiguous = heap->class & HEAP_CONTIGUOUS;
	struct pmem_error first;
	int r, keep;

	region->fd = alloc_fd(ctx, heap, request);
	if (region->fd < 0)
		return region->fd;
	r = dmabuf_map(region, request->length, 0);
	if (r == 0)
		r = dmabuf_set_caches(region, heap->class & HEAP_UNCACHED);
	if (r < 0) {
		error_save(&first);
		dmabuf_close(region);
		return error_restore(&first);
	}
	region->size = request->size;
	region->attrs |= PMEM_REGION_PINNED | (contiguous ? PMEM_REGION_CONTIGUOUS : 0);
	dmabuf_find_address(region, contiguous, way, &keep);
	region->priv = keep_as_priv(keep);
	log_write(&ctx->log, PMEM_LEVEL_DEBUG, "heap %s, address by %s", heap->name,
		*way ? *way : "none");
	return 0;
}

int heaps_address(struct pmem_ctx *ctx, const struct heap *heap, const char **way)
{
	struct pmem_region region = { .ctx = ctx, .ops = &backend_dmaheap, .fd = -1 };
	struct alloc_request request = { .size = os->page_size(), .length = os->page_size(),
		.align = os->page_size(), .max_addr = UINT64_MAX, .name = "libpmem" };
	struct pmem_error why;
	const char *found;
	int r;

	if (heap->class & HEAP_SECURE)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "heap address", heap->path,
			NULL, "the CPU may not touch a secure heap");
	r = alloc_from(ctx, heap, &request, &region, &found);
	if (r < 0)
		return r;
	if (!found)
		error_save(&why);
	r = dmaheap_close(&region);
	free(region.why_unknown);
	if (r < 0)
		return r;
	if (!found)
		return error_restore(&why);
	*way = found;
	return 0;
}

/* May this heap be asked at all? Sets the error if not. */
static int suits(const struct heap *heap, const struct alloc_request *request)
{
	if (request->heap)
		return 0; /* asked for by name: the caller knows */
	if (heap->class & HEAP_SECURE)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", heap->path, NULL,
			"the CPU may not touch a secure heap");
	if ((heap->class & HEAP_SYSTEM) && !(request->flags & PMEM_ALLOC_SCATTERED))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", heap->path, NULL,
			"this heap gives memory in pieces");
	if ((heap->class & HEAP_UNCACHED) && (request->flags & PMEM_ALLOC_CACHED))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", heap->path, NULL,
			"this heap is not cached");
	if (!(heap->class & (HEAP_UNCACHED | HEAP_UNKNOWN)) &&
		(request->flags & PMEM_ALLOC_UNCACHED))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", heap->path, NULL,
			"this heap is cached");
	return 0;
}

static int dmaheap_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	struct pmem_error last;
	struct heap *heaps;
	const char *way;
	size_t count;
	bool asked = false;
	int r = heaps_list(ctx, &heaps, &count);

	if (r < 0)
		return r;
	r = -ENOENT;
	for (size_t i = 0; i < count && r < 0; i++) {
		if (request->heap && strcmp(request->heap, heaps[i].name) != 0)
			continue;
		asked = true;
		r = suits(&heaps[i], request);
		if (r == 0)
			r = alloc_from(ctx, &heaps[i], request, region, &way);
	}
	if (!asked)
		r = request->heap ? no_such_heap(request, heaps, count) :
				    error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "alloc",
					    "/dev/dma_heap", NULL, "there is no heap");
	if (r < 0)
		error_save(&last);
	free(heaps);
	return r < 0 ? error_restore(&last) : 0;
}

/* A foreign dma-buf: any exporter's. */
static int dmaheap_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region)
{
	struct pmem_error first;
	uint64_t size;
	const char *way;
	int keep, r = dmabuf_check(fd, "import");

	(void)ctx;
	if (r < 0)
		return r;
	region->fd = os->fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (region->fd < 0)
		return error_set(-region->fd, PMEM_CAUSE_LIMIT, "import", NULL, NULL,
			"the descriptor cannot be duplicated");
	r = dmabuf_size(region->fd, &size);
	if (r == 0)
		r = dmabuf_map(region, size, flags);
	if (r == 0)
		r = dmabuf_set_caches(region, false);
	if (r < 0) {
		error_save(&first);
		dmabuf_close(region);
		return error_restore(&first);
	}
	region->attrs |= PMEM_REGION_PINNED;
	dmabuf_find_address(region, false, &way, &keep);
	region->priv = keep_as_priv(keep);
	return 0;
}

const struct pmem_backend_ops backend_dmaheap = {
	.name = "dmaheap",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_IMPORT | PMEM_BACKEND_EXPORT | PMEM_BACKEND_PHYS |
		PMEM_BACKEND_PINNED | PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_SYNC,
	.probe = dmaheap_probe,
	.alloc = dmaheap_alloc,
	.import = dmaheap_import,
	.close = dmaheap_close,
	.sync = dmabuf_sync,
};
