/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include <pmem/vaddr.h>

#include "api/call.h"
#include "base/bits.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/frames.h"

/* What is asked about: pages from addr, or addresses that lie anywhere; and where the answer goes. */
struct question {
	const void *addr;
	const uint64_t *addrs;
	size_t count;
	uint64_t *out;
	struct pages_run *runs;
	size_t run_count;
};

typedef int answer_fn(int fd, const char *root, struct question *question);

static int answer_entry(int fd, const char *root, struct question *q)
{
	(void)root;
	return frames_entries(fd, q->addr, 1, q->out);
}

static int answer_one(int fd, const char *root, struct question *q)
{
	return frames_phys(fd, root, q->addr, 1, q->out);
}

static int answer_bulk(int fd, const char *root, struct question *q)
{
	return frames_bulk(fd, root, q->addr, q->count, q->out);
}

static int answer_list(int fd, const char *root, struct question *q)
{
	return frames_scattered(fd, root, q->addrs, q->count, q->out);
}

static int answer_runs(int fd, const char *root, struct question *q)
{
	free(q->runs); /* of a descriptor that was lost */
	q->runs = NULL;
	return frames_runs(fd, root, q->addr, q->count, &q->runs, &q->run_count);
}

/* An answer counts if the descriptor was the context's until the end; else it is asked again. */
static int ask(struct pmem_ctx *ctx, answer_fn *answer, struct question *question)
{
	struct frames_use use;
	int r;

	do {
		r = frames_use(ctx, &use);
		if (r < 0)
			return r;
		r = answer(use.fd, ctx->root, question);
	} while (!frames_held(ctx, &use));
	return r;
}

static int try_vaddr_pagemap(struct pmem_ctx *ctx, const void *addr, uint64_t *entry)
{
	uint64_t found = 0;
	struct question question = { .addr = addr, .out = &found };
	int r;

	if (!ctx || !entry)
		return error_null("vaddr pagemap", ctx ? "entry" : "ctx");
	r = ask(ctx, answer_entry, &question);
	if (r == 0)
		*entry = found;
	return r;
}

int pmem_vaddr_pagemap(struct pmem_ctx *ctx, const void *addr, uint64_t *entry)
{
	CALL(ctx, try_vaddr_pagemap(ctx, addr, entry));
}

static int try_vaddr_phys(struct pmem_ctx *ctx, const void *addr, uint64_t *phys)
{
	uint64_t start = 0;
	struct question question = { .addr = addr, .out = &start };
	int r;

	if (!ctx || !phys)
		return error_null("vaddr phys", ctx ? "phys" : "ctx");
	r = ask(ctx, answer_one, &question);
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
	struct question question = { .addr = addr, .count = pages, .out = phys };

	if (!ctx || !phys)
		return error_null("vaddr phys bulk", ctx ? "phys" : "ctx");
	return pages ? ask(ctx, answer_bulk, &question) : 0;
}

int pmem_vaddr_phys_bulk(struct pmem_ctx *ctx, const void *addr, size_t pages, uint64_t *phys)
{
	CALL(ctx, try_vaddr_phys_bulk(ctx, addr, pages, phys));
}

static int try_vaddr_phys_list(struct pmem_ctx *ctx, const uint64_t *addrs, size_t count,
	uint64_t *phys)
{
	struct question question = { .addrs = addrs, .count = count, .out = phys };

	if (!ctx || !addrs || !phys)
		return error_null("vaddr phys list", !ctx ? "ctx" : !addrs ? "addrs" : "phys");
	return count ? ask(ctx, answer_list, &question) : 0;
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
	struct question question = { .addr = addr,
		.count = (size_t)((before + length - 1) / page + 1) };
	int r;

	if (!ctx || !room->count)
		return error_null("vaddr extents", ctx ? "count" : "ctx");
	if (length == 0)
		return give_runs(NULL, 0, 0, 0, room);
	if (!bits_add((uintptr_t)addr, length - 1, &last) || last > UINTPTR_MAX)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "vaddr extents", NULL, NULL,
			"%p + 0x%llx passes the end of the address space", addr,
			(unsigned long long)length);
	r = ask(ctx, answer_runs, &question);
	if (r == 0)
		r = give_runs(question.runs, question.run_count, before, length, room);
	free(question.runs);
	return r;
}

int pmem_vaddr_extents(struct pmem_ctx *ctx, const void *addr, uint64_t length,
	struct pmem_extent *extents, size_t capacity, size_t *count)
{
	const struct room room = { extents, capacity, count };

	CALL(ctx, try_vaddr_extents(ctx, addr, length, &room));
}
