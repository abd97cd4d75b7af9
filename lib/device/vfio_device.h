/* SPDX-License-Identifier: MIT */
/* What a device of VFIO can do, however it was opened: operations of way.h, and what opens it. */
#ifndef DEVICE_VFIO_DEVICE_H
#define DEVICE_VFIO_DEVICE_H

#include "device/way.h"

/* device->fd is there, and may be asked: what the device is. Sets the error. */
int vfio_device_look(struct pmem_device *device);
/* The end of every open that has a space: reads what of it is usable. Closes the device if that fails. */
int device_ready(struct pmem_device *device);
/* Close it. Plain result. */
int vfio_device_drop(struct pmem_device *device);
/* Close it, and out of its group: in that order, since a space may end with its last device. The groups are the
 * caller's. Plain result. */
int vfio_leave(struct pmem_device *device);

/*
 * A descriptor of the program's own, or of the node that access describes: which no child will have. Sets the
 * error.
 */
struct access_device;
int vfio_open_node(struct pmem_ctx *ctx, int given, const struct access_device *access);

/* Of the three ways of VFIO. */
int vfio_close(struct pmem_device *device);
int vfio_map_size(struct pmem_device *device, uint32_t index, uint64_t *size);
int vfio_map(struct pmem_device *device, uint32_t index, uint32_t flags, struct pmem_region *region);
int vfio_reset(struct pmem_device *device);
int vfio_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count);
int vfio_irq_on(struct pmem_device *device, uint32_t kind, uint32_t index, int fd);
int vfio_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index);
int vfio_dmabuf(struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length);

#define VFIO_OPS                                                                              \
	.close = vfio_close, .map_size = vfio_map_size, .map = vfio_map, .reset = vfio_reset, \
	.irq_count = vfio_irq_count, .irq_on = vfio_irq_on, .irq_unmask = vfio_irq_unmask,    \
	.dmabuf = vfio_dmabuf

#endif
