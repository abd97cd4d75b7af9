/* SPDX-License-Identifier: MIT */
/*
 * A memfd as udmabuf wants it, and which of its pages lie next to each other. All of these set the
 * thread's error.
 */
#ifndef BACKEND_UDMABUF_MEMFD_H
#define BACKEND_UDMABUF_MEMFD_H

#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"

struct memfd {
	int fd;
	void *data;    /* all of it, mapped and populated */
	size_t length; /* bytes */
};

/* A stretch of the memfd. */
struct memfd_part {
	uint64_t offset;
	uint64_t length;
};

/*
 * length bytes, sealed against shrinking, populated. huge: the size of its pages out of the hugetlb
 * pool, 0 for ordinary ones (which the kernel is asked to collapse into large ones). -ENOMEM, or
 * -EOPNOTSUPP for a kernel without such memfds.
 */
int memfd_new(const char *root, const char *name, uint64_t length, uint64_t huge,
	struct memfd *memfd);
void memfd_free(struct memfd *memfd);

/*
 * The parts of the memfd that together are length bytes in one physical piece, a multiple of align,
 * not beyond max_addr; *parts is freed by the caller. -ENOMEM (NOT_CONTIGUOUS) there are none;
 * -EPERM frames are hidden from this program.
 */
int memfd_pick(struct pmem_ctx *ctx, const struct memfd *memfd, uint64_t length, uint64_t align,
	uint64_t max_addr, struct memfd_part **parts, size_t *count);

/* The place of parts that follow each other physically. -EAGAIN (MOVED) if they do not. */
int memfd_place(struct pmem_ctx *ctx, const struct memfd *memfd, const struct memfd_part *parts,
	size_t count, uint64_t *phys);

#endif
