/* SPDX-License-Identifier: MIT */
/**
 * @file selftest.h
 * @brief Proves a copy engine: that it copies every byte it should and no byte it should not.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: several self-tests may run at once. Callbacks run in the calling thread, with no lock
 *   of the library held.
 * - Cancellation: held off until the end, in the callbacks too, so that the buffers are closed.
 * - fork: a child that is forked in a callback must not return from it: it has no buffers.
 * - Finalizers: nothing is kept after the call.
 * - Signals: not in a signal handler.
 */
#ifndef PMEM_SELFTEST_H
#define PMEM_SELFTEST_H

#include <pmem/types.h>

PMEM_BEGIN_DECLS

/**
 * @brief Makes one buffer of at least @p size bytes; called twice. The self-test closes it.
 * @return 0 or a negative errno, which the self-test passes on
 */
typedef int pmem_selftest_alloc_fn(void *user, uint64_t size, struct pmem_region **out);

/**
 * @brief The engine under test: copy @p length bytes and return when they are there.
 *
 * It asks the regions for addresses (pmem_region_phys(), pmem_region_bus(), pmem_region_data()).
 * @return 0 or a negative errno, which the self-test passes on
 */
typedef int pmem_selftest_copy_fn(void *user, struct pmem_region *dst, uint64_t dst_offset,
	struct pmem_region *src, uint64_t src_offset, uint64_t length);

/**
 * @brief Copy between two buffers and compare every byte.
 *
 * The source is filled with random bytes, the destination with a pattern. The engine copies
 * size - 2 * hole bytes from @p src_offset of the source to offset @p hole of the destination.
 * The copied bytes must equal the source, both holes must still hold the pattern, and the source
 * must be unchanged. Odd holes and offsets test misaligned copies.
 *
 * Caches are handled around the engine with pmem_region_cpu_begin() and pmem_region_cpu_end().
 * @param ctx        for the default allocator; may be NULL if @p alloc is given
 * @param size       bytes in each buffer, at least 1
 * @param hole       bytes left alone at each end of the destination; 2 * hole < size
 * @param src_offset where the copy starts in the source; at most 2 * hole
 * @param alloc      NULL: pmem_region_alloc() without options
 * @param copy       NULL: the CPU copies
 * @param user       handed to both callbacks
 * @return 0 passed; -EILSEQ wrong bytes (PMEM_CAUSE_MISMATCH; the message says where and shows
 *         both sides in hexadecimal); -EINVAL impossible arguments; else what a callback returned
 * @since 3.0
 */
PMEM_API int pmem_selftest_copy(struct pmem_ctx *ctx, uint64_t size, uint64_t hole,
	uint64_t src_offset, pmem_selftest_alloc_fn *alloc, pmem_selftest_copy_fn *copy, void *user);

PMEM_END_DECLS

#endif
