/* SPDX-License-Identifier: MIT */
/*
 * A device of uio: uio_pci_generic, or of the platform (generic-uio). Its node tells of interrupts and shows maps;
 * configuration space and BARs of PCI are those of sysfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "base/bits.h"
#include "device/config.h"
#include "device/map_ops.h"
#include "device/physical.h"
#include "device/refusal.h"
#include "device/vfio_device.h"
#include "os/file.h"
#include "os/os.h"

#define MAPS_MAX 5 /* include/linux/uio_driver.h MAX_UIO_MAPS */

/* Bit 10 of the command register: the line is off. uio_pci_generic sets it when it fires. */
#define COMMAND_INTX_OFF 0x400u

static int node_of(const struct device_request *request, char name[64])
{
	int r = 0;

	if (request->name.bus == DEVICE_UIO)
		snprintf(name, 64, "%.63s", request->name.name);
	else
		r = name_first_in(request->ctx, &request->name, "uio", name, 64);
	if (r == 0)
		return 0;
	return refusal_not_bound(request->ctx, &request->name,
		request->name.bus == DEVICE_PCI ? "uio_pci_generic" : "uio_pdrv_genirq");
}

/* A figure of map index, as the driver told it; or the plain result of reading. */
static int figure(const struct pmem_device *device, uint32_t index, const char *what, uint64_t *value)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/class/uio/%s/maps/map%u/%s", device->uio, index, what);
	return file_read_u64(device->ctx->root, path, value);
}

/* Nobody tells it, as far as the file says: it is not there, or holds no number. */
static bool is_untold(int r)
{
	return r == -ENOENT || r == -ENOTDIR || r == -EINVAL;
}

static int unread(const struct pmem_device *device, const char *operation, int r)
{
	return refusal_plain(r, operation, device->name.folder, "what its driver tells cannot be read");
}

static int count_maps(struct pmem_device *device)
{
	uint64_t size;
	int r = 0;

	while (device->maps < MAPS_MAX && (r = figure(device, device->maps, "size", &size)) == 0)
		device->maps++;
	return r == 0 || is_untold(r) ? 0 : unread(device, "device open", r);
}

static int uio_close(struct pmem_device *device)
{
	int r = vfio_device_drop(device);

	space_leave(device->space);
	device->space = NULL;
	return r < 0 ? refusal_plain(r, "close", device->name.folder, "the device did not close well") : 0;
}

/* Of another file what sysfs tells of the device would be lies. */
static int check_given(const struct pmem_device *device, const char *node)
{
	char path[128], *text;
	unsigned major_number = 0, minor_number = 0;
	struct os_stat st = { .mode = 0 };
	size_t size;
	int r, numbers;

	snprintf(path, sizeof(path), "/sys/class/uio/%s/dev", device->uio);
	r = file_read(device->ctx->root, path, 64, &text, &size);
	if (r == 0) {
		numbers = sscanf(text, "%u:%u", &major_number, &minor_number);
		free(text);
		r = numbers == 2 ? os->fstat(device->fd, &st) : -EINVAL;
	}
	if (r < 0)
		return refusal_plain(r, "device open", path, "whose the descriptor is that was given cannot be told");
	if (S_ISCHR(st.mode) && st.rdev == makedev(major_number, minor_number))
		return 0;
	return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, "device open", node, NULL,
		"the descriptor that was given is not of this device");
}

/* The node is open. */
static int look(const struct device_request *request, struct pmem_device *device)
{
	int r = physical_enter(device);

	if (r == 0)
		r = pci_files_open(device);
	if (r < 0)
		return r;
	device->attrs |= PMEM_DEVICE_UNSAFE;
	if (request->name.bus != DEVICE_PCI) {
		device->attrs |= request->name.bus == DEVICE_PLATFORM ? PMEM_DEVICE_PLATFORM : 0;
		r = count_maps(device);
	}
	return r;
}

static int uio_undo(struct pmem_device *device)
{
	struct pmem_error why;

	error_save(&why);
	uio_close(device);
	return error_restore(&why);
}

static int uio_open(const struct device_request *request, struct pmem_device *device)
{
	char node[96] = "";
	uint64_t fired;
	const struct access_device access = {
		.path = node,
		.capability = -1,
		.absent = "udev has not made the node yet, or a container needs --device",
		.mode = "udev: SUBSYSTEM==\"uio\", GROUP=\"dmamem\", MODE=\"0660\"",
	};
	int r = request->opts->share ? error_set(EINVAL, PMEM_CAUSE_OPTIONS, "device open", NULL, NULL,
					       "uio has no address spaces to share") :
				       node_of(request, device->uio);

	if (r < 0)
		return r;
	snprintf(node, sizeof(node), "/dev/%s", device->uio);
	r = vfio_open_node(request->ctx, request->opts->device_fd, &access);
	if (r < 0)
		return r;
	device->fd = r;
	r = request->opts->device_fd ? check_given(device, node) : 0;
	if (r < 0)
		return uio_undo(device);
	snprintf(node, sizeof(node), "/sys/class/uio/%s/event", device->uio);
	r = file_read_u64(request->ctx->root, node, &fired);
	if (r == 0)
		device->uio_count = (uint32_t)fired;
	else if (!is_untold(r))
		unread(device, "device open", r);
	if (r == 0 || is_untold(r))
		r = look(request, device);
	if (r == 0)
		return physical_ready(device);
	return uio_undo(device);
}

/* Where a map's registers are, and how much is mapped for them. */
struct extent {
	uint64_t skip, length;
	uint64_t phys; /* PMEM_ADDRESS_NONE: the driver does not tell */
};

/*
 * The kernel's size counts from the start of the page, if its address is that (drivers/uio/uio_pdrv_genirq.c);
 * older kernels give the address and the length of the registers themselves.
 */
static int look_at_map(struct pmem_device *device, uint32_t index, struct extent *out)
{
	uint64_t page = os->page_size(), address, end;
	int r = figure(device, index, "size", &out->length);

	if (r < 0)
		return r;
	r = figure(device, index, "addr", &address);
	if (is_untold(r))
		address = PMEM_ADDRESS_NONE;
	else if (r < 0)
		return r;
	out->skip = address == PMEM_ADDRESS_NONE ? 0 : address & (page - 1);
	if (!bits_add(out->length, out->skip, &out->length) ||
		(address != PMEM_ADDRESS_NONE && !bits_add(address, out->length, &end)))
		return -EPROTO;
	if (!out->skip) {
		r = figure(device, index, "offset", &out->skip);
		if (r < 0 && !is_untold(r))
			return r;
		if (r < 0 || out->skip >= page || out->skip >= out->length)
			out->skip = 0;
	}
	out->phys = address == PMEM_ADDRESS_NONE ? address : (address & ~(page - 1)) + out->skip;
	return 0;
}

static int find_map(struct pmem_device *device, uint32_t index, struct extent *out)
{
	int r = look_at_map(device, index, out);

	if (r == -EPROTO)
		return error_set(EPROTO, PMEM_CAUSE_SYSTEM, "device map", device->name.folder, NULL,
			"what its driver tells of map %u passes the end of the address space", index);
	if (is_untold(r))
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "device map", device->name.folder, NULL,
			"the device has no map %u", index);
	return r < 0 ? unread(device, "device map", r) : 0;
}

static int uio_map_size(struct pmem_device *device, uint32_t index, uint64_t *size)
{
	struct extent extent;
	int r;

	if (device->name.bus == DEVICE_PCI)
		return pci_files_map_size(device, index, size);
	r = find_map(device, index, &extent);
	if (r == 0)
		*size = extent.length - extent.skip;
	return r;
}

static int uio_map(struct pmem_device *device, uint32_t index, uint32_t flags, struct pmem_region *region)
{
	const bool readonly = flags & PMEM_MAP_READONLY;
	struct extent extent;
	int r;

	if (device->name.bus == DEVICE_PCI)
		return pci_files_map(device, index, flags, region);
	r = find_map(device, index, &extent);
	if (r == 0)
		r = refusal_unless_held(device->fd, "device map", &device->name);
	if (r < 0)
		return r;
	region->ops = map_ops_of(device->way);
	/* mmap()'s offset is the number of the map, in pages. */
	r = region_mmap_memory(region, device->fd, index * (uint64_t)os->page_size(), extent.length,
		readonly ? PROT_READ : PROT_READ | PROT_WRITE, device->name.folder);
	if (r < 0)
		return r;
	region->data = (unsigned char *)region->data + extent.skip;
	region->size = extent.length - extent.skip;
	map_ops_fill(device, index, readonly, region);
	if (extent.phys != PMEM_ADDRESS_NONE)
		region_set_phys(region, extent.phys);
	return 0;
}

static int uio_reset(struct pmem_device *device)
{
	if (device->name.bus == DEVICE_PCI)
		return pci_files_reset(device);
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device reset", device->name.folder, NULL,
		"uio resets no device of the platform");
}

static int uio_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count)
{
	(void)device;
	*count = kind == PMEM_IRQ_INTX;
	return 0;
}

static int uio_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	const int32_t on = 1;
	uint32_t command;
	int r;

	(void)index;
	if (kind != PMEM_IRQ_INTX)
		return 0;
	if (device->name.bus != DEVICE_PCI) {
		r = refusal_unless_held(device->fd, "device irq unmask", &device->name);
		if (r < 0)
			return r;
		r = (int)os->write(device->fd, &on, sizeof(on));
		if (r == -EIO || r == -EOPNOTSUPP || r == -ENOSYS)
			return 0; /* its driver has nothing to mask */
		r = r >= 0 && r < (int)sizeof(on) ? -EPROTO : r;
		return r < 0 ? refusal_device(r, "write", &device->name) : 0;
	}
	r = config_read(device, CONFIG_COMMAND, 2, &command);
	if (r == 0 && (command & COMMAND_INTX_OFF))
		r = config_write(device, CONFIG_COMMAND, 2, command & ~COMMAND_INTX_OFF);
	return r;
}

static int uio_irq_on(struct pmem_device *device, uint32_t kind, uint32_t index, int fd)
{
	int r = uio_irq_unmask(device, kind, index);

	(void)fd;
	return r < 0 ? r : device->fd;
}

const struct device_way way_uio = {
	.name = "uio",
	.unsafe = true,
	.open = uio_open,
	.close = uio_close,
	.map_size = uio_map_size,
	.map = uio_map,
	.reset = uio_reset,
	.irq_count = uio_irq_count,
	.irq_on = uio_irq_on,
	.irq_is_fd = true,
	.irq_unmask = uio_irq_unmask,
};
