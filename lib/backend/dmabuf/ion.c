/* SPDX-License-Identifier: MIT */
/* /dev/ion: Android's allocator, in vendor kernels up to 5.10. Gives dma-bufs. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/dmabuf_address.h"
#include "dmabuf/ion_abi.h"
#include "os/os.h"

#define NODE "/dev/ion"

static const struct access_device device = {
	.path = NODE,
	.capability = -1,
	.absent = "Linux dropped ION after 5.10; dma-heaps came in its place",
	.mode = "a udev rule can give it to a group",
};

static int ion_probe(struct pmem_ctx *ctx)
{
	int ion = access_open(ctx, &device, O_RDONLY);
	int r;

	if (ion < 0)
		return ion;
	r = ion_abi(ion);
	os->close(ion);
	return r < 0 ? r : 0;
}

/*
 * Old kernels do not list their heaps. Masks that vendors use for contiguous memory, in order:
 * the CMA heap where id is type, carveout, contiguous system memory, then id 0, which is NXP's
 * CMA heap and elsewhere the system heap. Whether the memory is contiguous is known only if the
 * vendor's call tells its address.
 */
static const struct ion_heap guesses[] = {
	{ "dma", ION_TYPE_UNKNOWN, ION_TYPE_DMA },
	{ "carveout", ION_TYPE_UNKNOWN, ION_TYPE_CARVEOUT },
	{ "system-contig", ION_TYPE_UNKNOWN, ION_TYPE_SYSTEM_CONTIG },
	{ "system", ION_TYPE_UNKNOWN, ION_TYPE_SYSTEM },
};

/* The heaps of this kernel, or the guesses. */
static int list_heaps(int ion, struct ion_heap **heaps, size_t *count)
{
	int r = ion_heaps(ion, heaps, count);

	if (r == -ENOTTY || r == -EINVAL) {
		*heaps = malloc(sizeof(guesses));
		*count = ARRAY_SIZE(guesses);
		r = *heaps ? 0 : -ENOMEM;
		if (*heaps)
			memcpy(*heaps, guesses, sizeof(guesses));
	}
	if (r < 0)
		return error_set(-r, r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM,
			"ioctl ION_IOC_HEAP_QUERY", NODE, NULL, "the heaps cannot be listed");
	return 0;
}

static bool contiguous_type(uint32_t type)
{
	return type == ION_TYPE_DMA || type == ION_TYPE_CARVEOUT || type == ION_TYPE_SYSTEM_CONTIG;
}

static bool suits(const struct ion_heap *heap, const struct alloc_request *request)
{
	if (heap->id >= 32)
		return false;
	if (request->heap)
		return strcmp(request->heap, heap->name) == 0;
	return contiguous_type(heap->type) || heap->type == ION_TYPE_UNKNOWN ||
		((request->flags & PMEM_ALLOC_SCATTERED) && heap->type == ION_TYPE_SYSTEM);
}

/* From a buffer to a region; takes the descriptor in any case. address: 0, phys is known. */
static int make_region(struct pmem_region *region, const struct alloc_request *request,
	const struct ion_heap *heap, int fd, int address, uint64_t phys)
{
	bool contiguous = contiguous_type(heap->type) || request->length == os->page_size();
	uint32_t caches = request->flags & PMEM_ALLOC_CACHED ? 0 : DMABUF_UNCACHED;
	struct dmabuf_answer answer;
	int r;

	region->fd = fd;
	dmabuf_set_name(fd, request->name);
	r = dmabuf_map(region, request->length,
		request->flags & PMEM_ALLOC_NO_MAP ? PMEM_IMPORT_NO_MAP : 0);
	if (r < 0)
		return dmabuf_undo(region);
	region->size = request->size;
	if (dmabuf_for_drivers(request))
		caches |= DMABUF_DRIVERS;
	if (address == 0) {
		region_set_phys(region, phys);
	} else {
		dmabuf_find_address(region,
			DMABUF_STAYS | (contiguous ? DMABUF_CONTIGUOUS : 0) |
				(request->flags & PMEM_ALLOC_NO_ADDRESS ? DMABUF_UNASKED : 0),
			&answer);
		dmabuf_keep(region, answer.keep);
		caches |= answer.attached ? DMABUF_ATTACHED : 0;
		caches |= answer.flushes ? DMABUF_NXP_FLUSH : 0;
	}
	r = dmabuf_set_caches(region, caches);
	if (r < 0)
		return dmabuf_undo(region);
	region->attrs |= PMEM_REGION_PINNED;
	return 0;
}

/* One heap's answer, with the error set. */
static int alloc_from(struct pmem_ctx *ctx, int ion, enum ion_abi abi, const struct ion_heap *heap,
	const struct alloc_request *request, struct pmem_region *region)
{
	uint32_t flags = request->flags & PMEM_ALLOC_CACHED ? ION_FLAG_CACHED : 0;
	struct ion_buffer buffer;
	uint64_t phys = 0;
	int address = -ENOTTY, r;

	r = ion_alloc(ion, abi, request->length, 1u << heap->id, flags, &buffer);
	if (r < 0)
		return error_set(-r,
			r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY :
			r == -ENODEV ? PMEM_CAUSE_NOT_FOUND : PMEM_CAUSE_SYSTEM,
			"ioctl ION_IOC_ALLOC", NODE, NULL, "heap %s refused %" PRIu64 " KiB",
			heap->name, request->length / 1024);
	/* Some vendors' calls tell where the first piece is, whether there are others or not. */
	if (contiguous_type(heap->type) || heap->type == ION_TYPE_UNKNOWN)
		address = ion_address(ctx, ion, &buffer, request->length,
			heap->type == ION_TYPE_UNKNOWN, &phys);
	ion_drop_handle(ion, &buffer);
	return make_region(region, request, heap, buffer.fd, address, phys);
}

/* The first heap that gives all that was asked for; else the error of the first one asked. */
static int try_heaps(struct pmem_ctx *ctx, int ion, enum ion_abi abi,
	const struct alloc_request *request, struct pmem_region *region)
{
	struct pmem_error why;
	struct ion_heap *heaps;
	bool asked = false;
	size_t count;
	int r = list_heaps(ion, &heaps, &count);

	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if (!suits(&heaps[i], request))
			continue;
		r = alloc_from(ctx, ion, abi, &heaps[i], request, region);
		if (r == 0 && select_check(request, region) == 0) {
			free(heaps);
			return 0;
		}
		if (r == 0)
			dmabuf_undo(region);
		/* A guess that there is such a heap says nothing if it was wrong. */
		if (!asked || why.cause == PMEM_CAUSE_NOT_FOUND)
			error_save(&why);
		asked = true;
	}
	free(heaps);
	if (asked)
		return error_restore(&why);
	return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", NODE, NULL,
		request->heap ? "there is no heap called %s" : "no heap gives contiguous memory%s",
		request->heap ? request->heap : "");
}

static int ion_backend_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	int ion = access_open(ctx, &device, O_RDONLY);
	int r;

	if (ion < 0)
		return ion;
	r = ion_abi(ion);
	if (r >= 0)
		r = try_heaps(ctx, ion, (enum ion_abi)r, request, region);
	os->close(ion);
	return r;
}

const struct pmem_backend_ops backend_ion = {
	.name = "ion",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_EXPORT | PMEM_BACKEND_PHYS |
		PMEM_BACKEND_PINNED | PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_SYNC,
	.probe = ion_probe,
	.alloc = ion_backend_alloc,
	.close = dmabuf_close,
	.forget = dmabuf_forget,
	.sync = dmabuf_sync,
};
