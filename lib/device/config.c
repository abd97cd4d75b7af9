/* SPDX-License-Identifier: MIT */
#include "device/config.h"

#include <errno.h>

#include "base/bits.h"
#include "device/refusal.h"
#include "os/os.h"

#define COMMAND_MEMORY 0x2u
#define COMMAND_MASTER 0x4u

static int check(const struct pmem_device *device, const char *operation, uint32_t offset,
	uint32_t width)
{
	if (!(device->attrs & PMEM_DEVICE_PCI))
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, operation, device->name.folder, NULL,
			"only PCI devices have a configuration space");
	if (width != 1 && width != 2 && width != 4)
		return error_set(EINVAL, PMEM_CAUSE_OPTIONS, operation, NULL, "1, 2 or 4",
			"an access of %u bytes is none", width);
	if (offset & (width - 1))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, operation, NULL, NULL,
			"the offset 0x%x is not a multiple of %u", offset, width);
	if (!bits_inside(offset, width, device->config_size))
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, operation, device->name.folder, NULL,
			"the configuration space has 0x%llx bytes",
			(unsigned long long)device->config_size);
	return refusal_unless_held(device->config_fd, operation, &device->name);
}

/* All of it was read or written; else why not. */
static int done(const struct pmem_device *device, const char *operation, ssize_t r, uint32_t offset,
	uint32_t width)
{
	if (r == (ssize_t)width)
		return 0;
	if (r >= 0)
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, operation, device->name.folder,
			"beyond byte 64 CAP_SYS_ADMIN is needed through sysfs; VFIO needs none",
			"there are no %u bytes at 0x%x, or not for this program", width, offset);
	return refusal_device((int)r, operation, &device->name);
}

int config_read(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t *value)
{
	unsigned char bytes[4];
	uint32_t all = 0;
	int r = check(device, "device config read", offset, width);

	if (r == 0)
		r = done(device, "device config read",
			os->pread(device->config_fd, bytes, width, device->config_offset + offset), offset,
			width);
	if (r < 0)
		return r;
	for (uint32_t i = width; i-- > 0;)
		all = all << 8 | bytes[i];
	*value = all;
	return 0;
}

int config_write(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t value)
{
	unsigned char bytes[4];
	int r = check(device, "device config write", offset, width);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < width; i++)
		bytes[i] = (unsigned char)(value >> (8 * i));
	return done(device, "device config write",
		os->pwrite(device->config_fd, bytes, width, device->config_offset + offset), offset,
		width);
}

int config_switch(struct pmem_device *device, uint32_t parts, bool on)
{
	uint32_t bits = (parts & PMEM_ENABLE_MEMORY ? COMMAND_MEMORY : 0) |
		(parts & PMEM_ENABLE_MASTER ? COMMAND_MASTER : 0);
	uint32_t command;
	int r;

	if (!(device->attrs & PMEM_DEVICE_PCI) || !bits)
		return 0;
	r = config_read(device, CONFIG_COMMAND, 2, &command);
	if (r < 0 || (on ? (command & bits) == bits : !(command & bits)))
		return r;
	return config_write(device, CONFIG_COMMAND, 2, on ? command | bits : command & ~bits);
}
