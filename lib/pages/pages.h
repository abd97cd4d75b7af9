/* SPDX-License-Identifier: MIT */
/*
 * Ordinary memory of Linux, contiguous and kept in place.
 *
 *   pages_take   gets memory, pins it, reads its frames, checks them again
 *   pages_give   undoes that
 *   pages_keep   pins memory that the program already has; pages_let_go() undoes that
 *   pin_*        a kernel object that keeps pages where they are (pin.h)
 *   frames_*     frames of a mapping, by pagemap (frames.h)
 */
#ifndef PAGES_PAGES_H
#define PAGES_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pages/frames.h"
#include "pages/pin.h"
#include "soc/ctx.h"

struct pages_request {
	uint64_t size;     /* a multiple of the page size */
	uint64_t align;    /* of the physical start; a power of two, at least a page */
	uint64_t max_addr; /* highest physical address allowed; UINT64_MAX: any */
	bool scattered;    /* several runs will do */
	bool need_address; /* the runs must be known */
	bool may_move;     /* a weaker pin, or none, will do */
	bool try_hard;     /* PMEM_ALLOC_TRY_HARD */
	uint32_t node;     /* all of it from this NUMA node, counted from 1; 0: any */
	uint32_t wait_ms;  /* how long contiguous memory may be looked for; 0: see pages_take() */
};

struct pages_block {
	void *data;
	size_t length;          /* mapped bytes, whole pages, at least the size asked for */
	struct pin pin;
	struct pages_run *runs; /* run_count of them in order, covering size; NULL if unknown */
	size_t run_count;
};

/*
 * 0 with *block filled: zeroed memory that no child inherits, pinned unless may_move, whose runs
 * are known if need_address, or if the kernel tells. Without the right to see frames only a page,
 * or scattered memory, can be had. The thread's error is set otherwise: -EPERM frames are hidden
 * from this program (CAPABILITY), -ENOMEM no memory, or none that is contiguous (NO_MEMORY,
 * NOT_CONTIGUOUS, LIMIT), -ERANGE only above max_addr, -EAGAIN pages kept moving (MOVED), and
 * what pin_take() says.
 *
 * The search for one piece ends after wait_ms, or as patience.h says.
 */
int pages_take(struct pmem_ctx *ctx, const struct pages_request *request,
	struct pages_block *block);

/* Unpin, unmap, free. 0 or the first error. */
int pages_give(struct pages_block *block);

/*
 * Zeroed memory that no child inherits, in whatever pieces, which something else will pin: until then it may
 * move. want: size and node count. No runs; pages_give() gives it back. -ENOMEM
 */
int pages_take_loose(struct pmem_ctx *ctx, const struct pages_request *want, struct pages_block *block);
/* It is pinned: where is it? Fills the runs in. Sets the error: as frames_shown() and frames_runs(). */
int pages_find(struct pmem_ctx *ctx, const struct pages_request *want, struct pages_block *block);

/*
 * The program's own memory: whole pages from data, length bytes, which stay its. want: need_address
 * and may_move count. 0 with *block filled. -EFAULT, -EOPNOTSUPP not memory that can be pinned
 * (WRONG_KIND), -EOPNOTSUPP nothing pins memory here that children inherit (NOT_PINNED), what
 * uring_pin() and frames_shown() say.
 */
int pages_keep(struct pmem_ctx *ctx, const struct pages_request *want, void *data,
	struct pages_block *block);
/* Unpin and free; the memory is not touched. 0 or the first error. */
int pages_let_go(struct pages_block *block);

/*
 * Could pages_take() give memory with an address here? Opens and closes; takes no memory. Sets
 * the error. -EPERM (CAPABILITY) still leaves memory without address to be had.
 */
int pages_usable(struct pmem_ctx *ctx);

#endif
