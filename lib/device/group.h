/* SPDX-License-Identifier: MIT */
/*
 * The IOMMU groups of which this process drives devices. The kernel lets one opener have a group, and all of its
 * devices be in one address space: who opens a second device of it joins the first.
 */
#ifndef DEVICE_GROUP_H
#define DEVICE_GROUP_H

#include "device/way.h"

struct group {
	struct group *next;
	char root[64];           /* of LIBPMEM_ROOT; cut */
	char number[32];         /* as the link iommu_group says */
	const struct device_way *way;
	int fd;                  /* /dev/vfio/N; -1 with iommufd */
	struct space *space;
	unsigned devices;
};

/*
 * While a device is opened or closed, no other is: between these two the list of groups is the caller's. Nothing in
 * between runs code of the program.
 */
void groups_take(void);
void groups_give(void);

/* A group of that number that is in use; NULL: none. */
struct group *group_find(const struct pmem_ctx *ctx, const char *number);
/* Does the kernel call the group one without an IOMMU? */
bool group_without_iommu(const struct pmem_ctx *ctx, const char *number);

/* A space for the device, which is alone in it. Sets the error. */
typedef int group_space_fn(const struct device_request *request, struct pmem_device *device,
	struct space **space);

/*
 * The device's group and space: those of its group, if others of it are open; else that of opts.share; else what
 * make makes. Sets the error: -EBUSY the two are not the same. A new group has the device's group_fd.
 */
int group_enter(const struct device_request *request, struct pmem_device *device, const char *number,
	group_space_fn *make);

/* One device less; with the last it is left, and what it sees goes. NULL is allowed. */
void group_leave(struct group *group);
/* The same in a child, for which the kernel has done it: memory only. */
void group_forget(struct group *group);

#endif
