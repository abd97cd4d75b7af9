/* SPDX-License-Identifier: MIT */
/* Memory that the program already has: pinned and found, but not ours to unmap nor to mark. */
#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/migrate.h"
#include "pages/uring.h"
#include "pages/ways.h"

/*
 * From this Linux on a pin keeps its pages through fork() and a write of the parent, small and huge ones:
 * copy_present_page() of mm/memory.c (5.9) and copy_hugetlb_page_range() of mm/hugetlb.c (5.12)
 * give the child a copy at once. Before, MADV_DONTFORK would have to do it, and children of the program
 * would miss memory that is not ours to take from them. That is why pipes will not do here, either.
 */
#define PINS_THROUGH_FORK 5012

static int pin(const struct taking *t, struct pages_block *block)
{
	size_t thp = area_thp_size(t->root);
	int r;

	if (os->kernel_version() < PINS_THROUGH_FORK)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_PINNED, "register", NULL,
			"pmem_region_alloc() gives memory that stays in place",
			"before Linux 5.12 a fork() moves memory that children share, pinned or not");
	/* It may be in huge pages, and nothing cheap tells. */
	r = thp && t->size >= thp ? migrate_check(t->root, t->size) : 0;
	return r < 0 ? r : uring_pin(t->root, block->data, t->size, &block->pin);
}

/*
 * Nothing pins it, and it may move: is it memory at all that may be written? Every page gets its frame,
 * and no byte is changed. Linux before 5.14 cannot be asked.
 */
static int touch(const struct taking *t, void *data)
{
	int r = os->kernel_version() < 5014 ? 0 : os->madvise(data, t->size, AREA_POPULATE_WRITE);

	return r == 0 ? 0 : error_set(EFAULT, PMEM_CAUSE_WRONG_KIND, "register", NULL, NULL,
		"it is not memory of this program that it may write");
}

int pages_keep(struct pmem_ctx *ctx, const struct pages_request *want, void *data,
	struct pages_block *block)
{
	struct taking t = { .ctx = ctx, .root = ctx->root, .want = want, .size = (size_t)want->size,
		.page = os->page_size(), .frames = frames_shown(ctx) };
	struct pmem_error why;
	int r;

	if (t.frames < 0 && want->need_address)
		return t.frames;
	*block = (struct pages_block){ .data = data, .length = t.size };
	r = pin(&t, block);
	if (r < 0 && (!want->may_move || error_last()->cause == PMEM_CAUSE_WRONG_KIND))
		return r;
	if (r < 0)
		r = touch(&t, data);
	if (r < 0)
		return r;
	r = block_find(&t, block);
	if (r == 0)
		return 0;
	error_save(&why);
	pages_let_go(block);
	return error_restore(&why);
}

int pages_let_go(struct pages_block *block)
{
	int r = pin_drop(&block->pin);

	free(block->runs);
	*block = (struct pages_block){ .data = NULL };
	return r;
}
