/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "device/map_ops.h"
#include "device/physical.h"
#include "device/refusal.h"
#include "os/file.h"
#include "os/inherit.h"
#include "os/os.h"
#include "registers/pci.h"

#define BARS 6
/* PCI Express has 4 KiB; what the device has less, the kernel tells when it is asked for (pci_read_config()). */
#define CONFIG_SIZE 4096

static bool has_file(const struct pmem_device *device, const char *name)
{
	char below[256], path[PATH_MAX];
	struct os_stat st;

	snprintf(below, sizeof(below), "%.190s/%s", device->name.folder, name);
	return file_path(path, device->ctx->root, below) == 0 && os->stat(path, &st) == 0;
}

int pci_files_open(struct pmem_device *device)
{
	char path[256];
	const struct access_device access = {
		.path = path,
		.capability = -1,
		.lockdown = true,
		.plain_file = true,
		.absent = "a container needs /sys",
		.mode = "a udev rule can give the files config and resourceN to a group (RUN+= with chgrp and "
			"chmod g+rw)",
	};
	int r;

	if (device->name.bus != DEVICE_PCI)
		return 0;
	snprintf(path, sizeof(path), "%s/config", device->name.folder);
	r = access_open(device->ctx, &access, O_RDWR);
	if (r < 0)
		return r;
	r = inherit_never(r);
	if (r < 0)
		return refusal_plain(r, "device open", path, "it cannot be kept from children");
	device->config_fd = r;
	device->config_size = CONFIG_SIZE;
	device->maps = BARS;
	device->attrs |= PMEM_DEVICE_PCI | (has_file(device, "reset") ? PMEM_DEVICE_RESET : 0);
	return 0;
}

void pci_files_close(struct pmem_device *device)
{
	inherit_close(device->config_fd);
	device->config_fd = -1;
}

int pci_files_map_size(struct pmem_device *device, uint32_t index, uint64_t *size)
{
	uint64_t start;

	return pci_bar(device->ctx, device->name.name, index, &start, size);
}

int pci_files_map(struct pmem_device *device, uint32_t index, uint32_t flags,
	struct pmem_region *region)
{
	struct pmem_error why;
	int r = pci_map(device->ctx, device->name.name, index, flags, region);

	region->ops = map_ops_of(device->way);
	if (r < 0)
		return r;
	r = os->madvise(region->map_base, region->map_length, MADV_DONTFORK);
	if (r == 0)
		return 0;
	refusal_plain(r, "madvise MADV_DONTFORK", NULL, "the map cannot be kept from children");
	error_save(&why);
	region_unmap(region);
	return error_restore(&why);
}

int pci_files_reset(struct pmem_device *device)
{
	char path[256];
	int fd, r;

	if (!(device->attrs & PMEM_DEVICE_RESET))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "device reset", device->name.folder,
			NULL, "the kernel knows no way to reset the device");
	snprintf(path, sizeof(path), "%s/reset", device->name.folder);
	fd = file_open(device->ctx->root, path, O_WRONLY);
	r = fd < 0 ? fd : (int)os->write(fd, "1", 1);
	if (fd >= 0)
		os->close(fd);
	r = r == 0 ? -EPROTO : r; /* nothing was written */
	return r < 0 ? refusal_device(r, "device reset", &device->name) : 0;
}
