/* SPDX-License-Identifier: MIT */
/* /dev/ion: Android's allocator, in vendor kernels up to 5.10. Gives dma-bufs. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "dmabuf.h"
#include "file.h"
#include "ion_abi.h"
#include "os.h"

#define NODE "/dev/ion"

static int open_node(struct pmem_ctx *ctx)
{
	int fd = file_open(ctx->root, NODE, O_RDONLY);

	if (fd >= 0)
		return fd;
	if (fd == -ENOENT)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", NODE, NULL,
			"this kernel has no ION; Linux dropped it after 5.10");
	return error_set(-fd, fd == -EACCES ? PMEM_CAUSE_FILE_MODE : PMEM_CAUSE_SYSTEM, "open", NODE,
		fd == -EACCES ? "a udev rule can give it to a group" : NULL, "ION cannot be opened");
}

static int ion_probe(struct pmem_ctx *ctx)
{
	int ion = open_node(ctx);
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

/* From a buffer to a region; takes the descriptor in any case. */
static int make_region(struct pmem_region *region, const struct alloc_request *request,
	const struct ion_heap *heap, int fd, int address, uint64_t phys)
{
	struct pmem_error first;
	int r;

	region->fd = fd;
	dmabuf_set_name(fd, request->name);
	r = dmabuf_map(region, request->length, 0);
	if (r == 0)
		r = dmabuf_set_caches(region, !(request->flags & PMEM_ALLOC_CACHED));
	if (r < 0) {
		error_save(&first);
		dmabuf_close(region);
		return error_restore(&first);
	}
	region->size = request->size;
	region->attrs |= PMEM_REGION_PINNED;
	if (address == 0) {
		region_set_phys(region, phys);
		return 0;
	}
	if (contiguous_type(heap->type))
		region->attrs |= PMEM_REGION_CONTIGUOUS;
	error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "ion address", NODE, NULL,
		address == -ENOTTY ? "no call of this SoC's vendor for ION addresses is known" :
				     "the vendor's call refused to tell where the buffer is");
	region_set_unknown(region);
	return 0;
}

/* One heap's answer; a plain -errno only where the heap refused. */
static int alloc_from(struct pmem_ctx *ctx, int ion, enum ion_abi abi, const struct ion_heap *heap,
	const struct alloc_request *request, struct pmem_region *region)
{
	uint32_t flags = request->flags & PMEM_ALLOC_CACHED ? ION_FLAG_CACHED : 0;
	struct ion_buffer buffer;
	uint64_t phys = 0;
	int address, r;

	r = ion_alloc(ion, abi, request->length, 1u << heap->id, flags, &buffer);
	if (r < 0)
		return error_set(-r,
			r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY :
			r == -ENODEV ? PMEM_CAUSE_NOT_FOUND : PMEM_CAUSE_SYSTEM,
			"ioctl ION_IOC_ALLOC", NODE, NULL, "heap %s refused %llu KiB", heap->name,
			(unsigned long long)request->length / 1024);
	address = ion_address(ctx, ion, &buffer, &phys);
	ion_drop_handle(ion, &buffer);
	return make_region(region, request, heap, buffer.fd, address, phys);
}

/* Is the region what was asked for? A guess may have hit the wrong heap. */
static bool wanted(const struct alloc_request *request, const struct pmem_region *region)
{
	return (request->flags & PMEM_ALLOC_SCATTERED) ||
		(region->attrs & PMEM_REGION_CONTIGUOUS);
}

static int try_heaps(struct pmem_ctx *ctx, int ion, enum ion_abi abi,
	const struct alloc_request *request, struct pmem_region *region)
{
	struct pmem_error last;
	struct ion_heap *heaps;
	size_t count;
	int r = list_heaps(ion, &heaps, &count);

	if (r < 0)
		return r;
	r = error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", NODE, NULL,
		request->heap ? "there is no heap called %s" : "no heap gives contiguous memory%s",
		request->heap ? request->heap : "");
	for (size_t i = 0; i < count && r < 0; i++) {
		if (!suits(&heaps[i], request))
			continue;
		r = alloc_from(ctx, ion, abi, &heaps[i], request, region);
		if (r == 0 && !wanted(request, region)) {
			dmabuf_close(region);
			free(region->why_unknown);
			region->why_unknown = NULL;
			region->attrs = 0;
			r = error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NODE, NULL,
				"nothing shows that heap %s gives contiguous memory", heaps[i].name);
		}
	}
	if (r < 0)
		error_save(&last);
	free(heaps);
	return r < 0 ? error_restore(&last) : 0;
}

static int ion_backend_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	int ion = open_node(ctx);
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
	.sync = dmabuf_sync,
};
