/* SPDX-License-Identifier: MIT */
#include "device/physical.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <bsd/string.h>

#include "device/refusal.h"
#include "os/file.h"
#include "os/os.h"
#include "soc/iommu.h"
#include "soc/master.h"
#include "soc/soc.h"

int physical_enter(struct pmem_device *device)
{
	device->space = space_new(NULL, -1, 0);
	return device->space ? 0 : refusal_plain(-ENOMEM, "device open", NULL, "no memory for an address space");
}

/* What the device tree calls it, for the windows through which it sees memory; "" where there is no tree. */
static void name_master(struct pmem_device *device)
{
	char path[PATH_MAX], below[256], target[PATH_MAX];
	const char *at;
	ssize_t n;

	device->master[0] = '\0';
	if (!soc_has_tree(device->ctx))
		return;
	if (device->name.bus == DEVICE_PCI) {
		snprintf(device->master, sizeof(device->master), "pci:%s", device->name.name);
		return;
	}
	snprintf(below, sizeof(below), "%.190s/%sof_node", device->name.folder,
		device->name.bus == DEVICE_UIO ? "device/" : "");
	if (file_path(path, device->ctx->root, below) < 0)
		return;
	n = os->readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return;
	target[n] = '\0';
	at = strstr(target, "/devicetree/base/");
	if (at)
		strlcpy(device->master, at + strlen("/devicetree/base"), sizeof(device->master));
}

int physical_look(struct pmem_device *device)
{
	struct space *space = device->space;
	int r = 0;

	name_master(device);
	if (space->looked)
		return 0;
	/* Of a device of noiommu the group says that there is none. */
	space->blocked = iommu_of_device(device->ctx->root, device->name.folder) == 1;
	/* Where an IOMMU lets nothing through, it does not matter which way it would go. */
	if (device->master[0] && !space->blocked)
		r = soc_master_read(device->ctx, "device open", device->master, &space->master);
	if (r == -ENXIO || r == -ENOENT || r == -ENODEV) {
		/* It has registers all the same; memory for it cannot be had. */
		space->why = error_copy(error_last());
		space->unknown = true;
		r = 0;
	}
	space->looked = r == 0;
	return r;
}

int physical_ready(struct pmem_device *device)
{
	struct pmem_error why;

	if (physical_look(device) == 0)
		return 0;
	error_save(&why);
	device->way->close(device);
	return error_restore(&why);
}
