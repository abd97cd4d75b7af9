/* SPDX-License-Identifier: MIT */
/* A region as the backends fill it in. lib/api/region.c owns its life, backends own its memory. */
#ifndef BACKEND_BACKING_H
#define BACKEND_BACKING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pmem/region.h>

#include "base/error.h"
#include "pages/pages.h"
#include "soc/ctx.h"

struct coherence;
struct soc_master;
struct region_entry;
struct sight;
struct udmabuf_source;
struct pmem_backend_ops;

struct pmem_region {
	struct pmem_ctx *ctx;               /* counted by lib/api/region.c */
	uint32_t process;                   /* who made it: self_process() */
	const struct pmem_backend_ops *ops; /* who made it */
	void *data;                         /* first byte that was asked for */
	uint64_t size;                      /* bytes that were asked for */
	uint32_t attrs;                     /* PMEM_REGION_* */
	struct soc_master *master;          /* who uses it: lib/api/region.c's; NULL: mapped, imported */

	/* Where it is. run_count 0: unknown. why_unknown (freed with the region) says why, or it was not asked for. */
	struct pages_run *runs;
	size_t run_count;
	struct pages_run one_run;           /* storage for the usual case: runs = &one_run */
	struct pmem_error *why_unknown;
	bool has_bus;                       /* the allocator told the bus address */
	uint64_t bus;

	/* What region_unmap() undoes; zero if the backend maps otherwise. */
	void *map_base;
	size_t map_length;
	int fd;                             /* a dma-buf to export or sync; -1: none */

	struct udmabuf_source *source;      /* of udmabuf: what an IOMMU can be shown; NULL: nothing */
	struct region_entry *entry;         /* lib/api/region_index.c */
	_Atomic(struct sight *) sights;     /* of devices: lib/device/space.c */
	_Atomic bool device_gone;           /* it was allocated for a device that was closed: its address and pin are gone */
	_Atomic bool stuck;                 /* the kernel did not let go of it: its memory is never freed */
	struct pmem_region *next_stuck;
	struct coherence *coherence;        /* LIBPMEM_DEBUG=coherence, lib/api/coherence.c; else NULL */
	void *priv;                         /* the backend's own state, allocated by it */
};

/* For what is told to it; NULL for none. */
static inline struct pmem_ctx *region_context(const struct pmem_region *region)
{
	return region ? region->ctx : NULL;
}

/* Set the address of a contiguous region. */
void region_set_phys(struct pmem_region *region, uint64_t phys);

/* Do the CPU's caches and whoever uses the region agree? The machine's default, if it is nobody. */
bool region_coherent(const struct pmem_region *region);

/* As it was before any backend filled it in: made by nobody yet, or by ops. Frees why_unknown. */
void region_reset(struct pmem_region *region, const struct pmem_backend_ops *ops);

/* Note why the address is unknown: takes a copy of the thread's error. */
void region_set_unknown(struct pmem_region *region);

/*
 * Map [offset, offset + size) of fd, any offset: rounds to pages outside, and points data at the
 * byte itself. Fills map_base, map_length, data, size. Shared device mappings are inherited by
 * fork. operation/path are for the error.
 */
int region_mmap(struct pmem_region *region, int fd, uint64_t offset, uint64_t size, int prot,
	const char *path);

/*
 * Memory, not registers: a child must not reach it when the parent has given it back. Undoes
 * region_mmap() on failure. Sets the error.
 */
int region_keep_from_children(struct pmem_region *region);

/* Both: what every backend maps memory with. */
int region_mmap_memory(struct pmem_region *region, int fd, uint64_t offset, uint64_t size, int prot,
	const char *path);

/*
 * What the CPU's caches need so that [offset, offset + length) is true for the CPU (begin) or for
 * devices (!begin); nothing unless the region NEEDS_SYNC. Sets the error (NOT_COHERENT).
 */
int region_sync_caches(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin);

/* Undo region_mmap() and close fd. 0 or the first error; sets the thread's error. */
int region_unmap(struct pmem_region *region);

#endif
