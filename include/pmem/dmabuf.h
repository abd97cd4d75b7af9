/* SPDX-License-Identifier: MIT */
/**
 * @file dmabuf.h
 * @brief dma-bufs: the heaps of this machine, and buffers of which a program has a descriptor only.
 *
 * Programs need not choose a heap: pmem_region_alloc() finds one that can give what is asked for,
 * and pmem_alloc_opts.heap names one. Which names there are differs between kernels, so a heap is
 * described by what it gives.
 *
 * **Regions.** PMEM_ALLOC_DMABUF asks for memory that has a descriptor, pmem_region_fd() and
 * pmem_region_dup_fd() tell it, pmem_region_import() makes a region of one that somebody else made.
 * With PMEM_ALLOC_NO_MAP and PMEM_IMPORT_NO_MAP such memory is not mapped.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any of these functions in several threads at once; a context lists the heaps once, for all.
 * - Cancellation: held off inside; pmem_heap_way() allocates and pmem_dmabuf_cpu_begin() may wait for
 *   a device, which blocks.
 * - fork: a child may read the list that it inherited, and sync descriptors that it inherited.
 * - Finalizers: there is nothing to free; strings live as long as the context.
 * - Signals: none of these functions in a signal handler.
 */
#ifndef PMEM_DMABUF_H
#define PMEM_DMABUF_H

#include <pmem/types.h>

/** @name What a heap gives (pmem_heap_class()), known by its name; no bit: an unfamiliar name */
/** @{ */
#define PMEM_HEAP_CONTIGUOUS (1u << 0) /**< each buffer is one physical piece */
#define PMEM_HEAP_SCATTERED  (1u << 1) /**< buffers are in pieces */
#define PMEM_HEAP_CACHED     (1u << 2) /**< the CPU caches it */
#define PMEM_HEAP_UNCACHED   (1u << 3) /**< the CPU does not cache it */
#define PMEM_HEAP_SECURE     (1u << 4) /**< the CPU may not touch it: with PMEM_ALLOC_NO_MAP only */
/** @} */

/** @name By which way the address of a dma-buf is known (pmem_heap_way()) */
/** @{ */
#define PMEM_WAY_NXP_IOCTL    1u /**< NXP's kernels: an ioctl of the dma-buf */
#define PMEM_WAY_DMABUF_IMX   2u /**< NXP's kernels for Android: /dev/dmabuf_imx */
#define PMEM_WAY_DMA_BUF_PHYS 3u /**< Texas Instruments' kernels: /dev/dma-buf-phys */
#define PMEM_WAY_VCSM         4u /**< Raspberry Pi 0 to 4: /dev/vcsm-cma */
#define PMEM_WAY_PAGEMAP      5u /**< frames of its mapping, up to Linux 6.7 */
#define PMEM_WAY_UDMABUF_KMOD 6u /**< since 3.1: the file phys_addr of a u-dma-buf */
/** @} */

PMEM_BEGIN_DECLS

/**
 * @brief How many heaps there are. Opens none of them.
 *
 * Since 3.1 the buffers of the module u-dma-buf follow the heaps: each is one piece of memory, which
 * pmem_alloc_opts.heap names as it names a heap.
 *
 * The list is made when a context is first asked by any of these functions, and stays as it is for
 * the life of that context: contiguous ones first, then by name; then buffers, the smallest first. A new context looks anew. A
 * failure is not kept.
 * @param ctx   the context
 * @param count perhaps 0
 * @return 0; -ENOENT this kernel has neither heaps nor such a buffer (PMEM_CAUSE_NO_DEVICE); -EACCES;
 *         -ENOMEM; -EINVAL
 * @since 3.0
 */
PMEM_API int pmem_heap_count(struct pmem_ctx *ctx, size_t *count);

/**
 * @brief The name of heap @p i, for pmem_alloc_opts.heap.
 * @return borrowed from the context; NULL if there is no such heap
 * @since 3.0
 */
PMEM_API const char *pmem_heap_name(struct pmem_ctx *ctx, size_t i);

/**
 * @brief Its device file, such as "/dev/dma_heap/system".
 * @return borrowed from the context; NULL if there is no such heap
 * @since 3.0
 */
PMEM_API const char *pmem_heap_path(struct pmem_ctx *ctx, size_t i);

/** @brief PMEM_HEAP_* bits of heap @p i; 0 if nothing is known, or there is none. @since 3.0 */
PMEM_API uint32_t pmem_heap_class(struct pmem_ctx *ctx, size_t i);

/**
 * @brief By which way the address of this heap's memory can be known.
 *
 * Allocates one page from the heap and gives it back; of a u-dma-buf nothing is taken.
 * @param ctx the context
 * @param i   the heap
 * @param way PMEM_WAY_*
 * @return 0; -ENXIO by none (PMEM_CAUSE_ADDRESS_UNKNOWN); -EOPNOTSUPP a secure heap; -EINVAL no
 *         such heap (PMEM_CAUSE_NOT_FOUND); else why there is no list, as pmem_heap_count(), or why
 *         the heap refused, as pmem_region_alloc()
 * @since 3.0
 */
PMEM_API int pmem_heap_way(struct pmem_ctx *ctx, size_t i, uint32_t *way);

/**
 * @brief Before the CPU touches a dma-buf that is no region of this library.
 *
 * Tells the buffer's maker (DMA_BUF_IOCTL_SYNC). That makes the CPU's view true of what a driver
 * wrote. It reaches no device that a program drives by physical address: a region, made by
 * pmem_region_import(), has its caches cleaned by pmem_region_cpu_begin().
 * @param ctx       the context
 * @param fd        the dma-buf; stays the caller's, and may be that of a region which is not mapped
 * @param direction PMEM_DIR_*: what the CPU will do
 * @return 0; -EBADF no open file, -EINVAL not a dma-buf (PMEM_CAUSE_WRONG_KIND); -EINVAL wrong
 *         direction (PMEM_CAUSE_FLAGS); -EOPNOTSUPP Linux before 4.6, which has no such call
 *         (PMEM_CAUSE_UNSUPPORTED); else what the maker's driver said
 * @since 3.0
 */
PMEM_API int pmem_dmabuf_cpu_begin(struct pmem_ctx *ctx, int fd, uint32_t direction);

/** @brief After the CPU, before a driver touches it; as pmem_dmabuf_cpu_begin(). @since 3.0 */
PMEM_API int pmem_dmabuf_cpu_end(struct pmem_ctx *ctx, int fd, uint32_t direction);

PMEM_END_DECLS

#endif
