/* SPDX-License-Identifier: MIT */
/*
 * The heaps of /dev/dma_heap (and of Rockchip's /dev/rk_dma_heap), found by looking, and what is
 * known of each by its name: names changed between kernels, so none is relied on alone.
 */
#ifndef BACKEND_HEAPS_H
#define BACKEND_HEAPS_H

#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"

#define HEAP_CONTIGUOUS (1u << 0) /* each buffer is one physical piece */
#define HEAP_UNCACHED   (1u << 1) /* mapped write-combining, not cached */
#define HEAP_SECURE     (1u << 2) /* the CPU may not touch it */
#define HEAP_SYSTEM     (1u << 3) /* ordinary pages of the kernel */
#define HEAP_UNKNOWN    (1u << 4) /* a name that no rule knows */

/* Bytes that a name has room in. */
#define HEAP_NAME 64

struct heap {
	char name[HEAP_NAME];
	char path[96];      /* below the root */
	uint32_t class;     /* HEAP_* */
	uint32_t request;   /* the ioctl that allocates */
};

/*
 * All heaps, those that give contiguous memory first, then by name; *heaps is freed by the caller.
 * 0 heaps is not an error. Sets the error: -ENOENT no heap directory; -EACCES, -ENOMEM.
 */
int heaps_list(struct pmem_ctx *ctx, struct heap **heaps, size_t *count);

/* The same as it was when ctx was first asked; freed with it. Any thread may ask. */
struct heap_list {
	size_t count;
	struct heap heaps[];
};

int heaps_kept(struct pmem_ctx *ctx, const struct heap_list **list);

/*
 * By which way, PMEM_WAY_*, the address of this heap's memory can be known (dmaheap.c): one page is
 * allocated and given back. Sets the error: ADDRESS_UNKNOWN, or why the heap refused.
 */
int heaps_way(struct pmem_ctx *ctx, const struct heap *heap, uint32_t *way);

/*
 * HEAP_* for a name, by what is known of it and by the device tree's reserved memory. -ENOMEM, -EMFILE
 * or -ENFILE if that cannot be told now. The thread's error is not set.
 */
int heaps_class(const struct pmem_ctx *ctx, const char *name);

#endif
