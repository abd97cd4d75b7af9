/* SPDX-License-Identifier: MIT */
/* Why a device, or memory for it, was refused, and what to do. Each sets the error and returns it. */
#ifndef DEVICE_REFUSAL_H
#define DEVICE_REFUSAL_H

#include <stdint.h>

#include "device/name.h"

struct space;

/* A plain result with nothing more to say; -ENODEV and -EIO of a device are DEVICE_GONE. */
int refusal_plain(int r, const char *operation, const char *path, const char *message);
int refusal_device(int r, const char *operation, const struct device_name *name);

/* 0: the number is still the file that was opened. Else the program closed it, and what it is by now is not touched. */
int refusal_unless_held(int fd, const char *operation, const struct device_name *name);

/* Memory. */
int refusal_address(const struct space *space, uint64_t length, uint64_t max_addr, int r);
int refusal_map(struct pmem_ctx *ctx, const struct space *space, uint64_t length, int r);
int refusal_unmap(const struct space *space, int r);

/* The device is not bound to what the way needs: the lines that bind it. */
int refusal_not_bound(struct pmem_ctx *ctx, const struct device_name *name, const char *driver);
/* Is an IOMMU of this machine on? */
bool refusal_iommu_on(struct pmem_ctx *ctx);
/* No group: no IOMMU that is on. */
int refusal_no_iommu(struct pmem_ctx *ctx, const struct device_name *name);
/* The group is not viable: which neighbour is to blame. */
/* Has another device of the group a driver of the kernel's own? Sets no error. */
bool refusal_has_neighbour(struct pmem_ctx *ctx, const struct device_name *name, const char *group);
int refusal_not_viable(struct pmem_ctx *ctx, const struct device_name *name, const char *group);
/* EPERM of the kernel: interrupts of others could be forged. parameter is the file of a module. */
int refusal_isolation(const char *path, const char *parameter);

#endif
