/* SPDX-License-Identifier: MIT */
#include "dmabuf/kmod_plan.h"

#include <errno.h>
#include <stdio.h>

#include "base/error.h"
#include "soc/master.h"

static int refuse_kind(const struct kmod_buffer *buffer, const char *why)
{
	char path[128], hint[256];

	snprintf(path, sizeof(path), "%s/sync_mode", buffer->folder);
	snprintf(hint, sizeof(hint), "%s says how it is mapped: docs/udmabuf.md", path);
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", path, hint, "by sync_mode %u %s",
		buffer->sync_mode, why);
}

/* Do its users look into the CPU's cache? Who is named counts, else what the module says. */
static bool users_are_coherent(const struct pmem_region *region, const struct kmod_buffer *buffer)
{
	if (buffer->coherent < 0 || (region->master && region->master->name))
		return region_coherent(region);
	return buffer->coherent == 1;
}

/* A view beside the cache is only right for devices that do not look into it. */
static int plan_coherent(const struct alloc_request *request, const struct kmod_buffer *buffer)
{
	if (kmod_kind_of(buffer, false) != KMOD_CACHED)
		return refuse_kind(buffer, "it is never cached, and its devices look into the cache");
	if (request->flags & PMEM_ALLOC_UNCACHED)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", buffer->folder, NULL,
			"its devices look into the cache, so it is mapped cached");
	return 0;
}

static int plan_uncached(const struct alloc_request *request, const struct kmod_buffer *buffer,
	struct kmod_plan *plan)
{
	*plan = (struct kmod_plan){ .o_sync = true, .kind = kmod_kind_of(buffer, true) };
	if (request->flags & PMEM_ALLOC_CACHED)
		return refuse_kind(buffer, "it is never cached");
	if (plan->kind == KMOD_CACHED)
		return refuse_kind(buffer, "it is always cached");
	return 0;
}

int kmod_plan(struct pmem_ctx *ctx, const struct alloc_request *request,
	const struct pmem_region *region, struct kmod_held *held, struct kmod_plan *plan)
{
	const struct kmod_buffer *buffer = &held->buffer;
	bool kernel = buffer->coherent != 1; /* else it has nothing to do for the buffer's device */
	struct pmem_error why;

	*plan = (struct kmod_plan){ .kind = KMOD_CACHED };
	if (users_are_coherent(region, buffer))
		return plan_coherent(request, buffer);
	plan->sync = true;
	if ((request->flags & PMEM_ALLOC_UNCACHED) || kmod_kind_of(buffer, false) != KMOD_CACHED)
		return plan_uncached(request, buffer, plan);
	if (kmod_sync_open(ctx, held, kernel) == 0)
		return 0;
	error_save(&why);
	if (why.cause == PMEM_CAUSE_NOT_COHERENT && plan_uncached(request, buffer, plan) == 0)
		return 0;
	return error_restore(&why);
}
