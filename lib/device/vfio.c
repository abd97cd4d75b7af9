/* SPDX-License-Identifier: MIT */
/*
 * A device of an IOMMU group: its group's node, and a container. Also without an IOMMU (noiommu), where the kernel
 * neither maps nor pins: addresses are physical, and the rest is the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "backend/device.h"
#include "device/container.h"
#include "device/group.h"
#include "device/physical.h"
#include "device/refusal.h"
#include "device/vfio_abi.h"
#include "device/vfio_device.h"
#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"

#define PARAMETER "/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"

static bool is_noiommu(const struct device_way *way)
{
	return way == &way_noiommu;
}

static const char *driver_of(const struct device_name *name)
{
	return name->bus == DEVICE_PCI ? "vfio-pci" : "vfio-platform";
}

/* The number of the group, if it is one for this way. */
static int number_of(const struct device_request *request, const struct device_way *way,
	char number[32])
{
	const struct device_name *name = &request->name;
	int r = name_link(request->ctx, name, "iommu_group", number, 32);

	if (r < 0 && refusal_iommu_on(request->ctx) && !is_noiommu(way))
		return refusal_not_bound(request->ctx, name, driver_of(name)); /* those of a device tree get it then */
	if (r < 0 && is_noiommu(way))
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "device open", name->folder,
			"set the parameter enable_unsafe_noiommu_mode of the module vfio (CONFIG_VFIO_NOIOMMU), then "
			"bind it to vfio-pci; uio and sysfs need no such kernel",
			"VFIO gives nothing out without an IOMMU here");
	if (r < 0)
		return refusal_no_iommu(request->ctx, name);
	if (group_without_iommu(request->ctx, number) == is_noiommu(way))
		return 0;
	if (!is_noiommu(way))
		return refusal_no_iommu(request->ctx, name);
	return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device open", name->folder,
		"the way vfio needs no capability, and protects memory", "the device has an IOMMU");
}

static int open_group(const struct device_request *request, const struct device_way *way,
	const char *number)
{
	static const char mode[] = "give it to the user, or udev: SUBSYSTEM==\"vfio\", GROUP=\"dmamem\", MODE=\"0660\"";
	char node[64];
	const struct access_device access = {
		.path = node,
		.capability = is_noiommu(way) ? CAP_SYS_RAWIO : -1,
		.capability_name = "cap_sys_rawio",
		.mode = mode,
		.busy = "a group has one opener, fuser -v tells who; devices of one group are opened by one program",
	};
	int fd;

	snprintf(node, sizeof(node), "/dev/vfio/%s%.32s", is_noiommu(way) ? "noiommu-" : "", number);
	fd = vfio_open_node(request->ctx, request->opts->group_fd, &access);
	if (fd == -ENOENT && error_last()->cause == PMEM_CAUSE_NO_DEVICE)
		return refusal_not_bound(request->ctx, &request->name, driver_of(&request->name));
	return fd;
}

static int open_container(const struct device_request *request)
{
	static const struct access_device access = {
		.path = CONTAINER_NODE,
		.capability = -1,
		.absent = "modprobe vfio-pci",
		.mode = "its usual mode is 0666: without a group it opens nothing",
	};
	int fd = vfio_open_node(request->ctx, request->opts->iommu_fd, &access), r;

	if (fd < 0)
		return fd;
	r = os->ioctl(fd, ABI_GET_API_VERSION, NULL);
	if (r == ABI_API_VERSION)
		return fd;
	inherit_close(fd);
	return r < 0 ? refusal_plain(r, "ioctl VFIO_GET_API_VERSION", CONTAINER_NODE,
			       "it is no container of VFIO") :
		       error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "ioctl VFIO_GET_API_VERSION",
			       CONTAINER_NODE, NULL, "version %d of VFIO is not known", r);
}

/* The container has an IOMMU already: a helper, or the device that it is shared with, has seen to that. */
static bool has_iommu(int container)
{
	struct abi_iommu_info info = { .argsz = sizeof(info) };

	return os->ioctl(container, ABI_IOMMU_GET_INFO, &info) >= 0;
}

static int refused_group(const struct device_request *request, const char *number, bool shared, int r)
{
	if (r == -EPERM)
		return refusal_not_viable(request->ctx, &request->name, number);
	if (shared)
		return error_set(-r, PMEM_CAUSE_BUSY, "ioctl VFIO_GROUP_SET_CONTAINER",
			request->name.folder, "open it without the option share",
			"the group does not fit into that address space");
	return refusal_device(r, "ioctl VFIO_GROUP_SET_CONTAINER", &request->name);
}

/* Put the group into the container. */
static int into_container(const struct device_request *request, int group, int container,
	const char *number)
{
	struct abi_group_status status = { .argsz = sizeof(status) };
	int r = os->ioctl(group, ABI_GROUP_GET_STATUS, &status);

	if (r < 0)
		return refusal_device(r, "ioctl VFIO_GROUP_GET_STATUS", &request->name);
	if (!(status.flags & ABI_GROUP_VIABLE))
		return refusal_not_viable(request->ctx, &request->name, number);
	if (status.flags & ABI_GROUP_CONTAINER_SET)
		return 0; /* by whoever handed both in */
	r = os->ioctl(group, ABI_GROUP_SET_CONTAINER, &container);
	return r < 0 ? refused_group(request, number, request->opts->share, r) : 0;
}

static int set_iommu(const struct device_request *request, const struct device_way *way, int container)
{
	unsigned long type = is_noiommu(way) ? ABI_NOIOMMU : ABI_TYPE1V2;
	int r;

	if (!is_noiommu(way) && request->opts->iommu_fd && has_iommu(container))
		return 0;
	r = os->ioctl(container, ABI_SET_IOMMU, (void *)(uintptr_t)type);
	if (r == -EPERM && !is_noiommu(way))
		return refusal_isolation(request->name.folder, PARAMETER);
	return r < 0 ? refusal_device(r, "ioctl VFIO_SET_IOMMU", &request->name) : 0;
}

/* An empty container; the group is put into it afterwards. */
static int make_space(const struct device_request *request, struct pmem_device *device,
	struct space **space)
{
	int fd = open_container(request);

	if (fd < 0)
		return fd;
	*space = space_new(is_noiommu(device->way) ? NULL : &container_ops, fd, 0);
	if (*space)
		return 0;
	inherit_close(fd);
	return refusal_plain(-ENOMEM, "device open", NULL, "no memory for an address space");
}

/* The group, which is new, into its container. */
static int join_container(const struct device_request *request, struct pmem_device *device,
	const char *number)
{
	struct space *space = device->space;
	int fd = open_group(request, device->way, number), r;

	if (fd < 0)
		return fd;
	device->group->fd = fd; /* closed with it */
	r = into_container(request, fd, space->fd, number);
	if (r == 0 && !request->opts->share)
		r = set_iommu(request, device->way, space->fd);
	if (r == 0 && space->ops)
		space->coherent = os->ioctl(space->fd, ABI_CHECK_EXTENSION,
					  (void *)(uintptr_t)ABI_DMA_CC_IOMMU) == 1;
	return r;
}

static int get_device(const struct device_request *request, struct pmem_device *device)
{
	const struct device_name *name = &request->name;
	int fd;

	if (request->opts->device_fd) {
		fd = os->fcntl(request->opts->device_fd, F_DUPFD_CLOEXEC, 3);
	} else {
		fd = os->ioctl(device->group->fd, ABI_GROUP_GET_DEVICE_FD,
			(void *)(uintptr_t)name->name);
		fd = fd < 0 ? fd : file_keep(fd);
	}
	if (fd == -ENODEV)
		return refusal_not_bound(request->ctx, name, driver_of(name));
	if (fd == -EPERM)
		return refusal_isolation(name->folder, PARAMETER);
	if (fd < 0)
		return refusal_device(fd, "ioctl VFIO_GROUP_GET_DEVICE_FD", name);
	fd = inherit_never(fd);
	if (fd < 0)
		return refusal_plain(fd, "device open", NULL, "the device cannot be kept from children");
	device->fd = fd;
	return vfio_device_look(device);
}

/* The groups are ours. */
static int enter(const struct device_request *request, struct pmem_device *device, const char *number)
{
	struct pmem_error why;
	int r = group_enter(request, device, number, make_space);

	if (r < 0)
		return r;
	if (device->group->fd < 0)
		r = join_container(request, device, number);
	if (r == 0)
		r = get_device(request, device);
	/* Who opens the device a second time, perhaps just now, is in the same space. */
	if (r == 0 && is_noiommu(device->way))
		r = physical_look(device);
	if (r == 0)
		return 0;
	error_save(&why);
	vfio_leave(device);
	return error_restore(&why);
}

static int vfio_open(const struct device_request *request, struct pmem_device *device)
{
	char number[32];
	int r;

	/* Each device has a group of its own there, and addresses of its own: those of its bridge. */
	if (is_noiommu(device->way) && request->opts->share)
		return error_set(EINVAL, PMEM_CAUSE_OPTIONS, "device open", NULL, NULL,
			"noiommu has no address spaces to share");
	r = number_of(request, device->way, number);
	if (r < 0)
		return r;
	groups_take();
	r = enter(request, device, number);
	groups_give();
	if (r < 0)
		return r;
	if (is_noiommu(device->way)) {
		device->attrs |= PMEM_DEVICE_UNSAFE;
		return 0;
	}
	device->attrs |= PMEM_DEVICE_TRANSLATED | PMEM_DEVICE_PROTECTED;
	return device_ready(device);
}

const struct device_way way_vfio = {
	.name = "vfio",
	.open = vfio_open,
	VFIO_OPS,
};

const struct device_way way_noiommu = {
	.name = "noiommu",
	.unsafe = true,
	.open = vfio_open,
	VFIO_OPS,
};
