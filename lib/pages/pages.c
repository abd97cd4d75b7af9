/* SPDX-License-Identifier: MIT */
#include "pages/pages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/migrate.h"
#include "pages/take.h"

#define PAGEMAP "/proc/self/pagemap"

/* Pinned pages do not move; whatever moves this often was not pinned. */
#define SETTLE_TRIES 3

static bool same(const struct pages_run *a, size_t a_count, const struct pages_run *b,
	size_t b_count)
{
	return a_count == b_count && memcmp(a, b, a_count * sizeof(*a)) == 0;
}

/* 1 the frames are in block->runs; 0 they changed between two readings, and should not have. */
static int read_twice(const struct taking *t, struct pages_block *block)
{
	size_t pages = t->size / t->page, first_count, second_count;
	struct pages_run *first, *second;
	bool stay;
	int r;

	r = frames_runs(t->frames, t->root, block->data, pages, &first, &first_count);
	if (r < 0)
		return r;
	r = frames_runs(t->frames, t->root, block->data, pages, &second, &second_count);
	if (r < 0) {
		free(first);
		return r;
	}
	stay = block->pin.class == PIN_NONE || same(first, first_count, second, second_count);
	free(first);
	if (!stay) {
		free(second);
		return 0;
	}
	block->runs = second;
	block->run_count = second_count;
	return 1;
}

int take_settle(const struct taking *t, struct pages_block *block)
{
	struct pmem_error why;
	int r = 0;

	if (block->pin.class == PIN_NONE)
		r = pin_take(t->root, block->data, t->size, &block->pin);
	if (r < 0 && !t->want->may_move)
		return r;
	if (t->frames < 0)
		return 0;
	for (unsigned n = 0; n < SETTLE_TRIES; n++) {
		r = read_twice(t, block);
		if (r > 0)
			return 0;
		if (r < 0)
			break;
	}
	if (r == 0)
		error_set(EAGAIN, PMEM_CAUSE_MOVED, "pin", PAGEMAP,
			"this is a fault of the kernel: report it with what uname -a says",
			"memory moved several times although %s should keep it in place",
			pin_name(block->pin.class));
	error_save(&why);
	if (block->pin.class != PIN_IO_REGION)
		pin_drop(&block->pin);
	return error_restore(&why);
}

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
		r = take_settle(t, block);
	if (r == 0)
		r = check_scattered(t, block);
	if (r == 0)
		return 0;
	error_save(&why);
	pages_give(block);
	return error_restore(&why);
}

/* pagemap, if this program may see frames through it. */
static int open_frames(const char *root)
{
	struct pmem_error why;
	int fd = frames_open(root), r;

	if (fd < 0)
		return fd;
	r = frames_visible(fd);
	if (r == 0)
		return fd;
	error_save(&why);
	os->close(fd);
	return error_restore(&why);
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

int pages_take(struct pmem_ctx *ctx, const struct pages_request *request,
	struct pages_block *block)
{
	struct taking t = { .root = ctx->root, .want = request, .page = os->page_size() };
	int r = 0;

	if (request->size > SIZE_MAX / 4)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"%" PRIu64 " bytes are more than this program can map", request->size);
	t.size = (size_t)request->size;
	t.frames = open_frames(t.root);
	if (t.frames < 0)
		r = without_frames(&t);
	if (r == 0 && !request->scattered)
		r = take_contiguous(&t, block);
	else if (r == 0)
		r = take_scattered(&t, block);
	if (t.frames >= 0)
		os->close(t.frames);
	return r;
}

int pages_give(struct pages_block *block)
{
	int first = pin_drop(&block->pin), r = 0;

	if (block->data)
		r = area_unmap(block->data, block->length);
	free(block->runs);
	*block = (struct pages_block){ .data = NULL };
	return first ? first : r;
}

int pages_usable(struct pmem_ctx *ctx)
{
	int fd = open_frames(ctx->root);

	if (fd < 0)
		return fd;
	os->close(fd);
	return pin_usable(ctx->root);
}
