/* SPDX-License-Identifier: MIT */
#include "pagemap.h"

#include <check.h>
#include <errno.h>
#include <pmem/vaddr.h>

#include "fake.h"
#include "state.h"

#define MOVED_MAX 16384
#define SPECIAL_MAX 8

/* Frame numbers stay below 2^28, so that they look like RAM; frame 0 is none of them. */
#define FRAME_BITS ((1ull << 28) - 1)

static struct {
	enum pagemap_rule rule;
	struct { uint64_t page, was; } moved[MOVED_MAX];
	size_t moved_count;
	struct { uint64_t page, entry; unsigned left; bool ever; } special[SPECIAL_MAX];
	size_t special_count;
	size_t chunk;
	unsigned reads;
} p;

static struct os_calls calls;

/* The page that was mapped here first, before it was moved. */
static uint64_t origin(uint64_t page)
{
	for (size_t i = p.moved_count; i-- > 0;) {
		if (p.moved[i].page == page)
			return p.moved[i].was;
	}
	return page;
}

static uint64_t frame(uint64_t page)
{
	switch (p.rule) {
	case PAGEMAP_BACKWARDS:
		return FRAME_BITS - (page & FRAME_BITS);
	case PAGEMAP_BLOCKS:
		return ((FRAME_BITS - 15) & ~15ull) - (page & FRAME_BITS & ~15ull) + (page & 15);
	case PAGEMAP_APART:
		return (page * 2) & FRAME_BITS;
	case PAGEMAP_MOVING:
		return (page + 16 * p.reads) & FRAME_BITS;
	case PAGEMAP_ACROSS:
		return ((page & ~63ull) + (page & 31) * 2 + (page >> 5 & 1)) & FRAME_BITS;
	case PAGEMAP_ODD:
		return (page * 2 + 1) & FRAME_BITS;
	case PAGEMAP_SHIFTED:
		return (page + 1) & FRAME_BITS;
	case PAGEMAP_HIDDEN:
		return 0;
	default:
		return page & FRAME_BITS;
	}
}

static uint64_t entry(uint64_t page)
{
	for (size_t i = 0; i < p.special_count; i++) {
		if (p.special[i].page != page || (!p.special[i].ever && p.special[i].left == 0))
			continue;
		if (!p.special[i].ever)
			p.special[i].left--;
		return p.special[i].entry;
	}
	if (p.rule == PAGEMAP_HOLES)
		return 0;
	return PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_EXCLUSIVE | frame(origin(page));
}

static ssize_t play(void *user, int fd, void *buf, size_t count, uint64_t offset)
{
	uint64_t *to = buf;

	(void)user;
	(void)fd;
	ck_assert_uint_eq(count % 8, 0);
	ck_assert_uint_eq(offset % 8, 0);
	if (p.chunk && count > p.chunk)
		count = p.chunk;
	p.reads++;
	for (size_t i = 0; i < count / 8; i++)
		to[i] = entry(offset / 8 + i);
	return (ssize_t)count;
}

static const struct fake_device pagemap = { .path = "/proc/self/pagemap", .pread = play };

/* Pages keep their frames when they move. */
static int moving_mremap(void *old, size_t old_length, size_t new_length, int flags, void *to,
	void **out)
{
	int r = fake_calls.mremap(old, old_length, new_length, flags, to, out);

	for (size_t i = 0; r == 0 && i < new_length / f.page_size; i++) {
		uint64_t was = origin((uintptr_t)old / f.page_size + i);

		ck_assert_uint_lt(p.moved_count, MOVED_MAX);
		p.moved[p.moved_count].page = (uintptr_t)*out / f.page_size + i;
		p.moved[p.moved_count++].was = was;
	}
	return r;
}

void pagemap_play(enum pagemap_rule rule)
{
	p.rule = rule;
	p.moved_count = p.special_count = p.chunk = p.reads = 0;
	fake_device(&pagemap);
	calls = *os;
	calls.mremap = moving_mremap;
	os = &calls;
}

void pagemap_settle(void)
{
	p.moved_count = 0;
}

void pagemap_rule(enum pagemap_rule rule)
{
	p.rule = rule;
}

void pagemap_entry(const void *addr, uint64_t value, unsigned n)
{
	ck_assert_uint_lt(p.special_count, SPECIAL_MAX);
	p.special[p.special_count].page = (uintptr_t)addr / f.page_size;
	p.special[p.special_count].entry = value;
	p.special[p.special_count].left = n;
	p.special[p.special_count++].ever = n == 0;
}

void pagemap_chunk(size_t bytes)
{
	p.chunk = bytes;
}

unsigned pagemap_reads(void)
{
	return p.reads;
}

uint64_t pagemap_frame_of(const void *addr)
{
	return frame((uintptr_t)addr / f.page_size) * f.page_size;
}
