/* SPDX-License-Identifier: MIT */
/*
 * pagemap is opened by every call: its privilege is that of the opener, and a descriptor kept
 * across fork() would show the parent's pages to the child.
 */
#include <errno.h>

#include <pmem/vaddr.h>

#include "api/call.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/frames.h"

/* These functions have no context; the root is the one that contexts would use. */
static const char *root(void)
{
	const char *value = os->getenv("LIBPMEM_ROOT");

	return value ? value : "";
}

static int try_vaddr_pagemap(const void *addr, uint64_t *entry)
{
	uint64_t found;
	int fd, r;

	if (!entry)
		return error_null("vaddr pagemap", "entry");
	fd = frames_open(root());
	if (fd < 0)
		return fd;
	r = frames_entries(fd, addr, 1, &found);
	os->close(fd);
	if (r == 0)
		*entry = found;
	return r;
}

int pmem_vaddr_pagemap(const void *addr, uint64_t *entry)
{
	CALL(NULL, try_vaddr_pagemap(addr, entry));
}

/* pages addresses of page starts from the page that holds addr. */
static int bulk(const void *addr, size_t pages, uint64_t *phys)
{
	int fd = frames_open(root());
	int r;

	if (fd < 0)
		return fd;
	r = frames_phys(fd, root(), addr, pages, phys);
	os->close(fd);
	return r;
}

static int try_vaddr_phys(const void *addr, uint64_t *phys)
{
	uint64_t start;
	int r;

	if (!phys)
		return error_null("vaddr phys", "phys");
	r = bulk(addr, 1, &start);
	if (r == 0)
		*phys = start + ((uintptr_t)addr & (os->page_size() - 1));
	return r;
}

int pmem_vaddr_phys(const void *addr, uint64_t *phys)
{
	CALL(NULL, try_vaddr_phys(addr, phys));
}

static int try_vaddr_phys_bulk(const void *addr, size_t pages, uint64_t *phys)
{
	if (!phys)
		return error_null("vaddr phys bulk", "phys");
	if (pages == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "vaddr phys bulk", NULL, NULL,
			"0 pages are asked for");
	return bulk(addr, pages, phys);
}

int pmem_vaddr_phys_bulk(const void *addr, size_t pages, uint64_t *phys)
{
	CALL(NULL, try_vaddr_phys_bulk(addr, pages, phys));
}
