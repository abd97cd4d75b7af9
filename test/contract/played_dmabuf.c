/* SPDX-License-Identifier: MIT */
#include "played_dmabuf.h"

#include <errno.h>
#include <linux/dma-buf.h>

#include "fake.h"

/* drivers/dma-buf/dma-buf.c dma_buf_ioctl() */
static int dmabuf_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	const struct dma_buf_sync *sync = arg;

	(void)user;
	(void)fd;
	if (request == DMA_BUF_SET_NAME)
		return 0;
	if (request != DMA_BUF_IOCTL_SYNC)
		return -ENOTTY;
	if ((sync->flags & ~(uint64_t)DMA_BUF_SYNC_VALID_FLAGS_MASK) ||
		!(sync->flags & DMA_BUF_SYNC_RW))
		return -EINVAL;
	return 0;
}

int played_dmabuf(size_t size)
{
	/* The kernel looks at the size only here, so that one struct does for all. */
	static struct fake_device device = { .ioctl = dmabuf_ioctl };

	device.memory = size;
	return fake_device_fd(&device);
}
