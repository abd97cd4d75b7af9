// SPDX-License-Identifier: GPL-2.0
/*
 * A dma-buf exporter with the habits of the mainline heaps (drivers/dma-buf/heaps): contiguous
 * memory from CMA or scattered pages; zeroed through the kernel's cached mapping; the sync ioctl
 * walks the mapped attachments and does nothing when there is none.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "compat.h"
#include "dmabuf_memory.h"
#include "pmem_dmabuf.h"

struct attachment {
	struct list_head node;
	struct device *device;
	struct sg_table table;
	bool mapped;
};

static struct platform_device *platform;
static atomic_t live, syncs, synced;
static atomic64_t created;

struct device *pmem_dmabuf_device(void)
{
	return &platform->dev;
}

static void buffer_release(struct dma_buf *buf)
{
	struct buffer *b = buf->priv;

	if (b->spec.live)
		atomic_dec(b->spec.live);
	buffer_free(b);
	atomic_dec(&live);
}

static int buffer_attach(struct dma_buf *buf, struct dma_buf_attachment *at)
{
	struct buffer *b = buf->priv;
	struct attachment *a = kzalloc(sizeof(*a), GFP_KERNEL);
	int ret;

	if (!a)
		return -ENOMEM;
	ret = buffer_table(b, &a->table);
	if (ret) {
		kfree(a);
		return ret;
	}
	a->device = at->dev;
	at->priv = a;
	mutex_lock(&b->lock);
	list_add(&a->node, &b->attachments);
	mutex_unlock(&b->lock);
	return 0;
}

static void buffer_detach(struct dma_buf *buf, struct dma_buf_attachment *at)
{
	struct buffer *b = buf->priv;
	struct attachment *a = at->priv;

	mutex_lock(&b->lock);
	list_del(&a->node);
	mutex_unlock(&b->lock);
	sg_free_table(&a->table);
	kfree(a);
}

static unsigned long buffer_map_attributes(const struct buffer *b)
{
	return b->spec.uncached ? DMA_ATTR_SKIP_CPU_SYNC : 0;
}

static struct sg_table *buffer_map(struct dma_buf_attachment *at, enum dma_data_direction direction)
{
	struct buffer *b = at->dmabuf->priv;
	struct attachment *a = at->priv;
	int ret = dma_map_sgtable(at->dev, &a->table, direction, buffer_map_attributes(b));

	if (ret)
		return ERR_PTR(ret);
	a->mapped = true;
	return &a->table;
}

static void buffer_unmap(
	struct dma_buf_attachment *at, struct sg_table *table, enum dma_data_direction direction)
{
	struct attachment *a = at->priv;

	a->mapped = false;
	dma_unmap_sgtable(at->dev, table, direction, buffer_map_attributes(at->dmabuf->priv));
}

static int buffer_sync(struct dma_buf *buf, enum dma_data_direction direction, bool begin)
{
	struct buffer *b = buf->priv;
	struct attachment *a;

	atomic_inc(&syncs);
	mutex_lock(&b->lock);
	list_for_each_entry(a, &b->attachments, node)
	{
		if (!a->mapped || b->spec.uncached)
			continue;
		atomic_inc(&synced);
		if (begin)
			dma_sync_sgtable_for_cpu(a->device, &a->table, direction);
		else
			dma_sync_sgtable_for_device(a->device, &a->table, direction);
	}
	mutex_unlock(&b->lock);
	return 0;
}

static int buffer_begin(struct dma_buf *buf, enum dma_data_direction direction)
{
	return buffer_sync(buf, direction, true);
}

static int buffer_end(struct dma_buf *buf, enum dma_data_direction direction)
{
	return buffer_sync(buf, direction, false);
}

static vm_fault_t buffer_fault(struct vm_fault *fault)
{
	struct buffer *b = fault->vma->vm_private_data;

	if (fault->pgoff >= b->count)
		return VM_FAULT_SIGBUS;
	fault->page = buffer_page(b, fault->pgoff);
	get_page(fault->page);
	return 0;
}

static const struct vm_operations_struct buffer_vm_ops = {
	.fault = buffer_fault,
};

static int buffer_map_scattered(const struct buffer *b, struct vm_area_struct *vma)
{
	unsigned long at = vma->vm_start, i = vma->vm_pgoff;
	int ret = 0;

	if (b->spec.uncached)
		vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	for (; ret == 0 && at < vma->vm_end; at += PAGE_SIZE, i++)
		ret = remap_pfn_range(
			vma, at, page_to_pfn(b->pages[i]), PAGE_SIZE, vma->vm_page_prot);
	return ret;
}

static int buffer_mmap(struct dma_buf *buf, struct vm_area_struct *vma)
{
	struct buffer *b = buf->priv;

	if (!(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return -EINVAL;
	if (b->spec.pages && !b->spec.uncached) {
		vma->vm_ops = &buffer_vm_ops;
		vma->vm_private_data = b;
		return 0;
	}
	if (b->spec.scattered)
		return buffer_map_scattered(b, vma);
	if (b->spec.uncached)
		return dma_mmap_coherent(&platform->dev, vma, b->cpu, b->dma, b->spec.size);
	return remap_pfn_range(vma, vma->vm_start, PHYS_PFN(b->dma) + vma->vm_pgoff,
		vma->vm_end - vma->vm_start, vma->vm_page_prot);
}

static const struct dma_buf_ops buffer_ops = {
	.attach = buffer_attach,
	.detach = buffer_detach,
	.map_dma_buf = buffer_map,
	.unmap_dma_buf = buffer_unmap,
	.begin_cpu_access = buffer_begin,
	.end_cpu_access = buffer_end,
	.mmap = buffer_mmap,
	.release = buffer_release,
};

struct dma_buf *pmem_buf_export(const struct pmem_buf_spec *spec, int flags)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct buffer *b = kzalloc(sizeof(*b), GFP_KERNEL);
	struct dma_buf *buf;
	int ret;

	if (!b)
		return ERR_PTR(-ENOMEM);
	b->spec = *spec;
	b->count = spec->size >> PAGE_SHIFT;
	mutex_init(&b->lock);
	INIT_LIST_HEAD(&b->attachments);
	ret = buffer_get(b);
	if (ret) {
		kfree(b);
		return ERR_PTR(ret);
	}
	info.exp_name = spec->exp_name;
	info.owner = spec->owner;
	info.ops = &buffer_ops;
	info.size = spec->size;
	info.flags = flags;
	info.priv = b;
	buf = dma_buf_export(&info);
	if (IS_ERR(buf)) {
		buffer_free(b);
		return buf;
	}
	atomic_inc(&live);
	atomic64_inc(&created);
	if (spec->live)
		atomic_inc(spec->live);
	return buf;
}
EXPORT_SYMBOL_GPL(pmem_buf_export);

int pmem_buf_phys(struct dma_buf *buf, u64 *phys)
{
	struct buffer *b = buf->priv;

	if (buf->ops != &buffer_ops)
		return -ENOTTY;
	if (b->spec.scattered)
		return -EINVAL;
	*phys = b->dma;
	return 0;
}
EXPORT_SYMBOL_GPL(pmem_buf_phys);

int pmem_buf_clean(struct dma_buf *buf)
{
	if (buf->ops != &buffer_ops)
		return -ENOTTY;
	buffer_clean(buf->priv);
	return 0;
}
EXPORT_SYMBOL_GPL(pmem_buf_clean);

static int dmabuf_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "live=%d\ncreated=%lld\nsyncs=%d\nsynced_attachments=%d\n",
		atomic_read(&live), atomic64_read(&created), atomic_read(&syncs),
		atomic_read(&synced));
	return 0;
}

static int __init dmabuf_init(void)
{
	int ret;

	platform = platform_device_register_simple("pmem_dmabuf", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(platform))
		return PTR_ERR(platform);
	/* attaches to memory anywhere, but allocates what a 32-bit DMA engine reaches */
	ret = dma_set_mask(&platform->dev, DMA_BIT_MASK(64));
	if (ret == 0)
		ret = dma_set_coherent_mask(&platform->dev, DMA_BIT_MASK(32));
	if (ret == 0)
		ret = pmem_phys_init();
	if (ret == 0 && !proc_create_single("pmem_dmabuf", 0444, NULL, dmabuf_show)) {
		pmem_phys_exit();
		ret = -ENOMEM;
	}
	if (ret)
		platform_device_unregister(platform);
	return ret;
}

static void __exit dmabuf_exit(void)
{
	remove_proc_entry("pmem_dmabuf", NULL);
	pmem_phys_exit();
	platform_device_unregister(platform);
}

module_init(dmabuf_init);
module_exit(dmabuf_exit);
MODULE_DESCRIPTION("libpmem test: dma-buf exporter and address calls");
MODULE_LICENSE("GPL");
PMEM_IMPORT_DMA_BUF();
