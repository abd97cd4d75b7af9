/* SPDX-License-Identifier: MIT */
/**
 * @file io.h
 * @brief Register access: exactly one load or store of exactly that width.
 *
 * A compiler may split, merge, repeat or drop an ordinary access, and memcpy() may read bytes
 * twice. Registers notice. These are real functions, so that every language can call them; they
 * check nothing and never fail: the pointer must be mapped and aligned to the width. No barrier
 * is implied; see pmem_io_wmb() and its like.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: no lock is taken; who may access a register is the program's to decide.
 * - Cancellation: none of these functions is a cancellation point.
 * - fork: nothing is kept. A child has the device mappings of its parent.
 * - Finalizers: nothing is kept.
 * - Signals: all of these may be called in a signal handler, as no others of this library; errno is
 *   not touched. A device that does not answer makes the kernel send SIGBUS.
 */
#ifndef PMEM_IO_H
#define PMEM_IO_H

#include <pmem/types.h>

PMEM_BEGIN_DECLS

/** @name One access. 64 bits on a 32-bit CPU is one doubleword access where it has one. @since 3.0 */
/** @{ */
PMEM_API uint8_t pmem_io_read8(const volatile void *addr);
PMEM_API uint16_t pmem_io_read16(const volatile void *addr);
PMEM_API uint32_t pmem_io_read32(const volatile void *addr);
PMEM_API uint64_t pmem_io_read64(const volatile void *addr);
PMEM_API void pmem_io_write8(volatile void *addr, uint8_t value);
PMEM_API void pmem_io_write16(volatile void *addr, uint16_t value);
PMEM_API void pmem_io_write32(volatile void *addr, uint32_t value);
PMEM_API void pmem_io_write64(volatile void *addr, uint64_t value);
/** @} */

/** @name @p count consecutive elements of that width, in order, one access each. @since 3.0 */
/** @{ */
PMEM_API void pmem_io_read8_block(const volatile void *addr, uint8_t *to, size_t count);
PMEM_API void pmem_io_read16_block(const volatile void *addr, uint16_t *to, size_t count);
PMEM_API void pmem_io_read32_block(const volatile void *addr, uint32_t *to, size_t count);
PMEM_API void pmem_io_read64_block(const volatile void *addr, uint64_t *to, size_t count);
PMEM_API void pmem_io_write8_block(volatile void *addr, const uint8_t *from, size_t count);
PMEM_API void pmem_io_write16_block(volatile void *addr, const uint16_t *from, size_t count);
PMEM_API void pmem_io_write32_block(volatile void *addr, const uint32_t *from, size_t count);
PMEM_API void pmem_io_write64_block(volatile void *addr, const uint64_t *from, size_t count);
/** @} */

/**
 * @name Bytes in and out of device memory (PMEM_REGION_DEVICE)
 *
 * What memcpy() and memset() are for ordinary memory: any alignment, any length, but only aligned
 * accesses on the device side, which arm64 requires there.
 * @since 3.0
 */
/** @{ */
PMEM_API void pmem_io_copy_from(void *to, const volatile void *from, size_t bytes);
PMEM_API void pmem_io_copy_to(volatile void *to, const void *from, size_t bytes);
PMEM_API void pmem_io_fill(volatile void *to, uint8_t value, size_t bytes);
/** @} */

/** @brief Writes before it are seen by devices before writes after it. @since 3.0 */
PMEM_API void pmem_io_wmb(void);
/** @brief Reads before it are done before reads after it. @since 3.0 */
PMEM_API void pmem_io_rmb(void);
/** @brief All accesses before it are done before any after it. @since 3.0 */
PMEM_API void pmem_io_mb(void);

PMEM_END_DECLS

#endif
