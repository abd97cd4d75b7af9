/* SPDX-License-Identifier: MIT */
#include "device/attachable.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "backend/backend.h"
#include "backend/registered.h"
#include "base/bits.h"
#include "device/dma_memory.h"
#include "device/refusal.h"
#include "device/space.h"
#include "dmabuf/udmabuf_source.h"
#include "os/os.h"
#include "soc/master.h"

/* Ordinary pages of this program, by their own mapping. */
static bool is_plain(const struct pmem_region *region)
{
	return region->ops == &backend_pages || region->ops == &backend_registered ||
		region->ops == &device_memory;
}

static int refuse(const struct pmem_region *region)
{
	const char *hint = "allocate it with pmem_alloc_opts.device, or with the backend pages";

	if (region->ops->caps & PMEM_BACKEND_MAP)
		hint = "pmem_device_dmabuf() gives registers to other devices";
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device attach", NULL, hint,
		"memory of %s cannot be shown to an IOMMU: the kernel does not let it be pinned",
		region->ops->name);
}

static int by_memfd(const struct pmem_region *region, struct attachable *out)
{
	struct attachable what = { .skip = 0 };
	int r = udmabuf_source_map(region->source, &what.mapped, &what.mapped_length);

	if (r < 0)
		return refusal_plain(r, "device attach", NULL, "the memfd of the dma-buf cannot be mapped");
	what.address = what.mapped;
	if (!bits_align_up(region->size, os->page_size(), &what.length))
		what.length = what.mapped_length;
	*out = what;
	return 0;
}

void attachable_done(const struct attachable *what)
{
	if (what->mapped)
		os->munmap(what->mapped, what->mapped_length);
}

int attachable_pages(const struct pmem_region *region, uint32_t direction, struct attachable *out)
{
	uint64_t page = os->page_size(), skip = (uintptr_t)region->data & (page - 1);

	if ((region->attrs & PMEM_REGION_READONLY) && (direction & PMEM_DMA_WRITE))
		return error_set(EACCES, PMEM_CAUSE_READONLY, "device attach", NULL,
			"PMEM_DMA_READ", "the region is read-only");
	if (region->source)
		return by_memfd(region, out);
	if (!is_plain(region))
		return refuse(region);
	*out = (struct attachable){ .address = (const char *)region->data - skip, .skip = skip };
	if (!bits_align_up(skip + region->size, page, &out->length))
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "device attach", NULL, NULL,
			"it ends beyond the end of the address space");
	return 0;
}

static int check_piece(const struct pmem_region *region)
{
	if (!(region->attrs & PMEM_REGION_PINNED))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_PINNED, "device attach", NULL,
			"allocate it without PMEM_ALLOC_MAY_MOVE", "nothing keeps the region in place");
	if (region->run_count == 0)
		return error_set(ENXIO,
			region->why_unknown ? region->why_unknown->cause : PMEM_CAUSE_ADDRESS_UNKNOWN,
			"device attach", NULL,
			region->why_unknown ? region->why_unknown->hint :
					      "allocate it without PMEM_ALLOC_NO_ADDRESS",
			"without an IOMMU the device uses physical addresses, and that of the region is "
			"not known");
	if (region->run_count > 1)
		return error_set(EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS, "device attach", NULL,
			"allocate it without PMEM_ALLOC_SCATTERED, or use pmem_region_extents()",
			"the region is in %zu pieces, and without an IOMMU the device sees them apart",
			region->run_count);
	return 0;
}

int attachable_phys(const struct space *space, const struct pmem_region *region,
	const struct space_wish *wish, struct attachable *out)
{
	int r;

	if (space->blocked)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device attach", NULL,
			"bind the device to vfio-pci and open it by vfio, or boot with iommu=pt",
			"an IOMMU translates for this device and drops whatever it sends to a physical "
			"address");
	if (space->unknown && space->why)
		return error_restore(space->why);
	if (space->unknown)
		return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "device attach", NULL, NULL,
			"which addresses the device uses is not known");
	r = check_piece(region);
	if (r < 0)
		return r;
	*out = (struct attachable){ .address = region->data, .length = region->size,
		.bus = region->runs[0].phys };
	if (space->master)
		r = soc_master_to_bus(space->master, "device attach", region->runs[0].phys,
			region->size, &out->bus);
	if (r == 0 && (out->bus > wish->max_addr || region->size - 1 > wish->max_addr - out->bus))
		return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "device attach", NULL,
			"allocate it with pmem_alloc_opts.device or max_addr",
			"it lies at 0x%" PRIx64 ", above 0x%" PRIx64 " which the device reaches",
			out->bus, wish->max_addr);
	return r;
}
