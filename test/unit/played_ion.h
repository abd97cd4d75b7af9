/* SPDX-License-Identifier: MIT */
/* A played /dev/ion of each generation, for the suite of the ion backend: included by one file. */
#ifndef TEST_PLAYED_ION_H
#define TEST_PLAYED_ION_H

#include <errno.h>
#include <linux/ioctl.h>
#include <string.h>

#include "dmabuf/ion_abi.h"
#include "played_dmabuf.h"
#include "suite.h"

/* drivers/staging/android/uapi/ion.h of 4.9 and of 5.10 */
struct legacy_alloc {
	size_t len, align;
	uint32_t mask, flags;
	int32_t handle;
};

struct share {
	int32_t handle, fd;
};

struct custom {
	unsigned int cmd;
	unsigned long arg;
};

struct modern_alloc {
	uint64_t len;
	uint32_t mask, flags, fd, unused;
};

struct heap_data {
	char name[32];
	uint32_t type, id, reserved[3];
};

struct query {
	uint32_t cnt, reserved0;
	uint64_t heaps;
	uint32_t reserved1, reserved2;
};

#define LEGACY_ALLOC _IOWR('I', 0, struct legacy_alloc)
#define MODERN_ALLOC _IOWR('I', 0, struct modern_alloc)
#define ION_FREE     _IOWR('I', 1, int32_t)
#define ION_SHARE    _IOWR('I', 4, struct share)
#define ION_CUSTOM   _IOWR('I', 6, struct custom)
#define ION_QUERY    _IOWR('I', 8, struct query)
#define ION_VERSION  _IOR('I', 9, uint32_t)

enum vendor { NONE, ALLWINNER, ROCKCHIP, ROCKCHIP_OLD, NXP, NXP_HANDLE, HISILICON, AMLOGIC };

#define PHYS 0x61000000u

static struct {
	enum ion_abi abi;
	enum vendor vendor;
	bool query;           /* a late legacy kernel */
	uint32_t masks;       /* heaps that there are, by id */
	unsigned handles;     /* held now */
	unsigned allocations; /* in the other generation's way too */
	uint32_t flags;       /* of the last */
	uint32_t within_page; /* the vendor's answer is so much more than it could be */
	uint32_t told_size;   /* of the vendor's answer; 0: the buffer's */
	int share_errnum, alloc_errnum;
	bool gives_none;      /* a buffer is made, and no descriptor told */
	size_t length;
} k;

static const struct heap_data heaps[] = {
	{ .name = "ion_system_heap", .type = ION_TYPE_SYSTEM, .id = 3 },
	{ .name = "linux,cma", .type = ION_TYPE_DMA, .id = 7 },
	{ .name = "carveout", .type = ION_TYPE_CARVEOUT, .id = 9 },
};

static int answer_query(struct query *query)
{
	if (query->reserved0 || query->reserved1 || query->reserved2)
		return -EINVAL;
	if (query->heaps)
		memcpy((void *)(uintptr_t)query->heaps, heaps, sizeof(heaps));
	query->cnt = ARRAY_SIZE(heaps);
	return 0;
}

/* A long of a 64-bit kernel at two words, in this machine's order. */
static void put_long(uint32_t *word, uint64_t value)
{
	memcpy(word, &value, sizeof(value));
}

/* The struct at arg of a vendor's call, as 32-bit words; the longs in it are 64-bit. */
static int vendor_call(const struct custom *call)
{
	uint32_t *w = (uint32_t *)call->arg;
	uint32_t phys = PHYS + k.within_page;
	uint32_t size = k.told_size ? k.told_size : (uint32_t)k.length;

	switch (k.vendor) {
	case ALLWINNER:
		if (call->cmd != 7 || w[0] != 42)
			return -EINVAL;
		w[1] = phys;
		w[2] = size;
		return 0;
	case ROCKCHIP:
	case ROCKCHIP_OLD:
		if (call->cmd != (k.vendor == ROCKCHIP ? 0xc0185200 : 0xc0185203) || w[0] != 42)
			return -ENOTTY;
		put_long(w + 2, phys);
		put_long(w + 4, size);
		return 0;
	case NXP:
		if (call->cmd != 0xc0184909)
			return -ENOTTY;
		put_long(w, phys);
		put_long(w + 2, size);
		return 0;
	case NXP_HANDLE:
		if (call->cmd != 0xc0104908 || w[0] != 42)
			return -ENOTTY;
		put_long(w + 2, phys);
		return 0;
	case HISILICON:
		if (call->cmd != 0)
			return -ENOTTY;
		w[1] = size;
		w[2] = phys;
		w[3] = 1;
		return 0;
	case AMLOGIC:
		if (call->cmd != 8)
			return -ENOTTY;
		w[1] = phys;
		w[2] = size;
		return 0;
	default:
		return -ENOTTY;
	}
}

static int start_allocation(uint64_t length, uint32_t mask, uint32_t flags)
{
	k.allocations++;
	k.length = (size_t)length;
	k.flags = flags;
	return mask & k.masks ? 0 : -ENODEV;
}

static int legacy(unsigned long request, void *arg)
{
	struct legacy_alloc *alloc = arg;
	struct share *share = arg;
	int r;

	switch (request) {
	case LEGACY_ALLOC:
		r = start_allocation(alloc->len, alloc->mask, alloc->flags);
		if (r == 0) {
			alloc->handle = 42;
			k.handles++;
		}
		return r;
	case ION_FREE:
		if (*(int32_t *)arg != 42 || k.handles == 0)
			return -EINVAL;
		k.handles--;
		return 0;
	case ION_SHARE:
		if (k.share_errnum)
			return -k.share_errnum;
		if (!k.gives_none)
			share->fd = played_dmabuf(k.length);
		return 0;
	case ION_CUSTOM:
		return vendor_call(arg);
	case ION_QUERY:
		return k.query ? answer_query(arg) : -ENOTTY;
	default:
		return -ENOTTY;
	}
}

static int modern(unsigned long request, void *arg)
{
	struct modern_alloc *alloc = arg;
	int r;

	switch (request) {
	case MODERN_ALLOC:
		if (k.alloc_errnum)
			return -k.alloc_errnum;
		r = start_allocation(alloc->len, alloc->mask, alloc->flags);
		if (r == 0 && !k.gives_none)
			alloc->fd = (uint32_t)played_dmabuf(k.length);
		return r;
	case LEGACY_ALLOC:
		k.allocations++;
		return -EINVAL; /* its size is looked at before its number */
	case ION_QUERY:
		return answer_query(arg);
	case ION_CUSTOM:
		return k.vendor == AMLOGIC ? vendor_call(arg) : -ENOTTY;
	case ION_VERSION:
		if (k.abi != ION_MODULAR)
			return -ENOTTY;
		*(uint32_t *)arg = 2;
		return 0;
	default:
		return -ENOTTY;
	}
}

static int ion_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	(void)user;
	(void)fd;
	return k.abi == ION_LEGACY ? legacy(request, arg) : modern(request, arg);
}

static const struct fake_device ion = { .path = "/dev/ion", .ioctl = ion_ioctl };

#endif
