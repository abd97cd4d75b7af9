/* SPDX-License-Identifier: MIT */
/* Messages for the caller's log callback; without one they cost a test of a pointer. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include <pmem/context.h>

#include "base/attr.h"

struct log {
	pmem_log_fn *fn; /* NULL: nobody listens */
	void *user;
};

/* Format and hand over one message (PMEM_LEVEL_*), cut to about 1,000 bytes; keeps errno. */
void log_write(const struct log *log, uint32_t level, const char *fmt, ...) ATTR_PRINTF(3, 4);

#endif
