/* SPDX-License-Identifier: MIT */
/*
 * The program's own memory. The pages that hold its bytes are pinned whole; the region is the bytes.
 * Neither their content nor their mapping is ever touched here.
 */
#include "backend/registered.h"

#include <errno.h>
#include <stdlib.h>

#include "backend/plain.h"
#include "base/bits.h"
#include "os/os.h"

/* The first run begins with the page; the region with a byte in it. */
static void trim_first(struct pages_block *block, uint64_t before)
{
	if (!block->runs)
		return;
	block->runs[0].phys += before;
	block->runs[0].length -= before;
}

int registered_take(struct pmem_ctx *ctx, const struct register_request *request,
	struct pmem_region *region)
{
	uint64_t before = (uintptr_t)request->addr & (os->page_size() - 1), size;
	struct pages_request want = {
		.need_address = !(request->flags & PMEM_REGISTER_NO_ADDRESS),
		.may_move = request->flags & PMEM_REGISTER_MAY_MOVE,
	};
	struct pages_block *block;
	int r = plain_cache_attrs(region_coherent(region), &region->attrs);

	if (r < 0)
		return r;
	if (!bits_align_up(before + request->length, os->page_size(), &size) || size > SIZE_MAX / 2)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "register", NULL, NULL,
			"the last page of it is beyond the end of the address space");
	want.size = size;
	block = calloc(1, sizeof(*block));
	if (!block)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "register", NULL, NULL,
			"no memory for a region");
	r = pages_keep(ctx, &want, (unsigned char *)request->addr - before, block);
	if (r < 0) {
		free(block);
		return r;
	}
	trim_first(block, before);
	region->data = request->addr;
	region->size = request->length;
	plain_set_block(ctx, region, block);
	return 0;
}

static int registered_probe(struct pmem_ctx *ctx)
{
	return pages_usable(ctx);
}

static int registered_close(struct pmem_region *region)
{
	struct pages_block *block = region->priv;
	int r = pages_let_go(block);

	free(block);
	return r;
}

const struct pmem_backend_ops backend_registered = {
	.name = "registered",
	.caps = PMEM_BACKEND_PHYS | PMEM_BACKEND_PINNED | PMEM_BACKEND_SYNC,
	.probe = registered_probe,
	.close = registered_close,
	.forget = plain_forget,
};
