/* SPDX-License-Identifier: MIT */
#include "api/call.h"
#include "backend/backend.h"

#include <errno.h>

size_t pmem_backend_count(const struct pmem_ctx *ctx)
{
	size_t n = 0;

	while (ctx && backend_table[n])
		n++;
	return n;
}

/* Which is where depends on the SoC, so this may look at the machine. */
static const struct pmem_backend_ops *entry(const struct pmem_ctx *ctx, size_t i)
{
	const struct pmem_backend_ops *order[BACKENDS_MAX];

	return ctx && i < backend_order(ctx, order) ? order[i] : NULL;
}

static const struct pmem_backend_ops *at(const struct pmem_ctx *ctx, size_t i)
{
	CALL_AS(const struct pmem_backend_ops *, ctx, entry(ctx, i));
}

const char *pmem_backend_name(const struct pmem_ctx *ctx, size_t i)
{
	const struct pmem_backend_ops *ops = at(ctx, i);

	return ops ? ops->name : NULL;
}

uint32_t pmem_backend_caps(const struct pmem_ctx *ctx, size_t i)
{
	const struct pmem_backend_ops *ops = at(ctx, i);

	return ops ? ops->caps : 0;
}

static int try_backend_status(struct pmem_ctx *ctx, size_t i, struct pmem_error **why)
{
	const struct pmem_backend_ops *ops;
	struct pmem_error *copy;
	int r;

	if (!ctx)
		return error_null("backend status", "ctx");
	ops = entry(ctx, i);
	if (!ops)
		return error_set(EINVAL, PMEM_CAUSE_BOUNDS, "backend status", NULL, NULL,
			"there is no backend number %zu", i);
	r = ops->probe(ctx);
	if (r == 0 || !why)
		return r;
	copy = error_copy(error_last());
	if (!copy) {
		*why = error_no_memory();
		return error_restore(*why);
	}
	copy->backend = ops->name;
	*why = copy;
	return r;
}

int pmem_backend_status(struct pmem_ctx *ctx, size_t i, struct pmem_error **why)
{
	CALL(ctx, try_backend_status(ctx, i, why));
}
