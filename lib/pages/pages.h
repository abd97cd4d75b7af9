/* SPDX-License-Identifier: MIT */
/*
 * Ordinary memory of Linux, contiguous and kept in place.
 *
 *   pages_take   gets memory, pins it, reads its frames, checks them again
 *   pages_give   undoes that
 *   pin_*        a kernel object that keeps pages where they are (pin.h)
 *   frames_*     frames of a mapping, by pagemap (frames.h)
 */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctx.h"
#include "pin.h"

/* One physically contiguous stretch. */
struct pages_run {
	uint64_t phys;
	uint64_t length;
};

struct pages_request {
	uint64_t size;     /* a multiple of the page size */
	uint64_t align;    /* of the physical start; a power of two, at least a page */
	uint64_t max_addr; /* highest physical address allowed; UINT64_MAX: any */
	bool scattered;    /* several runs will do */
	bool need_address; /* the runs must be known */
	bool may_move;     /* a weaker pin, or none, will do */
};

struct pages_block {
	void *data;
	size_t length;          /* mapped bytes, whole pages, at least the size asked for */
	struct pin pin;
	struct pages_run *runs; /* run_count of them in order, covering size; NULL if unknown */
	size_t run_count;
};

/*
 * 0 with *block filled; the thread's error is set otherwise: -EPERM frames are hidden from this
 * program, -ENOMEM nothing contiguous, -ERANGE only above max_addr, -ENOSYS nothing pins, ...
 */
int pages_take(struct pmem_ctx *ctx, const struct pages_request *request,
	struct pages_block *block);

/* Unpin, unmap, free. 0 or the first error. */
int pages_give(struct pages_block *block);

/* Could pages_take() work at all here? Opens and closes; takes no memory. Sets the error. */
int pages_usable(struct pmem_ctx *ctx);

#endif
