/* SPDX-License-Identifier: MIT */
#include "device/ioas.h"

#include <errno.h>
#include <stdlib.h>

#include "device/iommufd_abi.h"
#include "device/vfio_abi.h"
#include "os/again.h"
#include "os/os.h"

/* More windows than any machine has. */
#define WINDOWS_MAX 4096u
#define TRIES 4

int ioas_new(int fd, uint32_t *id)
{
	struct abi_ioas_alloc alloc = { .size = sizeof(alloc) };
	int r = os->ioctl(fd, ABI_IOAS_ALLOC, &alloc);

	if (r < 0)
		return r;
	*id = alloc.id;
	return 0;
}

/* One question with room for *count of them; -EMSGSIZE: that many there are. */
static int ask(const struct space *space, struct abi_pair *pairs, uint32_t *count, uint64_t *alignment)
{
	struct abi_iova_ranges ranges = { .size = sizeof(ranges), .id = space->id, .count = *count,
		.array = (uintptr_t)pairs };
	int r = os->ioctl(space->fd, ABI_IOAS_IOVA_RANGES, &ranges);

	*count = ranges.count;
	*alignment = ranges.alignment;
	return r < 0 ? r : 0;
}

static int ioas_windows(const struct space *space, struct iova_window **windows, size_t *count,
	uint64_t *page_sizes)
{
	struct abi_pair *pairs = NULL;
	uint32_t n = 8;
	int r = -EMSGSIZE;

	for (int i = 0; i < TRIES && r == -EMSGSIZE && n <= WINDOWS_MAX; i++) {
		uint32_t room = n ? n : 1;

		free(pairs);
		pairs = calloc(room, sizeof(*pairs));
		if (!pairs)
			return -ENOMEM;
		r = ask(space, pairs, &n, page_sizes);
		if (r == 0 && n > room)
			r = -EMSGSIZE;
	}
	*windows = r == 0 ? calloc(n ? n : 1, sizeof(**windows)) : NULL;
	if (r == 0 && !*windows)
		r = -ENOMEM;
	for (uint32_t i = 0; r == 0 && i < n; i++)
		(*windows)[i] = (struct iova_window){ pairs[i].a, pairs[i].b };
	*count = n;
	/*
	 * Only the smallest page is told. The larger ones of tables with 4 KiB pages are the same everywhere, and
	 * those of 16 KiB have 32 MiB: to align to what is none costs only addresses.
	 */
	*page_sizes |= *page_sizes == 4096 ? 0x40200000u : *page_sizes == 16384 ? 0x2000000u : 0;
	free(pairs);
	return r;
}

static int ioas_map(const struct space *space, const void *address, uint64_t length, uint64_t iova,
	uint32_t direction)
{
	struct abi_ioas_map map = {
		.size = sizeof(map),
		.flags = ABI_IOAS_FIXED | (direction & PMEM_DMA_READ ? ABI_IOAS_READ : 0) |
			(direction & PMEM_DMA_WRITE ? ABI_IOAS_WRITE : 0),
		.id = space->id,
		.va = (uintptr_t)address,
		.length = length,
		.iova = iova,
	};
	int r = os->ioctl(space->fd, ABI_IOAS_MAP, &map);

	return r < 0 ? r : 0;
}

static int ioas_unmap(const struct space *space, uint64_t iova, uint64_t length)
{
	struct abi_ioas_unmap unmap = { .size = sizeof(unmap), .id = space->id, .iova = iova,
		.length = length };
	int r = ioctl_again(space->fd, ABI_IOAS_UNMAP, &unmap);

	if (r < 0)
		return r;
	return unmap.length == length ? 0 : -EIO; /* it tells how much it has unmapped */
}

static int ioas_end(const struct space *space)
{
	struct abi_destroy destroy = { .size = sizeof(destroy), .id = space->id };

	/* Of a descriptor that a helper handed in, the file may live on with its IOAS. */
	return os->ioctl(space->fd, ABI_DESTROY, &destroy);
}

const struct space_ops ioas_ops = {
	.path = IOAS_NODE,
	.charges_user = true,
	.windows = ioas_windows,
	.map = ioas_map,
	.unmap = ioas_unmap,
	.end = ioas_end,
};
