/* SPDX-License-Identifier: MIT */
/* A kernel with one CMA heap, old enough to show its frames in pagemap. */
#include <errno.h>
#include <linux/dma-heap.h>

#include "contract.h"
#include "pagemap.h"
#include "played_dmabuf.h"

#define HEAP "/dev/dma_heap/linux,cma"

/* drivers/dma-buf/dma-heap.c dma_heap_ioctl_allocate() */
static int heap_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct dma_heap_allocation_data *data = arg;

	(void)user;
	(void)fd;
	if (request != DMA_HEAP_IOCTL_ALLOC)
		return -ENOTTY;
	if (data->fd || data->heap_flags || data->len == 0)
		return -EINVAL;
	data->fd = (uint32_t)played_dmabuf((size_t)data->len);
	return 0;
}

static const struct fake_device heap = { .path = HEAP, .ioctl = heap_ioctl };

static void usable(void)
{
	fake_text(HEAP, "");
	fake_device(&heap);
	pagemap_play(PAGEMAP_IN_ORDER);
}

static int import_fd(void)
{
	return played_dmabuf(2 * os->page_size());
}

const struct contract_fixture fixture_dmaheap = {
	.name = "dmaheap",
	.usable = usable,
	.import_fd = import_fd,
	.touchable = true,
};
