/* SPDX-License-Identifier: MIT */
/**
 * @file constant.h
 * @brief The constants of these headers at run time, for programs that have no preprocessor.
 *
 * A binding that was loaded with dlopen() asks for numbers by name instead of copying them, and
 * shows numbers to people by name. Names are those of the headers, such as "PMEM_ALLOC_CACHED".
 * Numbers never change within a SONAME; a name that is not there yet came with a later release.
 *
 * **Threads, cancellation, fork, finalizers, signals.**
 * - Threads: any, at once: this is constant data.
 * - Cancellation: held off in pmem_constant_value(); the others are no cancellation points.
 * - fork: a child may ask, too.
 * - Finalizers: nothing here is to be freed.
 * - Signals: none of these functions in a signal handler.
 */
#ifndef PMEM_CONSTANT_H
#define PMEM_CONSTANT_H

#include <pmem/types.h>

PMEM_BEGIN_DECLS

/**
 * @brief The number of a constant.
 * @param name  as in the headers, such as "PMEM_CAUSE_LOCKDOWN"
 * @param value the number
 * @return 0; -ENOENT this version has no such constant (PMEM_CAUSE_NOT_FOUND); -EINVAL
 * @since 3.0
 */
PMEM_API int pmem_constant_value(const char *name, uint64_t *value);

/**
 * @brief The name of a number among the constants that begin alike.
 * @param prefix such as "PMEM_CAUSE_"
 * @param value  the number; for flags one bit
 * @return static text such as "PMEM_CAUSE_LOCKDOWN"; NULL if none has that number, or @p prefix
 *         is NULL
 * @since 3.0
 */
PMEM_API const char *pmem_constant_name(const char *prefix, uint64_t value);

/**
 * @brief Constant number @p i, to list them all, in the order of the headers.
 * @param i     from 0
 * @param value its number; may be NULL
 * @return its name, static text; NULL after the last
 * @since 3.0
 */
PMEM_API const char *pmem_constant_at(size_t i, uint64_t *value);

PMEM_END_DECLS

#endif
