/* SPDX-License-Identifier: MIT */
#include "play.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "suite.h"

struct play play_first, play_second;

static struct play *play_of(const struct pmem_region *region)
{
	return strcmp(region->ops->name, "first") == 0 ? &play_first : &play_second;
}

static int refuse(int errnum, const char *operation, const char *who)
{
	const struct play *play = strcmp(who, "first") == 0 ? &play_first : &play_second;

	return error_set(errnum, play->cause ? play->cause : PMEM_CAUSE_BUSY, operation, NULL, NULL,
		"%s is told to fail", who);
}

/* Zeroed, and where a page begins, as all memory of backends. */
static void *pages(uint64_t size)
{
	size_t length = ((size_t)size + 4095) & ~(size_t)4095;
	void *data = aligned_alloc(4096, length);

	if (data)
		memset(data, 0, length);
	return data;
}

static int give(struct pmem_region *region, uint64_t size)
{
	struct play *play = play_of(region);
	unsigned pieces = play->pieces ? play->pieces : 1;

	play->given++;
	if (!(play->attrs & PMEM_REGION_UNMAPPED))
		region->data = pages(size);
	region->size = size;
	region->attrs = play->attrs;
	if (play->unknown) {
		error_set(ENOTTY, PMEM_CAUSE_UNSUPPORTED, "play", "/dev/play", "ask", "no one tells");
		region_set_unknown(region);
		return 0;
	}
	region->has_bus = play->tells_bus;
	region->bus = play->phys + 0xc0000000;
	if (pieces == 1) {
		region_set_phys(region, play->phys);
		region->attrs = play->attrs;
		return 0;
	}
	region->runs = calloc(pieces, sizeof(*region->runs));
	region->run_count = pieces;
	for (unsigned i = 0; i < pieces; i++) {
		region->runs[i].phys = play->phys + i * (play->step ? play->step : 0x100000);
		region->runs[i].length = i + 1 < pieces ? size / pieces :
						  size - size / pieces * (pieces - 1);
	}
	return 0;
}

static int probe(struct play *play, const char *name)
{
	play->probes++;
	return play->probe_errnum ? refuse(play->probe_errnum, "probe", name) : 0;
}

static int probe_first(struct pmem_ctx *ctx)
{
	(void)ctx;
	return probe(&play_first, "first");
}

static int probe_second(struct pmem_ctx *ctx)
{
	(void)ctx;
	return probe(&play_second, "second");
}

static int play_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	struct play *play = play_of(region);

	(void)ctx;
	play->asked++;
	if (play->alloc_errnum)
		return refuse(play->alloc_errnum, "alloc", region->ops->name);
	return give(region, request->size);
}

static int play_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region *region)
{
	struct play *play = play_of(region);

	(void)ctx;
	if (play->map_errnum)
		return refuse(play->map_errnum, "map", region->ops->name);
	give(region, size);
	region_set_phys(region, phys);
	if (flags & PMEM_MAP_READONLY)
		region->attrs |= PMEM_REGION_READONLY;
	return 0;
}

static int play_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region)
{
	struct play *play = play_of(region);

	(void)ctx;
	(void)fd;
	(void)flags;
	if (play->import_errnum)
		return refuse(play->import_errnum, "import", region->ops->name);
	return give(region, 4096);
}

static int play_close(struct pmem_region *region)
{
	struct play *play = play_of(region);
	unsigned before = play->closes++;
	int errnum = before < ARRAY_SIZE(play->close_errnums) ? play->close_errnums[before] : 0;

	free(region->data);
	if (region->runs != &region->one_run)
		free(region->runs);
	errnum = errnum ? errnum : play->close_errnum;
	return errnum ? refuse(errnum, "close", region->ops->name) : 0;
}

#define CAPS (PMEM_BACKEND_ALLOC | PMEM_BACKEND_MAP | PMEM_BACKEND_IMPORT)

/* A child has the memory too, which is the heap's here. */
static int play_forget(struct pmem_region *region)
{
	free(region->data);
	if (region->runs != &region->one_run)
		free(region->runs);
	return 0;
}

static const struct pmem_backend_ops first = {
	.name = "first",
	.caps = CAPS,
	.probe = probe_first,
	.map = play_map,
	.alloc = play_alloc,
	.import = play_import,
	.close = play_close,
	.forget = play_forget,
};

static const struct pmem_backend_ops second = {
	.name = "second",
	.caps = CAPS | PMEM_BACKEND_EXPORT,
	.probe = probe_second,
	.map = play_map,
	.alloc = play_alloc,
	.import = play_import,
	.close = play_close,
};

/* Linked instead of lib/backend/choice/table.c. */
const struct pmem_backend_ops *const backend_table[] = { &first, &second, NULL };

const struct pmem_backend_ops *backend_find(const char *name)
{
	for (size_t i = 0; backend_table[i]; i++) {
		if (strcmp(backend_table[i]->name, name) == 0)
			return backend_table[i];
	}
	return NULL;
}

size_t backend_order(const struct pmem_ctx *ctx, const struct pmem_backend_ops *order[BACKENDS_MAX])
{
	(void)ctx;
	order[0] = &first;
	order[1] = &second;
	return 2;
}

void play_reset(void)
{
	const struct play usable = {
		.attrs = PMEM_REGION_CACHED | PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
			PMEM_REGION_CONTIGUOUS,
		.phys = 0x1000,
	};

	play_first = play_second = usable;
	play_second.phys = 0x2000;
}

void play_start(struct pmem_ctx **ctx)
{
	fake_start();
	play_reset();
	assert_works(pmem_ctx_new(ctx));
}

void play_stop(struct pmem_ctx *ctx)
{
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(play_first.closes, play_first.given);
	ck_assert_uint_eq(play_second.closes, play_second.given);
	fake_stop();
}

struct pmem_region *play_take(struct pmem_ctx *ctx, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags };
	struct pmem_region *region;

	assert_works(pmem_region_alloc(ctx, size, &opts, &region));
	return region;
}
