/* SPDX-License-Identifier: MIT */
/* dma-bufs besides regions: the heaps, and bare descriptors. */
#include "api/call.h"

#include <errno.h>

#include <pmem/dmabuf.h>
#include <pmem/region.h>

#include "base/error.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/heap_list.h"

static int try_heap_count(struct pmem_ctx *ctx, size_t *count)
{
	const struct heap_list *list;
	int r;

	if (!ctx || !count)
		return error_null("heap count", ctx ? "count" : "ctx");
	r = heaps_kept(ctx, &list);
	if (r == 0)
		*count = list->count;
	return r;
}

int pmem_heap_count(struct pmem_ctx *ctx, size_t *count)
{
	CALL(ctx, try_heap_count(ctx, count));
}

static const struct heap *try_entry(struct pmem_ctx *ctx, size_t i)
{
	const struct heap_list *list;

	return ctx && heaps_kept(ctx, &list) == 0 && i < list->count ? &list->heaps[i] : NULL;
}

static const struct heap *entry(struct pmem_ctx *ctx, size_t i)
{
	CALL_AS(const struct heap *, ctx, try_entry(ctx, i));
}

const char *pmem_heap_name(struct pmem_ctx *ctx, size_t i)
{
	const struct heap *heap = entry(ctx, i);

	return heap ? heap->name : NULL;
}

const char *pmem_heap_path(struct pmem_ctx *ctx, size_t i)
{
	const struct heap *heap = entry(ctx, i);

	return heap ? heap->path : NULL;
}

uint32_t pmem_heap_class(struct pmem_ctx *ctx, size_t i)
{
	const struct heap *heap = entry(ctx, i);
	uint32_t class = 0;

	if (!heap || heap->class & HEAP_UNKNOWN)
		return 0;
	if (heap->class & HEAP_SECURE)
		return PMEM_HEAP_SECURE;
	class |= heap->class & HEAP_CONTIGUOUS ? PMEM_HEAP_CONTIGUOUS : 0;
	class |= heap->class & HEAP_SYSTEM ? PMEM_HEAP_SCATTERED : 0;
	return class | (heap->class & HEAP_UNCACHED ? PMEM_HEAP_UNCACHED : PMEM_HEAP_CACHED);
}

static int try_heap_way(struct pmem_ctx *ctx, size_t i, uint32_t *way)
{
	const struct heap_list *list;
	int r;

	if (!ctx || !way)
		return error_null("heap way", ctx ? "way" : "ctx");
	r = heaps_kept(ctx, &list);
	if (r < 0)
		return r;
	if (i >= list->count)
		return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, "heap way", NULL, NULL,
			"there are %zu heaps, so no number %zu", list->count, i);
	return heaps_way(ctx, &list->heaps[i], way);
}

int pmem_heap_way(struct pmem_ctx *ctx, size_t i, uint32_t *way)
{
	CALL(ctx, try_heap_way(ctx, i, way));
}

static int sync_bare(struct pmem_ctx *ctx, int fd, uint32_t direction, bool begin)
{
	if (!ctx)
		return error_null("dma-buf sync", "ctx");
	if (direction == 0 || (direction & ~PMEM_DIR_BOTH))
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "dma-buf sync", NULL, NULL,
			"the direction 0x%x is none of PMEM_DIR_*", direction);
	return dmabuf_sync_bare(fd, direction, begin);
}

int pmem_dmabuf_cpu_begin(struct pmem_ctx *ctx, int fd, uint32_t direction)
{
	CALL(ctx, sync_bare(ctx, fd, direction, true));
}

int pmem_dmabuf_cpu_end(struct pmem_ctx *ctx, int fd, uint32_t direction)
{
	CALL(ctx, sync_bare(ctx, fd, direction, false));
}
