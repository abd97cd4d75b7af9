/* SPDX-License-Identifier: MIT */
/* A kernel whose udmabuf pins (6.11 and later). Small pages only: huge ones may not be there. */
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>

#include "contract.h"
#include "pagemap.h"
#include "played_dmabuf.h"

/* drivers/dma-buf/udmabuf.c udmabuf_create() */
static int udmabuf_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	const struct udmabuf_create *create = arg;

	(void)user;
	(void)fd;
	if (request != UDMABUF_CREATE)
		return -ENOTTY;
	if (create->offset % os->page_size() || create->size % os->page_size() ||
		create->size == 0)
		return -EINVAL;
	if (!(os_linux.fcntl((int)create->memfd, F_GET_SEALS, 0) & F_SEAL_SHRINK))
		return -EINVAL;
	return played_dmabuf((size_t)create->size);
}

static const struct fake_device udmabuf = { .path = "/dev/udmabuf", .ioctl = udmabuf_ioctl };

static void usable(void)
{
	fake_device(&udmabuf);
	fake_kernel(6012);
	pagemap_play(PAGEMAP_IN_ORDER);
}

const struct contract_fixture fixture_udmabuf = {
	.name = "udmabuf",
	.usable = usable,
	.alloc_flags = PMEM_ALLOC_SCATTERED,
	.touchable = true,
};
