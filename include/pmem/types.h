/* SPDX-License-Identifier: MIT */
/**
 * @file types.h
 * @brief Names that every libpmem header needs. Include <pmem/pmem.h> in programs.
 *
 * The rules that hold for every function of the library:
 *
 * - A function that returns `int` returns 0, or a positive value where it says so, or a
 *   negative errno; `errno` is set too and pmem_error_last() explains. An out parameter is
 *   written only on success.
 * - A function that returns a pointer to memory or an object returns NULL on failure, and explains
 *   it in the same two ways; texts are NULL or "" where there is none.
 * - A NULL handle or out parameter is refused with -EINVAL (cause PMEM_CAUSE_NULL_ARGUMENT);
 *   only functions that close or free accept NULL, and then do nothing.
 * - Addresses and sizes in physical space are `uint64_t`, also in 32-bit programs. 0 is a
 *   legal address: an unknown address is an error, never 0.
 * - All functions may be called from any thread at any time. One object must not be closed
 *   while another thread still uses it.
 * - File descriptors are close-on-exec.
 */
#ifndef PMEM_TYPES_H
#define PMEM_TYPES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define PMEM_BEGIN_DECLS extern "C" {
#define PMEM_END_DECLS   }
#else
#define PMEM_BEGIN_DECLS
#define PMEM_END_DECLS
#endif

/** Marks what the shared library exports; everything else is hidden. */
#define PMEM_API __attribute__((visibility("default")))

/** A length: to the end of the region or file. */
#define PMEM_TO_END UINT64_MAX
/** An address that is not known, or was not asked for. */
#define PMEM_ADDRESS_NONE UINT64_MAX

/** One view of the machine; see context.h. */
struct pmem_ctx;
/** A piece of physical memory in this program's address space; see region.h. */
struct pmem_region;
/** A device that this program drives; see device.h. */
struct pmem_device;
/** How firmware memory is kept; see firmware.h. */
struct pmem_firmware_opts;
/** Why a call failed; see error.h. */
struct pmem_error;

#endif
