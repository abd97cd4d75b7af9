/* SPDX-License-Identifier: MIT */
/*
 * pagemap is opened by every call: its privilege is that of the opener, and a descriptor kept
 * across fork() would show the parent's pages to the child.
 */
#include <errno.h>

#include <pmem/vaddr.h>

#include "error.h"
#include "frames.h"
#include "os.h"

/* These functions have no context; the root is the one that contexts would use. */
static const char *root(void)
{
	const char *value = os->getenv("LIBPMEM_ROOT");

	return value ? value : "";
}

int pmem_vaddr_pagemap(const void *addr, uint64_t *entry)
{
	struct error_mark mark;
	uint64_t found = 0;
	int fd, r;

	if (!entry)
		return error_null("vaddr pagemap", "entry");
	error_mark(&mark);
	fd = r = frames_open(root());
	if (fd >= 0) {
		r = frames_entries(fd, addr, 1, &found);
		os->close(fd);
	}
	if (r >= 0)
		*entry = found;
	return error_settle(&mark, r);
}

/* pages addresses of page starts from the page that holds addr. */
static int bulk(const void *addr, size_t pages, uint64_t *phys)
{
	struct error_mark mark;
	int fd, r;

	error_mark(&mark);
	fd = r = frames_open(root());
	if (fd >= 0) {
		r = frames_phys(fd, root(), addr, pages, phys);
		os->close(fd);
	}
	return error_settle(&mark, r);
}

int pmem_vaddr_phys(const void *addr, uint64_t *phys)
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

int pmem_vaddr_phys_bulk(const void *addr, size_t pages, uint64_t *phys)
{
	if (!phys)
		return error_null("vaddr phys bulk", "phys");
	if (pages == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "vaddr phys bulk", NULL, NULL,
			"0 pages are asked for");
	return bulk(addr, pages, phys);
}
