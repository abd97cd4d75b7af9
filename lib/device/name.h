/* SPDX-License-Identifier: MIT */
/* What a program calls a device, and where sysfs has it. */
#ifndef DEVICE_NAME_H
#define DEVICE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "soc/ctx.h"

enum device_bus {
	DEVICE_PCI,
	DEVICE_PLATFORM,
	DEVICE_UIO, /* /dev/uioN, whatever it belongs to */
};

struct device_name {
	enum device_bus bus;
	char name[128];   /* 0000:00:04.0, fe204000.spi, uio0 */
	char folder[192]; /* /sys/bus/pci/devices/0000:00:04.0, below root */
};

/*
 * Sets the error. -EINVAL no name of anything (NOT_FOUND); -ENOENT nothing of that name (NO_DEVICE); what looking
 * into the device tree says.
 */
int name_find(struct pmem_ctx *ctx, const char *text, struct device_name *out);

/* The last part of where the link folder/link leads to. 0 or a plain -errno. */
int name_link(const struct pmem_ctx *ctx, const struct device_name *name, const char *link,
	char *out, size_t size);
/* The first name in folder/below. 0, -ENOENT, another plain -errno. */
int name_first_in(const struct pmem_ctx *ctx, const struct device_name *name, const char *below,
	char *out, size_t size);

#endif
