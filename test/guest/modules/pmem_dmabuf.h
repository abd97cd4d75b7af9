/* SPDX-License-Identifier: GPL-2.0 */
/* pmem_dmabuf.ko: dma-bufs for the other modules, and the addresses of anybody's dma-bufs. */
#ifndef PMEM_MODULES_DMABUF_H
#define PMEM_MODULES_DMABUF_H

#include <linux/atomic.h>
#include <linux/dma-buf.h>

struct device;
struct module;

struct pmem_buf_spec {
	const char *exp_name;
	struct module *owner;
	size_t size;	/* whole pages */
	bool uncached;	/* user mappings are, and the caches are clean */
	bool scattered; /* single pages, no two of them in ascending neighbourhood */
	bool pages;	/* mapped by faults on struct pages, so that pagemap shows them */
	atomic_t *live; /* the owner's count of buffers not yet freed */
};

struct dma_buf *pmem_buf_export(const struct pmem_buf_spec *spec, int flags);
/* 0; -ENOTTY for another exporter's buffer, -EINVAL for a scattered one */
int pmem_buf_phys(struct dma_buf *buf, u64 *phys);

/* Cleans the buffer's memory to where devices see it; 0, or -ENOTTY as above. */
int pmem_buf_clean(struct dma_buf *buf);

/* An attachment to any dma-buf, by a device that sees all memory at its physical address. */
struct pmem_attach {
	struct dma_buf *buf;
	struct dma_buf_attachment *attachment;
	struct sg_table *table;
	u64 phys;
};

/* -EBADF, -EINVAL: no dma-buf; -ENOSPC: not one segment */
int pmem_attach(int fd, struct pmem_attach *out);
void pmem_detach(struct pmem_attach *at);

/* within the module */
struct device *pmem_dmabuf_device(void);
int pmem_phys_init(void);
void pmem_phys_exit(void);

#endif
