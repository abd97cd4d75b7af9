/* SPDX-License-Identifier: MIT */
#include "vfio_answers.h"

#include <errno.h>

#include "device/vfio_abi.h"
#include "must.h"

struct vfio_mapping vfio_mapped[VFIO_MAPPINGS];
size_t vfio_mapped_count;

static int map(int fd, const struct abi_dma_map *m)
{
	MUST(m->size && m->iova % 4096 == 0 && m->vaddr % 4096 == 0 && m->size % 4096 == 0);
	MUST(m->iova + (m->size - 1) >= m->iova);
	for (size_t i = 0; i < vfio_mapped_count; i++) {
		const struct vfio_mapping *other = &vfio_mapped[i];

		MUST(other->container != fd || m->iova + (m->size - 1) < other->iova ||
			other->iova + (other->size - 1) < m->iova);
	}
	MUST(vfio_mapped_count < VFIO_MAPPINGS);
	vfio_mapped[vfio_mapped_count++] = (struct vfio_mapping){ fd, m->iova, m->size,
		(unsigned char *)(uintptr_t)m->vaddr };
	return 0;
}

struct vfio_mapping *vfio_mapping_at(int container, uint64_t iova)
{
	size_t i = 0;

	while (i < vfio_mapped_count && (vfio_mapped[i].container != container || vfio_mapped[i].iova != iova))
		i++;
	MUST(i < vfio_mapped_count);
	return &vfio_mapped[i];
}

void vfio_forget(struct vfio_mapping *mapping)
{
	*mapping = vfio_mapped[--vfio_mapped_count];
}

static int unmap(int fd, const struct abi_dma_unmap *m)
{
	struct vfio_mapping *mapping = vfio_mapping_at(fd, m->iova);

	MUST(mapping->size == m->size);
	vfio_forget(mapping);
	return 0;
}

int vfio_answer(int fd, unsigned long request, void *arg)
{
	uint32_t *words = arg;

	switch (request) {
	case ABI_GET_API_VERSION:
	case ABI_SET_IOMMU:
	case ABI_GROUP_SET_CONTAINER:
		return 0;
	case ABI_CHECK_EXTENSION:
		return 1;
	case ABI_GROUP_GET_STATUS:
		words[1] = ABI_GROUP_VIABLE;
		return 0;
	case ABI_DEVICE_GET_INFO:
		words[1] = ABI_DEVICE_PLATFORM;
		words[2] = words[3] = 1;
		return 0;
	case ABI_IOMMU_GET_INFO:
		words[1] = ABI_IOMMU_INFO_PAGES;
		((struct abi_iommu_info *)arg)->page_sizes = 0x40201000;
		return 0;
	case ABI_IOMMU_MAP_DMA:
		return map(fd, arg);
	case ABI_IOMMU_UNMAP_DMA:
		return unmap(fd, arg);
	default:
		return -ENOTTY;
	}
}
