/* SPDX-License-Identifier: MIT */
/* Addresses of bytes that lie anywhere: in the order of their pages, those that lie close at once. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/frames.h"

/* A call costs as much as 12 to 34 entries: that many are read through rather than begun anew. */
#define GAP     12
#define ENTRIES 512

struct wanted {
	uint64_t va;
	size_t place; /* in the caller's list */
};

/*
 * By the bytes of their addresses, lowest first (Knuth, The Art of Computer Programming, 5.2.5), and only
 * those bytes in which any two differ: a tenth of what qsort() takes, which would take as long as
 * the reading. list and spare have room for count; the result is in one of them.
 */
static struct wanted *sort(struct wanted *list, struct wanted *spare, size_t count, uint64_t differ)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t start[257] = { 0 };
		struct wanted *other = list;

		if (!(differ >> shift & 0xff))
			continue;
		for (size_t i = 0; i < count; i++)
			start[(list[i].va >> shift & 0xff) + 1]++;
		for (size_t i = 1; i < 257; i++)
			start[i] += start[i - 1];
		for (size_t i = 0; i < count; i++)
			spare[start[list[i].va >> shift & 0xff]++] = list[i];
		list = spare;
		spare = other;
	}
	return list;
}

/* The list in the order of its pages, in memory that the caller frees; NULL: none left. */
static struct wanted *sorted(const uint64_t *addrs, size_t count, uint64_t page,
	struct wanted **memory)
{
	struct wanted *list = count > SIZE_MAX / 2 ? NULL : reallocarray(NULL, 2 * count, sizeof(*list));
	uint64_t differ = 0;
	bool in_order = true;

	*memory = list;
	for (size_t i = 0; list && i < count; i++) {
		list[i] = (struct wanted){ addrs[i], i };
		differ |= (list[i].va ^ list[0].va) & ~(page - 1);
		in_order = in_order && (i == 0 || list[i - 1].va <= list[i].va);
	}
	return !list || in_order ? list : sort(list, list + count, count, differ);
}

/* How many of the list one read covers, and over how many pages. */
static size_t together(const struct wanted *list, size_t count, uint64_t page, size_t *pages)
{
	uint64_t first = list[0].va / page;
	size_t n = 1;

	/* Those of one page come in any order. */
	while (n < count && list[n].va / page - list[n - 1].va / page <= GAP &&
		list[n].va / page - first < ENTRIES)
		n++;
	*pages = (size_t)(list[n - 1].va / page - first) + 1;
	return n;
}

static int read_together(int fd, const char *root, const struct wanted *list, size_t n,
	size_t pages, uint64_t *phys)
{
	uint64_t entries[ENTRIES], page = os->page_size();
	const void *first = (const void *)(uintptr_t)list[0].va;
	int r = frames_entries(fd, first, pages, entries);

	for (size_t i = 0; r == 0 && i < n; i++) {
		uint64_t entry = entries[list[i].va / page - list[0].va / page];
		uint64_t start = (entry & PMEM_PAGEMAP_PFN_MASK) * page;

		/* It waits for what is on its way, and says what is wrong. */
		if (!frames_plain(entry))
			r = frames_phys(fd, root, (const void *)(uintptr_t)list[i].va, 1, &start);
		if (r == 0)
			phys[list[i].place] = start + list[i].va % page;
	}
	return r;
}

int frames_scattered(int fd, const char *root, const uint64_t *addrs, size_t count,
	uint64_t *phys)
{
	uint64_t page = os->page_size();
	struct wanted *memory, *list = sorted(addrs, count, page, &memory);
	size_t n, pages;
	int r = 0;

	if (!list)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "translate", NULL, NULL,
			"no memory for a list of %zu addresses", count);
	for (size_t i = 0; r == 0 && i < count; i += n) {
		n = together(list + i, count - i, page, &pages);
		r = read_together(fd, root, list + i, n, pages, phys);
	}
	free(memory);
	return r;
}
