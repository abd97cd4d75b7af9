/* SPDX-License-Identifier: MIT */
/* A kernel with one CMA heap, old enough to show its frames in pagemap. */
#include "contract.h"
#include "pagemap.h"
#include "played_dmabuf.h"

static const struct fake_device heap = { .path = "/dev/dma_heap/linux,cma", .ioctl = played_heap_ioctl };

static void usable(void)
{
	fake_node(&heap);
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
