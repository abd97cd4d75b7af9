/* SPDX-License-Identifier: MIT */
/* What becomes of a block of pages: pinned, found, given back. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/returning.h"
#include "pages/ways.h"

#define PAGEMAP "/proc/self/pagemap"

/* Pinned pages do not move; whatever moves this often was not pinned. */
#define SETTLE_TRIES 3

/* Pages that the kernel takes out of the page table at this very moment, again and again. */
#define PRESENT_TRIES 20

/*
 * Only pins on pages of the program are looked at twice. The pages of a memory region cannot move nor
 * be exchanged: the kernel allocates them for itself, not as movable and on no LRU list
 * (io_uring/memmap.c io_region_allocate_pages()), and compaction, swap and KSM take nothing else
 * (mm/compaction.c isolate_migratepages_block()); mmap() has entered all of them into the page table
 * of a shared mapping (vm_insert_pages()), where no fault copies them. What nothing pins may move.
 */
static bool may_surprise(enum pin_class class)
{
	return !pin_is_kernels(class) && class != PIN_NONE;
}

/*
 * Do the first pages lie where the runs say? Pinned pages do not move, so this is only a guard against
 * a kernel that plays io_uring and moves memory: it moves these as well as any, and 2 MiB cost what one
 * call does. 1, 0 or -errno.
 */
static int stay(const struct taking *t, const struct pages_block *block,
	const struct pages_run *runs, size_t pages)
{
	uint64_t again[512], at = 0;
	size_t n = pages < ARRAY_SIZE(again) ? pages : ARRAY_SIZE(again);
	int r = frames_phys(t->frames, t->root, block->data, n, again);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++, at += t->page) {
		if (at == runs->length) {
			runs++;
			at = 0;
		}
		if (again[i] != runs->phys + at)
			return 0;
	}
	return 1;
}

/* 1 the frames are in block->runs; 0 they changed between two readings, and should not have. */
static int read_frames(const struct taking *t, struct pages_block *block)
{
	size_t pages = t->size / t->page, count;
	struct pages_run *runs;
	int r = frames_runs(t->frames, t->root, block->data, pages, &runs, &count);

	if (r < 0)
		return r;
	r = may_surprise(block->pin.class) ? stay(t, block, runs, pages) : 1;
	if (r <= 0) {
		free(runs);
		return r;
	}
	block->runs = runs;
	block->run_count = count;
	return 1;
}

/*
 * Shared memory is taken out of the page table when memory is scarce, pinned or not; its pages stay (mm/vmscan.c
 * shrink_folio_list() asks only anonymous ones whether they are pinned before it unmaps them). So it is brought in again.
 */
static int read_present(const struct taking *t, struct pages_block *block)
{
	int r = read_frames(t, block);

	for (unsigned n = 0; r == -ENXIO && may_surprise(block->pin.class) && n < PRESENT_TRIES; n++) {
		if (os->madvise(block->data, t->size, AREA_POPULATE_WRITE) < 0)
			return r;
		r = read_frames(t, block);
	}
	return r;
}

int block_find(const struct taking *t, struct pages_block *block)
{
	int r = 0;

	if (t->frames < 0)
		return 0;
	for (unsigned n = 0; n < SETTLE_TRIES; n++) {
		r = read_present(t, block);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return error_set(EAGAIN, PMEM_CAUSE_MOVED, "pin", PAGEMAP,
		"this is a fault of the kernel: report it with what uname -a says",
		"memory moved several times although %s should keep it in place",
		pin_name(block->pin.class));
}

int block_pin_and_find(const struct taking *t, struct pages_block *block)
{
	struct pmem_error why;
	int r = 0;

	if (block->pin.class == PIN_NONE)
		r = pin_take(t->root, block->data, t->size, &block->pin);
	if (r < 0 && !t->want->may_move)
		return r;
	r = block_find(t, block);
	if (r == 0)
		return 0;
	error_save(&why);
	if (!pin_is_kernels(block->pin.class))
		pin_drop(&block->pin);
	return error_restore(&why);
}

/* Do the runs keep what was asked? Nothing to check if they are not known. */
int block_keeps(const struct taking *t, const struct pages_block *block)
{
	const struct pages_run *run = block->runs;

	if (!run)
		return 0;
	if (block->run_count != 1)
		return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, NULL,
			"it came in %zu pieces", block->run_count);
	if (run->phys & (t->want->align - 1))
		return error_set(ENOMEM, PMEM_CAUSE_ALIGNMENT, "alloc", NULL, NULL,
			"it came at 0x%" PRIx64 ", not a multiple of 0x%" PRIx64, run->phys,
			t->want->align);
	if (run->phys > t->want->max_addr || run->length - 1 > t->want->max_addr - run->phys)
		return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", NULL, NULL,
			"it came at 0x%" PRIx64 ", above 0x%" PRIx64, run->phys, t->want->max_addr);
	return 0;
}

/* One page, wherever it is. */
static bool any_will_do(const struct taking *t)
{
	return t->size == t->page && t->want->align <= t->page && t->want->max_addr == UINT64_MAX;
}

/* A look before pinning, which costs more than looking. */
int block_check(const struct taking *t, struct pages_block *block)
{
	int r;

	if (t->frames < 0 || block->pin.class != PIN_NONE || any_will_do(t))
		return 0;
	r = frames_runs(t->frames, t->root, block->data, t->size / t->page, &block->runs,
		&block->run_count);
	if (r < 0)
		return r;
	r = block_keeps(t, block);
	free(block->runs);
	block->runs = NULL;
	block->run_count = 0;
	return r;
}

int pages_give(struct pages_block *block)
{
	bool kernels = pin_is_kernels(block->pin.class);
	int first = pin_drop(&block->pin), r = 0;

	if (block->data && kernels)
		returning_note(block->length + RETURNING_RING);
	if (block->data)
		r = area_unmap(block->data, block->length);
	free(block->runs);
	*block = (struct pages_block){ .data = NULL };
	return first ? first : r;
}
