/* SPDX-License-Identifier: MIT */
/* Containers and groups: drivers/vfio/container.c, group.c, vfio_iommu_type1.c. */
#include <check.h>
#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_vfio_inside.h"

#define NOIOMMU 8ul /* VFIO_NOIOMMU_IOMMU */

static bool without_iommu(void)
{
	return vfio_what & VFIO_PLAY_NOIOMMU;
}

/* --- groups -------------------------------------------------------------------------------- */

static int set_container(struct file *file, int fd)
{
	struct file *container = file_at(fd);
	struct group *group = file->group;

	if (group->container || !container || container->kind != FILE_CONTAINER)
		return group->container ? -EINVAL : fd < 0 ? -EBADF : -EINVAL;
	if (!group_viable(group))
		return -EPERM;
	/* A container that has an IOMMU takes the group in at once: type1 looks whether maps are in the way. */
	if (container->type && container->type != NOIOMMU && space_conflicts(container->space, group))
		return -EINVAL;
	group->container = container;
	container->refs++;
	container->groups++;
	return 0;
}

static int get_device(struct file *file, const char *name)
{
	struct group *group = file->group;
	struct file *device;

	if (!group->container || !group->container->type)
		return -EINVAL;
	for (size_t i = 0; i < vfio_device_count; i++) {
		struct vfio_device *it = &vfio_devices[i];

		if (it->group != group->number || strcmp(it->name, name) != 0 || !it->driver ||
			strcmp(it->driver, "vfio-pci") != 0)
			continue;
		if (it->gone)
			return -ENODEV;
		device = file_new(FILE_DEVICE);
		device->device = it;
		device->group = group;
		device->keeps = file;
		file->refs++;
		vfio.open_devices++;
		if (it->users++ == 0)
			device_first(it);
		return file_give(device, device_calls(it));
	}
	return -ENODEV;
}

static bool has_open_device(const struct group *group)
{
	for (size_t i = 0; i < vfio_device_count; i++)
		if (vfio_devices[i].group == group->number && vfio_devices[i].users)
			return true;
	return false;
}

int group_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct file *file = file_at(fd);
	struct vfio_group_status *status = arg;

	(void)user;
	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		if (status->argsz < sizeof(*status))
			return -EINVAL;
		status->flags = (group_viable(file->group) ? VFIO_GROUP_FLAGS_VIABLE : 0) |
			(file->group->container ? VFIO_GROUP_FLAGS_CONTAINER_SET : 0);
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		return set_container(file, *(const int *)arg);
	case VFIO_GROUP_UNSET_CONTAINER:
		if (!file->group->container)
			return -EINVAL;
		if (has_open_device(file->group))
			return -EBUSY;
		leave_container(file->group);
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		return get_device(file, arg);
	default:
		return -ENOTTY;
	}
}

/* --- containers ---------------------------------------------------------------------------- */

static int set_iommu(struct file *file, unsigned long type)
{
	if (file->groups == 0 || file->type)
		return -EINVAL;
	if (without_iommu() ? type != NOIOMMU : type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU)
		return -ENODEV;
	if (!without_iommu() && vfio.no_isolation && !vfio.allow_unsafe)
		return -EPERM;
	file->type = (unsigned)type;
	file->space = calloc(1, sizeof(*file->space));
	ck_assert_ptr_nonnull(file->space);
	space_begin(file->space, false);
	return 0;
}

static int check_extension(const struct file *file, unsigned long what)
{
	if (what == NOIOMMU)
		return without_iommu();
	if (what == 4) /* VFIO_DMA_CC_IOMMU: asked of what is there */
		return file->type && file->type != NOIOMMU && !vfio.incoherent;
	return !without_iommu() && (what == VFIO_TYPE1_IOMMU || what == VFIO_TYPE1v2_IOMMU);
}

/* Windows, and how many maps are left, as vfio_iommu_type1_get_info() writes them. */
static int get_info(const struct file *file, void *arg)
{
	struct { /* of later headers */
		uint32_t argsz, flags;
		uint64_t page_sizes;
		uint32_t cap_offset, pad;
	} info = { 0 };
	struct vfio_range windows[VFIO_WINDOWS];
	size_t count = space_windows(file->space, windows), whole;
	unsigned char *out = arg;
	struct capability cap = { .id = 1, .version = 1 };
	uint32_t asked;

	memcpy(&asked, arg, sizeof(asked));
	if (asked < 16)
		return -EINVAL;
	whole = sizeof(info) + 16 + count * 16 + 16;
	info.argsz = asked;
	info.flags = 3;
	info.page_sizes = vfio.page_sizes;
	if (asked < whole) {
		info.argsz = (uint32_t)whole;
	} else {
		info.cap_offset = sizeof(info);
		cap.next = (uint32_t)(sizeof(info) + 16 + count * 16);
		cap.count = (uint32_t)count;
		memcpy(out + sizeof(info), &cap, sizeof(cap));
		memcpy(out + sizeof(info) + 16, windows, count * 16);
		cap.id = 3; /* VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL */
		cap.next = 0;
		cap.count = vfio.entries - (uint32_t)file->space->count;
		memcpy(out + sizeof(info) + 16 + count * 16, &cap, sizeof(cap));
	}
	memcpy(arg, &info, asked < sizeof(info) ? asked : sizeof(info));
	return 0;
}

/* vfio_dma_do_map() */
static int map_dma(struct space *space, const struct vfio_iommu_type1_dma_map *map)
{
	uint64_t mask = (vfio.page_sizes & (~vfio.page_sizes + 1)) - 1, last;
	struct space_map it = { .iova = map->iova, .size = map->size, .file = -1,
		.pointer = (uintptr_t)map->vaddr,
		.reads = map->flags & VFIO_DMA_MAP_FLAG_READ,
		.writes = map->flags & VFIO_DMA_MAP_FLAG_WRITE };
	uint64_t end;

	vfio.map_calls++;
	if (map->argsz < sizeof(*map) || (map->flags & ~3u) || !(map->flags & 3) || map->size == 0 ||
		((map->size | map->iova | map->vaddr) & mask))
		return -EINVAL;
	if (__builtin_add_overflow(map->iova, map->size - 1, &last) ||
		__builtin_add_overflow(map->vaddr, map->size - 1, &end) || end > UINTPTR_MAX)
		return vfio.kernel >= 7000 ? -EOVERFLOW : -EINVAL;
	if (space_overlaps(space, map->iova, map->size))
		return -EEXIST;
	if (space->count >= vfio.entries)
		return -ENOSPC;
	if (!space_inside(space, map->iova, last))
		return -EINVAL;
	return space_map(space, &it, true);
}

/* vfio_dma_do_unmap(), v2 */
static int unmap_dma(struct space *space, struct vfio_iommu_type1_dma_unmap *unmap)
{
	uint64_t mask = (vfio.page_sizes & (~vfio.page_sizes + 1)) - 1, last;

	vfio.unmap_calls++;
	if (unmap->argsz < sizeof(*unmap) || (unmap->flags & ~2u))
		return -EINVAL;
	if (unmap->flags & 2) { /* VFIO_DMA_UNMAP_FLAG_ALL */
		if (unmap->iova || unmap->size)
			return -EINVAL;
		unmap->size = space_unmap(space, 0, UINT64_MAX);
		return 0;
	}
	if (unmap->size == 0 || ((unmap->iova | unmap->size) & mask) ||
		__builtin_add_overflow(unmap->iova, unmap->size - 1, &last) ||
		space_cuts(space, unmap->iova, last))
		return -EINVAL;
	unmap->size = space_unmap(space, unmap->iova, last);
	return 0;
}

int container_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct file *file = file_at(fd);

	(void)user;
	switch (request) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return check_extension(file, (unsigned long)(uintptr_t)arg);
	case VFIO_SET_IOMMU:
		return set_iommu(file, (unsigned long)(uintptr_t)arg);
	default:
		break;
	}
	if (!file->type)
		return -EINVAL; /* nobody is there to ask */
	if (file->type == NOIOMMU)
		return -ENOTTY;
	switch (request) {
	case VFIO_IOMMU_GET_INFO:
		return get_info(file, arg);
	case VFIO_IOMMU_MAP_DMA:
		return map_dma(file->space, arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return unmap_dma(file->space, arg);
	default:
		return -ENOTTY;
	}
}
