/* SPDX-License-Identifier: MIT */
#include "api/call.h"

#include <pthread.h>

#include "base/error.h"

void call_begin(struct call *call, const struct pmem_ctx *ctx)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &call->cancel_state);
	call->errnum = error_begin();
	/* That a call failed is told even to a context that the call itself does not change. */
	call->ctx = (struct pmem_ctx *)(uintptr_t)ctx;
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

int call_end(const struct call *call, int result)
{
	int ignored;

	result = error_end(call->errnum, result);
	if (result < 0)
		call_tell(call->ctx);
	pthread_setcancelstate(call->cancel_state, &ignored);
	return result;
}
