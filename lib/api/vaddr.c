/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <pmem/vaddr.h>

#include "api/call.h"
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

	return fd < 0 ? fd : frames_phys(fd, ctx->root, addr, pages, phys);
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
