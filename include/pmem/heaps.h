/* SPDX-License-Identifier: MIT */
/**
 * @file heaps.h
 * @brief The dma-buf heaps of this machine, for people and for tools.
 *
 * Programs need not choose: pmem_region_alloc() finds a heap that can give what is asked for, and
 * pmem_alloc_opts.heap names one. Which names there are differs between kernels, so a heap is
 * described by what it gives.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: several may read one list at once; none may use it while another frees it, or after.
 * - Cancellation: held off inside; pmem_heaps_address() allocates, which may block.
 * - fork: a child may use and free the list that it inherited.
 * - Finalizers: pmem_heaps_free() may run in any thread, before or after the context is given back.
 * - Signals: none of these functions in a signal handler.
 */
#ifndef PMEM_HEAPS_H
#define PMEM_HEAPS_H

#include <pmem/types.h>

/** @name What a heap gives (pmem_heaps_class()), known by its name; no bit: an unfamiliar name */
/** @{ */
#define PMEM_HEAPS_CONTIGUOUS (1u << 0) /**< each buffer is one physical piece */
#define PMEM_HEAPS_SCATTERED  (1u << 1) /**< buffers are in pieces */
#define PMEM_HEAPS_CACHED     (1u << 2) /**< the CPU caches it */
#define PMEM_HEAPS_UNCACHED   (1u << 3) /**< the CPU does not cache it */
#define PMEM_HEAPS_SECURE     (1u << 4) /**< the CPU may not touch it */
/** @} */

/** The heaps there were when it was made. */
struct pmem_heaps;

PMEM_BEGIN_DECLS

/**
 * @brief List the heaps: contiguous ones first, then by name. Opens none of them.
 * @param ctx the context
 * @param out the list, perhaps an empty one; to be freed with pmem_heaps_free()
 * @return 0; -ENOENT this kernel has no heaps (PMEM_CAUSE_NO_DEVICE); -EACCES; -ENOMEM; -EINVAL
 * @since 3.0
 */
PMEM_API int pmem_heaps_new(struct pmem_ctx *ctx, struct pmem_heaps **out);

/** @brief Free a list; NULL is allowed. @since 3.0 */
PMEM_API void pmem_heaps_free(struct pmem_heaps *heaps);

/** @brief How many heaps the list has; 0 if @p heaps is NULL. @since 3.0 */
PMEM_API size_t pmem_heaps_count(const struct pmem_heaps *heaps);

/** @brief The name of heap @p i, for pmem_alloc_opts.heap; NULL if there is none. @since 3.0 */
PMEM_API const char *pmem_heaps_name(const struct pmem_heaps *heaps, size_t i);

/** @brief Its device file, such as "/dev/dma_heap/system"; NULL if there is none. @since 3.0 */
PMEM_API const char *pmem_heaps_path(const struct pmem_heaps *heaps, size_t i);

/** @brief PMEM_HEAPS_* bits of heap @p i; 0 if nothing is known. @since 3.0 */
PMEM_API uint32_t pmem_heaps_class(const struct pmem_heaps *heaps, size_t i);

/**
 * @brief By which way the address of this heap's memory can be known.
 *
 * Allocates one page from the heap and gives it back.
 * @param heaps the list
 * @param i     the heap
 * @param way   static text such as "pagemap"
 * @return 0; -ENXIO by none (PMEM_CAUSE_ADDRESS_UNKNOWN); -EOPNOTSUPP a secure heap; -EINVAL no
 *         such heap; else why the heap refused, as pmem_region_alloc()
 * @since 3.0
 */
PMEM_API int pmem_heaps_address(const struct pmem_heaps *heaps, size_t i, const char **way);

PMEM_END_DECLS

#endif
