/* SPDX-License-Identifier: MIT */
/*
 * Dma-bufs that somebody else made. The kernel tells who, and that tells the rest: whether it is
 * in one piece, whether it stays where it is, whether the CPU's view of it is cached.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>

#include "dmabuf/dmabuf.h"
#include "dmabuf/dmabuf_address.h"
#include "dmabuf/heap_list.h"
#include "os/os.h"

/* drivers/dma-buf/udmabuf.c got begin_cpu_access in 5.6, on a device of its own. */
#define KERNEL_UDMABUF_SYNCS 5006

/*
 * Exporters besides the heaps whose pages never move while the dma-buf is there (the names are
 * KBUILD_MODNAME of drivers/dma-buf/udmabuf.c and drivers/media/common/videobuf2).
 */
static const char steady[][16] = { "udmabuf", "videobuf2*" };

static bool is_steady(const char *exporter)
{
	for (size_t i = 0; i < ARRAY_SIZE(steady); i++) {
		if (fnmatch(steady[i], exporter, 0) == 0)
			return true;
	}
	return false;
}

/* What the exporter's name tells: DMABUF_* for the address, and DMABUF_* for the caches. */
static void know(const struct pmem_ctx *ctx, const char *exporter, uint64_t size, uint32_t *place,
	uint32_t *caches)
{
	int found = exporter[0] ? heaps_class(ctx, exporter) : -ENOENT;
	uint32_t class = found < 0 ? HEAP_UNKNOWN : (uint32_t)found;

	*place = *caches = 0;
	if (!(class & HEAP_UNKNOWN) || is_steady(exporter))
		*place |= DMABUF_STAYS;
	if ((class & HEAP_CONTIGUOUS) || size == os->page_size())
		*place |= DMABUF_CONTIGUOUS;
	if (class & HEAP_UNCACHED)
		*caches |= DMABUF_UNCACHED;
	if (fnmatch("udmabuf", exporter, 0) == 0 && os->kernel_version() >= KERNEL_UDMABUF_SYNCS)
		*caches |= DMABUF_ATTACHED;
}

/* The region has its descriptor; the rest, or the error. */
static int take(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region)
{
	char exporter[DMABUF_EXPORTER_MAX];
	struct dmabuf_answer answer;
	uint32_t place, caches;
	uint64_t size;
	int r = dmabuf_size(region->fd, &size);

	if (r == 0)
		r = dmabuf_map(region, size, flags);
	if (r < 0)
		return r;
	dmabuf_exporter(ctx, fd, exporter);
	know(ctx, exporter, size, &place, &caches);
	dmabuf_find_address(region, place, &answer);
	dmabuf_keep(region, answer.keep);
	caches |= answer.attached ? DMABUF_ATTACHED : 0;
	caches |= answer.flushes ? DMABUF_NXP_FLUSH : 0;
	caches |= flags & PMEM_IMPORT_NO_MAP ? DMABUF_DRIVERS : 0;
	r = dmabuf_set_caches(region, caches);
	if (r < 0)
		return r;
	if ((place & DMABUF_STAYS) || answer.attached)
		region->attrs |= PMEM_REGION_PINNED;
	log_write(&ctx->log, PMEM_LEVEL_DEBUG, "dma-buf of %s, address by %s",
		exporter[0] ? exporter : "an exporter that is not told",
		answer.name);
	return 0;
}

int dmabuf_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region)
{
	int r = dmabuf_check(fd, "import");

	if (r < 0)
		return r;
	region->fd = os->fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (region->fd < 0) {
		r = error_set(-region->fd, PMEM_CAUSE_LIMIT, "import", NULL, NULL,
			"the descriptor cannot be duplicated");
		region->fd = -1;
		return r;
	}
	r = take(ctx, fd, flags, region);
	return r < 0 ? dmabuf_undo(region) : 0;
}
