// SPDX-License-Identifier: GPL-2.0
/*
 * The module u-dma-buf 5.5 of github.com/ikwzm/udmabuf by its ABI: /sys/class/u-dma-buf/NAME, /dev/NAME.
 *
 *	buffers=NAME:BYTES[/NAME:BYTES...]	default: udmabuf0:1048576
 *	bind=0000:00:04.0	the PCI device that all of them hang on; else each on a device of its own
 *	coherent=0	says so of its devices, whatever they are
 *	ioctls=N	its ioctl_version: 2; 1 without the export; 0 none at all
 */
#include <linux/compat.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "u_dma_buf.h"

#define MAX_BUFFERS 8

static char *buffers = "udmabuf0:1048576";
module_param(buffers, charp, 0444);
static char *bind = "";
module_param(bind, charp, 0444);
static int coherent = 1;
module_param(coherent, int, 0444);
static int ioctls = 2;
module_param(ioctls, int, 0444);

struct udb_counters udb_counters;

static struct udb all[MAX_BUFFERS];
static unsigned int count;
static struct cdev udb_cdev;
static struct class *udb_class;
static dev_t udb_number;
static struct pci_dev *bound;

bool udb_coherent(const struct udb *u)
{
	return coherent && dev_is_dma_coherent(u->dma_dev);
}

int udb_sync(struct udb *u, u64 command, bool for_cpu)
{
	u64 offset = u->sync_offset, size = u->sync_size;
	int direction = u->sync_direction;

	if (command >> 1) { /* more than "do it": the range comes with it */
		offset = command >> 32;
		size = command & 0xfffffff0;
		direction = (command >> 2) & 3;
	}
	if (!command)
		return 0;
	if (offset + size > u->size) {
		atomic_inc(&udb_counters.refused);
		return -EINVAL;
	}
	udb_counters.last_offset = offset;
	udb_counters.last_size = size;
	udb_counters.last_direction = direction;
	atomic_inc(for_cpu ? &udb_counters.for_cpu : &udb_counters.for_device);
	direction = direction == 1 ? DMA_TO_DEVICE :
		    direction == 2 ? DMA_FROM_DEVICE : DMA_BIDIRECTIONAL;
	if (for_cpu)
		dma_sync_single_for_cpu(u->dma_dev, u->dma + offset, size, direction);
	else
		dma_sync_single_for_device(u->dma_dev, u->dma + offset, size, direction);
	u->sync_owner = !for_cpu;
	return 0;
}

/*
 * sync_mode: the kind in bits 0 and 1, for files opened with O_SYNC; for all with bit 2. A buffer of a
 * device behind an IOMMU is a BUG of the kernel here in the real one: that must not have been tried.
 */
int udb_mmap(struct udb *u, struct vm_area_struct *vma, u64 offset, bool o_sync)
{
	unsigned long bytes = vma->vm_end - vma->vm_start;
	struct iommu_domain *domain = iommu_get_domain_for_dev(u->dma_dev);

	if (domain && domain->type != IOMMU_DOMAIN_IDENTITY) {
		WARN(1, "u-dma-buf: a BUG in vm_insert_page()");
		return -EIO;
	}
	if (vma->vm_pgoff + vma_pages(vma) > (u->room - offset) >> PAGE_SHIFT)
		return -EINVAL;
	atomic_inc(&udb_counters.maps);
	if (o_sync || u->sync_mode & 4) {
		if ((u->sync_mode & 3) == 1)
			vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
		else if (u->sync_mode & 3)
			vma->vm_page_prot = pgprot_writecombine(vma->vm_page_prot);
	}
	return remap_pfn_range(vma, vma->vm_start, PHYS_PFN(u->dma + offset) + vma->vm_pgoff, bytes,
		vma->vm_page_prot);
}

/* --- sysfs ---------------------------------------------------------------------------------- */

#define SHOW(name, format, value)                                                               \
	static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
	{                                                                                       \
		struct udb *u = dev_get_drvdata(dev);                                           \
		(void)u;                                                                        \
		return sysfs_emit(buf, format "\n", value);                                     \
	}
#define STORE(name, most, type)                                                                 \
	static ssize_t name##_store(struct device *dev, struct device_attribute *attr,          \
		const char *buf, size_t size)                                                   \
	{                                                                                       \
		struct udb *u = dev_get_drvdata(dev);                                           \
		u64 value;                                                                      \
		int ret = kstrtoull(buf, 0, &value);                                            \
		if (ret == 0 && value > (most))                                                 \
			ret = -EINVAL;                                                          \
		if (ret == 0)                                                                   \
			u->name = (type)value;                                                  \
		return ret ? ret : (ssize_t)size;                                               \
	}
#define SYNC_STORE(name, for_cpu)                                                               \
	static ssize_t name##_store(struct device *dev, struct device_attribute *attr,          \
		const char *buf, size_t size)                                                   \
	{                                                                                       \
		struct udb *u = dev_get_drvdata(dev);                                           \
		u64 command;                                                                    \
		int ret = kstrtoull(buf, 0, &command);                                          \
		if (ret)                                                                        \
			return ret;                                                             \
		mutex_lock(&u->lock);                                                           \
		atomic_inc(&udb_counters.by_sysfs);                                             \
		ret = udb_sync(u, command, for_cpu);                                            \
		mutex_unlock(&u->lock);                                                         \
		return ret ? ret : (ssize_t)size;                                               \
	}

SHOW(driver_version, "%s", UDB_VERSION)
SHOW(size, "%zu", u->size)
SHOW(phys_addr, "%pad", &u->dma)
SHOW(sync_mode, "%d", u->sync_mode)
STORE(sync_mode, 7, int)
SHOW(sync_offset, "0x%llx", u->sync_offset)
STORE(sync_offset, U64_MAX, u64)
SHOW(sync_size, "%zu", u->sync_size)
STORE(sync_size, SIZE_MAX, size_t)
SHOW(sync_direction, "%d", u->sync_direction)
STORE(sync_direction, 2, int)
SHOW(sync_owner, "%d", u->sync_owner)
SHOW(sync_for_cpu, "%llu", u->sync_for_cpu)
SYNC_STORE(sync_for_cpu, true)
SHOW(sync_for_device, "%llu", u->sync_for_device)
SYNC_STORE(sync_for_device, false)
SHOW(quirk_mmap_mode, "%d", 3)
SHOW(dma_coherent, "%d", udb_coherent(u))
SHOW(ioctl_version, "%d", ioctls)

static DEVICE_ATTR(driver_version, 0444, driver_version_show, NULL);
static DEVICE_ATTR(size, 0444, size_show, NULL);
static DEVICE_ATTR(phys_addr, 0444, phys_addr_show, NULL);
static DEVICE_ATTR(sync_mode, 0664, sync_mode_show, sync_mode_store);
static DEVICE_ATTR(sync_offset, 0664, sync_offset_show, sync_offset_store);
static DEVICE_ATTR(sync_size, 0664, sync_size_show, sync_size_store);
static DEVICE_ATTR(sync_direction, 0664, sync_direction_show, sync_direction_store);
static DEVICE_ATTR(sync_owner, 0444, sync_owner_show, NULL);
static DEVICE_ATTR(sync_for_cpu, 0664, sync_for_cpu_show, sync_for_cpu_store);
static DEVICE_ATTR(sync_for_device, 0664, sync_for_device_show, sync_for_device_store);
static DEVICE_ATTR(quirk_mmap_mode, 0444, quirk_mmap_mode_show, NULL);
static DEVICE_ATTR(dma_coherent, 0444, dma_coherent_show, NULL);
static DEVICE_ATTR(ioctl_version, 0444, ioctl_version_show, NULL);

static struct attribute *udb_attributes[] = {
	&dev_attr_driver_version.attr, &dev_attr_size.attr, &dev_attr_phys_addr.attr,
	&dev_attr_sync_mode.attr, &dev_attr_sync_offset.attr, &dev_attr_sync_size.attr,
	&dev_attr_sync_direction.attr, &dev_attr_sync_owner.attr, &dev_attr_sync_for_cpu.attr,
	&dev_attr_sync_for_device.attr, &dev_attr_quirk_mmap_mode.attr, &dev_attr_dma_coherent.attr,
	&dev_attr_ioctl_version.attr, NULL
};

static umode_t udb_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	return attr == &dev_attr_ioctl_version.attr && ioctls == 0 ? 0 : attr->mode;
}

static const struct attribute_group udb_group = {
	.attrs = udb_attributes, .is_visible = udb_visible
};
static const struct attribute_group *udb_groups[] = {&udb_group, NULL};

/* --- the node ------------------------------------------------------------------------------- */

struct info { u64 flags; char version[16]; };
struct dev_info { u64 flags, size, addr; };
struct sync_args { u64 flags, size, offset; };
struct export_args { u64 flags, size, offset, addr; s32 fd, padding; };

static int udb_open(struct inode *inode, struct file *file)
{
	if (iminor(inode) >= count)
		return -ENODEV;
	file->private_data = &all[iminor(inode)];
	return 0;
}

static int udb_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	return udb_mmap(file->private_data, vma, 0, file->f_flags & O_SYNC);
}

static loff_t udb_llseek(struct file *file, loff_t offset, int whence)
{
	struct udb *u = file->private_data;

	return fixed_size_llseek(file, offset, whence, u->size);
}

static long answer(void __user *to, const void *from, size_t size)
{
	return copy_to_user(to, from, size) ? -EFAULT : 0;
}

static long set_sync(struct udb *u, const struct sync_args *args)
{
	int command = args->flags & 3, direction = (args->flags >> 2) & 3;

	if (direction < 3)
		u->sync_direction = direction;
	if ((args->flags >> 8) & 0xff)
		u->sync_mode = (args->flags >> 8) & 0xff;
	u->sync_offset = args->offset;
	if (args->size)
		u->sync_size = args->size;
	return command == 1 ? udb_sync(u, 1, true) : command == 3 ? udb_sync(u, 1, false) : 0;
}

static long export(struct udb *u, void __user *arg)
{
	struct export_args args;

	if (ioctls < 2)
		return -ENOTTY;
	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	args.fd = udb_export(u, args.offset, args.size, args.flags);
	args.addr = u->dma + args.offset;
	return args.fd < 0 ? args.fd : answer(arg, &args, sizeof(args));
}

/* u-dma-buf-ioctl.h: magic 'U' */
static long udb_ioctl(struct file *file, unsigned int cmd, unsigned long number)
{
	struct udb *u = file->private_data;
	void __user *arg = (void __user *)number;
	struct info info = {ioctls, UDB_VERSION};
	struct dev_info dev_info = {(u64)udb_coherent(u) << 9 | 3 << 10 | 64, u->size, u->dma};
	struct sync_args sync = {u->sync_direction << 2 | u->sync_mode << 8 | u->sync_owner << 16,
		u->sync_size, u->sync_offset};
	u64 size = u->size, dma = u->dma, command;
	u32 owner = u->sync_owner;

	switch (ioctls ? cmd : 0) {
	case 0x80185501: return answer(arg, &info, sizeof(info));
	case 0x80085502: return answer(arg, &size, sizeof(size));
	case 0x80085503: return answer(arg, &dma, sizeof(dma));
	case 0x80045504: return answer(arg, &owner, sizeof(owner));
	case 0x40085505:
	case 0x40085506:
		if (copy_from_user(&command, arg, sizeof(command)))
			return -EFAULT;
		atomic_inc(&udb_counters.by_ioctl);
		return udb_sync(u, command, cmd == 0x40085505);
	case 0x80185507: return answer(arg, &dev_info, sizeof(dev_info));
	case 0x80185508: return answer(arg, &sync, sizeof(sync));
	case 0x40185509:
		return copy_from_user(&sync, arg, sizeof(sync)) ? -EFAULT : set_sync(u, &sync);
	case 0xc028550a: return export(u, arg);
	default: return -ENOTTY;
	}
}

static const struct file_operations udb_fops = {
	.owner = THIS_MODULE,
	.open = udb_open,
	.mmap = udb_file_mmap,
	.llseek = udb_llseek,
	.unlocked_ioctl = udb_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/* --- life ----------------------------------------------------------------------------------- */

static int udb_show(struct seq_file *m, void *unused)
{
	struct udb_counters *c = &udb_counters;

	seq_printf(m, "for_cpu=%d\nfor_device=%d\nby_ioctl=%d\nby_sysfs=%d\nrefused=%d\nmaps=%d\n",
		atomic_read(&c->for_cpu), atomic_read(&c->for_device), atomic_read(&c->by_ioctl),
		atomic_read(&c->by_sysfs), atomic_read(&c->refused), atomic_read(&c->maps));
	seq_printf(m, "exports=%d\nlive=%d\nlast_offset=%llu\nlast_size=%llu\nlast_direction=%d\n",
		atomic_read(&c->exports), atomic_read(&c->live), c->last_offset, c->last_size,
		c->last_direction);
	return 0;
}

static void udb_remove(struct udb *u)
{
	if (!IS_ERR_OR_NULL(u->dev))
		device_destroy(udb_class, u->dev->devt);
	if (u->cpu)
		dma_free_coherent(u->dma_dev, u->room, u->cpu, u->dma);
	if (!IS_ERR_OR_NULL(u->own))
		platform_device_unregister(u->own);
}

static int udb_add(struct udb *u, dev_t number)
{
	u->sync_mode = 1;
	mutex_init(&u->lock);
	u->room = PAGE_ALIGN(u->size);
	if (bound) {
		u->dma_dev = &bound->dev;
	} else {
		u->own = platform_device_register_simple(u->name, -1, NULL, 0);
		if (IS_ERR(u->own))
			return PTR_ERR(u->own);
		u->dma_dev = &u->own->dev;
	}
	if (dma_coerce_mask_and_coherent(u->dma_dev, DMA_BIT_MASK(64)))
		return -EIO;
	u->cpu = dma_alloc_coherent(u->dma_dev, u->room, &u->dma, GFP_KERNEL);
	if (!u->cpu)
		return -ENOMEM;
	u->dev = device_create(udb_class, u->dma_dev, number, u, "%s", u->name);
	return PTR_ERR_OR_ZERO(u->dev);
}

static int udb_parse(void)
{
	char *copy = kstrdup(buffers, GFP_KERNEL), *rest = copy, *text;
	int ret = copy ? 0 : -ENOMEM;

	while (ret == 0 && (text = strsep(&rest, "/"))) {
		char *name = strsep(&text, ":");

		if (count == MAX_BUFFERS || !text || kstrtoul(text, 0, (unsigned long *)&all[count].size))
			ret = -EINVAL;
		else if (strscpy(all[count].name, name, sizeof(all[count].name)) <= 0)
			ret = -EINVAL;
		else
			count++;
	}
	kfree(copy);
	return ret;
}

static int udb_bind(void)
{
	unsigned int domain, bus, slot, function;

	if (!*bind)
		return 0;
	if (sscanf(bind, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return -EINVAL;
	bound = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, function));
	return bound ? 0 : -ENODEV;
}

static void udb_undo(void)
{
	unsigned int i;

	remove_proc_entry("pmem_u_dma_buf", NULL);
	for (i = 0; i < count; i++)
		udb_remove(&all[i]);
	if (!IS_ERR_OR_NULL(udb_class))
		class_destroy(udb_class);
	cdev_del(&udb_cdev);
	unregister_chrdev_region(udb_number, MAX_BUFFERS);
	pci_dev_put(bound);
}

static int __init udb_init(void)
{
	unsigned int i;
	int ret = udb_parse();

	if (ret == 0)
		ret = udb_bind();
	if (ret)
		return ret;
	ret = alloc_chrdev_region(&udb_number, 0, MAX_BUFFERS, "u-dma-buf");
	if (ret) {
		pci_dev_put(bound);
		return ret;
	}
	cdev_init(&udb_cdev, &udb_fops);
	ret = cdev_add(&udb_cdev, udb_number, count);
	if (ret == 0) {
		udb_class = pmem_class_create("u-dma-buf");
		ret = PTR_ERR_OR_ZERO(udb_class);
	}
	if (ret == 0)
		udb_class->dev_groups = udb_groups;
	for (i = 0; ret == 0 && i < count; i++)
		ret = udb_add(&all[i], udb_number + i);
	if (ret == 0 && !proc_create_single("pmem_u_dma_buf", 0444, NULL, udb_show))
		ret = -ENOMEM;
	if (ret)
		udb_undo();
	return ret;
}

module_init(udb_init);
module_exit(udb_undo);
MODULE_DESCRIPTION("libpmem test: u-dma-buf");
MODULE_LICENSE("GPL");
