// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/dma_heap/NAME for kernels that have no such heap, with the mainline ioctl
 * (include/uapi/linux/dma-heap.h).
 *
 *	heaps=NAME[:PROPERTY...][/NAME...]	default: linux,cma
 *
 * Properties: uncached, scattered (a system heap), pages (mapped by faults on struct pages, as
 * the CMA heap was until 6.7: the default on such kernels), nopages, max=MEBIBYTES (ENOMEM beyond).
 */
#include <linux/cdev.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <uapi/linux/dma-heap.h>

#include "compat.h"
#include "pmem_dmabuf.h"

#define MAX_HEAPS 8

static char *heaps = "linux,cma";
module_param(heaps, charp, 0444);

struct heap {
	char name[32];
	struct pmem_buf_spec spec;
	u64 limit;
	atomic_t live;
	atomic64_t allocs;
};

static struct heap heap[MAX_HEAPS];
static unsigned int heap_count;
static struct cdev heap_cdev;
static struct class *heap_class;
static dev_t heap_number;

static int heap_open(struct inode *inode, struct file *file)
{
	if (iminor(inode) >= heap_count)
		return -ENODEV;
	file->private_data = &heap[iminor(inode)];
	return 0;
}

static int heap_allocate(struct heap *h, struct dma_heap_allocation_data *data)
{
	struct pmem_buf_spec spec = h->spec;
	struct dma_buf *buf;
	int fd;

	if (data->fd || data->fd_flags & ~(O_CLOEXEC | O_ACCMODE) || data->heap_flags)
		return -EINVAL;
	if (data->len > SIZE_MAX - PAGE_SIZE)
		return -ENOMEM;
	spec.size = PAGE_ALIGN((size_t)data->len);
	if (spec.size == 0)
		return -EINVAL;
	if (h->limit && spec.size > h->limit)
		return -ENOMEM;
	spec.exp_name = h->name;
	buf = pmem_buf_export(&spec, data->fd_flags);
	if (IS_ERR(buf))
		return PTR_ERR(buf);
	fd = dma_buf_fd(buf, data->fd_flags);
	if (fd < 0) {
		dma_buf_put(buf);
		return fd;
	}
	atomic64_inc(&h->allocs);
	data->fd = fd;
	return 0;
}

/*
 * Only the number counts, not the magic (drivers/dma-buf/dma-heap.c): a number above 0 is EINVAL,
 * and a struct of another size is cut or filled up with zeroes.
 */
static long heap_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct dma_heap_allocation_data data;
	size_t size = min_t(size_t, _IOC_SIZE(cmd), sizeof(data));
	int ret;

	if (_IOC_NR(cmd) != 0)
		return -EINVAL;
	memset(&data, 0, sizeof(data));
	if (cmd & IOC_IN && copy_from_user(&data, (void __user *)arg, size))
		return -EFAULT;
	ret = heap_allocate(file->private_data, &data);
	if (cmd & IOC_OUT && copy_to_user((void __user *)arg, &data, size))
		ret = -EFAULT;
	return ret;
}

static const struct file_operations heap_fops = {
	.owner = THIS_MODULE,
	.open = heap_open,
	.unlocked_ioctl = heap_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static char *heap_devnode(PMEM_DEVNODE_CONST struct device *dev, umode_t *mode)
{
	return kasprintf(GFP_KERNEL, "dma_heap/%s", dev_name(dev));
}

static int heap_parse_property(struct heap *h, const char *word)
{
	unsigned int mebibytes;

	if (strcmp(word, "uncached") == 0)
		h->spec.uncached = true;
	else if (strcmp(word, "scattered") == 0)
		h->spec.scattered = true;
	else if (strcmp(word, "pages") == 0)
		h->spec.pages = true;
	else if (strcmp(word, "nopages") == 0)
		h->spec.pages = false;
	else if (sscanf(word, "max=%u", &mebibytes) == 1)
		h->limit = (u64)mebibytes << 20;
	else
		return -EINVAL;
	return 0;
}

static int heap_parse_one(char *text)
{
	struct heap *h = &heap[heap_count];
	char *word = strsep(&text, ":");
	int ret = 0;

	if (heap_count == MAX_HEAPS || strscpy(h->name, word, sizeof(h->name)) <= 0)
		return -EINVAL;
	h->spec.owner = THIS_MODULE;
	h->spec.live = &h->live;
	/* without CMA the memory comes in blocks that cannot be mapped page by page */
	h->spec.pages = LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0) && IS_ENABLED(CONFIG_DMA_CMA);
	while (ret == 0 && (word = strsep(&text, ":")))
		ret = heap_parse_property(h, word);
	if (h->spec.pages && !h->spec.scattered && !IS_ENABLED(CONFIG_DMA_CMA))
		ret = -EINVAL;
	heap_count++;
	return ret;
}

static int heap_parse(void)
{
	char *copy = kstrdup(heaps, GFP_KERNEL), *rest = copy, *text;
	int ret = copy ? 0 : -ENOMEM;

	while (ret == 0 && (text = strsep(&rest, "/")))
		ret = heap_parse_one(text);
	kfree(copy);
	return ret;
}

static int heap_show(struct seq_file *m, void *unused)
{
	unsigned int i;
	int live = 0;

	for (i = 0; i < heap_count; i++) {
		live += atomic_read(&heap[i].live);
		seq_printf(m, "%s=live:%d,allocs:%lld\n", heap[i].name, atomic_read(&heap[i].live),
			atomic64_read(&heap[i].allocs));
	}
	seq_printf(m, "live=%d\n", live);
	return 0;
}

static void heap_remove_devices(unsigned int count)
{
	while (count--)
		device_destroy(heap_class, heap_number + count);
}

static int heap_add_devices(void)
{
	struct device *device;
	unsigned int i;

	for (i = 0; i < heap_count; i++) {
		device = device_create(heap_class, NULL, heap_number + i, NULL, "%s", heap[i].name);
		if (IS_ERR(device)) {
			heap_remove_devices(i);
			return PTR_ERR(device);
		}
	}
	return 0;
}

static int __init heap_init(void)
{
	int ret = heap_parse();

	if (ret)
		return ret;
	ret = alloc_chrdev_region(&heap_number, 0, MAX_HEAPS, "pmem_dma_heap");
	if (ret)
		return ret;
	cdev_init(&heap_cdev, &heap_fops);
	ret = cdev_add(&heap_cdev, heap_number, heap_count);
	if (ret)
		goto no_cdev;
	/* the kernel's own class may be there already, with a system heap */
	heap_class =
		pmem_class_create(IS_ENABLED(CONFIG_DMABUF_HEAPS) ? "pmem_dma_heap" : "dma_heap");
	if (IS_ERR(heap_class)) {
		ret = PTR_ERR(heap_class);
		goto no_class;
	}
	heap_class->devnode = heap_devnode;
	ret = heap_add_devices();
	if (ret)
		goto no_devices;
	if (proc_create_single("pmem_cmaheap", 0444, NULL, heap_show))
		return 0;
	ret = -ENOMEM;
	heap_remove_devices(heap_count);
no_devices:
	class_destroy(heap_class);
no_class:
	cdev_del(&heap_cdev);
no_cdev:
	unregister_chrdev_region(heap_number, MAX_HEAPS);
	return ret;
}

static void __exit heap_exit(void)
{
	remove_proc_entry("pmem_cmaheap", NULL);
	heap_remove_devices(heap_count);
	class_destroy(heap_class);
	cdev_del(&heap_cdev);
	unregister_chrdev_region(heap_number, MAX_HEAPS);
}

module_init(heap_init);
module_exit(heap_exit);
MODULE_DESCRIPTION("libpmem test: dma-heap");
MODULE_LICENSE("GPL");
PMEM_IMPORT_DMA_BUF();
