// SPDX-License-Identifier: GPL-2.0
/*
 * The vendors' ways to learn a buffer's address, behind ION_IOC_CUSTOM. Each takes a handle of
 * the same open file or a dma-buf descriptor, and answers in a struct of its own.
 */
#include <linux/module.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "ion.h"
#include "pmem_dmabuf.h"

static char *vendor = "none";
module_param(vendor, charp, 0444);

typedef long vendor_fn(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat);

/* Drops the reference to buf, which may be an error. */
static int vendor_phys(struct dma_buf *buf, u64 *phys, u64 *size, int no_phys)
{
	int ret;

	if (IS_ERR(buf))
		return PTR_ERR(buf);
	ret = pmem_buf_phys(buf, phys);
	*size = buf->size;
	dma_buf_put(buf);
	return ret ? no_phys : 0;
}

/* 12 bytes for everybody: only the low half of an address fits */
struct allwinner_phys {
	s32 handle;
	u32 phys, size;
};
#define ALLWINNER_FLUSH_RANGE 5
#define ALLWINNER_FLUSH_ALL   6
#define ALLWINNER_PHYS	      7

/* by_fd: the "handle" is a dma-buf descriptor */
static long allwinner_phys(struct ion_client *client, void __user *arg, bool by_fd)
{
	struct allwinner_phys p;
	u64 phys, size;
	int ret;

	if (copy_from_user(&p, arg, sizeof(p)))
		return -EFAULT;
	ret = vendor_phys(by_fd ? ion_buffer_get(p.handle) : ion_handle_buffer(client, p.handle),
		&phys, &size, -EINVAL);
	if (ret)
		return ret;
	p.phys = (u32)phys;
	p.size = (u32)size;
	return copy_to_user(arg, &p, sizeof(p)) ? -EFAULT : 0;
}

static long allwinner(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	if (cmd == ALLWINNER_FLUSH_ALL || cmd == ALLWINNER_FLUSH_RANGE) {
		/* QEMU has no caches to be flushed; that the call is made can be seen */
		atomic_inc(&ion_count.flushes);
		return 0;
	}
	return cmd == ALLWINNER_PHYS ? allwinner_phys(client, arg, false) : -ENOTTY;
}

/* {int handle; unsigned long phys; unsigned long size} */
struct rockchip_phys {
	s32 handle;
	unsigned long phys, size;
};

struct rockchip_phys32 {
	s32 handle;
	u32 phys, size;
};

static long rockchip_get(struct ion_client *client, void __user *arg, bool compat)
{
	struct rockchip_phys p;
	struct rockchip_phys32 p32;
	u64 phys, size;
	s32 handle;
	int ret;

	if (copy_from_user(&handle, arg, sizeof(handle)))
		return -EFAULT;
	ret = vendor_phys(ion_handle_buffer(client, handle), &phys, &size, -ENODEV);
	if (ret)
		return ret;
	if (compat) {
		p32 = (struct rockchip_phys32){handle, (u32)phys, (u32)size};
		return copy_to_user(arg, &p32, sizeof(p32)) ? -EFAULT : 0;
	}
	memset(&p, 0, sizeof(p));
	p.handle = handle;
	p.phys = phys;
	p.size = size;
	return copy_to_user(arg, &p, sizeof(p)) ? -EFAULT : 0;
}

static long rockchip_numbered(
	struct ion_client *client, unsigned int cmd, void __user *arg, bool compat, int nr)
{
	size_t size = compat ? sizeof(struct rockchip_phys32) : sizeof(struct rockchip_phys);

	if (cmd != _IOC(_IOC_READ | _IOC_WRITE, 'R', nr, size))
		return -ENOTTY;
	return rockchip_get(client, arg, compat);
}

static long rockchip(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	return rockchip_numbered(client, cmd, arg, compat, 0);
}

static long rockchip_old(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	return rockchip_numbered(client, cmd, arg, compat, 3);
}

/* ION_IOC_PHYS: {int handle; unsigned long phys} */
static long nxp_handle(struct ion_client *client, void __user *arg, bool compat)
{
	u64 phys, size;
	s32 handle;
	int ret;

	if (copy_from_user(&handle, arg, sizeof(handle)))
		return -EFAULT;
	ret = vendor_phys(ion_handle_buffer(client, handle), &phys, &size, -ENODEV);
	if (ret)
		return ret;
	if (compat || sizeof(long) == 4)
		return put_user((u32)phys, (u32 __user *)(arg + 4)) ? -EFAULT : 0;
	return put_user((unsigned long)phys, (unsigned long __user *)(arg + 8)) ? -EFAULT : 0;
}

/* ION_IOC_PHYS_DMA: {unsigned long phys; size_t size; int dmafd} */
static long nxp_fd(void __user *arg, bool compat)
{
	size_t width = compat ? sizeof(u32) : sizeof(long);
	unsigned long reply[2];
	u32 reply32[2];
	u64 phys, size;
	s32 fd;
	int ret;

	if (copy_from_user(&fd, arg + 2 * width, sizeof(fd)))
		return -EFAULT;
	ret = vendor_phys(ion_buffer_get(fd), &phys, &size, -ENODEV);
	if (ret)
		return ret;
	reply[0] = reply32[0] = phys;
	reply[1] = reply32[1] = size;
	return copy_to_user(arg, compat ? (void *)reply32 : (void *)reply, 2 * width) ? -EFAULT : 0;
}

static long nxp(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	size_t width = compat ? sizeof(u32) : sizeof(long);

	if (cmd == _IOC(_IOC_READ | _IOC_WRITE, 'I', 8, 2 * width))
		return nxp_handle(client, arg, compat);
	if (cmd == _IOC(_IOC_READ | _IOC_WRITE, 'I', 9, 3 * width))
		return nxp_fd(arg, compat);
	return -ENOTTY;
}

struct hisilicon_phys {
	s32 fd;
	u32 size, phys_low, phys_high;
};

static long hisilicon(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	struct hisilicon_phys p;
	u64 phys, size;
	int ret;

	if (cmd != 0)
		return -ENOTTY;
	if (copy_from_user(&p, arg, sizeof(p)))
		return -EFAULT;
	ret = vendor_phys(ion_buffer_get(p.fd), &phys, &size, -ENODEV);
	if (ret)
		return ret;
	p.size = (u32)size;
	p.phys_low = lower_32_bits(phys);
	p.phys_high = upper_32_bits(phys);
	return copy_to_user(arg, &p, sizeof(p)) ? -EFAULT : 0;
}

static long amlogic(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	return cmd == 8 ? allwinner_phys(client, arg, true) : -ENOTTY;
}

static long none(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	return -ENOTTY;
}

static const struct {
	const char *name;
	vendor_fn *call;
} vendors[] = {
	{"none", none},
	{"allwinner", allwinner},
	{"rockchip", rockchip},
	{"rockchip-old", rockchip_old},
	{"nxp", nxp},
	{"hisilicon", hisilicon},
	{"amlogic", amlogic},
};

static vendor_fn *vendor_call;

int ion_vendor_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(vendors); i++)
		if (strcmp(vendors[i].name, vendor) == 0)
			vendor_call = vendors[i].call;
	return vendor_call ? 0 : -EINVAL;
}

/* Amlogic kept the custom call when the handles went */
bool ion_vendor_on_modern(void)
{
	return vendor_call == amlogic;
}

long ion_vendor(struct ion_client *client, unsigned int cmd, void __user *arg, bool compat)
{
	return vendor_call(client, cmd, arg, compat);
}
