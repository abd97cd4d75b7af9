/* SPDX-License-Identifier: MIT */
/**
 * @file context.h
 * @brief A context: one view of the machine.
 *
 * Making a context opens nothing and reads nothing but the environment; the machine is looked at
 * when a call needs it. Regions hold a reference to their context, so contexts and regions may be
 * closed in any order.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any number may share a context, and count its references. Set the log callback before.
 * - Cancellation: held off inside, and in the log callback.
 * - fork: a child may go on with a context that it inherited: it finds none of the parent's regions
 *   and failures there. Its references are its own to give back.
 * - Finalizers: pmem_ctx_unref() may run in any thread and in any order: regions hold references.
 * - Signals: none of these functions in a signal handler.
 *
 * Environment, read once in pmem_ctx_new() with secure_getenv():
 * - `LIBPMEM_ROOT`: a directory that stands for `/`: device tree, /sys, /proc and /dev are
 *   looked up below it, so that one machine can play another in a test.
 * - `LIBPMEM_BACKEND`: the only backend that allocations may use, by name.
 * - `LIBPMEM_RUN_DIR`: where the journal of firmware memory lives (see firmware.h).
 * - `LIBPMEM_NO_IO_URING`: pin pages without io_uring, where a seccomp filter kills who asks.
 * - `LIBPMEM_DEVICE_TREE`: the folder of the device tree's root node, in place of /proc/device-tree
 *   and /sys/firmware/devicetree/base, for containers that hide both.
 * - `LIBPMEM_DEBUG`: comma separated; "coherence" protects memory outside cpu_begin and cpu_end,
 *   so that a program faults where it forgot them (docs/coherence.md).
 */
#ifndef PMEM_CONTEXT_H
#define PMEM_CONTEXT_H

#include <pmem/types.h>

/** @name Levels of log messages */
/** @{ */
#define PMEM_LEVEL_ERROR   1u /**< something was lost that cannot be given back */
#define PMEM_LEVEL_WARNING 2u /**< works, but less well than it should */
#define PMEM_LEVEL_INFO    3u /**< what was chosen */
#define PMEM_LEVEL_DEBUG   4u /**< what was tried and refused */
/** @} */

PMEM_BEGIN_DECLS

/**
 * @brief Receives the library's log messages; libpmem itself never prints.
 *
 * It may be called from any thread that calls the library, with no lock of the library held,
 * and must not close the context. @p message has no newline and is valid during the call only.
 */
typedef void pmem_log_fn(void *user, uint32_t level, const char *message);

/**
 * @brief Make a context.
 * @param out the new context, one reference; give it back with pmem_ctx_unref()
 * @return 0; -EINVAL; -ENOMEM; -ENAMETOOLONG if LIBPMEM_ROOT is longer than a path may be
 * @since 3.0
 */
PMEM_API int pmem_ctx_new(struct pmem_ctx **out);

/** @brief Take one more reference. @return @p ctx, NULL if it is NULL. @since 3.0 */
PMEM_API struct pmem_ctx *pmem_ctx_ref(struct pmem_ctx *ctx);

/** @brief Give a reference back; the last one frees the context. NULL is allowed. @since 3.0 */
PMEM_API void pmem_ctx_unref(struct pmem_ctx *ctx);

/**
 * @brief Set the log callback, or remove it with NULL.
 *
 * Set it before other threads use the context.
 * @param ctx the context
 * @param fn  the callback, or NULL
 * @param user handed to @p fn
 * @return 0, -EINVAL
 * @since 3.0
 */
PMEM_API int pmem_ctx_set_log(struct pmem_ctx *ctx, pmem_log_fn *fn, void *user);

/**
 * @brief The last failure of a call that was made with this context, or with a region made from it.
 *
 * pmem_error_last() belongs to a thread. Hosts whose calls and questions come from different
 * threads (Node, Go without LockOSThread, asyncio with executors) make one context per task and
 * ask here: what other contexts' calls do is not seen.
 * @param ctx the context
 * @param out a copy; free it with pmem_error_free()
 * @return 0; -ENOENT none has failed yet (PMEM_CAUSE_NOT_FOUND); -EINVAL; -ENOMEM
 * @since 3.0
 */
PMEM_API int pmem_ctx_error(struct pmem_ctx *ctx, struct pmem_error **out);

PMEM_END_DECLS

#endif
