/* SPDX-License-Identifier: MIT */
/* Addresses of bytes that lie anywhere: in the order of their pages, those that lie close at once. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/frames.h"

/* A call costs as much as 12 to 34 entries: that many are read through rather than begun anew. */
#define GAP     12
#define ENTRIES 512

#define SHORT_LIST 128

struct wanted {
	uint64_t va;
	size_t place; /* in the caller's list */
};

/*
 * By the digits of their addresses, lowest first (Knuth, The Art of Computer Programming, 5.2.5), and only
 * those digits in which any two differ: a tenth of what qsort() takes, which would take as long as
 * the reading. Small digits for a short list: all that there may be of one are counted. list and spare
 * have room for count; the result is in one of them.
 */
static struct wanted *sort(struct wanted *list, struct wanted *spare, size_t count, uint64_t differ)
{
	const unsigned bits = count < SHORT_LIST ? 4 : 8, digits = 1u << bits;

	for (unsigned shift = 0; shift < 64; shift += bits) {
		size_t start[257];
		struct wanted *other = list;

		if (!(differ >> shift & (digits - 1)))
			continue;
		memset(start, 0, (digits + 1) * sizeof(start[0]));
		for (size_t i = 0; i < count; i++)
			start[(list[i].va >> shift & (digits - 1)) + 1]++;
		for (size_t i = 1; i < digits; i++)
			start[i] += start[i - 1];
		for (size_t i = 0; i < count; i++)
			spare[start[list[i].va >> shift & (digits - 1)]++] = list[i];
		list = spare;
		spare = other;
	}
	return list;
}

/* The list in the order of its pages, in memory that the caller frees; NULL: none left. */
static struct wanted *sorted(const uint64_t *addrs, size_t count, unsigned shift,
	struct wanted **memory)
{
	struct wanted *list = count > SIZE_MAX / 2 ? NULL : reallocarray(NULL, 2 * count, sizeof(*list));
	uint64_t differ = 0;
	bool in_order = true;

	*memory = list;
	for (size_t i = 0; list && i < count; i++) {
		list[i] = (struct wanted){ addrs[i], i };
		differ |= (list[i].va ^ list[0].va) >> shift << shift;
		in_order = in_order && (i == 0 || list[i - 1].va <= list[i].va);
	}
	return !list || in_order ? list : sort(list, list + count, count, differ);
}

/* How many of the list one read covers, and over how many pages. */
static size_t together(const struct wanted *list, size_t count, unsigned shift, size_t *pages)
{
	uint64_t first = list[0].va >> shift, last = first, next;
	size_t n = 1;

	/* Those of one page come in any order. */
	for (; n < count; n++, last = next) {
		next = list[n].va >> shift;
		if (next - last > GAP || next - first >= ENTRIES)
			break;
	}
	*pages = (size_t)(last - first) + 1;
	return n;
}

static int read_together(int fd, const char *root, const struct wanted *list, size_t n,
	size_t pages, unsigned shift, uint64_t *phys)
{
	uint64_t entries[ENTRIES], first = list[0].va >> shift;
	int r;

	/* No pointer of a 32-bit program: without its upper half it would be one, of another page. */
	if (list[n - 1].va > UINTPTR_MAX)
		return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "translate", NULL, NULL,
			"0x%" PRIx64 " passes the end of the address space", list[n - 1].va);
	r = frames_entries(fd, (const void *)(uintptr_t)list[0].va, pages, entries);
	for (size_t i = 0; r == 0 && i < n; i++) {
		uint64_t entry = entries[(list[i].va >> shift) - first];
		uint64_t start = (entry & PMEM_PAGEMAP_PFN_MASK) << shift;

		/* It waits for what is on its way, and says what is wrong. */
		if (!frames_plain(entry))
			r = frames_phys(fd, root, (const void *)(uintptr_t)list[i].va, 1, &start);
		if (r == 0)
			phys[list[i].place] = start | (list[i].va & ((1ull << shift) - 1));
	}
	return r;
}

int frames_scattered(int fd, const char *root, const uint64_t *addrs, size_t count,
	uint64_t *phys)
{
	unsigned shift = (unsigned)__builtin_ctzll(os->page_size());
	struct wanted *memory, *list = sorted(addrs, count, shift, &memory);
	size_t n, pages;
	int r = 0;

	if (!list)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "translate", NULL, NULL,
			"no memory for a list of %zu addresses", count);
	for (size_t i = 0; r == 0 && i < count; i += n) {
		n = together(list + i, count - i, shift, &pages);
		r = read_together(fd, root, list + i, n, pages, shift, phys);
	}
	free(memory);
	return r;
}
