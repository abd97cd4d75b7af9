/* SPDX-License-Identifier: MIT */
/* Devices for the other objects of this layer. */
#ifndef API_DEVICE_OWN_H
#define API_DEVICE_OWN_H

#include "device/way.h"

/* For what is told to it; NULL for none. */
static inline struct pmem_ctx *device_context(const struct pmem_device *device)
{
	return device ? device->ctx : NULL;
}

/* Is it a device, and this process's? Sets the error. */
int device_check(const char *operation, const struct pmem_device *device);

#endif
