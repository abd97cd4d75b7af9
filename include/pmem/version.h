/* SPDX-License-Identifier: MIT */
/**
 * @file version.h
 * @brief Which libpmem a program was compiled against, and which one it runs with.
 *
 * Persistent-memory software has a library of the same file name (libpmem.so.1). This one is
 * libpmem.so.3: programs that use dlopen() must ask for that full name and may then check
 * pmem_version().
 */
#ifndef PMEM_VERSION_H
#define PMEM_VERSION_H

#include <pmem/types.h>

/** @name Version of these headers */
/** @{ */
#define PMEM_VERSION_MAJOR 3 /**< another one is another library */
#define PMEM_VERSION_MINOR 1 /**< grows with each release that adds functions */
#define PMEM_VERSION_PATCH 0 /**< grows with each release that only mends */
/** One number that can be compared: major * 1000000 + minor * 1000 + patch. */
#define PMEM_VERSION_NUMBER \
	(PMEM_VERSION_MAJOR * 1000000 + PMEM_VERSION_MINOR * 1000 + PMEM_VERSION_PATCH)
/** @} */

PMEM_BEGIN_DECLS

/**
 * @brief Version of the library that is running.
 * @return text such as "3.0.0"; static, never NULL.
 * @since 3.0
 */
PMEM_API const char *pmem_version(void);

/**
 * @brief Version of the library that is running, as a number.
 * @return the same form as PMEM_VERSION_NUMBER.
 * @since 3.0
 */
PMEM_API uint32_t pmem_version_number(void);

PMEM_END_DECLS

#endif
