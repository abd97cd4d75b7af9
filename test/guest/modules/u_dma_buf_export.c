// SPDX-License-Identifier: GPL-2.0
/* A part of a buffer of u_dma_buf.c as a dma-buf. */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/fcntl.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "compat.h"
#include "u_dma_buf.h"

struct part {
	struct udb *u;
	u64 offset;
	bool o_sync;
};

static struct sg_table *part_map(struct dma_buf_attachment *at, enum dma_data_direction direction)
{
	struct part *part = at->dmabuf->priv;
	struct sg_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int ret;

	if (!table)
		return ERR_PTR(-ENOMEM);
	ret = dma_get_sgtable(part->u->dma_dev, table, part->u->cpu + part->offset,
		part->u->dma + part->offset, at->dmabuf->size);
	if (ret == 0) {
		ret = dma_map_sgtable(at->dev, table, direction, 0);
		if (ret)
			sg_free_table(table);
	}
	if (ret) {
		kfree(table);
		return ERR_PTR(ret);
	}
	return table;
}

static void part_unmap(struct dma_buf_attachment *at, struct sg_table *table,
	enum dma_data_direction direction)
{
	dma_unmap_sgtable(at->dev, table, direction, 0);
	sg_free_table(table);
	kfree(table);
}

static void part_release(struct dma_buf *buf)
{
	kfree(buf->priv);
	atomic_dec(&udb_counters.live);
}

static int part_mmap(struct dma_buf *buf, struct vm_area_struct *vma)
{
	struct part *part = buf->priv;

	return udb_mmap(part->u, vma, part->offset, part->o_sync);
}

static int part_begin(struct dma_buf *buf, enum dma_data_direction direction)
{
	struct part *part = buf->priv;

	dma_sync_single_for_cpu(
		part->u->dma_dev, part->u->dma + part->offset, buf->size, direction);
	return 0;
}

static int part_end(struct dma_buf *buf, enum dma_data_direction direction)
{
	struct part *part = buf->priv;

	dma_sync_single_for_device(
		part->u->dma_dev, part->u->dma + part->offset, buf->size, direction);
	return 0;
}

static const struct dma_buf_ops part_ops = {
	.cache_sgt_mapping = true,
	.map_dma_buf = part_map,
	.unmap_dma_buf = part_unmap,
	.release = part_release,
	.mmap = part_mmap,
	.begin_cpu_access = part_begin,
	.end_cpu_access = part_end,
};

int udb_export(struct udb *u, u64 offset, size_t size, u64 flags)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct dma_buf *buf;
	struct part *part;
	int fd;

	if (offset & ~PAGE_MASK || size & ~PAGE_MASK || offset + size > u->size ||
		(u32)flags & ~(u32)(O_CLOEXEC | O_SYNC | O_ACCMODE))
		return -EINVAL;
	part = kzalloc(sizeof(*part), GFP_KERNEL);
	if (!part)
		return -ENOMEM;
	*part = (struct part){u, offset, flags & O_SYNC};
	info.ops = &part_ops;
	info.size = size;
	info.flags = (u32)flags & ~(u32)O_SYNC;
	info.priv = part;
	info.exp_name = u->name;
	buf = dma_buf_export(&info);
	if (IS_ERR(buf)) {
		kfree(part);
		return PTR_ERR(buf);
	}
	atomic_inc(&udb_counters.live);
	atomic_inc(&udb_counters.exports);
	fd = dma_buf_fd(buf, (u32)flags & ~(u32)O_SYNC);
	if (fd < 0)
		dma_buf_put(buf);
	return fd;
}

PMEM_IMPORT_DMA_BUF();
