/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include <pmem/firmware.h>

#include "backend/facts.h"
#include "backend/reclaim.h"
#include "backend/session.h"
#include "error.h"

static const char *const names[] = {
	[PMEM_FIRMWARE_REVISION] = "revision",
	[PMEM_FIRMWARE_BOARD_REVISION] = "board-revision",
	[PMEM_FIRMWARE_BOARD_SERIAL] = "board-serial",
	[PMEM_FIRMWARE_ARM_BASE] = "arm-base",
	[PMEM_FIRMWARE_ARM_SIZE] = "arm-size",
	[PMEM_FIRMWARE_VC_BASE] = "vc-base",
	[PMEM_FIRMWARE_VC_SIZE] = "vc-size",
	[PMEM_FIRMWARE_DMA_CHANNELS] = "dma-channels",
	[PMEM_FIRMWARE_DMA_KERNEL] = "dma-kernel",
	[PMEM_FIRMWARE_DMA_IN_USE] = "dma-in-use",
};

static const char *name_of(uint32_t what)
{
	return what < ARRAY_SIZE(names) ? names[what] : NULL;
}

const char *pmem_firmware_name(uint32_t what)
{
	return name_of(what);
}

int pmem_firmware_get(struct pmem_ctx *ctx, uint32_t what, uint64_t *value)
{
	struct error_mark mark;
	uint64_t fact;
	int r;

	if (!ctx || !value)
		return error_null("firmware get", ctx ? "value" : "ctx");
	if (!name_of(what))
		return error_set(EINVAL, PMEM_CAUSE_NOT_FOUND, "firmware get", NULL, NULL,
			"there is no fact with the number %u", what);
	error_mark(&mark);
	r = error_settle(&mark, facts_get(ctx, what, &fact));
	if (r == 0)
		*value = fact;
	return r;
}

static int reclaim(struct pmem_ctx *ctx, bool look_only, size_t *pieces, uint64_t *total)
{
	struct session *session;
	int r = session_get(ctx, &session);

	if (r < 0)
		return r == -ENOENT ? error_set(ENODEV, PMEM_CAUSE_NO_DEVICE, "firmware reclaim",
					      "/dev/vcio", NULL,
					      "this machine has no way to ask a VideoCore firmware") :
				      r;
	r = reclaim_run(ctx, session, look_only, pieces, total);
	return session_put_after(session, r);
}

int pmem_firmware_reclaim(struct pmem_ctx *ctx, uint32_t flags, size_t *count, uint64_t *bytes)
{
	struct error_mark mark;
	size_t pieces = 0;
	uint64_t total = 0;
	int r;

	if (!ctx)
		return error_null("firmware reclaim", "ctx");
	if (flags & ~PMEM_RECLAIM_DRY_RUN)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "firmware reclaim", NULL, NULL,
			"unknown flags 0x%x", flags & ~PMEM_RECLAIM_DRY_RUN);
	error_mark(&mark);
	r = error_settle(&mark, reclaim(ctx, flags & PMEM_RECLAIM_DRY_RUN, &pieces, &total));
	if (r < 0)
		return r;
	if (count)
		*count = pieces;
	if (bytes)
		*bytes = total;
	return r;
}
