/* SPDX-License-Identifier: MIT */
#include "book.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Frames of the first 4 TiB; what nobody asks about costs nothing. */
#define FRAMES ((size_t)1 << 30)

static _Atomic uint32_t *owners;
static _Atomic uint32_t last_owner;

void book_open(void)
{
	void *at = mmap(NULL, FRAMES * sizeof(*owners), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED) {
		perror("the book");
		exit(1);
	}
	madvise(at, FRAMES * sizeof(*owners), MADV_DONTFORK);
	owners = at;
}

static size_t offset_of(const struct entry *entry, size_t page)
{
	size_t in_page = (uintptr_t)entry->at % PAGE;

	return page == 0 ? 0 : page * PAGE - in_page;
}

/* The first and the last whole word of what lies in a page. */
static bool words_of(const struct entry *entry, size_t page, uint64_t **first, uint64_t **last)
{
	size_t begin = offset_of(entry, page), end = offset_of(entry, page + 1);
	uintptr_t from, to;

	if (end > entry->length)
		end = entry->length;
	from = ((uintptr_t)entry->at + begin + 7) & ~(uintptr_t)7;
	to = ((uintptr_t)entry->at + end) & ~(uintptr_t)7;
	if (to < from + 8)
		return false;
	*first = (uint64_t *)from;
	*last = (uint64_t *)(to - 8);
	return true;
}

static uint64_t pattern(const struct entry *entry, size_t page)
{
	if (entry->same)
		return UINT64_C(0x5a5a5a5a5a5a5a5a);
	return (((uint64_t)entry->owner << 32 | page) + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

static void fill(const struct entry *entry)
{
	uint64_t *first, *last;

	if (entry->same)
		memset(entry->at, 0x5a, entry->length);
	for (size_t i = 0; i < entry->pages; i++) {
		if (words_of(entry, i, &first, &last))
			*first = *last = pattern(entry, i);
	}
}

/* Where the library says that the page is; PMEM_ADDRESS_NONE: it does not say. */
static uint64_t ask(const struct entry *entry, size_t page)
{
	size_t offset = offset_of(entry, page);
	uint64_t phys = PMEM_ADDRESS_NONE;
	int r = -1;

	if (entry->region)
		r = pmem_region_extent(entry->region, offset, &phys, NULL);
	else if (entry->pool)
		r = pmem_pool_phys(entry->pool, entry->at + offset, &phys);
	return r == 0 ? phys & ~(uint64_t)(PAGE - 1) : PMEM_ADDRESS_NONE;
}

/* Pages that only belong to it in part are others' as well. */
static bool is_whole(const struct entry *entry, size_t page)
{
	return (page > 0 || (uintptr_t)entry->at % PAGE == 0) && offset_of(entry, page + 1) <= entry->length;
}

static bool claim(const struct entry *entry)
{
	for (size_t i = 0; i < entry->pages; i++) {
		uint64_t frame = entry->told[i] / PAGE;
		uint32_t none = 0;

		if (entry->told[i] == PMEM_ADDRESS_NONE || entry->moves || !is_whole(entry, i) || frame >= FRAMES)
			continue;
		if (!atomic_compare_exchange_strong(&owners[frame], &none, entry->owner)) {
			soak_fault("%s: its page %zu is at 0x%" PRIx64 ", where a page of number %u is", entry->what, i,
				entry->told[i], none);
			return false;
		}
	}
	return true;
}

/*
 * Shared memory may be taken out of the page table when memory is scarce, pinned or not, while its pages stay what and where
 * they are (mm/vmscan.c shrink_folio_list()): then it is touched first.
 */
static int translate(struct pmem_ctx *ctx, const struct entry *entry, uint64_t *room)
{
	int r = pmem_vaddr_phys_bulk(ctx, entry->at, entry->pages, room);

	for (unsigned tries = 0; r == -ENXIO && tries < 10; tries++) {
		atomic_fetch_add(&soak->absent, 1);
		for (size_t i = 0; i < entry->pages; i++)
			(void)*(volatile unsigned char *)(entry->at + offset_of(entry, i));
		r = pmem_vaddr_phys_bulk(ctx, entry->at, entry->pages, room);
	}
	return r;
}

bool book_enter(struct pmem_ctx *ctx, struct entry *entry)
{
	size_t in_page = (uintptr_t)entry->at % PAGE;

	entry->owner = atomic_fetch_add(&last_owner, 1) + 1;
	entry->pages = (in_page + entry->length - 1) / PAGE + 1;
	entry->told = malloc(entry->pages * sizeof(*entry->told));
	if (!entry->told) {
		soak_fault("%s: no memory for the book", entry->what);
		return false;
	}
	entry->unseen = entry->region && pmem_region_attrs(entry->region) & PMEM_REGION_DMABUF;
	fill(entry);
	for (size_t i = 0; i < entry->pages; i++)
		entry->told[i] = ask(entry, i);
	/* The library did not say: where it is first, it has to stay. */
	if (!entry->moves && !entry->unseen && entry->told[0] == PMEM_ADDRESS_NONE &&
		translate(ctx, entry, entry->told)) {
		soak_fault("%s: %s", entry->what, pmem_error_text(pmem_error_last()));
		return false;
	}
	return claim(entry);
}

/* is: where it is by the page table. */
static bool look_at_page(const struct entry *entry, size_t i, uint64_t is, bool again)
{
	uint64_t *first, *last, told;

	if (!entry->moves && is != entry->told[i]) {
		soak_fault("%s: page %zu of %zu was at 0x%" PRIx64 " and is at 0x%" PRIx64, entry->what, i, entry->pages,
			entry->told[i], is);
		return false;
	}
	if (words_of(entry, i, &first, &last) && (*first != pattern(entry, i) || *last != pattern(entry, i))) {
		soak_fault("%s: page %zu of %zu holds 0x%" PRIx64 " and 0x%" PRIx64 ", not 0x%" PRIx64, entry->what, i,
			entry->pages, *first, *last, pattern(entry, i));
		return false;
	}
	told = again && !entry->moves ? ask(entry, i) : PMEM_ADDRESS_NONE;
	if (told != PMEM_ADDRESS_NONE && told != entry->told[i]) {
		soak_fault("%s: page %zu was told to be at 0x%" PRIx64 ", then at 0x%" PRIx64, entry->what, i,
			entry->told[i], told);
		return false;
	}
	return true;
}

bool book_look(struct pmem_ctx *ctx, const struct entry *entry, uint64_t *room, bool again)
{
	bool seen = !entry->moves && !entry->unseen;

	if (seen && translate(ctx, entry, room)) {
		soak_fault("%s: %s", entry->what, pmem_error_text(pmem_error_last()));
		return false;
	}
	for (size_t i = 0; i < entry->pages; i++) {
		if (!look_at_page(entry, i, seen ? room[i] : entry->told[i], again || entry->unseen))
			return false;
	}
	if (!entry->moves)
		atomic_fetch_add(&soak->looks, entry->pages);
	return true;
}

void book_leave(struct entry *entry)
{
	for (size_t i = 0; entry->told && i < entry->pages; i++) {
		uint64_t frame = entry->told[i] / PAGE;

		if (entry->told[i] == PMEM_ADDRESS_NONE || entry->moves || !is_whole(entry, i) || frame >= FRAMES)
			continue;
		if (atomic_exchange(&owners[frame], 0) != entry->owner)
			soak_fault("%s: its page %zu became another's", entry->what, i);
	}
	free(entry->told);
	entry->told = NULL;
}
