/* SPDX-License-Identifier: MIT */
/*
 * Ordinary memory, kept in place: works on every Linux, for a program that may see frames. It is
 * cached, so it serves where the machine is coherent, or where this CPU lets a program clean its
 * cache; elsewhere a device and the CPU would not agree, and it is refused whatever the caller
 * says about caches.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "backend/plain.h"
#include "os/os.h"
#include "soc/soc.h"

int plain_cache_attrs(bool coherent, uint32_t *attrs)
{
	unsigned char probe[64];

	if (coherent) {
		*attrs = PMEM_REGION_CACHED | PMEM_REGION_COHERENT;
		return 0;
	}
	probe[0] = 0;
	if (os->cache_clean(probe, sizeof(probe)) == 0 && os->cache_flush(probe, sizeof(probe)) == 0) {
		*attrs = PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC;
		return 0;
	}
	return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT, "alloc", NULL,
		"memory of the firmware or of a dma-heap is uncached or can be synced",
		"devices here do not see the CPU's cache, and this CPU does not let a program "
		"clean it");
}

static int pages_probe(struct pmem_ctx *ctx)
{
	uint32_t attrs;
	int r = plain_cache_attrs(soc_coherent(ctx, NULL) == 1, &attrs);

	return r < 0 ? r : pages_usable(ctx);
}

/* What this memory can never be. */
static int check_request(const struct alloc_request *request)
{
	if (request->heap)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", NULL, NULL,
			"ordinary memory has no heap called %s", request->heap);
	if (request->flags & PMEM_ALLOC_DMABUF)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL,
			"the backends udmabuf and dmaheap give dma-bufs",
			"ordinary memory has no dma-buf descriptor");
	if (request->flags & PMEM_ALLOC_NO_MAP)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL,
			"the backends udmabuf and dmaheap give memory that is not mapped",
			"ordinary memory is this program's mapping of it");
	if (request->flags & PMEM_ALLOC_UNCACHED)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL, NULL,
			"ordinary memory is always cached");
	return 0;
}

void plain_set_block(struct pmem_ctx *ctx, struct pmem_region *region,
	struct pages_block *block)
{
	uint64_t before = 0;

	region->priv = block;
	if (block->pin.class != PIN_NONE)
		region->attrs |= PMEM_REGION_PINNED;
	log_write(&ctx->log, PMEM_LEVEL_DEBUG, "%s: %" PRIu64 " bytes in %zu pieces, held by %s",
		region->ops->name, region->size, block->run_count, pin_name(block->pin.class));
	if (!block->runs) {
		if (frames_shown(ctx) < 0)
			region_set_unknown(region);
		return;
	}
	for (size_t i = 0; i + 1 < block->run_count; i++)
		before += block->runs[i].length;
	block->runs[block->run_count - 1].length = region->size - before;
	region->runs = block->runs;
	region->run_count = block->run_count;
	if (block->run_count == 1)
		region->attrs |= PMEM_REGION_CONTIGUOUS;
}

static int pages_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	const struct pages_request want = {
		.size = request->length,
		.align = request->align,
		.max_addr = request->max_addr,
		.scattered = request->flags & PMEM_ALLOC_SCATTERED,
		.need_address = !(request->flags & PMEM_ALLOC_NO_ADDRESS),
		.may_move = request->flags & PMEM_ALLOC_MAY_MOVE,
		.try_hard = request->flags & PMEM_ALLOC_TRY_HARD,
		.node = request->node,
		.wait_ms = request->wait_ms,
	};
	struct pages_block *block;
	int r = check_request(request);

	if (r == 0)
		r = plain_cache_attrs(region_coherent(region), &region->attrs);
	if (r < 0)
		return r;
	block = calloc(1, sizeof(*block));
	if (!block)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"no memory for a region");
	r = pages_take(ctx, &want, block);
	if (r < 0) {
		free(block);
		return r;
	}
	region->data = block->data;
	region->size = request->size;
	plain_set_block(ctx, region, block);
	/* One page cannot be in two pieces, even if nobody may know where it is. */
	if (request->length == os->page_size())
		region->attrs |= PMEM_REGION_CONTIGUOUS;
	return 0;
}

static int pages_close(struct pmem_region *region)
{
	struct pages_block *block = region->priv;
	int r = pages_give(block);

	free(block);
	return r;
}

int plain_forget(struct pmem_region *region)
{
	struct pages_block *block = region->priv;

	free(block->pin.fds);
	free(block->runs);
	free(block);
	return 0;
}

const struct pmem_backend_ops backend_pages = {
	.name = "pages",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_PHYS | PMEM_BACKEND_PINNED |
		PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_SYNC | PMEM_BACKEND_NODE,
	.probe = pages_probe,
	.alloc = pages_alloc,
	.close = pages_close,
	.forget = plain_forget,
};
