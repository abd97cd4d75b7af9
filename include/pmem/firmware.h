/* SPDX-License-Identifier: MIT */
/**
 * @file firmware.h
 * @brief Facts that only the firmware of a Raspberry Pi knows, and memory lost to it.
 *
 * VideoCore firmware memory belongs to no process: a program that is killed leaves it taken
 * until the next boot. libpmem writes every such handle to a journal before it can leak, and the
 * next context that needs firmware memory gives back what dead processes left. The journal is a
 * file in /run/libpmem, or if that cannot be written in $XDG_RUNTIME_DIR/libpmem;
 * LIBPMEM_RUN_DIR names another folder. docs/videocore.md tells how it works.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any, at once.
 * - Cancellation: held off inside; an answer of the firmware is waited for.
 * - fork: a child asks the firmware on its own, and never gives back what its parent holds. While a
 *   child lives that has not called execve(), memory of a dead parent is not given back.
 * - Finalizers: nothing here is to be freed. Memory whose region was not closed is given back after
 *   the process has died.
 * - Signals: none of these functions in a signal handler.
 *
 * Memory that a DMA channel of a dead process still writes to must not be given back:
 * name the channels in pmem_firmware_opts.dma_channels and they are stopped first, or exempt a
 * region with PMEM_FIRMWARE_NO_RECLAIM.
 */
#ifndef PMEM_FIRMWARE_H
#define PMEM_FIRMWARE_H

#include <pmem/types.h>

/** @name What pmem_firmware_get() can tell */
/** @{ */
#define PMEM_FACT_REVISION       1u /**< build time, seconds since 1970 */
#define PMEM_FACT_BOARD_REVISION 2u /**< the board's revision code */
#define PMEM_FACT_BOARD_SERIAL   3u /**< the board's serial number */
#define PMEM_FACT_ARM_BASE       4u /**< first byte of the CPU's part of memory */
#define PMEM_FACT_ARM_SIZE       5u /**< bytes of it */
#define PMEM_FACT_VC_BASE        6u /**< first byte of the VideoCore's part of memory */
#define PMEM_FACT_VC_SIZE        7u /**< bytes of it */
#define PMEM_FACT_DMA_CHANNELS   8u /**< bit n: the firmware leaves DMA channel n to the CPU */
#define PMEM_FACT_DMA_KERNEL     9u /**< bit n: the kernel's driver may use channel n */
#define PMEM_FACT_DMA_IN_USE    10u /**< bit n: a kernel driver uses channel n now */
/** @} */

/** @name Flags of pmem_firmware_reclaim() */
/** @{ */
#define PMEM_RECLAIM_DRY_RUN (1u << 0) /**< count, but give nothing back */
/** @} */

/** @name Flags of pmem_firmware_opts */
/** @{ */
#define PMEM_FIRMWARE_MUST_JOURNAL (1u << 0) /**< refuse if no journal can be kept */
#define PMEM_FIRMWARE_NO_RECLAIM   (1u << 1) /**< leave the memory when this process dies */
/** @} */

/**
 * What an allocation may ask for of firmware memory: pmem_alloc_opts.firmware. Other memory takes
 * no notice of it. Zero in every field is the default; set @c size first.
 */
struct pmem_firmware_opts {
	uint32_t size;         /**< sizeof(struct pmem_firmware_opts) */
	uint32_t flags;        /**< PMEM_FIRMWARE_* */
	uint32_t dma_channels; /**< bit n = the SoC's DMA channel n may write here and must be stopped
	                            before the memory of a dead process is taken back */
	uint32_t reserved;     /**< 0 */
};

PMEM_BEGIN_DECLS

/**
 * @brief One fact.
 * @param ctx   the context
 * @param what  PMEM_FACT_*
 * @param value the fact
 * @return 0; -ENODEV no such firmware here; -EOPNOTSUPP this firmware does not tell;
 *         -EACCES, -EPERM; -ETIMEDOUT; -EINVAL; what is there and cannot be read is the error of that
 *         (-EIO, -ENOMEM, ...), never -ENODEV
 * @since 3.0
 */
PMEM_API int pmem_firmware_get(struct pmem_ctx *ctx, uint32_t what, uint64_t *value);

/**
 * @brief Give back firmware memory of processes that have died.
 *
 * Never touches a living process's memory. Safe to run from several processes at once. Since 3.1 also,
 * with or without such firmware: huge pages that a program left in the kernel's pools when it was killed
 * during PMEM_ALLOC_TRY_HARD.
 * @param ctx   the context
 * @param flags PMEM_RECLAIM_*
 * @param count how many handles were (or would be) given back; may be NULL
 * @param bytes how many bytes; may be NULL
 * @return 0; -EINVAL; -ENODEV no such firmware here; else the first error, after trying all
 * @since 3.0
 */
PMEM_API int pmem_firmware_reclaim(struct pmem_ctx *ctx, uint32_t flags, size_t *count,
	uint64_t *bytes);

PMEM_END_DECLS

#endif
