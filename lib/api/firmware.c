/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <pmem/firmware.h>

#include "api/call.h"
#include "base/error.h"
#include "videocore/firmware_facts.h"
#include "pages/reserve.h"
#include "videocore/reclaim.h"
#include "videocore/session.h"

static int try_firmware_get(struct pmem_ctx *ctx, uint32_t what, uint64_t *value)
{
	uint64_t fact;
	int r;

	if (!ctx || !value)
		return error_null("firmware get", ctx ? "value" : "ctx");
	if (what < PMEM_FACT_REVISION || what > PMEM_FACT_DMA_IN_USE)
		return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, "firmware get", NULL, NULL,
			"there is no fact with the number %u", what);
	r = facts_get(ctx, what, &fact);
	if (r == 0)
		*value = fact;
	return r;
}

int pmem_firmware_get(struct pmem_ctx *ctx, uint32_t what, uint64_t *value)
{
	CALL(ctx, try_firmware_get(ctx, what, value));
}

static int try_firmware_reclaim(struct pmem_ctx *ctx, uint32_t flags, size_t *count,
	uint64_t *bytes)
{
	struct session *session;
	size_t pieces;
	uint64_t total;
	int r;

	if (!ctx)
		return error_null("firmware reclaim", "ctx");
	if (flags & ~PMEM_RECLAIM_DRY_RUN)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "firmware reclaim", NULL, NULL,
			"unknown flags 0x%x", flags & ~PMEM_RECLAIM_DRY_RUN);
	/* What is written there is for the next that tries hard, if it cannot be undone now. */
	if (!(flags & PMEM_RECLAIM_DRY_RUN))
		reserve_reap(ctx);
	r = session_get(ctx, &session);
	if (r < 0)
		return r == -ENOENT ? error_set(ENODEV, PMEM_CAUSE_NO_DEVICE, "firmware reclaim",
					      "/dev/vcio", NULL,
					      "this machine has no way to ask a VideoCore firmware") :
				      r;
	r = reclaim_run(ctx, session, flags & PMEM_RECLAIM_DRY_RUN, &pieces, &total);
	r = session_put_after(session, r);
	if (r == 0 && count)
		*count = pieces;
	if (r == 0 && bytes)
		*bytes = total;
	return r;
}

int pmem_firmware_reclaim(struct pmem_ctx *ctx, uint32_t flags, size_t *count, uint64_t *bytes)
{
	CALL(ctx, try_firmware_reclaim(ctx, flags, count, bytes));
}
