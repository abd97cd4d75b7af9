/* SPDX-License-Identifier: MIT */
/* The address space of iommufd: an IOAS. */
#ifndef DEVICE_IOAS_H
#define DEVICE_IOAS_H

#include "device/space.h"

#define IOAS_NODE "/dev/iommu"

extern const struct space_ops ioas_ops;

/* A new one of that /dev/iommu. A plain result. */
int ioas_new(int fd, uint32_t *id);

#endif
