/* SPDX-License-Identifier: MIT */
/* Regions: their birth by map, alloc and import, their death, and what they are. */
#include "api/call.h"
#include "backend/backing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "api/coherence.h"
#include "api/context.h"
#include "api/region_index.h"
#include "api/region_own.h"
#include "api/request.h"
#include "backend/backend.h"
#include "backend/registered.h"
#include "base/bits.h"
#include "device/dma_memory.h"
#include "device/space.h"
#include "os/os.h"
#include "os/self.h"
#include "registers/map_file.h"
#include "registers/pci.h"
#include "soc/master.h"
#include "soc/soc.h"

#define REGISTER_FLAGS (PMEM_REGISTER_NO_ADDRESS | PMEM_REGISTER_MAY_MOVE)
#define MAP_FLAGS   (PMEM_MAP_READONLY | PMEM_MAP_CACHED | PMEM_MAP_WRITE_COMBINE | PMEM_MAP_SYSTEM_RAM)

struct pmem_region *region_new(struct pmem_ctx *ctx)
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
	soc_master_free(region->master);
	free(region);
}

/*
 * First no device sees it any more, then its memory goes. What the kernel did not let go of stays for ever: a
 * device may still write to it.
 */
static int give_back(struct pmem_region *region)
{
	int r = space_forget_region(region);

	if (region->stuck)
		return r < 0 ? r : error_set(EBUSY, PMEM_CAUSE_BUSY, "region close", NULL, NULL,
			"a device may still see the region, so its memory is not given back");
	return region->ops->close(region);
}

/* Kept where it can be found, by debuggers and by what looks for leaks. */
static void keep_for_ever(struct pmem_region *region)
{
	static _Atomic(struct pmem_region *) all;

	region->next_stuck = atomic_load(&all);
	while (!atomic_compare_exchange_weak(&all, &region->next_stuck, region))
		;
}

int region_close(struct pmem_region *region)
{
	int r;

	if (!region)
		return 0;
	region_index_remove(region);
	coherence_stop(region);
	if (region->process == self_process())
		r = give_back(region);
	else
		r = region->ops->forget ? region->ops->forget(region) : 0;
	if (region->stuck && region->process == self_process()) {
		context_unref(region->ctx);
		keep_for_ever(region);
	} else {
		region_free(region);
	}
	return r;
}

int pmem_region_close(struct pmem_region *region)
{
	/* It is told of a failure, so it must not go with its last region. */
	struct pmem_ctx *ctx = context_ref(region_context(region));
	struct call call = call_begin();
	int r = call_end(call, ctx, region_close(region));

	context_unref(ctx);
	return r;
}

int region_finish(struct pmem_region *region, int r, const char *name, struct pmem_region **out)
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
	region_close(region);
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
	return region_finish(region, select_map(ctx, phys, size, flags, region), NULL, out);
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

static int try_region_map_node(struct pmem_ctx *ctx, const char *node, uint32_t index,
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

int pmem_region_map_node(struct pmem_ctx *ctx, const char *node, uint32_t index, uint32_t flags,
	struct pmem_region **out)
{
	CALL(ctx, try_region_map_node(ctx, node, index, flags, out));
}

static int try_region_map_pci(struct pmem_ctx *ctx, const char *bdf, uint32_t bar,
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
	return region_finish(region, pci_map(ctx, bdf, bar, flags, region), NULL,
		out);
}

int pmem_region_map_pci(struct pmem_ctx *ctx, const char *bdf, uint32_t bar, uint32_t flags,
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
	return region_finish(region, map_file(ctx, request, region), NULL, out);
}

int pmem_region_map_file(struct pmem_ctx *ctx, const char *path, uint64_t offset, uint64_t size,
	uint64_t phys, uint32_t flags, struct pmem_region **out)
{
	const struct map_file_request request = { path, offset, size, phys,
		flags & PMEM_MAP_READONLY };

	CALL(ctx, try_region_map_file(ctx, &request, flags, out));
}

int region_alloc(struct pmem_ctx *ctx, uint64_t size,
	const struct pmem_alloc_opts *opts, struct pmem_region **out)
{
	struct alloc_request request;
	struct pmem_region *region;
	struct soc_master *master;
	int r;

	if (!ctx || !out)
		return error_null("alloc", ctx ? "out" : "ctx");
	r = request_make(ctx, size, opts, &request, &master);
	if (r < 0)
		return r;
	region = region_new(ctx);
	if (!region) {
		soc_master_free(master);
		return -ENOMEM;
	}
	region->master = master;
	r = request.device ? memory_alloc(request.device, &request, region) :
			     select_alloc(ctx, &request, region);
	return region_finish(region, r, request.name, out);
}

int pmem_region_alloc(struct pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts,
	struct pmem_region **out)
{
	CALL(ctx, region_alloc(ctx, size, opts, out));
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
	return region_finish(region, select_import(ctx, dmabuf_fd, flags, region),
		"imported", out);
}

int pmem_region_import(struct pmem_ctx *ctx, int dmabuf_fd, uint32_t flags,
	struct pmem_region **out)
{
	CALL(ctx, try_region_import(ctx, dmabuf_fd, flags, out));
}

static int try_region_register(struct pmem_ctx *ctx, const struct register_request *request,
	struct pmem_region **out)
{
	struct pmem_region *region;
	uint64_t last;
	int r;

	if (!ctx || !request->addr || !out)
		return error_null("register", !ctx ? "ctx" : !request->addr ? "addr" : "out");
	r = check_flags("register", request->flags, REGISTER_FLAGS);
	if (r < 0)
		return r;
	if (request->length == 0)
		return error_set(EINVAL, PMEM_CAUSE_ZERO_SIZE, "register", NULL, NULL,
			"the length is 0");
	if (!bits_add((uintptr_t)request->addr, request->length - 1, &last) || last > UINTPTR_MAX)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "register", NULL, NULL,
			"%p + 0x%llx passes the end of the address space", request->addr,
			(unsigned long long)request->length);
	region = region_new(ctx);
	if (!region)
		return -ENOMEM;
	region->ops = &backend_registered;
	/* Never watched: LIBPMEM_DEBUG=coherence exchanges the pages of what it watches. */
	return region_finish(region, registered_take(ctx, request, region), NULL, out);
}

int pmem_region_register(struct pmem_ctx *ctx, void *addr, uint64_t length, uint32_t flags,
	struct pmem_region **out)
{
	const struct register_request request = { addr, length, flags };

	CALL(ctx, try_region_register(ctx, &request, out));
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
	uint32_t attrs = region ? region->attrs : 0;

	if (!region)
		return 0;
	if (atomic_load_explicit(&region->device_gone, memory_order_relaxed))
		attrs &= ~(PMEM_REGION_PINNED | PMEM_REGION_BUS_CONTIGUOUS | PMEM_REGION_CONTIGUOUS);
	/* A watched region is one of the strictest machine, also for a program that asks. */
	if (region->coherence)
		return (attrs & ~PMEM_REGION_COHERENT) | PMEM_REGION_NEEDS_SYNC;
	return attrs;
}

const char *pmem_region_backend(const struct pmem_region *region)
{
	return region ? region->ops->name : "";
}
