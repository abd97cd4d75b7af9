/* SPDX-License-Identifier: MIT */
/* A device of its own node (cdev) in an address space of /dev/iommu: Linux 6.6, CONFIG_VFIO_DEVICE_CDEV. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/device.h"
#include "device/group.h"
#include "device/ioas.h"
#include "device/refusal.h"
#include "device/vfio_abi.h"
#include "device/vfio_device.h"
#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"

#define PARAMETER "/sys/module/iommufd/parameters/allow_unsafe_interrupts"

static const struct access_device iommu_node = {
	.path = IOAS_NODE,
	.capability = -1,
	.absent = "modprobe iommufd; the kernel needs CONFIG_IOMMUFD",
	.mode = "udev: SUBSYSTEM==\"misc\", KERNEL==\"iommu\", GROUP=\"dmamem\", MODE=\"0660\"; the way vfio "
		"needs only the group's node",
};

/* The device's own node, or why it has none. */
static int node_of(struct pmem_ctx *ctx, const struct device_name *name, char node[96])
{
	char driver[64], group[32], entry[64];

	/* Before 7.3 such a device has an entry, and no node. */
	if (name_link(ctx, name, "iommu_group", group, sizeof(group)) == 0 &&
		group_without_iommu(ctx, group))
		return refusal_no_iommu(ctx, name);
	if (name_first_in(ctx, name, "vfio-dev", entry, sizeof(entry)) == 0) {
		snprintf(node, 96, "/dev/vfio/devices/%.60s", entry);
		if (strncmp(entry, "noiommu-", 8) == 0)
			return refusal_no_iommu(ctx, name);
		return 0;
	}
	if (name_link(ctx, name, "driver", driver, sizeof(driver)) == 0 && strstr(driver, "vfio"))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device open", name->folder,
			"the way vfio does the same with the group's node",
			"this kernel gives devices no nodes of their own (CONFIG_VFIO_DEVICE_CDEV)");
	if (name_link(ctx, name, "iommu_group", group, sizeof(group)) < 0 && !refusal_iommu_on(ctx))
		return refusal_no_iommu(ctx, name);
	return refusal_not_bound(ctx, name, name->bus == DEVICE_PCI ? "vfio-pci" : "vfio-platform");
}

static int open_device(const struct device_request *request, struct pmem_device *device)
{
	static const char mode[] = "udev: SUBSYSTEM==\"vfio-dev\", GROUP=\"dmamem\", MODE=\"0660\"; and for /dev/iommu "
				   "SUBSYSTEM==\"misc\", KERNEL==\"iommu\", GROUP=\"dmamem\", MODE=\"0660\"";
	char node[96] = "";
	const struct access_device access = { .path = node, .capability = -1, .mode = mode,
		.absent = "udev has not made the node yet, or a container needs --device" };
	int given = request->opts->device_fd, r = given ? 0 : node_of(request->ctx, &request->name, node);

	if (r < 0)
		return r;
	r = vfio_open_node(request->ctx, given, &access);
	if (r < 0)
		return r;
	device->fd = r;
	return 0;
}

static int make_space(const struct device_request *request, struct pmem_device *device,
	struct space **space)
{
	int fd = vfio_open_node(request->ctx, request->opts->iommu_fd, &iommu_node), r;
	uint32_t id;

	(void)device;
	if (fd < 0)
		return fd;
	r = ioas_new(fd, &id);
	if (r < 0) {
		refusal_plain(r, "ioctl IOMMU_IOAS_ALLOC", IOAS_NODE, "it gives no address space");
	} else {
		*space = space_new(&ioas_ops, fd, id);
		if (*space)
			return 0;
		r = refusal_plain(-ENOMEM, "device open", NULL, "no memory for an address space");
	}
	inherit_close(fd);
	return r;
}

static int busy(const char *path)
{
	return error_set(EBUSY, PMEM_CAUSE_BUSY, "ioctl VFIO_DEVICE_BIND_IOMMUFD", path,
		"fuser -v /dev/vfio/* /dev/vfio/devices/* tells who",
		"another program has the device, or one of its group");
}

/* May interrupts be forged, by the administrator's own word? */
static bool unsafe_allowed(const struct pmem_ctx *ctx)
{
	char *text;
	size_t size;
	bool yes;

	if (file_read(ctx->root, PARAMETER, 64, &text, &size) < 0)
		return false;
	yes = text[0] == 'Y';
	free(text);
	return yes;
}

/* EPERM has three reasons: iommufd_device_bind() and, for the whole group, iommu_device_claim_dma_owner(). */
static int not_permitted(const struct device_request *request, const char *number)
{
	if (refusal_has_neighbour(request->ctx, &request->name, number))
		return refusal_not_viable(request->ctx, &request->name, number);
	return unsafe_allowed(request->ctx) ? busy(request->name.folder) :
					      refusal_isolation(request->name.folder, PARAMETER);
}

static int bind_refused(const struct device_request *request, const char *number, int r)
{
	const char *path = request->name.folder;

	switch (r) {
	case -EPERM:
		return not_permitted(request, number);
	case -EBUSY:
		return busy(path);
	case -EINVAL:
		/* It opens for everybody, and can be bound once. */
		if (!request->opts->device_fd)
			return busy(path);
		/* fall through */
	case -ENOTTY:
		return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, "ioctl VFIO_DEVICE_BIND_IOMMUFD", path,
			"device_fd is /dev/vfio/devices/vfioX, and iommu_fd /dev/iommu",
			"the descriptor is bound already, or no device of VFIO");
	default:
		return refusal_device(r, "ioctl VFIO_DEVICE_BIND_IOMMUFD", &request->name);
	}
}

static int bind_device(const struct device_request *request, struct pmem_device *device,
	const char *number)
{
	const struct space *space = device->space;
	struct abi_bind_iommufd bind = { .argsz = sizeof(bind), .iommufd = space->fd };
	struct abi_attach_pt attach = { .argsz = sizeof(attach), .pt_id = space->id };
	int r = os->ioctl(device->fd, ABI_DEVICE_BIND_IOMMUFD, &bind);

	if (r < 0)
		return bind_refused(request, number, r);
	r = os->ioctl(device->fd, ABI_DEVICE_ATTACH_PT, &attach);
	if (r == -EINVAL || r == -EBUSY)
		return error_set(-r, PMEM_CAUSE_BUSY, "ioctl VFIO_DEVICE_ATTACH_IOMMUFD_PT",
			request->name.folder, "open it without the option share",
			"the device does not fit into that address space: its group is in another, or "
			"what is attached there lies where this device may not");
	return r < 0 ? refusal_device(r, "ioctl VFIO_DEVICE_ATTACH_IOMMUFD_PT", &request->name) : 0;
}

static int iommufd_open(const struct device_request *request, struct pmem_device *device)
{
	char number[32];
	struct pmem_error why;
	int r = open_device(request, device);

	if (r < 0)
		return r;
	/* A helper may have left us without /sys: then the device is alone in its group. */
	if (name_link(request->ctx, &request->name, "iommu_group", number, sizeof(number)) < 0)
		snprintf(number, sizeof(number), "%.31s", request->name.name);
	groups_take();
	r = group_enter(request, device, number, make_space);
	if (r == 0)
		r = bind_device(request, device, number);
	if (r == 0)
		r = vfio_device_look(device);
	if (r < 0) {
		error_save(&why);
		vfio_leave(device);
		r = error_restore(&why);
	}
	groups_give();
	if (r < 0)
		return r;
	device->attrs |= PMEM_DEVICE_TRANSLATED | PMEM_DEVICE_PROTECTED;
	return device_ready(device);
}

const struct device_way way_iommufd = {
	.name = "iommufd",
	.open = iommufd_open,
	VFIO_OPS,
};
