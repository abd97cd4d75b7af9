/* SPDX-License-Identifier: MIT */
#include "device/dma_memory.h"

#include <errno.h>
#include <stdlib.h>

#include "backend/plain.h"
#include "device/space.h"
#include "os/os.h"

/* What this memory can never be. */
static int check_request(const struct alloc_request *request)
{
	if (request->heap)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL,
			"leave out the option heap", "memory for a device behind an IOMMU is ordinary memory");
	if (request->flags & (PMEM_ALLOC_DMABUF | PMEM_ALLOC_NO_MAP | PMEM_ALLOC_UNCACHED))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NULL,
			"leave out PMEM_ALLOC_DMABUF, PMEM_ALLOC_NO_MAP and PMEM_ALLOC_UNCACHED",
			"memory for a device behind an IOMMU is ordinary memory: cached, mapped and no dma-buf");
	return 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The device sees it from now on; its address is the region's. */
static int show(struct pmem_device *device, const struct alloc_request *request, bool own,
	struct pmem_region *region)
{
	const struct space_wish wish = {
		.direction = PMEM_DMA_BOTH,
		.align = request->align > os->page_size() ? request->align : 0,
		.max_addr = least(device->max_addr, request->max_addr),
		.own = own,
	};
	int r = space_attach(region->ctx, device->space, region, &wish, &region->bus);

	if (r < 0)
		return r;
	region->has_bus = true;
	region->attrs |= PMEM_REGION_BUS_CONTIGUOUS;
	return 0;
}

/* No device sees it: nothing but show() could have failed. */
static int undo(struct pmem_region *region)
{
	struct pmem_error why;

	error_save(&why);
	region->ops->close(region);
	region_reset(region, region->ops);
	return error_restore(&why);
}

/* Of a backend that was asked for, or where addresses are physical. */
static int from_backend(struct pmem_device *device, const struct alloc_request *request,
	struct pmem_region *region)
{
	const bool translated = device->space->ops;
	struct alloc_request rest = *request;
	int r;

	if (translated) {
		rest.flags |= PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS;
		rest.align = os->page_size();
		rest.max_addr = UINT64_MAX;
	} else {
		rest.flags &= ~(uint32_t)(PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE);
		if (!device->space->master)
			rest.max_addr = least(rest.max_addr, device->max_addr);
	}
	r = select_alloc(region->ctx, &rest, region);
	if (r < 0)
		return r;
	r = show(device, request, translated, region);
	return r < 0 ? undo(region) : 0;
}

/* Where it is, now that it stays there: good to know, and no more. */
static void find(const struct pages_request *want, const struct alloc_request *request,
	struct pmem_region *region)
{
	if (request->flags & PMEM_ALLOC_NO_ADDRESS)
		return;
	if (pages_find(region->ctx, want, region->priv) == 0)
		plain_set_block(region->ctx, region, region->priv);
	else
		region_set_unknown(region);
}

static int from_pages(struct pmem_device *device, const struct alloc_request *request,
	struct pmem_region *region)
{
	const struct pages_request want = { .size = request->length, .align = os->page_size(),
		.max_addr = UINT64_MAX, .node = request->node };
	struct pages_block *block;
	int r = check_request(request);

	region_reset(region, &device_memory);
	if (r == 0)
		r = plain_cache_attrs(device->space->coherent || region_coherent(region), &region->attrs);
	if (r < 0)
		return r;
	block = calloc(1, sizeof(*block));
	if (!block)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL, "no memory for a region");
	r = pages_take_loose(region->ctx, &want, block);
	if (r < 0) {
		free(block);
		return r;
	}
	region->data = block->data;
	region->size = request->size;
	region->priv = block;
	r = show(device, request, true, region);
	if (r < 0)
		return undo(region);
	region->attrs |= PMEM_REGION_PINNED;
	find(&want, request, region);
	return 0;
}

int memory_alloc(struct pmem_device *device, const struct alloc_request *request,
	struct pmem_region *region)
{
	if (!device->space->ops || request->backend || region->ctx->backend)
		return from_backend(device, request, region);
	return from_pages(device, request, region);
}
