/* SPDX-License-Identifier: MIT */
/* A Raspberry Pi 4 whose kernel has the VideoCore shared memory driver. */
#include <errno.h>

#include "contract.h"
#include "played_dmabuf.h"

#define BUS 0xde000000u

/* vc_sm_cma_ioctl.h of raspberrypi/userland, as 32-bit words: both structs have 64 bytes. */
enum {
	ALLOC_SIZE = 0,
	ALLOC_HANDLE = 12,
	DMA_ADDR = 14, /* of both */
	IMPORT_HANDLE = 10,
};

static uint32_t next; /* address */

static int vcsm_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	uint32_t *words = arg;
	uint32_t page = (uint32_t)os->page_size();
	uint32_t size = 2 * page;
	int buffer;

	(void)user;
	(void)fd;
	if (request != 0x80404a5a && request != 0x80404a5b)
		return -EINVAL;
	if (request == 0x80404a5a)
		size = (words[ALLOC_SIZE] + page - 1) & ~(page - 1);
	else if (os->lseek((int)words[0], 0, 2) <= 0)
		return -EINVAL;
	buffer = played_dmabuf(size);
	words[request == 0x80404a5a ? ALLOC_HANDLE : IMPORT_HANDLE] = (uint32_t)buffer;
	words[DMA_ADDR] = next;
	next += 1u << 20;
	words[DMA_ADDR + 1] = 0;
	return 0;
}

static const struct fake_device driver = { .path = "/dev/vcsm-cma", .memory = 1,
	.ioctl = vcsm_ioctl };

static void usable(void)
{
	next = BUS;
	fake_string("/", "compatible", "brcm,bcm2711");
	fake_device(&driver);
}

static int import_fd(void)
{
	return played_dmabuf(2 * os->page_size());
}

const struct contract_fixture fixture_vcsm = {
	.name = "vcsm",
	.usable = usable,
	.import_fd = import_fd,
	.touchable = true,
};
