/* SPDX-License-Identifier: MIT */
/*
 * Memory that an IOMMU will put together, and whose map will pin it: any pages, and the fewer the better,
 * since they are pinned one by one: small ones cost 7 to 12 times what huge ones do.
 */
#include <errno.h>

#include "base/bits.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/hugetlb.h"
#include "pages/migrate.h"
#include "pages/node.h"
#include "pages/ways.h"

/* Pages of the pool, if so many are free, and no more than a quarter is lost to rounding. */
static int from_pool(const char *root, size_t size, struct pages_block *block)
{
	size_t page = hugetlb_smallest(root, SIZE_MAX);
	uint64_t length;
	int r;

	if (!page || !bits_align_up(size, page, &length) || length > SIZE_MAX / 2 ||
		length - size > size / 4 || hugetlb_free(root, page) < length / page)
		return WAY_NOT_FOR_THIS;
	r = area_map_hugetlb(page, (size_t)length, &block->data);
	if (r < 0)
		return r;
	block->length = (size_t)length;
	r = area_populate(block->data, block->length);
	if (r < 0)
		pages_give(block);
	return r;
}

/* Ordinary memory, in transparent huge pages where they fit. */
static int from_anywhere(const char *root, size_t size, struct pages_block *block)
{
	size_t thp = area_thp_size(root);
	bool huge = thp && size >= thp && !migrate_may_hang(root, size);
	int r = area_map(root, size, huge ? thp : os->page_size(), huge, &block->data);
	struct pmem_error why;

	if (r < 0)
		return r;
	block->length = size;
	r = area_populate(block->data, size);
	if (r == 0)
		return 0;
	error_save(&why);
	pages_give(block);
	return error_restore(&why);
}

static int take(const char *root, size_t size, struct pages_block *block)
{
	*block = (struct pages_block){ .data = NULL };
	if (from_pool(root, size, block) == 0)
		return 0;
	*block = (struct pages_block){ .data = NULL };
	return from_anywhere(root, size, block);
}

static int take_on_node(const struct pages_request *want, const char *root, struct pages_block *block)
{
	const uint32_t node = want->node - 1;
	struct pmem_error why;
	struct os_numa was;
	int r = node_prefer(node, &was);

	if (r < 0)
		return r;
	r = take(root, (size_t)want->size, block);
	os->numa_restore(&was);
	if (r < 0)
		return r;
	r = node_check(node, block->data, (size_t)want->size);
	if (r == 0)
		return 0;
	error_save(&why);
	pages_give(block);
	return error_restore(&why);
}

int pages_take_loose(struct pmem_ctx *ctx, const struct pages_request *want, struct pages_block *block)
{
	if (want->size > SIZE_MAX / 4)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"%llu bytes are more than this program can map",
			(unsigned long long)want->size);
	return want->node ? take_on_node(want, ctx->root, block) :
			    take(ctx->root, (size_t)want->size, block);
}

int pages_find(struct pmem_ctx *ctx, const struct pages_request *want, struct pages_block *block)
{
	const struct taking t = { .ctx = ctx, .root = ctx->root, .want = want,
		.size = (size_t)want->size, .page = os->page_size(), .frames = frames_shown(ctx) };

	return t.frames < 0 ? t.frames : block_find(&t, block);
}
