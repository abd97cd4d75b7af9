/* SPDX-License-Identifier: MIT */
#include "device/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device/caps.h"
#include "device/vfio_abi.h"
#include "os/again.h"
#include "os/os.h"

static int to_windows(const struct abi_pair *pairs, uint32_t n, struct iova_window **windows,
	size_t *count)
{
	*windows = calloc(n ? n : 1, sizeof(**windows));
	if (!*windows)
		return -ENOMEM;
	*count = n;
	for (uint32_t i = 0; i < n; i++)
		(*windows)[i] = (struct iova_window){ pairs[i].a, pairs[i].b };
	return 0;
}

/* Before Linux 5.4 the kernel told no ranges: 39 bits are what the least of IOMMUs has, less the PC's window of messages. */
static int usual_windows(struct iova_window **windows, size_t *count)
{
	static const struct iova_window usual[] = { { 0, 0xfedfffff }, { 0xfef00000, 0x7fffffffff } };

	*windows = malloc(sizeof(usual));
	if (!*windows)
		return -ENOMEM;
	memcpy(*windows, usual, sizeof(usual));
	*count = sizeof(usual) / sizeof(usual[0]);
	return 0;
}

static int container_windows(const struct space *space, struct iova_window **windows, size_t *count,
	uint64_t *page_sizes)
{
	struct abi_iommu_info *info;
	struct abi_pair *pairs;
	uint32_t n;
	int r = caps_ask(space->fd, ABI_IOMMU_GET_INFO, NULL, sizeof(*info), (void **)&info);

	if (r < 0)
		return r;
	*page_sizes = info->flags & ABI_IOMMU_INFO_PAGES ? info->page_sizes : os->page_size();
	r = info->flags & ABI_IOMMU_INFO_CAPS ? caps_pairs(info, info->argsz, info->cap_offset,
							ABI_IOMMU_CAP_IOVA_RANGES, &pairs, &n) : 0;
	free(info);
	if (r == 0)
		return usual_windows(windows, count);
	if (r < 0)
		return r;
	r = to_windows(pairs, n, windows, count);
	free(pairs);
	return r;
}

static int container_map(const struct space *space, const void *address, uint64_t length, uint64_t iova,
	uint32_t direction)
{
	struct abi_dma_map map = {
		.argsz = sizeof(map),
		.flags = (direction & PMEM_DMA_READ ? ABI_DMA_READ : 0) |
			(direction & PMEM_DMA_WRITE ? ABI_DMA_WRITE : 0),
		.vaddr = (uintptr_t)address,
		.iova = iova,
		.size = length,
	};
	int r = os->ioctl(space->fd, ABI_IOMMU_MAP_DMA, &map);

	return r < 0 ? r : 0;
}

static int container_unmap(const struct space *space, uint64_t iova, uint64_t length)
{
	struct abi_dma_unmap unmap = { .argsz = sizeof(unmap), .iova = iova, .size = length };
	int r = ioctl_again(space->fd, ABI_IOMMU_UNMAP_DMA, &unmap);

	if (r < 0)
		return r;
	return unmap.size == length ? 0 : -EIO; /* it tells how much it has unmapped */
}

const struct space_ops container_ops = {
	.path = CONTAINER_NODE,
	.windows = container_windows,
	.map = container_map,
	.unmap = container_unmap,
};
