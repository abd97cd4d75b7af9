/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PMEM_MODULES_ION_H
#define PMEM_MODULES_ION_H

#include <linux/atomic.h>
#include <linux/compat.h>
#include <linux/dma-buf.h>
#include <linux/idr.h>
#include <linux/mutex.h>

/* one for each open file; handles are the legacy ABI's */
struct ion_client {
	struct mutex lock;
	struct idr handles;
};

struct ion_query {
	u32 cnt, reserved0;
	u64 heaps;
	u32 reserved1, reserved2;
};

struct ion_custom {
	u32 cmd;
	unsigned long arg;
};

#define ION_IOC_HEAP_QUERY _IOWR('I', 8, struct ion_query)
#define ION_IOC_CUSTOM	   _IOWR('I', 6, struct ion_custom)

extern struct ion_counts {
	atomic_t live, handles, allocs, syncs, flushes, customs;
} ion_count;
extern bool ion_legacy_query;

/* ion.c */
struct dma_buf *ion_buffer(u64 len, u32 heap_mask, u32 flags);
struct dma_buf *ion_buffer_get(int fd); /* -EINVAL for a dma-buf that is not ION's */
long ion_heap_query(struct ion_query *query);

/* ion_legacy.c */
long ion_legacy_ioctl(struct ion_client *client, unsigned int cmd, void __user *arg);
long ion_legacy_custom(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat);
long ion_legacy_compat_ioctl(struct ion_client *client, unsigned int cmd, void __user *arg);
struct dma_buf *ion_handle_buffer(struct ion_client *client, int handle); /* with a reference */
void ion_client_free(struct ion_client *client);

/* ion_vendor.c; compat: the struct behind arg has 32-bit longs */
int ion_vendor_init(void);
bool ion_vendor_on_modern(void);
long ion_vendor(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat);

#endif
