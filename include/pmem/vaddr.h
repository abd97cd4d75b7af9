/* SPDX-License-Identifier: MIT */
/**
 * @file vaddr.h
 * @brief Where a virtual address of this program really is, by /proc/self/pagemap.
 *
 * The answer is true at the moment of asking. Only pinned memory stays there: mlock() does not
 * pin, compaction moves locked pages. Needs CAP_SYS_ADMIN; without it the kernel hides the frame
 * and these functions say so (PMEM_CAUSE_CAPABILITY) instead of returning 0.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any, at once. What another thread unmaps or moves meanwhile is not seen.
 * - Cancellation: held off inside.
 * - fork: a child is told of its own pages. Whoever writes first to a page that both have gets
 *   another one: an address that was asked for before a fork may be the other's afterwards.
 * - Finalizers: nothing here is to be freed.
 * - Signals: none of these functions in a signal handler.
 *
 * Mappings of devices (/dev/mem, PCI BARs, most dma-bufs) are not shown by the kernel; ask
 * pmem_region_phys() for those.
 *
 * The context keeps /proc/self/pagemap open from the first of these calls on, so that one address
 * costs one read, and one look whether the descriptor is still that file: a program may close all
 * descriptors and open files of its own between two calls (not during one). Its privilege is that of
 * the moment when it was opened: a program that gained or gave up privileges since then makes a new
 * context to be asked by what it may do now. That it could not be opened is not remembered. A forked
 * child opens its own.
 */
#ifndef PMEM_VADDR_H
#define PMEM_VADDR_H

#include <pmem/region.h>

/** @name Bits of a pagemap entry (Documentation/admin-guide/mm/pagemap.rst) */
/** @{ */
#define PMEM_PAGEMAP_PRESENT    (1ull << 63)       /**< in RAM */
#define PMEM_PAGEMAP_SWAPPED    (1ull << 62)       /**< in swap, or being moved */
#define PMEM_PAGEMAP_FILE       (1ull << 61)       /**< of a file, or shared anonymous */
#define PMEM_PAGEMAP_EXCLUSIVE  (1ull << 56)       /**< mapped here only */
#define PMEM_PAGEMAP_SOFT_DIRTY (1ull << 55)       /**< written since the last clear */
#define PMEM_PAGEMAP_PFN_MASK   ((1ull << 55) - 1) /**< the page frame number */
/** @} */

PMEM_BEGIN_DECLS

/**
 * @brief The raw pagemap entry of the page that holds @p addr.
 * @param ctx   the context that keeps the descriptor
 * @param addr  any byte of the page
 * @param entry receives the entry, in the kernel's bits
 * @return 0; -EINVAL; -ENOENT kernel without pagemap; -EPERM or -EACCES the file is refused
 * @since 3.0
 */
PMEM_API int pmem_vaddr_pagemap(struct pmem_ctx *ctx, const void *addr, uint64_t *entry);

/**
 * @brief The physical address of one byte.
 * @param ctx  the context that keeps the descriptor
 * @param addr the byte
 * @param phys the physical address
 * @return 0; -EPERM the kernel hides frames from this program (PMEM_CAUSE_CAPABILITY);
 *         -ENXIO no page there: not touched yet, swapped, the shared zero page, or a device
 *         mapping (PMEM_CAUSE_ADDRESS_UNKNOWN; the message tells which); -ENOENT; -EINVAL
 * @since 3.0
 */
PMEM_API int pmem_vaddr_phys(struct pmem_ctx *ctx, const void *addr, uint64_t *phys);

/**
 * @brief The physical addresses of consecutive pages, in as few system calls as the kernel allows.
 * @param ctx   the context that keeps the descriptor
 * @param addr  in the first page; need not be aligned
 * @param pages how many pages; 0 does nothing
 * @param phys  receives @p pages addresses of page starts; all are valid, or the call fails and
 *              what the array then holds is undefined
 * @return as pmem_vaddr_phys(); the message names the first page that has no address
 * @since 3.0
 */
PMEM_API int pmem_vaddr_phys_bulk(struct pmem_ctx *ctx, const void *addr, size_t pages,
	uint64_t *phys);

/**
 * @brief The physical addresses of bytes that lie anywhere, in one call.
 *
 * Pages that lie close to each other are read together, whatever the order of the list.
 * @param ctx   the context that keeps the descriptor
 * @param addrs the bytes, as numbers: (uintptr_t) of their pointers
 * @param count how many; 0 does nothing
 * @param phys  receives @p count addresses, in the order of @p addrs; all are valid, or the call fails
 *              and what the array then holds is undefined
 * @return as pmem_vaddr_phys(); -ENOMEM; the message names the byte that has no address
 * @since 3.1
 */
PMEM_API int pmem_vaddr_phys_list(struct pmem_ctx *ctx, const uint64_t *addrs, size_t count,
	uint64_t *phys);

/**
 * @brief The physically contiguous pieces of a range, as pmem_region_extents() tells those of a region.
 *
 * Of memory in huge pages this is quicker than pmem_vaddr_phys_bulk() (Linux 6.7 tells which they are).
 * Without a pin another call may find other pieces: pmem_region_register() keeps them.
 * @param ctx      the context that keeps the descriptor
 * @param addr     first byte, of any alignment
 * @param length   bytes; 0: there is no piece
 * @param extents  room for the pieces; offset counts from @p addr, bus is PMEM_ADDRESS_NONE; NULL:
 *                 only count them
 * @param capacity how many fit; 0 if @p extents is NULL
 * @param count    how many there are
 * @return 0; -ENOSPC there are more than @p capacity: nothing is written; -EINVAL NULL;
 *         -EOVERFLOW addr + length wraps (PMEM_CAUSE_WRAPS); -ENOMEM; as pmem_vaddr_phys()
 * @since 3.1
 */
PMEM_API int pmem_vaddr_extents(struct pmem_ctx *ctx, const void *addr, uint64_t length,
	struct pmem_extent *extents, size_t capacity, size_t *count);

PMEM_END_DECLS

#endif
