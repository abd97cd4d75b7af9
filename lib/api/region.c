/* SPDX-License-Identifier: MIT */
/* Regions: their birth by map, alloc and import, their death, and what is known of them. */
#include "api/call.h"
#include "backend/backing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "api/coherence.h"
#include "api/context.h"
#include "api/region_index.h"
#include "backend/backend.h"
#include "base/bits.h"
#include "base/opts.h"
#include "os/os.h"
#include "os/self.h"
#include "registers/map_file.h"
#include "registers/pci.h"
#include "soc/soc.h"

#define MAP_FLAGS   (PMEM_MAP_READONLY | PMEM_MAP_CACHED | PMEM_MAP_WRITE_COMBINE | PMEM_MAP_SYSTEM_RAM)
#define ALLOC_FLAGS ((PMEM_ALLOC_NO_MAP << 1) - 1)

/* Physical memory is not aligned further than a 1 GiB huge page anywhere. */
#define ALIGN_MAX (1ull << 30)

/* The size that pmem_alloc_opts had in 3.0. */
#define ALLOC_OPTS_SIZE_3_0 (offsetof(struct pmem_alloc_opts, name) + sizeof(uint64_t))

static struct pmem_region *region_new(struct pmem_ctx *ctx)
{
	struct pmem_region *region = calloc(1, sizeof(*region));

	if (!region) {
		error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "region", NULL, NULL,
			"no memory for a region");
		return NULL;
	}
	region->fd = -1;
	region->process = self_process();
	region->ctx = context_ref(ctx);
	return region;
}

static void region_free(struct pmem_region *region)
{
	context_unref(region->ctx);
	error_free(region->why_unknown);
	free(region);
}

static int try_region_close(struct pmem_region *region)
{
	int r;

	if (!region)
		return 0;
	region_index_remove(region);
	coherence_stop(region);
	if (region->process == self_process())
		r = region->ops->close(region);
	else
		r = region->ops->forget ? region->ops->forget(region) : 0;
	region_free(region);
	return r;
}

int pmem_region_close(struct pmem_region *region)
{
	/* It is told of a failure, so it must not go with its last region. */
	struct pmem_ctx *ctx = context_ref(region_context(region));
	struct call call;
	int r;

	call_begin(&call, ctx);
	r = call_end(&call, try_region_close(region));
	context_unref(ctx);
	return r;
}

/*
 * The end of every constructor, with the result of the backend: hand the region over, or undo it.
 * name: that of memory, which may be watched; NULL for what is only mapped.
 */
static int finish(struct pmem_region *region, int r, const char *name, struct pmem_region **out)
{
	struct pmem_error why;

	if (r < 0) {
		region->why_unknown = NULL; /* freed by whoever failed */
		region_free(region);
		return r;
	}
	r = name ? coherence_start(region, name) : 0;
	if (r == 0)
		r = region_index_add(region);
	if (r == 0) {
		*out = region;
		return 0;
	}
	error_save(&why);
	try_region_close(region);
	return error_restore(&why);
}

static int check_flags(const char *operation, uint32_t flags, uint32_t known)
{
	if (flags & ~known)
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, operation, NULL, NULL,
			"unknown flags 0x%x", flags & ~known);
	return 0;
}

static int map_checked(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region **out)
{
	struct pmem_region *region;
	uint64_t last;
	int r = check_flags("map", flags, MAP_FLAGS);

	if (r < 0)
		return r;
	if (size == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "map", NULL, NULL, "the size is 0");
	if (!bits_add(phys, size - 1, &last))
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "map", NULL, NULL,
			"0x%llx + 0x%llx passes the end of the address space",
			(unsigned long long)phys, (unsigned long long)size);
	region = region_new(ctx);
	if (!region)
		return -ENOMEM;
	return finish(region, select_map(ctx, phys, size, flags, region), NULL, out);
}

static int try_region_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region **out)
{
	if (!ctx || !out)
		return error_null("map", ctx ? "out" : "ctx");
	return map_checked(ctx, phys, size, flags, out);
}

int pmem_region_map(struct pmem_ctx *ctx, uint64_t phys, uint64_t size, uint32_t flags,
	struct pmem_region **out)
{
	CALL(ctx, try_region_map(ctx, phys, size, flags, out));
}

struct pmem_region *pmem_region_map_as(struct pmem_ctx *ctx, uint64_t phys, uint64_t size,
	void *ptr)
{
	struct pmem_region *region = NULL;
	struct call call;
	int r;

	call_begin(&call, ctx);
	r = ctx && ptr ? map_checked(ctx, phys, size, 0, &region) :
			 error_null("map as", ctx ? "ptr" : "ctx");
	/* All object pointers have one representation on Linux: dlsym() relies on it too. */
	if (r == 0)
		*(void **)ptr = region->data;
	call_end(&call, r);
	return region;
}

static int try_region_map_gpio(struct pmem_ctx *ctx, uint32_t flags, struct pmem_region **out)
{
	uint64_t phys, size;
	int r;

	if (!ctx || !out)
		return error_null("map gpio", ctx ? "out" : "ctx");
	r = soc_gpio(ctx, &phys, &size);
	if (r == 0)
		r = map_checked(ctx, phys, size, flags, out);
	return r;
}

int pmem_region_map_gpio(struct pmem_ctx *ctx, uint32_t flags, struct pmem_region **out)
{
	CALL(ctx, try_region_map_gpio(ctx, flags, out));
}

static int try_region_map_node(struct pmem_ctx *ctx, const char *node, unsigned index,
	uint32_t flags, struct pmem_region **out)
{
	uint64_t phys, size;
	int r;

	if (!ctx || !node || !out)
		return error_null("map node", !ctx ? "ctx" : !node ? "node" : "out");
	r = soc_node_reg(ctx, node, index, &phys, &size);
	if (r == 0)
		r = map_checked(ctx, phys, size, flags, out);
	return r;
}

int pmem_region_map_node(struct pmem_ctx *ctx, const char *node, unsigned index, uint32_t flags,
	struct pmem_region **out)
{
	CALL(ctx, try_region_map_node(ctx, node, index, flags, out));
}

static int try_region_map_pci(struct pmem_ctx *ctx, const char *bdf, unsigned bar,
	uint32_t flags, struct pmem_region **out)
{
	struct pmem_region *region;
	int r;

	if (!ctx || !bdf || !out)
		return error_null("map pci", !ctx ? "ctx" : !bdf ? "bdf" : "out");
	r = check_flags("map pci", flags, MAP_FLAGS);
	if (r < 0)
		return r;
	region = region_new(ctx);
	if (!region)
		return -ENOMEM;
	region->ops = &backend_pci;
	return finish(region, pci_map(ctx, bdf, bar, flags, region), NULL,
		out);
}

int pmem_region_map_pci(struct pmem_ctx *ctx, const char *bdf, unsigned bar, uint32_t flags,
	struct pmem_region **out)
{
	CALL(ctx, try_region_map_pci(ctx, bdf, bar, flags, out));
}

static int try_region_map_file(struct pmem_ctx *ctx, const struct map_file_request *request,
	uint32_t flags, struct pmem_region **out)
{
	struct pmem_region *region;
	int r;

	if (!ctx || !request->path || !out)
		return error_null("map file", !ctx ? "ctx" : !request->path ? "path" : "out");
	r = check_flags("map file", flags, PMEM_MAP_READONLY);
	if (r < 0)
		return r;
	if (request->size == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "map file", request->path, NULL,
			"the size is 0");
	region = region_new(ctx);
	if (!region)
		return -ENOMEM;
	region->ops = &backend_file;
	return finish(region, map_file(ctx, request, region), NULL, out);
}

int pmem_region_map_file(struct pmem_ctx *ctx, const char *path, uint64_t offset, uint64_t size,
	uint64_t phys, uint32_t flags, struct pmem_region **out)
{
	const struct map_file_request request = { path, offset, size, phys,
		flags & PMEM_MAP_READONLY };

	CALL(ctx, try_region_map_file(ctx, &request, flags, out));
}

/* Flags that ask for two things that cannot both be. */
static int check_alloc_flags(uint32_t flags)
{
	int r = check_flags("alloc", flags, ALLOC_FLAGS);

	if (r == 0 && (flags & PMEM_ALLOC_CACHED) && (flags & PMEM_ALLOC_UNCACHED))
		r = error_set(EINVAL, PMEM_CAUSE_FLAGS, "alloc", NULL, NULL,
			"PMEM_ALLOC_CACHED and PMEM_ALLOC_UNCACHED contradict each other");
	if (r == 0 && (flags & PMEM_ALLOC_MUST_JOURNAL) && (flags & PMEM_ALLOC_NO_RECLAIM))
		r = error_set(EINVAL, PMEM_CAUSE_FLAGS, "alloc", NULL, NULL,
			"PMEM_ALLOC_MUST_JOURNAL and PMEM_ALLOC_NO_RECLAIM contradict each other");
	return r;
}

/* What 32-bit programs have in the place of padding is kept for later: only 0 means nothing. */
static int check_reserved(const struct pmem_alloc_opts *known)
{
#if UINTPTR_MAX == UINT32_MAX
	if (known->reserved_1 || known->reserved_2)
		return error_set(EINVAL, PMEM_CAUSE_OPTIONS, "alloc", NULL,
			"clear the whole struct before setting members",
			"a reserved member of the options is not 0");
#else
	(void)known;
#endif
	return 0;
}

/* The caller's options as a request that backends can rely on. */
static int make_request(uint64_t size, const struct pmem_alloc_opts *opts,
	struct alloc_request *request)
{
	struct pmem_alloc_opts known;
	uint64_t page = os->page_size();
	int r = opts_copy("alloc", opts, ALLOC_OPTS_SIZE_3_0, &known, sizeof(known));

	if (r == 0)
		r = check_reserved(&known);
	if (r == 0)
		r = check_alloc_flags(known.flags);
	if (r < 0)
		return r;
	if (size == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "alloc", NULL, NULL, "the size is 0");
	if (known.align && (!bits_is_power_of_two(known.align) || known.align > ALIGN_MAX))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "alloc", NULL, NULL,
			"the alignment 0x%llx is not a power of two up to 0x%llx",
			(unsigned long long)known.align, ALIGN_MAX);
	*request = (struct alloc_request){
		.size = size,
		.align = known.align > page ? known.align : page,
		.max_addr = known.max_addr ? known.max_addr : UINT64_MAX,
		.flags = known.flags,
		.dma_channels = known.dma_channels,
		.backend = known.backend,
		.heap = known.heap,
		.name = known.name ? known.name : "libpmem",
	};
	if (!bits_align_up(size, page, &request->length) || request->length > SIZE_MAX / 2)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "alloc", NULL, NULL,
			"0x%llx bytes do not fit into this program's address space",
			(unsigned long long)size);
	if (size - 1 > request->max_addr)
		return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", NULL, NULL,
			"0x%llx bytes cannot lie below 0x%llx", (unsigned long long)size,
			(unsigned long long)request->max_addr);
	return 0;
}

static int try_region_alloc(struct pmem_ctx *ctx, uint64_t size,
	const struct pmem_alloc_opts *opts, struct pmem_region **out)
{
	struct alloc_request request;
	struct pmem_region *region;
	int r;

	if (!ctx || !out)
		return error_null("alloc", ctx ? "out" : "ctx");
	r = make_request(size, opts, &request);
	if (r < 0)
		return r;
	region = region_new(ctx);
	if (!region)
		return -ENOMEM;
	return finish(region, select_alloc(ctx, &request, region),
		request.name, out);
}

int pmem_region_alloc(struct pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts,
	struct pmem_region **out)
{
	CALL(ctx, try_region_alloc(ctx, size, opts, out));
}

static int try_region_import(struct pmem_ctx *ctx, int dmabuf_fd, uint32_t flags,
	struct pmem_region **out)
{
	struct pmem_region *region;
	int r;

	if (!ctx || !out)
		return error_null("import", ctx ? "out" : "ctx");
	r = check_flags("import", flags, PMEM_MAP_READONLY | PMEM_IMPORT_NO_MAP);
	if (r < 0)
		return r;
	if (os->fcntl(dmabuf_fd, F_GETFD, 0) < 0)
		return error_set(EBADF, PMEM_CAUSE_WRONG_KIND, "import", NULL, NULL,
			"%d is not an open file descriptor", dmabuf_fd);
	region = region_new(ctx);
	if (!region)
		return -ENOMEM;
	return finish(region, select_import(ctx, dmabuf_fd, flags, region),
		"imported", out);
}

int pmem_region_import(struct pmem_ctx *ctx, int dmabuf_fd, uint32_t flags,
	struct pmem_region **out)
{
	CALL(ctx, try_region_import(ctx, dmabuf_fd, flags, out));
}

void *pmem_region_data(const struct pmem_region *region)
{
	return region ? region->data : NULL;
}

uint64_t pmem_region_size(const struct pmem_region *region)
{
	return region ? region->size : 0;
}

uint32_t pmem_region_attrs(const struct pmem_region *region)
{
	if (!region)
		return 0;
	/* A watched region is one of the strictest machine, also for a program that asks. */
	if (region->coherence)
		return (region->attrs & ~PMEM_REGION_COHERENT) | PMEM_REGION_NEEDS_SYNC;
	return region->attrs;
}

const char *pmem_region_backend(const struct pmem_region *region)
{
	return region ? region->ops->name : "";
}

static int unknown(const struct pmem_region *region, const char *operation)
{
	const struct pmem_error *why = region->why_unknown;

	return error_set(ENXIO, why ? why->cause : PMEM_CAUSE_ADDRESS_UNKNOWN, operation,
		why ? why->path : NULL, why ? why->hint : NULL, "the address is not known: %s",
		why ? why->message : "the backend cannot tell");
}

static int region_phys(const struct pmem_region *region, uint64_t *phys)
{
	if (region->run_count == 0)
		return unknown(region, "region phys");
	if (region->run_count > 1)
		return error_set(EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS, "region phys", NULL,
			"pmem_region_extent() tells each piece", "the region is in %zu pieces",
			region->run_count);
	*phys = region->runs[0].phys;
	return 0;
}

static int try_region_phys(const struct pmem_region *region, uint64_t *phys)
{
	if (!region || !phys)
		return error_null("region phys", region ? "phys" : "region");
	return region_phys(region, phys);
}

int pmem_region_phys(const struct pmem_region *region, uint64_t *phys)
{
	CALL(region_context(region), try_region_phys(region, phys));
}

static int try_region_bus(const struct pmem_region *region, uint64_t *bus)
{
	uint64_t phys = 0;
	int r;

	if (!region || !bus)
		return error_null("region bus", region ? "bus" : "region");
	if (region->has_bus) {
		*bus = region->bus;
		return 0;
	}
	r = region_phys(region, &phys);
	if (r == 0)
		r = soc_range_to_bus(region->ctx, NULL, phys, region->size, bus);
	return r;
}

int pmem_region_bus(const struct pmem_region *region, uint64_t *bus)
{
	CALL(region_context(region), try_region_bus(region, bus));
}

static int try_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys,
	uint64_t *length)
{
	uint64_t left; /* a piece may be longer than the region, which need not end with a page */

	if (!region || !phys)
		return error_null("region extent", region ? "phys" : "region");
	if (offset >= region->size)
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, "region extent", NULL, NULL,
			"offset 0x%llx is outside the region of 0x%llx bytes",
			(unsigned long long)offset, (unsigned long long)region->size);
	if (region->run_count == 0)
		return unknown(region, "region extent");
	left = region->size - offset;
	for (size_t i = 0; i < region->run_count; i++) {
		const struct pages_run *run = &region->runs[i];

		if (offset < run->length) {
			*phys = run->phys + offset;
			if (length)
				*length = run->length - offset < left ? run->length - offset : left;
			return 0;
		}
		offset -= run->length;
	}
	return unknown(region, "region extent");
}

int pmem_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys,
	uint64_t *length)
{
	CALL(region_context(region), try_region_extent(region, offset, phys, length));
}
