/* SPDX-License-Identifier: MIT */
#include "api/pool_own.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/request.h"
#include "base/bits.h"
#include "base/error.h"
#include "base/opts.h"
#include "soc/master.h"

#define POOL_FLAGS  (PMEM_POOL_NO_GROW | PMEM_POOL_NO_CACHE)
#define ALIGN_MAX   (1ull << 30)
#define ALIGN_LEAST 16u    /* of the smallest objects there are */
#define ALIGN_USUAL 64u    /* a cache line */
#define GROW_USUAL  (2ull << 20)

#define POOL_OPTS_SIZE_3_1 (offsetof(struct pmem_pool_opts, reserved) + sizeof(void *))

static int check(const struct pmem_pool_opts *known)
{
	if (known->flags & ~POOL_FLAGS)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "pool new", NULL, NULL,
			"unknown flags 0x%x", known->flags & ~POOL_FLAGS);
	if (known->align && (!bits_is_power_of_two(known->align) || known->align > ALIGN_MAX))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "pool new", NULL, NULL,
			"the alignment 0x%llx is not a power of two up to 0x%llx",
			(unsigned long long)known->align, ALIGN_MAX);
	if (known->boundary && (!bits_is_power_of_two(known->boundary) ||
		known->boundary < (known->align ? known->align : ALIGN_USUAL)))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "pool new", NULL, NULL,
			"the boundary 0x%llx is not a power of two, or less than the alignment",
			(unsigned long long)known->boundary);
	return opts_reserved("pool new", !known->reserved);
}

/* *text becomes a copy; NULL stays. */
static bool keep(const char **text)
{
	if (*text)
		*text = strdup(*text);
	return *text;
}

/*
 * What the program gave for regions, kept. That it can be served is asked of a request that is never
 * made: it is better to hear of a wrong name now than of the first object.
 */
static int copy_alloc(struct pmem_ctx *ctx, const struct pmem_alloc_opts *given,
	struct pool_options *options)
{
	struct pmem_alloc_opts *alloc = &options->alloc;
	struct alloc_request request;
	struct soc_master *master;
	bool kept = true;
	int r = request_make(ctx, options->grow, given, &request, &master);

	if (r < 0)
		return r;
	soc_master_free(master);
	if (given)
		memcpy(alloc, given, given->size < sizeof(*alloc) ? given->size : sizeof(*alloc));
	alloc->size = sizeof(*alloc);
	options->firmware = request.firmware;
	options->firmware.size = sizeof(options->firmware);
	alloc->firmware = &options->firmware;
	if (alloc->flags & PMEM_ALLOC_NO_MAP)
		kept = false;
	if (!kept) {
		memset(alloc, 0, sizeof(*alloc));
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "pool new", NULL, NULL,
			"PMEM_ALLOC_NO_MAP: a pool hands out pointers");
	}
	/* All four, so that what is freed afterwards is never the program's. */
	kept = !alloc->master || keep(&alloc->master);
	kept = (!alloc->backend || keep(&alloc->backend)) && kept;
	kept = (!alloc->heap || keep(&alloc->heap)) && kept;
	kept = (!alloc->name || keep(&alloc->name)) && kept;
	if (kept)
		return 0;
	pool_options_drop(options);
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "pool new", NULL, NULL,
		"no memory for the options");
}

int pool_options_make(struct pmem_ctx *ctx, const struct pmem_pool_opts *opts,
	struct pool_options *options)
{
	struct pmem_pool_opts known;
	int r = opts_copy("pool new", opts, POOL_OPTS_SIZE_3_1, &known, sizeof(known));

	if (r == 0)
		r = check(&known);
	if (r < 0)
		return r;
	*options = (struct pool_options){
		.align = known.align ? known.align : ALIGN_USUAL,
		.boundary = known.boundary,
		.grow = known.grow ? known.grow : GROW_USUAL,
		.max = known.max ? known.max : UINT64_MAX,
		.flags = known.flags,
	};
	if (options->align < ALIGN_LEAST)
		options->align = ALIGN_LEAST;
	return copy_alloc(ctx, known.alloc, options);
}

void pool_options_drop(struct pool_options *options)
{
	free((void *)(uintptr_t)options->alloc.master);
	free((void *)(uintptr_t)options->alloc.backend);
	free((void *)(uintptr_t)options->alloc.heap);
	free((void *)(uintptr_t)options->alloc.name);
	memset(&options->alloc, 0, sizeof(options->alloc));
}
