/* SPDX-License-Identifier: MIT */
/* Firmware memory that dead processes left: found in their journals and given back. */
#ifndef BACKEND_RECLAIM_H
#define BACKEND_RECLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"
#include "videocore/session.h"

/*
 * Give back what dead processes, and failed closings of this one, left. Safe beside other
 * reapers: each journal is worked on under its lock, and each step is written down before it is
 * taken, so a reaper that is killed releases nothing twice either.
 * 0 or the first error, after trying all. look_only changes nothing.
 */
int reclaim_run(struct pmem_ctx *ctx, struct session *session, bool look_only, size_t *count,
	uint64_t *bytes);

#endif
