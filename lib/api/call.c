/* SPDX-License-Identifier: MIT */
#include "api/call.h"

#include <pthread.h>

#include "base/error.h"

struct call call_begin(void)
{
	struct call call;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &call.cancel_state);
	call.errnum = error_begin();
	return call;
}

void call_tell(struct pmem_ctx *ctx)
{
	if (!ctx || !error_told())
		return;
	if (fork_lock_take(&ctx->failure.lock))
		error_drop(&ctx->failure.error);
	error_assign(&ctx->failure.error, error_told());
	fork_lock_give(&ctx->failure.lock);
}

int call_end(struct call before, const struct pmem_ctx *ctx, int result)
{
	int ignored;

	result = error_end(before.errnum, result);
	/* That a call failed is told even to a context that the call itself does not change. */
	if (result < 0)
		call_tell((struct pmem_ctx *)(uintptr_t)ctx);
	pthread_setcancelstate(before.cancel_state, &ignored);
	return result;
}
