/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PMEM_MODULES_U_DMA_BUF_H
#define PMEM_MODULES_U_DMA_BUF_H

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#define UDB_VERSION "5.5.0"

struct udb {
	char name[32];
	struct device *dma_dev; /* whose view "phys_addr" is */
	struct platform_device *own; /* that, unless it is bound to another */
	struct device *dev;	/* in the class */
	struct mutex lock;	/* of what sysfs writes; ioctls do not take it */
	void *cpu;
	dma_addr_t dma;
	size_t size, room;	/* as asked for, and in whole pages */
	int sync_mode, sync_direction, sync_owner;
	u64 sync_offset;
	size_t sync_size;
	u64 sync_for_cpu, sync_for_device;
};

struct udb_counters {
	atomic_t for_cpu, for_device, by_ioctl, by_sysfs, refused, maps, exports, live;
	u64 last_offset, last_size;
	int last_direction;
};

extern struct udb_counters udb_counters;

/* u-dma-buf's coherency, or what the parameter makes of it */
bool udb_coherent(const struct udb *u);
/* a command as the files sync_for_* and the ioctls take it */
int udb_sync(struct udb *u, u64 command, bool for_cpu);
/* [offset, ...) of u; o_sync: the file was opened with it */
int udb_mmap(struct udb *u, struct vm_area_struct *vma, u64 offset, bool o_sync);
/* a descriptor, or -errno */
int udb_export(struct udb *u, u64 offset, size_t size, u64 flags);

#endif
