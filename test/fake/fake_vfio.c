/* SPDX-License-Identifier: MIT */
/* The machine: devices and groups, and what sysfs tells of them. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake_vfio_inside.h"

#define PCI    "/sys/devices/pci0000:00/"
#define GROUPS "/sys/kernel/iommu_groups/"

struct vfio_machine vfio;
unsigned vfio_what;
struct vfio_device vfio_devices[VFIO_DEVICES];
struct group vfio_groups[VFIO_GROUPS];
size_t vfio_device_count;
static struct fake_device cdev_fakes[VFIO_DEVICES];

static const struct vfio_range vtd[] = { { 0, 0xfedfffff }, { 0xfef00000, 0x7fffffffffull } };

/* --- the machine --------------------------------------------------------------------------- */

static void put_text(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fake_text(path, text);
}

static void put_link(const char *folder, const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fake_remove(path);
	fake_link(path, target);
}

void vfio_play(int kernel, unsigned what)
{
	static struct fake_device container = { .path = "/dev/vfio/vfio", .ioctl = container_ioctl,
		.opened = container_opened, .closed = file_closed, .duplicated = file_duplicated };
	static struct fake_device iommufd = { .path = "/dev/iommu", .ioctl = iommufd_ioctl,
		.opened = iommufd_opened, .closed = file_closed, .duplicated = file_duplicated };

	vfio = (struct vfio_machine){ .kernel = kernel, .entries = 65535, .memlock = UINT64_MAX,
		.page_sizes = 0x40201000 };
	vfio_what = what;
	vfio_device_count = 0;
	memset(vfio_devices, 0, sizeof(vfio_devices));
	memset(vfio_groups, 0, sizeof(vfio_groups));
	files_begin();
	memset(cdev_fakes, 0, sizeof(cdev_fakes));
	fake_kernel(kernel);
	fake_dir("/sys/kernel/iommu_groups");
	fake_dir("/sys/class/iommu");
	if (!(what & (VFIO_PLAY_NOIOMMU | VFIO_PLAY_NONE)))
		fake_dir("/sys/class/iommu/dmar0");
	put_text("/sys/module/vfio/parameters", "enable_unsafe_noiommu_mode",
		what & VFIO_PLAY_NOIOMMU ? "Y\n" : "N\n");
	put_text("/sys/module/vfio_iommu_type1/parameters", "allow_unsafe_interrupts", "N\n");
	if (what & VFIO_PLAY_GROUP) {
		fake_node(&container);
	}
	if (what & VFIO_PLAY_CDEV) {
		fake_node(&iommufd);
	}
}

void vfio_stop(void)
{
	files_end();
	ck_assert_uint_eq(vfio.open_groups, 0);
	ck_assert_uint_eq(vfio.open_devices, 0);
	ck_assert_uint_eq(vfio.maps, 0);
	ck_assert_uint_eq(vfio.pinned, 0);
	ck_assert_uint_eq(vfio.spaces, 0);
	for (size_t i = 0; i < vfio_device_count; i++) {
		device_last(&vfio_devices[i]);
		os_linux.munmap(vfio_devices[i].memory, VFIO_MEMORY);
		os_linux.close(vfio_devices[i].memory_fd);
	}
	vfio_device_count = 0;
}

struct group *group_of(const struct vfio_device *device)
{
	for (size_t i = 0; i < VFIO_GROUPS; i++)
		if (vfio_groups[i].used && vfio_groups[i].number == device->group)
			return &vfio_groups[i];
	ck_abort_msg("no group %u", device->group);
}

static bool is_vfio(const struct vfio_device *device)
{
	return device->driver && strcmp(device->driver, "vfio-pci") == 0;
}

/* vfio_dev_viable(): drivers that do no DMA of their own are no harm. */
bool group_viable(const struct group *group)
{
	for (size_t i = 0; i < vfio_device_count; i++) {
		const struct vfio_device *device = &vfio_devices[i];

		if (device->group == group->number && device->driver && !is_vfio(device) &&
			strcmp(device->driver, "pcieport") != 0 && strcmp(device->driver, "pci-stub") != 0)
			return false;
	}
	return true;
}

const struct fake_device *device_calls(const struct vfio_device *device)
{
	return &cdev_fakes[device - vfio_devices];
}

static struct group *new_group(unsigned number)
{
	bool none = vfio_what & VFIO_PLAY_NOIOMMU;
	struct group *group = vfio_groups;
	char folder[64];

	while (group->used)
		ck_assert_msg(++group < vfio_groups + VFIO_GROUPS, "too many groups");
	group->used = true;
	group->number = number;
	memcpy(group->windows, vtd, sizeof(vtd));
	group->window_count = 2;
	snprintf(group->node, sizeof(group->node), "/dev/vfio/%s%u", none ? "noiommu-" : "", number);
	group->fake = (struct fake_device){ .ioctl = group_ioctl, .opened = group_opened,
		.closed = file_closed, .duplicated = file_duplicated, .user = group };
	snprintf(folder, sizeof(folder), GROUPS "%u", number);
	put_text(folder, "type", none ? "unknown\n" : "DMA-FQ\n");
	put_text(folder, "name", none ? "vfio-noiommu\n" : "\n");
	put_text(folder, "reserved_regions", "0x00000000fee00000 0x00000000feefffff msi\n");
	if (vfio_what & VFIO_PLAY_GROUP)
		fake_device(&group->fake);
	return group;
}

struct vfio_device *vfio_add(const char *name, unsigned number)
{
	size_t index = vfio_device_count++;
	struct vfio_device *device = &vfio_devices[index];
	struct group *group = NULL;
	char folder[96], target[96];

	ck_assert_uint_lt(index, VFIO_DEVICES);
	snprintf(device->name, sizeof(device->name), "%s", name);
	device->group = number;
	device->mask = UINT64_MAX;
	device->irqs[0] = device->irqs[1] = device->irqs[4] = 1;
	device->bars[0] = 1 << 20;
	memset(device->events, 0xff, sizeof(device->events));
	memcpy(device->config, "\x34\x12\xe8\x11\x03\x01\x10\x00\x10\x00\xff\x00", 12);
	device->memory_fd = os_linux.memfd_create("vfio-bar", 0);
	ck_assert_int_ge(device->memory_fd, 0);
	ck_assert_int_eq(os_linux.ftruncate(device->memory_fd, VFIO_MEMORY), 0);
	ck_assert_int_eq(os_linux.mmap(NULL, VFIO_MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED,
		device->memory_fd, 0, (void **)&device->memory), 0);
	for (size_t i = 0; i < VFIO_GROUPS; i++)
		if (vfio_groups[i].used && vfio_groups[i].number == number)
			group = &vfio_groups[i];
	if (!group && !(vfio_what & VFIO_PLAY_NONE))
		group = new_group(number);
	snprintf(folder, sizeof(folder), PCI "%s", name);
	put_text(folder, "vendor", "0x1234\n");
	put_text(folder, "device", "0x11e8\n");
	put_text(folder, "class", "0x00ff00\n");
	put_text(folder, "driver_override", "(null)\n");
	put_text(folder, "resource", "0x00000000fea00000 0x00000000feafffff 0x0000000000040200\n");
	put_link(folder, "subsystem", "../../../bus/pci");
	snprintf(target, sizeof(target), "../../../devices/pci0000:00/%s", name);
	put_link("/sys/bus/pci/devices", name, target);
	cdev_fakes[index] = device_fake;
	cdev_fakes[index].opened = cdev_opened;
	cdev_fakes[index].user = device;
	if (vfio_what & VFIO_PLAY_CDEV)
		fake_device(&cdev_fakes[index]);
	vfio_driver(device, vfio_what & VFIO_PLAY_NONE ? NULL : "vfio-pci");
	return device;
}

/* Without an IOMMU a group is there only while vfio-pci has its device. */
static void show_group(struct vfio_device *device, bool there)
{
	struct group *group = group_of(device);
	char folder[96], target[96], path[128];
	bool any = false;

	snprintf(folder, sizeof(folder), PCI "%s", device->name);
	if (there) {
		snprintf(target, sizeof(target), "../../../kernel/iommu_groups/%u", group->number);
		put_link(folder, "iommu_group", target);
		snprintf(path, sizeof(path), GROUPS "%u/devices", group->number);
		snprintf(target, sizeof(target), "../../../../devices/pci0000:00/%s", device->name);
		put_link(path, device->name, target);
	}
	for (size_t i = 0; i < vfio_device_count; i++)
		any |= vfio_devices[i].group == group->number && is_vfio(&vfio_devices[i]);
	group->fake.path = any ? group->node : NULL;
	if (!(vfio_what & VFIO_PLAY_GROUP))
		return;
	if (any)
		fake_text(group->node, "");
	else
		fake_remove(group->node);
}

void vfio_driver(struct vfio_device *device, const char *driver)
{
	size_t index = (size_t)(device - vfio_devices);
	char folder[64], target[96], path[128], name[20];

	device->driver = driver;
	snprintf(folder, sizeof(folder), PCI "%s", device->name);
	snprintf(path, sizeof(path), "%s/driver", folder);
	fake_remove(path);
	if (driver) {
		snprintf(target, sizeof(target), "/sys/bus/pci/drivers/%s", driver);
		fake_dir(target);
		snprintf(target, sizeof(target), "../../../bus/pci/drivers/%s", driver);
		fake_link(path, target);
	}
	snprintf(path, sizeof(path), "%s/vfio-dev", folder);
	fake_remove(path);
	if (cdev_fakes[index].path)
		fake_remove(cdev_fakes[index].path);
	cdev_fakes[index].path = NULL;
	device->node[0] = '\0';
	if (!(vfio_what & VFIO_PLAY_NONE))
		show_group(device, is_vfio(device) || !(vfio_what & VFIO_PLAY_NOIOMMU));
	if (!(vfio_what & VFIO_PLAY_CDEV) || !is_vfio(device))
		return;
	snprintf(name, sizeof(name), "%svfio%u",
		vfio_what & VFIO_PLAY_NOIOMMU ? "noiommu-" : "", (unsigned)index % VFIO_DEVICES);
	snprintf(device->node, sizeof(device->node), "/dev/vfio/devices/%s", name);
	snprintf(path, sizeof(path), "%s/vfio-dev/%s", folder, name);
	fake_dir(path);
	fake_text(device->node, "");
	cdev_fakes[index].path = device->node;
}

void vfio_windows(unsigned number, size_t count, const struct vfio_range *ranges)
{
	for (size_t i = 0; i < VFIO_GROUPS; i++) {
		if (!vfio_groups[i].used || vfio_groups[i].number != number)
			continue;
		ck_assert_uint_le(count, VFIO_WINDOWS);
		memcpy(vfio_groups[i].windows, ranges, count * sizeof(*ranges));
		vfio_groups[i].window_count = count;
		return;
	}
	ck_abort_msg("no group %u", number);
}
