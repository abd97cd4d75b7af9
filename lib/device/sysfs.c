/* SPDX-License-Identifier: MIT */
/* A device of PCI by its files in /sys: registers and configuration, and no interrupts. No driver is needed. */
#include <errno.h>

#include "device/physical.h"
#include "device/refusal.h"

static int sysfs_close(struct pmem_device *device)
{
	pci_files_close(device);
	space_leave(device->space);
	device->space = NULL;
	return 0;
}

static int sysfs_open(const struct device_request *request, struct pmem_device *device)
{
	int r;

	if (request->name.bus != DEVICE_PCI)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device open", request->name.folder,
			"pmem_region_map_node() maps registers of the device tree",
			"sysfs shows registers of PCI devices only");
	if (request->opts->share || request->opts->device_fd)
		return error_set(EINVAL, PMEM_CAUSE_OPTIONS, "device open", NULL, NULL,
			"sysfs has neither address spaces nor descriptors");
	r = physical_enter(device);
	if (r < 0)
		return r;
	r = pci_files_open(device);
	if (r < 0) {
		space_leave(device->space);
		return r;
	}
	device->attrs |= PMEM_DEVICE_UNSAFE;
	return physical_ready(device);
}

static int sysfs_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count)
{
	(void)device;
	(void)kind;
	*count = 0;
	return 0;
}

const struct device_way way_sysfs = {
	.name = "sysfs",
	.unsafe = true,
	.open = sysfs_open,
	.close = sysfs_close,
	.map_size = pci_files_map_size,
	.map = pci_files_map,
	.reset = pci_files_reset,
	.irq_count = sysfs_irq_count,
};
