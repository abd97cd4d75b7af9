/* SPDX-License-Identifier: MIT */
/* The interrupts of a device that are on. All of these set the error. */
#ifndef DEVICE_IRQ_H
#define DEVICE_IRQ_H

#include "device/way.h"

/* ANY becomes the best that it has. */
int irq_resolve(struct pmem_device *device, uint32_t *kind);
/* Its descriptor, switched on at the first call. */
int irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index);
int irq_wait(struct pmem_device *device, uint32_t kind, uint32_t index, uint32_t timeout_ms,
	 uint64_t *count);
int irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index);
/* The device is closed: close theirs. In a child they are closed already: closes nothing. */
void irq_end(struct pmem_device *device, bool child);

#endif
