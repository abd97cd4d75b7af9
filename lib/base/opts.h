/* SPDX-License-Identifier: MIT */
/*
 * Size-first option structs. A caller compiled against older headers passes a smaller size: the
 * missing tail counts as zero. One compiled against newer headers passes a larger size: its tail
 * must be zero, since this library does not know what it asks for.
 */
#ifndef BASE_OPTS_H
#define BASE_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/*
 * Copy the caller's struct (its first member is uint32_t size) into one of known_size bytes.
 * first_size is what the struct measured in the first release. NULL opts gives all zero.
 * 0; -EINVAL if the size is below first_size or absurd; -E2BIG for an unknown non-zero tail.
 */
int opts_copy(const char *operation, const void *opts, size_t first_size, void *known,
	size_t known_size) ATTR_MUST_CHECK;

/* Refuse a reserved member that is not zero: -EINVAL. */
int opts_reserved(const char *operation, bool zero) ATTR_MUST_CHECK;

#endif
