/* SPDX-License-Identifier: MIT */
/* The list of dma-buf heaps. */
#include "api/call.h"
#include "dmabuf/heap_list.h"

#include <errno.h>
#include <stdlib.h>

#include <pmem/heaps.h>

#include "api/context.h"
#include "base/error.h"

struct pmem_heaps {
	struct pmem_ctx *ctx;
	struct heap *heaps;
	size_t count;
};

static int try_heaps_new(struct pmem_ctx *ctx, struct pmem_heaps **out)
{
	struct pmem_heaps *heaps;
	int r;

	if (!ctx)
		return error_null("heaps new", "ctx");
	if (!out)
		return error_null("heaps new", "out");
	heaps = calloc(1, sizeof(*heaps));
	if (!heaps)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "heaps new", NULL, NULL,
			"no memory for a list of heaps");
	r = heaps_list(ctx, &heaps->heaps, &heaps->count);
	if (r < 0) {
		free(heaps);
		return r;
	}
	heaps->ctx = context_ref(ctx);
	*out = heaps;
	return 0;
}

int pmem_heaps_new(struct pmem_ctx *ctx, struct pmem_heaps **out)
{
	CALL(ctx, try_heaps_new(ctx, out));
}

void pmem_heaps_free(struct pmem_heaps *heaps)
{
	if (!heaps)
		return;
	context_unref(heaps->ctx);
	free(heaps->heaps);
	free(heaps);
}

size_t pmem_heaps_count(const struct pmem_heaps *heaps)
{
	return heaps ? heaps->count : 0;
}

static const struct heap *entry(const struct pmem_heaps *heaps, size_t i)
{
	return heaps && i < heaps->count ? &heaps->heaps[i] : NULL;
}

const char *pmem_heaps_name(const struct pmem_heaps *heaps, size_t i)
{
	const struct heap *heap = entry(heaps, i);

	return heap ? heap->name : NULL;
}

const char *pmem_heaps_path(const struct pmem_heaps *heaps, size_t i)
{
	const struct heap *heap = entry(heaps, i);

	return heap ? heap->path : NULL;
}

uint32_t pmem_heaps_class(const struct pmem_heaps *heaps, size_t i)
{
	const struct heap *heap = entry(heaps, i);
	uint32_t class = 0;

	if (!heap || heap->class & HEAP_UNKNOWN)
		return 0;
	if (heap->class & HEAP_SECURE)
		return PMEM_HEAPS_SECURE;
	class |= heap->class & HEAP_CONTIGUOUS ? PMEM_HEAPS_CONTIGUOUS : 0;
	class |= heap->class & HEAP_SYSTEM ? PMEM_HEAPS_SCATTERED : 0;
	return class | (heap->class & HEAP_UNCACHED ? PMEM_HEAPS_UNCACHED : PMEM_HEAPS_CACHED);
}

static int try_heaps_address(const struct pmem_heaps *heaps, size_t i, const char **way)
{
	const struct heap *heap = entry(heaps, i);
	const char *found = NULL;
	int r;

	if (!heaps)
		return error_null("heaps address", "heaps");
	if (!way)
		return error_null("heaps address", "way");
	if (!heap)
		return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, "heaps address", NULL, NULL,
			"the list has %zu heaps, so no number %zu", heaps->count, i);
	r = heaps_address(heaps->ctx, heap, &found);
	if (r >= 0)
		*way = found;
	return r;
}

int pmem_heaps_address(const struct pmem_heaps *heaps, size_t i, const char **way)
{
	CALL(heaps ? heaps->ctx : NULL, try_heaps_address(heaps, i, way));
}
