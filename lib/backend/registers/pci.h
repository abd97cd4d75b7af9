/* SPDX-License-Identifier: MIT */
/* Base address registers of PCI devices, by sysfs. */
#ifndef BACKEND_PCI_H
#define BACKEND_PCI_H

#include <stdint.h>

#include "backend/backing.h"

/*
 * Map one BAR of the device bdf ("0000:00:04.0", or "00:04.0" in domain 0). region as for the
 * backends' map; its ops are backend_pci's. -EINVAL bad address text or flags; -ENOENT no such
 * device or BAR; -ENODEV a range of I/O ports; -EOPNOTSUPP no write-combining view; -EACCES,
 * -EPERM as the cause tells.
 */
int pci_map(struct pmem_ctx *ctx, const char *bdf, unsigned bar, uint32_t flags,
	struct pmem_region *region);

/* Where BAR number bar of that device is; the error is set as by pci_map(). */
int pci_bar(struct pmem_ctx *ctx, const char *address, unsigned bar, uint64_t *start, uint64_t *size);

#endif
