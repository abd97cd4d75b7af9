/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <pmem/vaddr.h>

#include "api/call.h"
#include "base/bits.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/frames.h"

static int try_vaddr_pagemap(struct pmem_ctx *ctx, const void *addr, uint64_t *entry)
{
	uint64_t found;
	int fd, r;

	if (!ctx || !entry)
		return error_null("vaddr pagemap", ctx ? "entry" : "ctx");
	fd = frames_kept(ctx);
	if (fd < 0)
		return fd;
	r = frames_entries(fd, addr, 1, &found);
	if (r == 0)
		*entry = found;
	return r;
}

int pmem_vaddr_pagemap(struct pmem_ctx *ctx, const void *addr, uint64_t *entry)
{
	CALL(ctx, try_vaddr_pagemap(ctx, addr, entry));
}

/* pages addresses of page starts from the page that holds addr. */
static int bulk(struct pmem_ctx *ctx, const void *addr, size_t pages, uint64_t *phys)
{
	int fd = frames_kept(ctx);

	return fd < 0 ? fd : frames_bulk(fd, ctx->root, addr, pages, phys);
}

static int try_vaddr_phys(struct pmem_ctx *ctx, const void *addr, uint64_t *phys)
{
	uint64_t start;
	int r;

	if (!ctx || !phys)
		return error_null("vaddr phys", ctx ? "phys" : "ctx");
	r = bulk(ctx, addr, 1, &start);
	if (r == 0)
		*phys = start + ((uintptr_t)addr & (os->page_size() - 1));
	return r;
}

int pmem_vaddr_phys(struct pmem_ctx *ctx, const void *addr, uint64_t *phys)
{
	CALL(ctx, try_vaddr_phys(ctx, addr, phys));
}

static int try_vaddr_phys_bulk(struct pmem_ctx *ctx, const void *addr, size_t pages, uint64_t *phys)
{
	if (!ctx || !phys)
		return error_null("vaddr phys bulk", ctx ? "phys" : "ctx");
	return pages ? bulk(ctx, addr, pages, phys) : 0;
}

int pmem_vaddr_phys_bulk(struct pmem_ctx *ctx, const void *addr, size_t pages, uint64_t *phys)
{
	CALL(ctx, try_vaddr_phys_bulk(ctx, addr, pages, phys));
}

static int try_vaddr_phys_list(struct pmem_ctx *ctx, const uint64_t *addrs, size_t count,
	uint64_t *phys)
{
	int fd;

	if (!ctx || !addrs || !phys)
		return error_null("vaddr phys list", !ctx ? "ctx" : !addrs ? "addrs" : "phys");
	if (count == 0)
		return 0;
	fd = frames_kept(ctx);
	return fd < 0 ? fd : frames_scattered(fd, ctx->root, addrs, count, phys);
}

int pmem_vaddr_phys_list(struct pmem_ctx *ctx, const uint64_t *addrs, size_t count,
	uint64_t *phys)
{
	CALL(ctx, try_vaddr_phys_list(ctx, addrs, count, phys));
}

/* Where pieces go, and how many fit. */
struct room {
	struct pmem_extent *extents;
	size_t capacity;
	size_t *count;
};

/* Whole pages became runs: cut off what was not asked for at both ends. */
static int give_runs(const struct pages_run *runs, size_t n, uint64_t before, uint64_t length,
	const struct room *room)
{
	uint64_t offset = 0;

	if (room->extents && n > room->capacity)
		return error_set(ENOSPC, PMEM_CAUSE_LIMIT, "vaddr extents", NULL, NULL,
			"there are %zu pieces, and room for %zu", n, room->capacity);
	*room->count = n;
	for (size_t i = 0; room->extents && i < n; i++, before = 0) {
		uint64_t bytes = runs[i].length - before, left = length - offset;

		room->extents[i] = (struct pmem_extent){ .offset = offset,
			.length = bytes < left ? bytes : left, .phys = runs[i].phys + before,
			.bus = PMEM_ADDRESS_NONE };
		offset += room->extents[i].length;
	}
	return 0;
}

static int try_vaddr_extents(struct pmem_ctx *ctx, const void *addr, uint64_t length,
	const struct room *room)
{
	uint64_t page = os->page_size(), before = (uintptr_t)addr & (page - 1), last;
	struct pages_run *runs;
	size_t n = 0;
	int r;

	if (!ctx || !room->count)
		return error_null("vaddr extents", ctx ? "count" : "ctx");
	if (length == 0)
		return give_runs(NULL, 0, 0, 0, room);
	if (!bits_add((uintptr_t)addr, length - 1, &last) || last > UINTPTR_MAX)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "vaddr extents", NULL, NULL,
			"%p + 0x%llx passes the end of the address space", addr,
			(unsigned long long)length);
	r = frames_kept(ctx);
	if (r >= 0)
		r = frames_runs(r, ctx->root, addr, (size_t)((before + length - 1) / page + 1),
			&runs, &n);
	if (r < 0)
		return r;
	r = give_runs(runs, n, before, length, room);
	free(runs);
	return r;
}

int pmem_vaddr_extents(struct pmem_ctx *ctx, const void *addr, uint64_t length,
	struct pmem_extent *extents, size_t capacity, size_t *count)
{
	const struct room room = { extents, capacity, count };

	CALL(ctx, try_vaddr_extents(ctx, addr, length, &room));
}
