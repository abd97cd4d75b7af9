/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PMEM_MODULES_DMABUF_MEMORY_H
#define PMEM_MODULES_DMABUF_MEMORY_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>

#include "pmem_dmabuf.h"

struct buffer {
	struct pmem_buf_spec spec;
	unsigned long count; /* pages */
	dma_addr_t dma;	     /* of contiguous memory: its physical address too */
	void *cpu;	     /* of uncached contiguous memory, or dma_alloc_attrs' cookie */
	struct page *first;  /* of cached contiguous memory */
	struct page **pages; /* of scattered memory */
	struct mutex lock;
	struct list_head attachments;
};

/* spec and count are set; 0 or -ENOMEM */
int buffer_get(struct buffer *b);
/* the memory and b itself */
void buffer_free(struct buffer *b);
struct page *buffer_page(const struct buffer *b, unsigned long i);
int buffer_table(const struct buffer *b, struct sg_table *table);
void buffer_clean(const struct buffer *b);

#endif
