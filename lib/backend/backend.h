/* SPDX-License-Identifier: MIT */
/*
 * The contract between the library and a way to get physical memory.
 *
 * A backend is one const struct pmem_backend_ops in one file, named in table.c. null.c is the
 * template: it implements everything that is mandatory and nothing else.
 *
 * Rules for every operation
 * - Called without any lock of the library held, from any thread, several at once. A backend that
 *   keeps state of its own guards it itself.
 * - May block and may do I/O, unless it says otherwise.
 * - Reports a failure with error_set() (operation, path, cause, message, hint) and returns its
 *   result. Undo paths leave the first error alone (error_save, error_restore).
 * - Leaves nothing behind when it fails: no descriptor, mapping, lock, handle or byte.
 * - Reads no register and no byte of mapped device memory.
 * - Reaches the machine through os->... and below ctx->root only.
 */
#ifndef BACKEND_BACKEND_H
#define BACKEND_BACKEND_H

#include <stdint.h>

#include <pmem/backend.h>

#include "backend/backing.h"

/* What an allocation asks for; checked and completed by lib/api/region.c, so a backend can rely on it. */
struct alloc_request {
	uint64_t size;         /* as asked for: the region's size */
	uint64_t length;       /* size rounded up to whole pages */
	uint64_t align;        /* power of two, at least a page */
	uint64_t max_addr;     /* UINT64_MAX: any */
	uint32_t flags;        /* PMEM_ALLOC_* */
	uint32_t dma_channels;
	const char *backend;   /* NULL or the only one to use */
	const char *heap;      /* NULL or the only one to use */
	const char *name;      /* never NULL */
};

struct pmem_backend_ops {
	const char *name;      /* lower case, for ever */
	uint32_t caps;         /* PMEM_BACKEND_*: what it can do on a machine that has it */

	/*
	 * Is it usable here by this program? Mandatory. Called by pmem_backend_status() alone: the
	 * other operations refuse by themselves, and as well. Opens and closes what they would
	 * open; allocates nothing, changes nothing.
	 * 0 usable. -ENOENT no such device (NO_DEVICE); -EACCES (FILE_MODE); -EPERM (CAPABILITY,
	 * LOCKDOWN); -EOPNOTSUPP wrong SoC or kernel (UNSUPPORTED).
	 */
	int (*probe)(struct pmem_ctx *ctx);

	/*
	 * Map [phys, phys + size). Caps MAP (optional: pci maps by its own entry in pci.h). The range is not empty and does not wrap; flags are
	 * known. region is zeroed but for ctx, ops and fd = -1; fill in data, size, attrs, runs
	 * and what close needs.
	 * -ERANGE outside what this backend can reach (OUTSIDE_WINDOW, BUS_WIDTH). select.c asks the
	 * next one after any failure.
	 */
	int (*map)(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
		struct pmem_region *region);

	/*
	 * Allocate. Caps ALLOC. region as for map. Nobody has asked probe before: what is missing
	 * is found before memory is taken, and each device is opened once. What it cannot promise
	 * it refuses, with the cause: NOT_CONTIGUOUS, ADDRESS_UNKNOWN, ADDRESS_LIMIT, NOT_PINNED,
	 * NOT_COHERENT, NO_MEMORY, NOT_FOUND (heap), UNSUPPORTED (such as memory that is not
	 * mapped). select.c checks the result against the request once more.
	 */
	int (*alloc)(struct pmem_ctx *ctx, const struct alloc_request *request,
		struct pmem_region *region);

	/* Map a foreign dma-buf, unless PMEM_IMPORT_NO_MAP. Caps IMPORT. fd stays the caller's. */
	int (*import)(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region);

	/*
	 * Give everything back. Mandatory if any of the three above is there. Goes on after a
	 * failing step; returns the first error. Must not free region itself.
	 */
	int (*close)(struct pmem_region *region);

	/*
	 * The same in a process that did not make the region but was forked from the one that did
	 * (finalizers of languages do that). Frees this process's memory for the bookkeeping,
	 * and what was inherited and is this process's own: a shared device mapping. Nothing else:
	 * rings, pipes, sessions and firmware handles are the parent's, ranges under MADV_DONTFORK
	 * are not there, and descriptor numbers may be somebody else's by now. Optional: without it
	 * there is nothing to free.
	 */
	int (*forget)(struct pmem_region *region);

	/*
	 * Make [offset, offset + length) true for the CPU (begin) or for devices (!begin).
	 * Optional: without it lib/api/region.c treats COHERENT regions with a barrier, others with
	 * the CPU's cache operations. 0 only when the work was done. Checked arguments.
	 */
	int (*sync)(const struct pmem_region *region, uint64_t offset, uint64_t length,
		uint32_t direction, bool begin);
};

/* table.c: every backend there is, NULL ended. */
extern const struct pmem_backend_ops *const backend_table[];

/* The entry of that name, or NULL. */
const struct pmem_backend_ops *backend_find(const char *name);
/* Entry i in this machine's order of preference; NULL after the last. */
const struct pmem_backend_ops *backend_at(const struct pmem_ctx *ctx, size_t i);

/*
 * select.c, the only policy. Each fills region by the first backend that can, and sets the error
 * otherwise: of the backend that came nearest, with every other reason in the message.
 */
int select_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region *region);
int select_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region);
int select_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region);

/*
 * Is the region all that was asked for? Sets the error. For a backend that has several sources and
 * tries the next one; select.c asks in any case.
 */
int select_check(const struct alloc_request *request, const struct pmem_region *region);

extern const struct pmem_backend_ops backend_null;
extern const struct pmem_backend_ops backend_devmem;
extern const struct pmem_backend_ops backend_gpiomem;
extern const struct pmem_backend_ops backend_pci;
extern const struct pmem_backend_ops backend_videocore;
extern const struct pmem_backend_ops backend_vcsm;
extern const struct pmem_backend_ops backend_dmaheap;
extern const struct pmem_backend_ops backend_ion;
extern const struct pmem_backend_ops backend_udmabuf;
extern const struct pmem_backend_ops backend_pages;

#endif
