/* SPDX-License-Identifier: MIT */
/* Which process wrote a file, and is it still there? A pid alone does not tell: pids recur. */
#ifndef BACKEND_PROCESS_H
#define BACKEND_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "soc/ctx.h"

#define PROCESS_BOOT_SIZE 40 /* a UUID and a NUL, rounded up */

struct process_id {
	uint32_t pid;
	uint64_t start;               /* clock ticks after boot, field 22 of /proc/PID/stat */
	char boot[PROCESS_BOOT_SIZE]; /* this boot's random id */
};

/* This process. Sets the error if /proc does not tell. */
int process_self(const struct pmem_ctx *ctx, struct process_id *out);

/* Is exactly that process still there? Says yes in doubt. A zombie without threads is not. */
bool process_lives(const struct pmem_ctx *ctx, uint32_t pid, uint64_t start);

#endif
