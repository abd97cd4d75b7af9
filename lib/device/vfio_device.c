/* SPDX-License-Identifier: MIT */
#include "device/vfio_device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "device/caps.h"
#include "device/group.h"
#include "device/map_ops.h"
#include "device/physical.h"
#include "device/refusal.h"
#include "device/vfio_abi.h"
#include "os/inherit.h"
#include "os/os.h"

int vfio_open_node(struct pmem_ctx *ctx, int given, const struct access_device *access)
{
	int fd;

	if (given) {
		fd = os->fcntl(given, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return error_set(-fd, fd == -EBADF ? PMEM_CAUSE_WRONG_KIND : PMEM_CAUSE_LIMIT,
				"device open", NULL, NULL, "%d cannot be duplicated, or is not open",
				given);
	} else {
		fd = access_open(ctx, access, O_RDWR);
		if (fd < 0)
			return fd;
	}
	fd = inherit_never(fd);
	return fd < 0 ? refusal_plain(fd, "device open", access->path, "it cannot be kept from children") : fd;
}

static int region_info(const struct pmem_device *device, uint32_t index, struct abi_region_info **out)
{
	const struct abi_region_info like = { .argsz = sizeof(like), .index = index };

	return caps_ask(device->fd, ABI_DEVICE_GET_REGION_INFO, &like, sizeof(like), (void **)out);
}

/* Can a BAR be a dma-buf? */
static bool has_dmabuf(const struct pmem_device *device)
{
	struct abi_feature_dmabuf probe = { .argsz = 8,
		.flags = ABI_FEATURE_GET | ABI_FEATURE_PROBE | ABI_FEATURE_DMABUF };

	return os->ioctl(device->fd, ABI_DEVICE_FEATURE, &probe) >= 0;
}

/* Where the configuration space is in the descriptor. */
static int look_pci(struct pmem_device *device)
{
	struct abi_region_info *info;
	int r = region_info(device, ABI_PCI_CONFIG, &info);

	if (r < 0)
		return r;
	device->config_offset = info->offset;
	device->config_size = info->size;
	free(info);
	device->config_fd = device->fd;
	device->maps = ABI_PCI_BARS;
	device->attrs |= PMEM_DEVICE_PCI;
	return 0;
}

int vfio_device_look(struct pmem_device *device)
{
	struct abi_device_info *info;
	int r = caps_ask(device->fd, ABI_DEVICE_GET_INFO, NULL, sizeof(*info), (void **)&info);

	if (r < 0)
		return refusal_device(r, "ioctl VFIO_DEVICE_GET_INFO", &device->name);
	device->maps = info->regions;
	if (info->flags & ABI_DEVICE_CAN_RESET)
		device->attrs |= PMEM_DEVICE_RESET;
	if (info->flags & ABI_DEVICE_PLATFORM)
		device->attrs |= PMEM_DEVICE_PLATFORM;
	r = info->flags & ABI_DEVICE_PCI ? look_pci(device) : 0;
	free(info);
	if (r < 0)
		return refusal_device(r, "ioctl VFIO_DEVICE_GET_REGION_INFO", &device->name);
	if (has_dmabuf(device))
		device->attrs |= PMEM_DEVICE_P2P;
	return 0;
}

int vfio_device_drop(struct pmem_device *device)
{
	int fd = device->fd;

	if (device->config_fd != fd)
		pci_files_close(device); /* uio's */
	device->fd = device->config_fd = -1;
	return inherit_close(fd);
}

int vfio_leave(struct pmem_device *device)
{
	int r = vfio_device_drop(device);

	group_leave(device->group);
	device->group = NULL;
	device->space = NULL;
	return r;
}

int vfio_close(struct pmem_device *device)
{
	int r;

	groups_take();
	r = vfio_leave(device);
	groups_give();
	return r < 0 ? refusal_plain(r, "close", device->name.folder, "the device did not close well") : 0;
}

static int ask_map(struct pmem_device *device, uint32_t index, struct abi_region_info **info)
{
	int r = region_info(device, index, info);

	if (r < 0)
		return refusal_device(r, "ioctl VFIO_DEVICE_GET_REGION_INFO", &device->name);
	if ((*info)->size)
		return 0;
	free(*info);
	error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "device map", device->name.folder, NULL,
		"the device has no map %u", index);
	return -ENOENT;
}

int vfio_map_size(struct pmem_device *device, uint32_t index, uint64_t *size)
{
	struct abi_region_info *info;
	int r = ask_map(device, index, &info);

	if (r < 0)
		return r;
	*size = info->size;
	free(info);
	return 0;
}

/*
 * As much from the start as can be mapped: all of it, or the first of the areas that kernels before 4.16 leave of a BAR
 * with an MSI-X table, where it begins with one. 0: the start cannot be.
 */
static int mappable(const struct abi_region_info *info, uint64_t *size)
{
	struct abi_pair *areas;
	uint32_t count;
	int r = info->flags & ABI_REGION_CAPS ? caps_pairs(info, info->argsz, info->cap_offset,
							ABI_REGION_CAP_SPARSE_MMAP, &areas, &count) : 0;

	*size = info->flags & ABI_REGION_MMAP ? info->size : 0;
	if (r <= 0)
		return r;
	*size = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (areas[i].a == 0 && areas[i].b <= info->size)
			*size = areas[i].b;
	}
	free(areas);
	return 0;
}

static int check_map(const struct pmem_device *device, const struct abi_region_info *info, uint32_t flags,
	uint64_t *size)
{
	if (mappable(info, size) < 0)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "device map", device->name.folder, NULL,
			"no memory for the areas of the map");
	if (*size == 0)
		return error_set(ENODEV, PMEM_CAUSE_UNSUPPORTED, "device map", device->name.folder,
			"a BAR smaller than a page may share it with another device's; I/O ports are no memory",
			"map %u cannot be mapped: it is a range of I/O ports, or the kernel keeps it",
			info->index);
	if (!(flags & PMEM_MAP_READONLY) && !(info->flags & ABI_REGION_WRITE))
		return error_set(EACCES, PMEM_CAUSE_READONLY, "device map", device->name.folder,
			"PMEM_MAP_READONLY", "map %u is read-only", info->index);
	return 0;
}

int vfio_map(struct pmem_device *device, uint32_t index, uint32_t flags, struct pmem_region *region)
{
	const bool readonly = flags & PMEM_MAP_READONLY;
	struct abi_region_info *info;
	uint64_t size = 0;
	int r = ask_map(device, index, &info);

	if (r < 0)
		return r;
	r = check_map(device, info, flags, &size);
	region->ops = map_ops_of(device->way);
	if (r == 0)
		r = region_mmap_memory(region, device->fd, info->offset, size,
			readonly ? PROT_READ : PROT_READ | PROT_WRITE, device->name.folder);
	free(info);
	if (r < 0)
		return r;
	map_ops_fill(device, index, readonly, region);
	return 0;
}

int vfio_reset(struct pmem_device *device)
{
	int r = os->ioctl(device->fd, ABI_DEVICE_RESET, NULL);

	return r < 0 ? refusal_device(r, "ioctl VFIO_DEVICE_RESET", &device->name) : 0;
}

int vfio_dmabuf(struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length)
{
	struct abi_feature_dmabuf get = {
		.argsz = sizeof(get),
		.flags = ABI_FEATURE_GET | ABI_FEATURE_DMABUF,
		.region = index,
		.open_flags = O_CLOEXEC | O_RDWR,
		.count = 1,
		.range = { offset, length },
	};
	int r = os->ioctl(device->fd, ABI_DEVICE_FEATURE, &get);

	if (r == -ENOTTY || r == -EOPNOTSUPP)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device dmabuf",
			device->name.folder, "needs Linux 6.19 with CONFIG_VFIO_PCI_DMABUF",
			"this kernel does not make a dma-buf of a BAR");
	return r < 0 ? refusal_device(r, "ioctl VFIO_DEVICE_FEATURE_DMA_BUF", &device->name) : r;
}

int device_ready(struct pmem_device *device)
{
	int r = space_look(device->ctx, device->space);
	struct pmem_error why;

	if (r == 0)
		return 0;
	error_save(&why);
	device->way->close(device);
	return error_restore(&why);
}
