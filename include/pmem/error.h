/* SPDX-License-Identifier: MIT */
/**
 * @file error.h
 * @brief Why the last call of this thread failed, and what to do about it.
 *
 * `EPERM` from `/dev/mem` has at least four causes: a missing capability, kernel lockdown, an
 * address inside system RAM, a range that a driver owns. Each failure of libpmem therefore
 * carries the errno, the operation, the file, one cause out of a fixed list, a sentence and the
 * next step to take.
 *
 * The error belongs to the thread and stays until the next failing call in that thread.
 * Successful calls leave it alone, as they do errno.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: the last error is the calling thread's own; a copy may be read by any, also at once.
 * - Cancellation: held off in pmem_error_dup(); the others are no cancellation points.
 * - fork: the child's thread keeps the last error of the thread that forked.
 * - Finalizers: pmem_error_free() may run in any thread. What a thread's last error holds is freed
 *   when the thread ends.
 * - Signals: none of these functions in a signal handler, where the error may be half made.
 */
#ifndef PMEM_ERROR_H
#define PMEM_ERROR_H

#include <pmem/types.h>

/** @name Causes: numbers and names (pmem_error_cause_name()) never change. */
/** @{ */
#define PMEM_CAUSE_NONE            0u  /**< no error */
#define PMEM_CAUSE_NULL_ARGUMENT   1u  /**< a handle or out parameter is NULL */
#define PMEM_CAUSE_ZERO_SIZE       2u  /**< a size of 0 */
#define PMEM_CAUSE_WRAPS           3u  /**< address + size passes the end of the address space */
#define PMEM_CAUSE_ALIGNMENT       4u  /**< not a power of two, absurd, or an unaligned access */
#define PMEM_CAUSE_FLAGS           5u  /**< unknown or contradictory flags */
#define PMEM_CAUSE_OPTIONS         6u  /**< options of a newer libpmem (-E2BIG), or a bad size */
#define PMEM_CAUSE_BOUNDS          7u  /**< outside the region */
#define PMEM_CAUSE_NO_DEVICE       8u  /**< the device node does not exist on this machine */
#define PMEM_CAUSE_FILE_MODE       9u  /**< owner or mode of the file forbid it */
#define PMEM_CAUSE_CAPABILITY      10u /**< a capability is missing */
#define PMEM_CAUSE_LOCKDOWN        11u /**< kernel lockdown (often: Secure Boot) */
#define PMEM_CAUSE_SYSTEM_RAM      12u /**< CONFIG_STRICT_DEVMEM protects RAM of the kernel */
#define PMEM_CAUSE_DRIVER_OWNED    13u /**< CONFIG_IO_STRICT_DEVMEM: a driver owns the range */
#define PMEM_CAUSE_BUS_WIDTH       14u /**< beyond the physical address width */
#define PMEM_CAUSE_OUTSIDE_WINDOW  15u /**< not inside the window that this device serves */
#define PMEM_CAUSE_NO_MEMORY       16u /**< not enough (contiguous) memory */
#define PMEM_CAUSE_LIMIT           17u /**< a limit of the process or the kernel */
#define PMEM_CAUSE_ADDRESS_UNKNOWN 18u /**< there is memory, but its address cannot be learnt */
#define PMEM_CAUSE_ADDRESS_LIMIT   19u /**< memory lies above opts.max_addr */
#define PMEM_CAUSE_NOT_CONTIGUOUS  20u /**< memory is in several pieces */
#define PMEM_CAUSE_NOT_PINNED      21u /**< nothing here can keep the pages in place */
#define PMEM_CAUSE_NOT_COHERENT    22u /**< cached, and its cache cannot be cleaned from here */
#define PMEM_CAUSE_UNSUPPORTED     23u /**< this kernel, SoC or backend has no such thing */
#define PMEM_CAUSE_NOT_FOUND       24u /**< no such node, backend or heap */
#define PMEM_CAUSE_DEVICE_TREE     25u /**< the device tree is absent, broken or says otherwise */
#define PMEM_CAUSE_FIRMWARE        26u /**< the firmware refused */
#define PMEM_CAUSE_TIMEOUT         27u /**< no answer in time */
#define PMEM_CAUSE_BUSY            28u /**< in use by somebody else */
#define PMEM_CAUSE_WRONG_KIND      29u /**< the object given is of another kind */
#define PMEM_CAUSE_READONLY        30u /**< write to a read-only region */
#define PMEM_CAUSE_MISMATCH        31u /**< the self-test found wrong bytes */
#define PMEM_CAUSE_MOVED           32u /**< pages moved while they were being pinned */
#define PMEM_CAUSE_SYSTEM          33u /**< the system call failed for another reason: see errno */
#define PMEM_CAUSE_NOT_VIABLE      34u /**< since 3.1: a neighbour in the device's IOMMU group has a driver */
#define PMEM_CAUSE_NO_ISOLATION    35u /**< since 3.1: the IOMMU does not isolate interrupts */
#define PMEM_CAUSE_DEVICE_GONE     36u /**< since 3.1: the device was closed, unplugged or unbound */
/** @} */

PMEM_BEGIN_DECLS

/**
 * @brief The last error of this thread.
 * @return borrowed, valid until the next failing call of this thread; NULL if none failed yet.
 * @since 3.0
 */
PMEM_API const struct pmem_error *pmem_error_last(void);

/** @brief What the failing call returned: a negative errno; 0 if @p err is NULL. @since 3.0 */
PMEM_API int pmem_error_code(const struct pmem_error *err);

/** @brief One of PMEM_CAUSE_*; PMEM_CAUSE_NONE if @p err is NULL. @since 3.0 */
PMEM_API uint32_t pmem_error_cause(const struct pmem_error *err);

/** @brief The operation that failed, such as "open" or "mmap". Never NULL. @since 3.0 */
PMEM_API const char *pmem_error_operation(const struct pmem_error *err);

/** @brief The file concerned, or "" if none. Never NULL. @since 3.0 */
PMEM_API const char *pmem_error_path(const struct pmem_error *err);

/** @brief What is wrong, one sentence. Never NULL. @since 3.0 */
PMEM_API const char *pmem_error_message(const struct pmem_error *err);

/** @brief The next step to take, or "" if there is none. Never NULL. @since 3.0 */
PMEM_API const char *pmem_error_hint(const struct pmem_error *err);

/** @brief All of it in one line, for people. Never NULL. @since 3.0 */
PMEM_API const char *pmem_error_text(const struct pmem_error *err);

/**
 * @brief The backend that refused, such as "devmem", or the way within one, such as "io_uring"; "" if
 * the error is not of one. Never NULL.
 * @since 3.0
 */
PMEM_API const char *pmem_error_backend(const struct pmem_error *err);

/**
 * @brief How many backends refused a request, if several did; or how many heaps or ways of one backend.
 *
 * Each has told why: an error of its own, whole, with the name of the backend or way; it may have
 * children in turn. The path of a heap's error is the heap. The error that they are children of has
 * the errno, cause and hint of the one that counts most; its message names all backends or ways,
 * shortened where it must be.
 * @return 0 if @p err is NULL, is of one thing alone, or there was no memory to keep the reasons.
 * @since 3.0
 */
PMEM_API size_t pmem_error_child_count(const struct pmem_error *err);

/**
 * @brief One of them, in the order in which the backends were asked.
 * @return borrowed from @p err, and valid as long as that is; NULL if @p i is not below
 * pmem_error_child_count(). pmem_error_dup() keeps it longer.
 * @since 3.0
 */
PMEM_API const struct pmem_error *pmem_error_child(const struct pmem_error *err, size_t i);

/**
 * @brief The stable name of a cause, such as "driver-owned".
 * @return static text; "unknown" for a number that this version does not know.
 * @since 3.0
 */
PMEM_API const char *pmem_error_cause_name(uint32_t cause);

/**
 * @brief Copy an error, with its children, to keep it longer.
 * @param err what to copy
 * @param out the copy; the caller frees it with pmem_error_free()
 * @return 0, -EINVAL, -ENOMEM
 * @since 3.0
 */
PMEM_API int pmem_error_dup(const struct pmem_error *err, struct pmem_error **out);

/** @brief Free a copy; NULL is allowed, and so is nothing but a copy. @since 3.0 */
PMEM_API void pmem_error_free(struct pmem_error *err);

PMEM_END_DECLS

#endif
