/* SPDX-License-Identifier: MIT */
/* Devices whose addresses are physical: nothing stands between them and memory, or an IOMMU drops what they send. */
#ifndef DEVICE_PHYSICAL_H
#define DEVICE_PHYSICAL_H

#include "device/way.h"

/* A space of its own, as the way has none. Sets the error. */
int physical_enter(struct pmem_device *device);
/* It has its space: who translates for it, and whether an IOMMU does; asked once for a space. Sets the error. */
int physical_look(struct pmem_device *device);
/* The same of a space of its own. Closes the device if that fails. */
int physical_ready(struct pmem_device *device);

/*
 * What sysfs has of a PCI device: configuration space, BARs and reset. Nothing where it is none of PCI. Set
 * the error.
 */
int pci_files_open(struct pmem_device *device);
void pci_files_close(struct pmem_device *device);
int pci_files_map_size(struct pmem_device *device, uint32_t index, uint64_t *size);
int pci_files_map(struct pmem_device *device, uint32_t index, uint32_t flags,
	struct pmem_region *region);
int pci_files_reset(struct pmem_device *device);

#endif
