/* SPDX-License-Identifier: MIT */
/* The address space of VFIO's groups: a container with an IOMMU of type 1, version 2. */
#ifndef DEVICE_CONTAINER_H
#define DEVICE_CONTAINER_H

#include "device/space.h"

#define CONTAINER_NODE "/dev/vfio/vfio"

extern const struct space_ops container_ops;

#endif
