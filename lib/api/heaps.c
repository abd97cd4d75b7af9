/* SPDX-License-Identifier: MIT */
/* dma-bufs besides regions: heaps, buffers of u-dma-buf, and bare descriptors. */
#include "api/call.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pmem/dmabuf.h>
#include <pmem/region.h>

#include "base/error.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/heap_list.h"
#include "dmabuf/kmod_buffer.h"

/*
 * The heaps of the kernel, then the buffers of u-dma-buf, as they were when ctx was first asked with success: both
 * together, or a number that was told could become another's.
 */
struct heaps_told {
	const struct heap_list *heaps; /* NULL: the kernel had none */
	size_t heap_count;
	size_t buffer_count;
	struct kmod_buffer buffers[];
};

static size_t count_of(const struct heaps_told *told)
{
	return told->heap_count + told->buffer_count;
}

/* That there are no heaps is a failure where there is no buffer either. *buffers is to be freed. */
static int find(struct pmem_ctx *ctx, const struct heap_list **heaps, struct kmod_buffer **buffers,
	size_t *buffer_count)
{
	int r = kmod_list(ctx, buffers, buffer_count);

	if (r < 0 && error_last()->cause != PMEM_CAUSE_NO_DEVICE)
		return r;
	r = heaps_kept(ctx, heaps);
	return r < 0 && (error_last()->cause != PMEM_CAUSE_NO_DEVICE || !*buffer_count) ? r : 0;
}

static struct heaps_told *put_together(const struct heap_list *heaps, const struct kmod_buffer *buffers, size_t count)
{
	struct heaps_told *told = malloc(sizeof(*told) + count * sizeof(*buffers));

	if (!told) {
		error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "list", NULL, NULL, "no memory for a list of heaps");
		return NULL;
	}
	*told = (struct heaps_told){ .heaps = heaps, .heap_count = heaps ? heaps->count : 0, .buffer_count = count };
	if (count)
		memcpy(told->buffers, buffers, count * sizeof(*buffers));
	return told;
}

static int make(struct pmem_ctx *ctx, struct heaps_told **out)
{
	const struct heap_list *heaps = NULL;
	struct kmod_buffer *buffers = NULL;
	size_t count = 0;
	int r = find(ctx, &heaps, &buffers, &count);

	if (r == 0) {
		*out = put_together(heaps, buffers, count);
		r = *out ? 0 : -ENOMEM;
	}
	free(buffers);
	return r;
}

static int look(struct pmem_ctx *ctx, const struct heaps_told **out)
{
	struct heaps_told *told = atomic_load(&ctx->told), *before = NULL;
	int r;

	*out = told;
	if (told)
		return 0;
	r = make(ctx, &told);
	if (r < 0)
		return r;
	/* Another thread may have been faster, and told what is in its list. */
	if (!atomic_compare_exchange_strong(&ctx->told, &before, told)) {
		free(told);
		told = before;
	}
	*out = told;
	return 0;
}

/* One of the two; both NULL past the end. */
struct entry {
	const struct heap *heap;
	const struct kmod_buffer *buffer;
};

static struct entry entry_of(const struct heaps_told *told, size_t i)
{
	if (i < told->heap_count)
		return (struct entry){ .heap = &told->heaps->heaps[i] };
	i -= told->heap_count;
	return (struct entry){ .buffer = i < told->buffer_count ? &told->buffers[i] : NULL };
}

static int try_heap_count(struct pmem_ctx *ctx, size_t *count)
{
	const struct heaps_told *told;
	int r;

	if (!ctx || !count)
		return error_null("heap count", ctx ? "count" : "ctx");
	r = look(ctx, &told);
	if (r == 0)
		*count = count_of(told);
	return r;
}

int pmem_heap_count(struct pmem_ctx *ctx, size_t *count)
{
	CALL(ctx, try_heap_count(ctx, count));
}

static struct entry try_entry(struct pmem_ctx *ctx, size_t i)
{
	const struct heaps_told *told;

	return ctx && look(ctx, &told) == 0 ? entry_of(told, i) : (struct entry){ .heap = NULL };
}

static struct entry entry(struct pmem_ctx *ctx, size_t i)
{
	CALL_AS(struct entry, ctx, try_entry(ctx, i));
}

const char *pmem_heap_name(struct pmem_ctx *ctx, size_t i)
{
	struct entry e = entry(ctx, i);

	return e.heap ? e.heap->name : e.buffer ? e.buffer->name : NULL;
}

const char *pmem_heap_path(struct pmem_ctx *ctx, size_t i)
{
	struct entry e = entry(ctx, i);

	return e.heap ? e.heap->path : e.buffer ? e.buffer->path : NULL;
}

uint32_t pmem_heap_class(struct pmem_ctx *ctx, size_t i)
{
	struct entry e = entry(ctx, i);
	uint32_t class = 0;

	if (e.buffer)
		return PMEM_HEAP_CONTIGUOUS | (kmod_kind_of(e.buffer, false) == KMOD_CACHED ?
			PMEM_HEAP_CACHED : PMEM_HEAP_UNCACHED);
	if (!e.heap || e.heap->class & HEAP_UNKNOWN)
		return 0;
	if (e.heap->class & HEAP_SECURE)
		return PMEM_HEAP_SECURE;
	class |= e.heap->class & HEAP_CONTIGUOUS ? PMEM_HEAP_CONTIGUOUS : 0;
	class |= e.heap->class & HEAP_SYSTEM ? PMEM_HEAP_SCATTERED : 0;
	return class | (e.heap->class & HEAP_UNCACHED ? PMEM_HEAP_UNCACHED : PMEM_HEAP_CACHED);
}

/* A buffer's address is told by sysfs, unless it is one of an IOMMU. */
static int buffer_way(struct pmem_ctx *ctx, const struct kmod_buffer *buffer, uint32_t *way)
{
	uint64_t phys;
	int r = kmod_place(ctx, buffer, &phys);

	if (r == 0)
		*way = PMEM_WAY_UDMABUF_KMOD;
	return r;
}

static int try_heap_way(struct pmem_ctx *ctx, size_t i, uint32_t *way)
{
	const struct heaps_told *told;
	struct entry e;
	int r;

	if (!ctx || !way)
		return error_null("heap way", ctx ? "way" : "ctx");
	r = look(ctx, &told);
	if (r < 0)
		return r;
	e = entry_of(told, i);
	if (e.buffer)
		return buffer_way(ctx, e.buffer, way);
	if (!e.heap)
		return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, "heap way", NULL, NULL,
			"there are %zu heaps, so no number %zu", count_of(told), i);
	return heaps_way(ctx, e.heap, way);
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
