/* SPDX-License-Identifier: MIT */
#include "pages/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/migrate.h"
#include "pages/node.h"
#include "pages/ways.h"

/* Several runs will do, as long as the first is aligned and all are below the limit. */
static int check_scattered(const struct taking *t, const struct pages_block *block)
{
	for (size_t i = 0; i < block->run_count; i++) {
		const struct pages_run *run = &block->runs[i];

		if (run->phys > t->want->max_addr ||
			run->length - 1 > t->want->max_addr - run->phys)
			return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", NULL,
				"smaller pieces are easier to get below a limit",
				"piece %zu of %zu lies at 0x%" PRIx64 ", above 0x%" PRIx64, i + 1,
				block->run_count, run->phys, t->want->max_addr);
	}
	if (block->run_count && block->runs[0].phys & (t->want->align - 1))
		return error_set(ENOMEM, PMEM_CAUSE_ALIGNMENT, "alloc", NULL, NULL,
			"the first piece, 0x%" PRIx64 ", is not a multiple of 0x%" PRIx64,
			block->runs[0].phys, t->want->align);
	return 0;
}

static int take_scattered(const struct taking *t, struct pages_block *block)
{
	size_t thp = area_thp_size(t->root);
	/* Huge pages where they fit: four times cheaper to get, and fewer runs. */
	bool huge = thp && t->size >= thp && !migrate_may_hang(t->root, t->size);
	struct pmem_error why;
	void *addr;
	int r;

	r = area_map(t->root, t->size, huge ? thp : t->page, huge, &addr);
	if (r < 0)
		return r;
	*block = (struct pages_block){ .data = addr, .length = t->size };
	r = area_populate(addr, t->size);
	if (r == 0)
		r = block_pin_and_find(t, block);
	if (r == 0)
		r = check_scattered(t, block);
	if (r == 0)
		return 0;
	error_save(&why);
	pages_give(block);
	return error_restore(&why);
}

/*
 * Loose pages lie where the kernel has them, with much memory above any limit; one piece is looked
 * for in places. Where that fails too, the first refusal stands.
 */
static int take_scattered_or_one(const struct taking *t, struct pages_block *block)
{
	struct pmem_error why;
	int r = take_scattered(t, block);

	if (r == 0)
		return 0;
	error_save(&why);
	if (why.cause != PMEM_CAUSE_ADDRESS_LIMIT && why.cause != PMEM_CAUSE_ALIGNMENT)
		return r;
	return contiguous_take(t, block) == 0 ? 0 : error_restore(&why);
}

/* Frames are hidden: is there anything left of the request? */
static int without_frames(const struct taking *t)
{
	const struct pages_request *want = t->want;
	const struct pmem_error *e = error_last();

	if (want->need_address || want->max_addr != UINT64_MAX || want->align > t->page)
		return -e->errnum;
	if (want->scattered || t->size == t->page)
		return 0;
	return error_set(e->errnum, e->cause, e->operation, e->path,
		"add PMEM_ALLOC_SCATTERED if one piece is not needed; else the program needs "
		"CAP_SYS_ADMIN", "whether memory is contiguous cannot be checked: %s", e->message);
}

static int take(struct pmem_ctx *ctx, const struct pages_request *request,
	struct pages_block *block)
{
	struct taking t = { .ctx = ctx, .root = ctx->root, .want = request, .page = os->page_size() };
	int r = 0;

	if (request->size > SIZE_MAX / 4)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"%" PRIu64 " bytes are more than this program can map", request->size);
	t.size = (size_t)request->size;
	t.frames = frames_shown(ctx);
	if (t.frames < 0)
		r = without_frames(&t);
	if (r < 0)
		return r;
	return request->scattered ? take_scattered_or_one(&t, block) : contiguous_take(&t, block);
}

/* The same, all of it on one node. */
static int take_on_node(struct pmem_ctx *ctx, const struct pages_request *request,
	struct pages_block *block)
{
	const uint32_t node = request->node - 1;
	struct pmem_error why;
	struct os_numa was;
	int r = node_prefer(node, &was);

	if (r < 0)
		return r;
	r = take(ctx, request, block);
	os->numa_restore(&was);
	if (r < 0)
		return r;
	r = node_check(node, block->data, (size_t)request->size);
	if (r == 0)
		return 0;
	error_save(&why);
	pages_give(block);
	return error_restore(&why);
}

int pages_take(struct pmem_ctx *ctx, const struct pages_request *request,
	struct pages_block *block)
{
	return request->node ? take_on_node(ctx, request, block) : take(ctx, request, block);
}

int pages_usable(struct pmem_ctx *ctx)
{
	int fd = frames_shown(ctx);

	return fd < 0 ? fd : pin_usable(ctx->root);
}
