/* SPDX-License-Identifier: MIT */
/* Allwinner's kernel 3.4: the ABI of handles, no list of heaps, addresses by the vendor's call. */
#include <errno.h>
#include <linux/ioctl.h>

#include "contract.h"
#include "played_dmabuf.h"

/* drivers/staging/android/uapi/ion.h of that time */
struct allocation {
	size_t len, align;
	uint32_t mask, flags;
	int handle;
};

struct shared {
	int handle, fd;
};

struct custom {
	unsigned int cmd;
	unsigned long arg;
};

struct sunxi_phys {
	int handle;
	uint32_t phys, size;
};

#define ION_ALLOC  _IOWR('I', 0, struct allocation)
#define ION_FREE   _IOWR('I', 1, int)
#define ION_SHARE  _IOWR('I', 4, struct shared)
#define ION_CUSTOM _IOWR('I', 6, struct custom)

#define DMA_HEAP (1u << 4)
#define HANDLES  64

static struct {
	size_t length; /* 0: free */
	uint32_t phys;
} handles[HANDLES];
static uint32_t next_phys = 0x43000000;

static int alloc(struct allocation *a)
{
	if (!(a->mask & DMA_HEAP))
		return -ENODEV;
	for (int i = 1; i < HANDLES; i++) {
		if (handles[i].length)
			continue;
		handles[i].length = a->len;
		handles[i].phys = next_phys;
		next_phys += (uint32_t)a->len;
		a->handle = i;
		return 0;
	}
	return -ENOMEM;
}

static bool known(int handle)
{
	return handle > 0 && handle < HANDLES && handles[handle].length;
}

static int tell(const struct custom *call)
{
	struct sunxi_phys *query = (struct sunxi_phys *)call->arg;

	if (call->cmd != 7 || !known(query->handle))
		return -EINVAL;
	query->phys = handles[query->handle].phys;
	query->size = (uint32_t)handles[query->handle].length;
	return 0;
}

static int ion_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct shared *share = arg;
	int *handle = arg;

	(void)user;
	(void)fd;
	switch (request) {
	case ION_ALLOC:
		return alloc(arg);
	case ION_FREE:
		if (!known(*handle))
			return -EINVAL;
		handles[*handle].length = 0;
		return 0;
	case ION_SHARE:
		if (!known(share->handle))
			return -EINVAL;
		share->fd = played_dmabuf(handles[share->handle].length);
		return 0;
	case ION_CUSTOM:
		return tell(arg);
	default:
		return -ENOTTY;
	}
}

/* The kernel frees what a client held when its descriptor is closed. */
static void ion_closed(void *user, int fd)
{
	(void)user;
	(void)fd;
	for (int i = 0; i < HANDLES; i++)
		handles[i].length = 0;
}

static const struct fake_device ion = {
	.path = "/dev/ion",
	.ioctl = ion_ioctl,
	.closed = ion_closed,
};

static void usable(void)
{
	fake_string("/", "compatible", "allwinner,sun8i-h3");
	fake_device(&ion);
}

const struct contract_fixture fixture_ion = {
	.name = "ion",
	.usable = usable,
	.touchable = true,
};
