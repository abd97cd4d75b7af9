// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/gpiomem in its two forms.
 *
 * Without parameters: the node of the Pi 0 to 4, over the device tree's brcm,bcm2835-gpio. One
 * page is mapped whatever length and offset are asked for; what lies beyond it in the mapping is
 * not populated (SIGBUS).
 *
 * With windows=NAME:BASE:LENGTH[,NAME:BASE:LENGTH...]: the newer driver, as on the Pi 5. The
 * windows of one NAME are concatenated, a mapping must be at least as long as their sum, the
 * offset is ignored, and each window is mapped from the page that holds its first byte.
 */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/slab.h>

#include "compat.h"

#define MAX_NODES   8
#define MAX_WINDOWS 4

static char *windows = "";
module_param(windows, charp, 0444);
static unsigned long base;
module_param(base, ulong, 0444);
MODULE_PARM_DESC(base, "the GPIO block, instead of the device tree's");

struct window {
	phys_addr_t start;
	u64 length;
};

struct node {
	char name[16];
	struct cdev cdev;
	struct class *class;
	dev_t number;
	bool old;
	unsigned int count;
	struct window window[MAX_WINDOWS];
};

static struct node nodes[MAX_NODES];

static int gpiomem_open(struct inode *inode, struct file *file)
{
	if (iminor(inode) != 0)
		return -ENXIO;
	file->private_data = container_of(inode->i_cdev, struct node, cdev);
	return 0;
}

static int gpiomem_map(
	struct file *file, struct vm_area_struct *vma, unsigned long at, const struct window *w)
{
	unsigned long pfn = PHYS_PFN(w->start);
	unsigned long bytes = min_t(u64, PAGE_ALIGN(w->length), vma->vm_end - at);

	return remap_pfn_range(
		       vma, at, pfn, bytes, pmem_register_prot(file, pfn, bytes, vma->vm_page_prot))
		       ? -EAGAIN
		       : 0;
}

static int gpiomem_mmap(struct file *file, struct vm_area_struct *vma)
{
	const struct node *node = file->private_data;
	unsigned long at = vma->vm_start;
	unsigned int i;
	u64 sum = 0;
	int ret;

	for (i = 0; i < node->count; i++)
		sum += node->window[i].length;
	if (!node->old && vma->vm_end - vma->vm_start < sum)
		return -EINVAL;
	for (i = 0; i < node->count; i++) {
		ret = gpiomem_map(file, vma, at, &node->window[i]);
		if (ret)
			return ret;
		at += PAGE_ALIGN(node->window[i].length);
	}
	return 0;
}

static const struct file_operations gpiomem_fops = {
	.owner = THIS_MODULE,
	.open = gpiomem_open,
	.mmap = gpiomem_mmap,
};

static void gpiomem_remove(struct node *node)
{
	if (!node->class)
		return;
	device_destroy(node->class, node->number);
	class_destroy(node->class);
	cdev_del(&node->cdev);
	unregister_chrdev_region(node->number, 1);
	node->class = NULL;
}

/* minor 0 of a major of its own; the old driver's class has the driver's name, the new one's the
 * node's */
static int gpiomem_add(struct node *node)
{
	struct device *device;
	int ret = alloc_chrdev_region(&node->number, 0, 1, node->name);

	if (ret)
		return ret;
	cdev_init(&node->cdev, &gpiomem_fops);
	node->cdev.owner = THIS_MODULE;
	ret = cdev_add(&node->cdev, node->number, 1);
	if (ret)
		goto no_cdev;
	node->class = pmem_class_create(node->old ? "bcm2835-gpiomem" : node->name);
	if (IS_ERR(node->class)) {
		ret = PTR_ERR(node->class);
		goto no_class;
	}
	device = device_create(node->class, NULL, node->number, NULL, "%s", node->name);
	if (!IS_ERR(device))
		return 0;
	ret = PTR_ERR(device);
	class_destroy(node->class);
no_class:
	node->class = NULL;
	cdev_del(&node->cdev);
no_cdev:
	unregister_chrdev_region(node->number, 1);
	return ret;
}

static int gpiomem_one_window(char *text)
{
	char *name = strsep(&text, ":"), *start = strsep(&text, ":");
	struct window w;
	u64 number;
	size_t i;

	if (!text || kstrtou64(start, 0, &number) || kstrtou64(text, 0, &w.length) || w.length == 0)
		return -EINVAL;
	w.start = number;
	for (i = 0; i < MAX_NODES && nodes[i].count; i++)
		if (strcmp(nodes[i].name, name) == 0)
			break;
	if (i == MAX_NODES || nodes[i].count == MAX_WINDOWS)
		return -ENOSPC;
	if (strscpy(nodes[i].name, name, sizeof(nodes[i].name)) <= 0)
		return -EINVAL;
	nodes[i].window[nodes[i].count++] = w;
	return 0;
}

static int gpiomem_parse_windows(void)
{
	char *copy = kstrdup(windows, GFP_KERNEL), *rest = copy, *text;
	int ret = copy ? 0 : -ENOMEM;

	while (ret == 0 && (text = strsep(&rest, ",")))
		ret = gpiomem_one_window(text);
	kfree(copy);
	return ret;
}

/* the Pi 0 to 4: reg of the GPIO node, translated by the device tree's own ranges */
static int gpiomem_from_tree(void)
{
	struct device_node *np;
	struct resource r;
	int ret;

	if (!base) {
		np = of_find_compatible_node(NULL, NULL, "brcm,bcm2835-gpio");
		if (!np)
			np = of_find_compatible_node(NULL, NULL, "brcm,bcm2711-gpio");
		if (!np)
			return -ENODEV;
		ret = of_address_to_resource(np, 0, &r);
		of_node_put(np);
		if (ret)
			return ret;
		base = r.start;
	}
	strscpy(nodes[0].name, "gpiomem", sizeof(nodes[0].name));
	nodes[0].old = true;
	nodes[0].count = 1;
	nodes[0].window[0].start = base;
	nodes[0].window[0].length = PAGE_SIZE;
	return 0;
}

static void gpiomem_exit(void)
{
	size_t i;

	for (i = 0; i < MAX_NODES; i++)
		gpiomem_remove(&nodes[i]);
}

static int __init gpiomem_init(void)
{
	int ret = *windows ? gpiomem_parse_windows() : gpiomem_from_tree();
	size_t i;

	for (i = 0; ret == 0 && i < MAX_NODES && nodes[i].count; i++)
		ret = gpiomem_add(&nodes[i]);
	if (ret)
		gpiomem_exit();
	return ret;
}

module_init(gpiomem_init);
module_exit(gpiomem_exit);
MODULE_DESCRIPTION("libpmem test: /dev/gpiomem");
MODULE_LICENSE("GPL");
