/* SPDX-License-Identifier: MIT */
/* Memory of the kernel's dma-heaps: /dev/dma_heap/NAME, freed by the kernel with its last user. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/dmabuf_address.h"
#include "dmabuf/heap_list.h"
#include "dmabuf/source.h"
#include "os/file.h"
#include "os/meminfo.h"
#include "os/os.h"

static int open_heap(struct pmem_ctx *ctx, const struct heap *heap)
{
	const struct access_device device = {
		.path = heap->path,
		.capability = -1,
		.absent = "physmem heaps lists those that there are",
		.mode = "the package libpmem-udev gives it to a group: usermod -aG dmamem USER "
			"(docs/permissions.md)",
	};

	return access_open(ctx, &device, O_RDONLY);
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
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", "/dev/dma_heap",
		"physmem heaps lists them", "there is no heap called %s; there are: %s",
		request->heap, names[0] ? names : "none");
}

static int no_memory(struct pmem_ctx *ctx, const struct heap *heap, uint64_t length)
{
	char memory[128];

	if (heap->class & HEAP_SYSTEM)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "ioctl DMA_HEAP_IOCTL_ALLOC",
			heap->path, "MemAvailable in /proc/meminfo tells how much there is",
			"the kernel has no %" PRIu64 " KiB for the heap", length / 1024);
	meminfo_cma(ctx->root, memory, sizeof(memory));
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "ioctl DMA_HEAP_IOCTL_ALLOC", heap->path,
		"cma=SIZE on the kernel command line, or on a Raspberry Pi "
		"dtoverlay=vc4-kms-v3d,cma-512, makes the CMA area larger",
		"the heap cannot give %" PRIu64 " KiB in one piece; %s", length / 1024, memory);
}

static int refused_alloc(struct pmem_ctx *ctx, const struct heap *heap, uint64_t length, int r)
{
	if (r == -ENOMEM)
		return no_memory(ctx, heap, length);
	if (r == -EMFILE || r == -ENFILE)
		return error_set(-r, PMEM_CAUSE_LIMIT, "ioctl DMA_HEAP_IOCTL_ALLOC", heap->path,
			NULL, "there are too many open files");
	return error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl DMA_HEAP_IOCTL_ALLOC", heap->path, NULL,
		"the heap refused %" PRIu64 " KiB", length / 1024);
}

/* A dma-buf of that heap, or -errno with the error set. */
static int alloc_fd(struct pmem_ctx *ctx, const struct heap *heap, uint64_t length,
	const char *name)
{
	struct dma_heap_allocation_data data = {
		.len = length,
		.fd_flags = O_RDWR | O_CLOEXEC, /* fd has to be 0: dma_heap_ioctl_allocate() */
	};
	int fd = open_heap(ctx, heap);
	int r;

	if (fd < 0)
		return fd;
	r = os->ioctl(fd, heap->request, &data);
	os->close(fd);
	if (r < 0)
		return refused_alloc(ctx, heap, length, r);
	r = file_keep((int)data.fd);
	if (r < 0)
		return refused_alloc(ctx, heap, length, r);
	dmabuf_set_name(r, name);
	return r;
}

/*
 * A CMA heap aligns a buffer to its size (cma_heap.c: the order of the size, up to
 * CONFIG_CMA_ALIGNMENT), so a larger one is what an alignment costs.
 */
static uint64_t buffer_length(const struct heap *heap, const struct alloc_request *request)
{
	if ((heap->class & HEAP_CONTIGUOUS) && request->align > request->length)
		return request->align;
	return request->length;
}

/* What is known of its caches; of a secure heap's, that the CPU has none of it. */
static uint32_t caches_of(const struct heap *heap, const struct alloc_request *request)
{
	if (heap->class & HEAP_SECURE)
		return DMABUF_UNCACHED | DMABUF_DRIVERS;
	return (heap->class & HEAP_UNCACHED ? DMABUF_UNCACHED : 0) |
		(dmabuf_for_drivers(request) ? DMABUF_DRIVERS : 0);
}

/* The memory is there: map it, find it, make it safe. */
static int fill(const struct heap *heap, const struct alloc_request *request, uint64_t length,
	struct pmem_region *region, struct dmabuf_answer *answer)
{
	bool contiguous = (heap->class & HEAP_CONTIGUOUS) || length == os->page_size();
	uint32_t caches = caches_of(heap, request);
	int r = dmabuf_map(region, length,
		request->flags & PMEM_ALLOC_NO_MAP ? PMEM_IMPORT_NO_MAP : 0);

	if (r < 0)
		return r;
	region->size = request->size;
	dmabuf_find_address(region, DMABUF_STAYS | (contiguous ? DMABUF_CONTIGUOUS : 0) |
		(request->flags & PMEM_ALLOC_NO_ADDRESS ? DMABUF_UNASKED : 0), answer);
	dmabuf_keep(region, answer->keep);
	caches |= answer->attached ? DMABUF_ATTACHED : 0;
	caches |= answer->flushes ? DMABUF_NXP_FLUSH : 0;
	r = dmabuf_set_caches(region, caches);
	if (r < 0)
		return r;
	region->attrs |= PMEM_REGION_PINNED;
	return 0;
}

/* One heap's answer to the request; *answer is how the address was learnt. */
static int alloc_from(struct pmem_ctx *ctx, const struct heap *heap,
	const struct alloc_request *request, struct pmem_region *region,
	struct dmabuf_answer *answer)
{
	uint64_t length = buffer_length(heap, request);
	int r;

	r = alloc_fd(ctx, heap, length, request->name);
	if (r < 0)
		return r;
	region->fd = r;
	r = fill(heap, request, length, region, answer);
	if (r < 0)
		return dmabuf_undo(region);
	log_write(&ctx->log, PMEM_LEVEL_DEBUG, "heap %s, address by %s", heap->name,
		answer->name);
	return 0;
}

int heaps_way(struct pmem_ctx *ctx, const struct heap *heap, uint32_t *way)
{
	struct pmem_region region = { .ctx = ctx, .ops = &backend_dmaheap, .fd = -1 };
	struct alloc_request request = { .size = os->page_size(), .length = os->page_size(),
		.align = os->page_size(), .max_addr = UINT64_MAX, .name = "libpmem" };
	struct dmabuf_answer found;
	int r;

	if (heap->class & HEAP_SECURE)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "heap way", heap->path,
			NULL, "the CPU may not touch a secure heap");
	r = alloc_from(ctx, heap, &request, &region, &found);
	if (r < 0)
		return r;
	if (!found.way) {
		if (region.why_unknown)
			error_restore(region.why_unknown);
		return dmabuf_undo(&region);
	}
	r = dmabuf_close(&region);
	if (r == 0)
		*way = found.way;
	return r;
}

/*
 * The CPU may not touch a secure heap, so the kernel does not zero its memory; mainline's dma-bufs
 * have no mmap operation (drivers/tee/tee_heap.c).
 */
static int check_secure(const struct heap *heap, const struct alloc_request *request)
{
	const uint32_t needed = PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ZERO;

	if (!(heap->class & HEAP_SECURE) || (request->heap && (request->flags & needed) == needed))
		return 0;
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", heap->path,
		"it gives memory by its name, with PMEM_ALLOC_NO_MAP and PMEM_ALLOC_NO_ZERO; "
		"whether that is one piece is not known (PMEM_ALLOC_SCATTERED)",
		"the CPU may not touch a secure heap");
}

/* May this heap be asked at all? Sets the error if not. */
static int suits(const struct heap *heap, const struct alloc_request *request)
{
	int r = check_secure(heap, request);

	if (r < 0 || request->heap)
		return r; /* asked for by name: the caller knows */
	if ((heap->class & HEAP_SYSTEM) && !(request->flags & PMEM_ALLOC_SCATTERED) &&
		request->length > os->page_size())
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

/* Ask one heap; 0 if the region is all that was asked for. */
static int try_heap(struct pmem_ctx *ctx, const struct heap *heap,
	const struct alloc_request *request, struct pmem_region *region)
{
	struct dmabuf_answer answer;
	int r = alloc_from(ctx, heap, request, region, &answer);

	if (r == 0 && select_check(request, region) < 0) {
		source_name(heap->path);
		return dmabuf_undo(region);
	}
	return r;
}

/*
 * The first heap that gives it. Otherwise the error is that of the first heap that was asked, for
 * that is the one that suits best; a heap that was not even asked tells less.
 */
static int try_heaps(struct pmem_ctx *ctx, const struct heap *heaps, size_t count,
	const struct alloc_request *request, struct pmem_region *region)
{
	const uint32_t any_memory = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS;
	bool spare = (request->flags & any_memory) == any_memory; /* contiguous memory is scarce */
	struct source_refusals all = { .backend = backend_dmaheap.name };

	for (size_t i = 0; i < count; i++) {
		const struct heap *heap = &heaps[spare ? count - 1 - i : i];
		bool ask;

		if (request->heap && strcmp(request->heap, heap->name) != 0)
			continue;
		ask = suits(heap, request) == 0;
		if (ask && try_heap(ctx, heap, request, region) == 0) {
			source_gave(&all);
			return 0;
		}
		source_refused(&all, ask);
	}
	if (all.count)
		return source_none_gave(&all);
	if (request->heap)
		return no_such_heap(request, heaps, count);
	return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "alloc", "/dev/dma_heap", NULL,
		"there is no heap");
}

static bool same_heaps(const struct heap_list *list, const struct heap *heaps, size_t count)
{
	size_t i = 0;

	if (count != list->count)
		return false;
	while (i < count && strcmp(list->heaps[i].path, heaps[i].path) == 0)
		i++;
	return i == count;
}

/* None of the heaps that the context knows could: are there others by now? */
static int ask_new_heaps(struct pmem_ctx *ctx, const struct heap_list *known,
	const struct alloc_request *request, struct pmem_region *region)
{
	struct pmem_error why;
	struct heap *heaps;
	size_t count;
	int r;

	error_save(&why);
	if (heaps_list(ctx, &heaps, &count) < 0)
		return error_restore(&why);
	r = same_heaps(known, heaps, count) ? error_restore(&why) :
		try_heaps(ctx, heaps, count, request, region);
	free(heaps);
	return r;
}

static int dmaheap_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	const struct heap_list *list;
	int r = heaps_kept(ctx, &list);

	if (r < 0)
		return r;
	r = try_heaps(ctx, list->heaps, list->count, request, region);
	return r < 0 ? ask_new_heaps(ctx, list, request, region) : 0;
}

const struct pmem_backend_ops backend_dmaheap = {
	.name = "dmaheap",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_IMPORT | PMEM_BACKEND_EXPORT | PMEM_BACKEND_PHYS |
		PMEM_BACKEND_PINNED | PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_SYNC,
	.probe = dmaheap_probe,
	.alloc = dmaheap_alloc,
	.import = dmabuf_import,
	.close = dmabuf_close,
	.forget = dmabuf_forget,
	.sync = dmabuf_sync,
};
