/* SPDX-License-Identifier: MIT */
/* The configuration space of a PCI device: one access of that width, in the order of the CPU. Set the error. */
#ifndef DEVICE_CONFIG_H
#define DEVICE_CONFIG_H

#include "device/way.h"

#define CONFIG_COMMAND 4u /* include/uapi/linux/pci_regs.h; bit 1 memory, bit 2 master */

int config_read(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t *value);
int config_write(struct pmem_device *device, uint32_t offset, uint32_t width, uint32_t value);
/* PMEM_ENABLE_*: on, or off. Nothing, where it is no PCI device. */
int config_switch(struct pmem_device *device, uint32_t parts, bool on);

#endif
