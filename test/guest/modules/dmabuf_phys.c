// SPDX-License-Identifier: GPL-2.0
/*
 * The ways in which vendors tell the physical address of a dma-buf:
 *   nxp=1  DMA_BUF_IOCTL_PHYS on the dma-buf itself. The dma-buf core has no hook for it, so a
 *          kprobe sends that one number on our buffers to a handler of ours.
 *   imx=1  /dev/dmabuf_imx, DMABUF_GET_PHYS (imx=2: with the older int and long struct)
 *   ti=1   /dev/dma-buf-phys, DMA_BUF_PHYS_IOC_CONVERT
 */
#include <linux/compat.h>
#include <linux/dma-mapping.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "pmem_dmabuf.h"

static bool nxp, ti;
module_param(nxp, bool, 0444);
module_param(ti, bool, 0444);
static int imx;
module_param(imx, int, 0444);

/* filled by the kernel, although encoded as written by the program */
struct nxp_phys {
	unsigned long phys;
};
#define DMA_BUF_IOCTL_PHYS _IOW('b', 10, struct nxp_phys)

struct imx_phys {
	u32 fd;
	u64 phys;
} __aligned(8);
#define DMABUF_GET_PHYS _IOWR('M', 32, struct imx_phys)

struct imx_phys_old {
	int fd;
	unsigned long phys;
};
#define DMABUF_GET_PHYS_OLD _IOWR('M', 32, struct imx_phys_old)

#define DMA_BUF_PHYS_IOC_CONVERT _IOWR('D', 0, struct imx_phys) /* the same two fields */

int pmem_attach(int fd, struct pmem_attach *at)
{
	int ret;

	at->buf = dma_buf_get(fd);
	if (IS_ERR(at->buf))
		return PTR_ERR(at->buf);
	at->attachment = dma_buf_attach(at->buf, pmem_dmabuf_device());
	if (IS_ERR(at->attachment)) {
		ret = PTR_ERR(at->attachment);
		goto no_attachment;
	}
	at->table = dma_buf_map_attachment_unlocked(at->attachment, DMA_BIDIRECTIONAL);
	if (IS_ERR(at->table)) {
		ret = PTR_ERR(at->table);
		goto no_table;
	}
	if (at->table->nents == 1) {
		at->phys = sg_dma_address(at->table->sgl);
		return 0;
	}
	ret = -ENOSPC;
	dma_buf_unmap_attachment_unlocked(at->attachment, at->table, DMA_BIDIRECTIONAL);
no_table:
	dma_buf_detach(at->buf, at->attachment);
no_attachment:
	dma_buf_put(at->buf);
	return ret;
}
EXPORT_SYMBOL_GPL(pmem_attach);

void pmem_detach(struct pmem_attach *at)
{
	dma_buf_unmap_attachment_unlocked(at->attachment, at->table, DMA_BIDIRECTIONAL);
	dma_buf_detach(at->buf, at->attachment);
	dma_buf_put(at->buf);
}
EXPORT_SYMBOL_GPL(pmem_detach);

/*
 * Runs in place of the dma-buf core's dma_buf_ioctl. The file is one of ours and stays open for
 * the length of the call, so this module cannot go away meanwhile.
 */
static long nxp_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct nxp_phys reply;
	u64 phys;
	int ret = pmem_buf_phys(file->private_data, &phys);

	if (ret)
		return ret;
	reply.phys = phys;
	return copy_to_user((void __user *)arg, &reply, sizeof(reply)) ? -EFAULT : 0;
}

static unsigned long nxp_argument(struct pt_regs *regs, unsigned int n)
{
#ifdef CONFIG_ARM
	return regs->uregs[n]; /* r0 to r3: arm has no regs_get_kernel_argument */
#else
	return regs_get_kernel_argument(regs, n);
#endif
}

static int nxp_before_dma_buf_ioctl(struct kprobe *probe, struct pt_regs *regs)
{
	struct file *file = (struct file *)nxp_argument(regs, 0);
	u64 phys;

	if ((unsigned int)nxp_argument(regs, 1) != DMA_BUF_IOCTL_PHYS ||
		pmem_buf_phys(file->private_data, &phys) == -ENOTTY)
		return 0;
	instruction_pointer_set(regs, (unsigned long)nxp_ioctl);
	return 1; /* go on there, with the same arguments and return address */
}

/* its presence keeps the probe from being optimised into a jump, which could not be redirected */
static void nxp_after(struct kprobe *probe, struct pt_regs *regs, unsigned long flags)
{
}

static struct kprobe nxp_probe = {
	.symbol_name = "dma_buf_ioctl",
	.pre_handler = nxp_before_dma_buf_ioctl,
	.post_handler = nxp_after,
};

static long imx_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	union {
		struct imx_phys now;
		struct imx_phys_old old;
	} u;
	size_t size = imx == 2 ? sizeof(u.old) : sizeof(u.now);
	struct pmem_attach at;
	int ret;

	if (cmd != (imx == 2 ? DMABUF_GET_PHYS_OLD : DMABUF_GET_PHYS))
		return -ENOTTY;
	if (copy_from_user(&u, (void __user *)arg, size))
		return -EFAULT;
	ret = pmem_attach(imx == 2 ? u.old.fd : u.now.fd, &at);
	if (ret)
		return ret == -ENOSPC ? -EINVAL : ret;
	if (imx == 2)
		u.old.phys = at.phys;
	else
		u.now.phys = at.phys;
	pmem_detach(&at);
	return copy_to_user((void __user *)arg, &u, size) ? -EFAULT : 0;
}

static const struct file_operations imx_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = imx_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice imx_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dmabuf_imx",
	.fops = &imx_fops,
};

struct ti_file {
	struct mutex lock;
	bool used;
	struct pmem_attach at;
};

static int ti_open(struct inode *inode, struct file *file)
{
	struct ti_file *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	mutex_init(&t->lock);
	file->private_data = t;
	return 0;
}

static int ti_release(struct inode *inode, struct file *file)
{
	struct ti_file *t = file->private_data;

	if (t->used)
		pmem_detach(&t->at);
	kfree(t);
	return 0;
}

/* one conversion an open file; the buffer stays pinned until that file is closed */
static long ti_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct ti_file *t = file->private_data;
	struct imx_phys request;
	int ret = 0;

	if (cmd != DMA_BUF_PHYS_IOC_CONVERT)
		return -ENOTTY;
	if (copy_from_user(&request, (void __user *)arg, sizeof(request)))
		return -EFAULT;
	mutex_lock(&t->lock);
	if (t->used)
		ret = -EFAULT;
	else
		ret = pmem_attach(request.fd, &t->at);
	if (ret == 0) {
		t->used = true;
		request.phys = t->at.phys;
		if (copy_to_user((void __user *)arg, &request, sizeof(request)))
			ret = -EFAULT;
	}
	mutex_unlock(&t->lock);
	return ret == -ENOSPC ? -EINVAL : ret;
}

static const struct file_operations ti_fops = {
	.owner = THIS_MODULE,
	.open = ti_open,
	.release = ti_release,
	.unlocked_ioctl = ti_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice ti_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "dma-buf-phys",
	.fops = &ti_fops,
};

int pmem_phys_init(void)
{
	int ret = nxp ? register_kprobe(&nxp_probe) : 0;

	if (ret)
		return ret;
	ret = imx ? misc_register(&imx_device) : 0;
	if (ret)
		goto no_imx;
	ret = ti ? misc_register(&ti_device) : 0;
	if (ret == 0)
		return 0;
	if (imx)
		misc_deregister(&imx_device);
no_imx:
	if (nxp)
		unregister_kprobe(&nxp_probe);
	return ret;
}

void pmem_phys_exit(void)
{
	if (ti)
		misc_deregister(&ti_device);
	if (imx)
		misc_deregister(&imx_device);
	if (nxp)
		unregister_kprobe(&nxp_probe);
}
PMEM_IMPORT_DMA_BUF();
