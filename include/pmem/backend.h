/* SPDX-License-Identifier: MIT */
/**
 * @file backend.h
 * @brief The ways to physical memory that this library knows, and which of them work here.
 *
 * For people and for tools: programs need not choose, pmem_region_alloc() and
 * pmem_region_map() do. The list is the same on every machine, in the order of preference of
 * the SoC at hand; what differs is pmem_backend_status().
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any, at once. Names are static text.
 * - Cancellation: held off inside; pmem_backend_status() opens devices, which may block.
 * - fork: a child may ask the context that it inherited, and is told what itself may use.
 * - Finalizers: the reason that pmem_backend_status() gives may be freed in any thread.
 * - Signals: none of these functions in a signal handler.
 */
#ifndef PMEM_BACKEND_H
#define PMEM_BACKEND_H

#include <pmem/types.h>

/** @name What a backend can do (pmem_backend_caps()) */
/** @{ */
#define PMEM_BACKEND_MAP        (1u << 0)  /**< maps physical addresses */
#define PMEM_BACKEND_GPIO       (1u << 1)  /**< maps the GPIO registers */
#define PMEM_BACKEND_ALLOC      (1u << 2)  /**< allocates */
#define PMEM_BACKEND_IMPORT     (1u << 3)  /**< takes a dma-buf made elsewhere */
#define PMEM_BACKEND_EXPORT     (1u << 4)  /**< regions have a dma-buf file descriptor */
#define PMEM_BACKEND_PHYS       (1u << 5)  /**< can know physical addresses */
#define PMEM_BACKEND_BUS        (1u << 6)  /**< the allocator itself tells the bus address */
#define PMEM_BACKEND_PINNED     (1u << 7)  /**< memory stays where it is */
#define PMEM_BACKEND_CONTIGUOUS (1u << 8)  /**< can give one piece larger than a page */
#define PMEM_BACKEND_SYNC       (1u << 9)  /**< cached memory with working cpu_begin/cpu_end */
#define PMEM_BACKEND_RECLAIM    (1u << 10) /**< memory outlives the process; journalled */
#define PMEM_BACKEND_NODE       (1u << 11) /**< since 3.1: can choose the NUMA node */
/** @} */

PMEM_BEGIN_DECLS

/** @brief How many backends there are; 0 only if @p ctx is NULL. @since 3.0 */
PMEM_API size_t pmem_backend_count(const struct pmem_ctx *ctx);

/** @brief The name of backend @p i, such as "pages"; NULL if there is none. @since 3.0 */
PMEM_API const char *pmem_backend_name(const struct pmem_ctx *ctx, size_t i);

/** @brief PMEM_BACKEND_* bits of backend @p i; 0 if there is none. @since 3.0 */
PMEM_API uint32_t pmem_backend_caps(const struct pmem_ctx *ctx, size_t i);

/**
 * @brief Can backend @p i be used here and now by this program?
 *
 * It opens what the backend would open and closes it again; it allocates nothing and reads no
 * register.
 * @param ctx the context
 * @param i   the backend
 * @param why if not NULL and the backend is refused: the reason, to be freed with
 *            pmem_error_free(); not written otherwise
 * @return 0 usable; -EINVAL no such backend; -ENOMEM refused, and @p why says that there was no
 *         memory to keep the reason; else the errno of the refusal
 * @since 3.0
 */
PMEM_API int pmem_backend_status(struct pmem_ctx *ctx, size_t i, struct pmem_error **why);

PMEM_END_DECLS

#endif
