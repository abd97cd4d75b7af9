// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/ion in one of its three generations (abi=): legacy, where an allocation is a handle of the
 * open file; modern, where it is a dma-buf at once; modular, which adds a version number.
 *
 *	heaps=NAME:TYPE:ID[/NAME:TYPE:ID...]
 *
 * TYPE 0 is the system heap, of scattered pages; all others are contiguous.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "ion.h"
#include "pmem_dmabuf.h"

#define MAX_HEAPS	8
#define ION_FLAG_CACHED 1
#define ION_HEAP_SYSTEM 0
#define ION_ABI_VERSION 2
#define ION_BUFFER_NAME "ion"

static char *abi = "modern";
module_param(abi, charp, 0444);
static char *heaps = "ion_system_heap:0:0/linux,cma:4:4";
module_param(heaps, charp, 0444);
module_param_named(query, ion_legacy_query, bool, 0444);

struct ion_allocation {
	u64 len;
	u32 heap_id_mask, flags, fd, unused;
};
#define ION_IOC_ALLOC	    _IOWR('I', 0, struct ion_allocation)
#define ION_IOC_ABI_VERSION _IOR('I', 9, u32)

struct ion_heap_record {
	char name[32];
	u32 type, heap_id, reserved[3];
};

static struct ion_heap_record heap[MAX_HEAPS]; /* by descending id */
static unsigned int heap_count;
static bool legacy, modular;
struct ion_counts ion_count;
bool ion_legacy_query;

/* The heap with the highest id in the mask serves. */
struct dma_buf *ion_buffer(u64 len, u32 heap_mask, u32 flags)
{
	struct pmem_buf_spec spec = {.exp_name = ION_BUFFER_NAME,
		.owner = THIS_MODULE,
		.uncached = !(flags & ION_FLAG_CACHED),
		.live = &ion_count.live};
	struct dma_buf *buf = ERR_PTR(-ENODEV);
	unsigned int i;

	if (len == 0)
		return ERR_PTR(-EINVAL);
	if (len > SIZE_MAX - PAGE_SIZE)
		return ERR_PTR(-ENOMEM);
	spec.size = PAGE_ALIGN((size_t)len);
	for (i = 0; i < heap_count; i++) {
		if (!(heap_mask & BIT(heap[i].heap_id)))
			continue;
		spec.scattered = heap[i].type == ION_HEAP_SYSTEM;
		buf = pmem_buf_export(&spec, O_RDWR);
		if (!IS_ERR(buf))
			break;
	}
	if (!IS_ERR(buf))
		atomic_inc(&ion_count.allocs);
	return buf;
}

struct dma_buf *ion_buffer_get(int fd)
{
	struct dma_buf *buf = dma_buf_get(fd);

	if (IS_ERR(buf) || strcmp(buf->exp_name, ION_BUFFER_NAME) == 0)
		return buf;
	dma_buf_put(buf);
	return ERR_PTR(-EINVAL);
}

long ion_heap_query(struct ion_query *query)
{
	struct ion_heap_record __user *to = u64_to_user_ptr(query->heaps);

	if (query->reserved0 || query->reserved1 || query->reserved2)
		return -EINVAL;
	if (!to) {
		query->cnt = heap_count;
		return 0;
	}
	if (query->cnt == 0)
		return -EINVAL;
	query->cnt = min(query->cnt, heap_count);
	return copy_to_user(to, heap, query->cnt * sizeof(*to)) ? -EFAULT : 0;
}

static long ion_modern_alloc(struct ion_allocation *a)
{
	struct dma_buf *buf = ion_buffer(a->len, a->heap_id_mask, a->flags);
	int fd;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	fd = dma_buf_fd(buf, O_CLOEXEC);
	if (fd < 0) {
		dma_buf_put(buf);
		return fd;
	}
	a->fd = fd;
	return 0;
}

/* A struct larger than any known is EINVAL, an unknown number ENOTTY (ion.c of 5.10). */
static long ion_modern_ioctl(
	struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	union {
		struct ion_allocation allocation;
		struct ion_query query;
		u32 version;
	} u;
	size_t size = _IOC_SIZE(cmd);
	long ret;

	if (size > sizeof(u))
		return -EINVAL;
	if (copy_from_user(&u, arg, size))
		return -EFAULT;
	if (cmd == ION_IOC_ALLOC)
		ret = ion_modern_alloc(&u.allocation);
	else if (cmd == ION_IOC_HEAP_QUERY)
		ret = ion_heap_query(&u.query);
	else if (modular && cmd == ION_IOC_ABI_VERSION)
		ret = (u.version = ION_ABI_VERSION, 0);
	else
		return ion_vendor_on_modern() ? ion_legacy_custom(client, cmd, arg, compat)
					      : -ENOTTY;
	if (copy_to_user(arg, &u, size))
		return -EFAULT;
	return ret;
}

static long ion_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return legacy ? ion_legacy_ioctl(file->private_data, cmd, (void __user *)arg)
		      : ion_modern_ioctl(file->private_data, cmd, (void __user *)arg, false);
}

#ifdef CONFIG_COMPAT
static long ion_compat_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return legacy ? ion_legacy_compat_ioctl(file->private_data, cmd, compat_ptr(arg))
		      : ion_modern_ioctl(file->private_data, cmd, compat_ptr(arg), true);
}
#endif

static int ion_open(struct inode *inode, struct file *file)
{
	struct ion_client *client = kzalloc(sizeof(*client), GFP_KERNEL);

	if (!client)
		return -ENOMEM;
	mutex_init(&client->lock);
	idr_init(&client->handles);
	file->private_data = client;
	return 0;
}

static int ion_release(struct inode *inode, struct file *file)
{
	ion_client_free(file->private_data);
	kfree(file->private_data);
	return 0;
}

static const struct file_operations ion_fops = {
	.owner = THIS_MODULE,
	.open = ion_open,
	.release = ion_release,
	.unlocked_ioctl = ion_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = ion_compat_ioctl,
#endif
};

static struct miscdevice ion_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ion",
	.fops = &ion_fops,
};

static int ion_parse_heap(char *text)
{
	char *name = strsep(&text, ":"), *type = strsep(&text, ":");
	struct ion_heap_record h = {.reserved = {0}};
	unsigned int i;

	if (!text || heap_count == MAX_HEAPS || kstrtou32(type, 0, &h.type) ||
		kstrtou32(text, 0, &h.heap_id) || h.heap_id > 31)
		return -EINVAL;
	if (strscpy(h.name, name, sizeof(h.name)) <= 0)
		return -EINVAL;
	for (i = heap_count++; i > 0 && heap[i - 1].heap_id < h.heap_id; i--)
		heap[i] = heap[i - 1];
	heap[i] = h;
	return 0;
}

static int ion_parse(void)
{
	char *copy = kstrdup(heaps, GFP_KERNEL), *rest = copy, *text;
	int ret = copy ? 0 : -ENOMEM;

	while (ret == 0 && (text = strsep(&rest, "/")))
		ret = ion_parse_heap(text);
	kfree(copy);
	legacy = strcmp(abi, "legacy") == 0;
	modular = strcmp(abi, "modular") == 0;
	if (!legacy && !modular && strcmp(abi, "modern"))
		ret = -EINVAL;
	return ret ? ret : ion_vendor_init();
}

static int ion_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "live=%d\nhandles=%d\nallocs=%d\n", atomic_read(&ion_count.live),
		atomic_read(&ion_count.handles), atomic_read(&ion_count.allocs));
	seq_printf(m, "syncs=%d\nflushes=%d\ncustoms=%d\n", atomic_read(&ion_count.syncs),
		atomic_read(&ion_count.flushes), atomic_read(&ion_count.customs));
	return 0;
}

static int __init ion_init(void)
{
	int ret = ion_parse();

	if (ret == 0)
		ret = misc_register(&ion_device);
	if (ret)
		return ret;
	if (!proc_create_single("pmem_ion", 0444, NULL, ion_show)) {
		misc_deregister(&ion_device);
		return -ENOMEM;
	}
	return 0;
}

static void __exit ion_exit(void)
{
	remove_proc_entry("pmem_ion", NULL);
	misc_deregister(&ion_device);
}

module_init(ion_init);
module_exit(ion_exit);
MODULE_DESCRIPTION("libpmem test: /dev/ion");
MODULE_LICENSE("GPL");
PMEM_IMPORT_DMA_BUF();
