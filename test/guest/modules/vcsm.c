// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/vcsm-cma of the Raspberry Pi kernel: contiguous uncached memory as a dma-buf together with
 * its bus address, and the bus address of anybody's contiguous dma-buf.
 */
#include <linux/compat.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "pmem_dmabuf.h"

#define NR_ALLOC	 0x5a
#define NR_IMPORT_DMABUF 0x5b
#define ALIAS_MASK	 0xc0000000

static uint alias = 0xc0000000;
module_param(alias, uint, 0444);
MODULE_PARM_DESC(alias, "top bits of a bus address: 0x40000000 on BCM2835, 0xc0000000 later");

/* both structs: host_applications/linux/libs/sm/vc_sm_cma_ioctl.h of raspberrypi/userland */
struct vcsm_alloc {
	u32 size, num, cached, pad;
	u8 name[32];
	s32 handle; /* a dma-buf */
	u32 vc_handle;
	u64 dma_addr;
};

struct vcsm_import {
	s32 dmabuf_fd;
	u32 cached;
	u8 name[32];
	s32 handle; /* a new dma-buf over the same memory */
	u32 vc_handle, size, pad;
	u64 dma_addr;
};

struct import {
	struct pmem_attach at;
};

static atomic_t live, imports, next_vc_handle;

static u64 vcsm_bus(u64 phys)
{
	return (phys & ~(u64)ALIAS_MASK) | alias;
}

static struct sg_table *import_map(struct dma_buf_attachment *at, enum dma_data_direction direction)
{
	struct import *import = at->dmabuf->priv;
	struct sg_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	int ret;

	if (!table)
		return ERR_PTR(-ENOMEM);
	ret = sg_alloc_table(table, 1, GFP_KERNEL);
	if (ret)
		goto no_table;
	sg_set_page(table->sgl, pfn_to_page(PHYS_PFN(import->at.phys)), at->dmabuf->size, 0);
	ret = dma_map_sgtable(at->dev, table, direction, 0);
	if (ret == 0)
		return table;
	sg_free_table(table);
no_table:
	kfree(table);
	return ERR_PTR(ret);
}

static void import_unmap(
	struct dma_buf_attachment *at, struct sg_table *table, enum dma_data_direction direction)
{
	dma_unmap_sgtable(at->dev, table, direction, 0);
	sg_free_table(table);
	kfree(table);
}

static int import_begin(struct dma_buf *buf, enum dma_data_direction direction)
{
	struct import *import = buf->priv;

	return dma_buf_begin_cpu_access(import->at.buf, direction);
}

static int import_end(struct dma_buf *buf, enum dma_data_direction direction)
{
	struct import *import = buf->priv;

	return dma_buf_end_cpu_access(import->at.buf, direction);
}

static int import_mmap(struct dma_buf *buf, struct vm_area_struct *vma)
{
	struct import *import = buf->priv;

	return dma_buf_mmap(import->at.buf, vma, vma->vm_pgoff);
}

static void import_release(struct dma_buf *buf)
{
	struct import *import = buf->priv;

	pmem_detach(&import->at);
	kfree(import);
	atomic_dec(&imports);
}

static const struct dma_buf_ops import_ops = {
	.map_dma_buf = import_map,
	.unmap_dma_buf = import_unmap,
	.begin_cpu_access = import_begin,
	.end_cpu_access = import_end,
	.mmap = import_mmap,
	.release = import_release,
};

/* A descriptor for the buffer, whose reference goes with it, once the reply has reached the user.
 */
static long vcsm_reply(
	struct dma_buf *buf, s32 *handle, void __user *arg, const void *reply, size_t size)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd < 0) {
		dma_buf_put(buf);
		return fd;
	}
	*handle = fd;
	if (copy_to_user(arg, reply, size)) {
		put_unused_fd(fd);
		dma_buf_put(buf);
		return -EFAULT;
	}
	fd_install(fd, buf->file);
	return 0;
}

/* `num` and `cached` are ignored, as there */
static long vcsm_alloc(void __user *arg)
{
	struct pmem_buf_spec spec = {
		.exp_name = "vc_sm", .owner = THIS_MODULE, .uncached = true, .live = &live};
	struct vcsm_alloc io;
	struct dma_buf *buf;
	u64 phys;

	if (copy_from_user(&io, arg, sizeof(io)))
		return -EFAULT;
	spec.size = PAGE_ALIGN((size_t)io.size);
	if (spec.size == 0)
		return -EINVAL;
	buf = pmem_buf_export(&spec, O_RDWR);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	pmem_buf_phys(buf, &phys);
	io.vc_handle = atomic_inc_return(&next_vc_handle);
	io.dma_addr = vcsm_bus(phys);
	return vcsm_reply(buf, &io.handle, arg, &io, sizeof(io));
}

static long vcsm_import(void __user *arg)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct import *import;
	struct vcsm_import io;
	struct dma_buf *buf;
	int ret;

	if (copy_from_user(&io, arg, sizeof(io)))
		return -EFAULT;
	import = kzalloc(sizeof(*import), GFP_KERNEL);
	if (!import)
		return -ENOMEM;
	ret = pmem_attach(io.dmabuf_fd, &import->at);
	if (ret) {
		kfree(import);
		return ret == -ENOSPC ? -ENOMEM : ret;
	}
	info.exp_name = "vc_sm";
	info.ops = &import_ops;
	info.size = import->at.buf->size;
	info.flags = O_RDWR;
	info.priv = import;
	buf = dma_buf_export(&info);
	if (IS_ERR(buf)) {
		pmem_detach(&import->at);
		kfree(import);
		return PTR_ERR(buf);
	}
	atomic_inc(&imports);
	io.size = buf->size;
	io.vc_handle = atomic_inc_return(&next_vc_handle);
	io.dma_addr = vcsm_bus(import->at.phys);
	return vcsm_reply(buf, &io.handle, arg, &io, sizeof(io));
}

/* only the number within the magic is looked at */
static long vcsm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (_IOC_NR(cmd)) {
	case NR_ALLOC:
		return vcsm_alloc((void __user *)arg);
	case NR_IMPORT_DMABUF:
		return vcsm_import((void __user *)arg);
	default:
		return -EINVAL;
	}
}

static const struct file_operations vcsm_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vcsm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice vcsm_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vcsm-cma",
	.fops = &vcsm_fops,
	.mode = 0666,
};

static int vcsm_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "live=%d\nimports=%d\nhandles_given=%d\n", atomic_read(&live),
		atomic_read(&imports), atomic_read(&next_vc_handle));
	return 0;
}

static int __init vcsm_init(void)
{
	int ret = misc_register(&vcsm_device);

	if (ret)
		return ret;
	if (!proc_create_single("pmem_vcsm", 0444, NULL, vcsm_show)) {
		misc_deregister(&vcsm_device);
		return -ENOMEM;
	}
	return 0;
}

static void __exit vcsm_exit(void)
{
	remove_proc_entry("pmem_vcsm", NULL);
	misc_deregister(&vcsm_device);
}

module_init(vcsm_init);
module_exit(vcsm_exit);
MODULE_DESCRIPTION("libpmem test: /dev/vcsm-cma");
MODULE_LICENSE("GPL");
PMEM_IMPORT_DMA_BUF();
