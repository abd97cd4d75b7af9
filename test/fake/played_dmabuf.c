/* SPDX-License-Identifier: MIT */
#include "played_dmabuf.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "state.h"

#define NXP_PHYS_64 0x4008620aul
#define NXP_PHYS_32 0x4004620aul

struct played played = { .exporter = "linux,cma", .nxp_phys = 0x40000000 };

static int sync_dmabuf(uint64_t flags)
{
	if ((flags & ~(uint64_t)DMA_BUF_SYNC_VALID_FLAGS_MASK) || !(flags & DMA_BUF_SYNC_RW))
		return -EINVAL;
	if (played.again)
		return played.again-- % 2 ? -EAGAIN : -EINTR;
	if (played.sync_errnum)
		return -played.sync_errnum;
	played.last_sync = flags;
	if (flags & DMA_BUF_SYNC_END)
		played.ends++;
	else
		played.starts++;
	return 0;
}

/* dma_buf_ioctl(), and what NXP's kernels add to it. */
static int dmabuf_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	(void)user;
	(void)fd;
	switch (request) {
	case DMA_BUF_SET_NAME:
		ck_assert_uint_lt(strlen(arg), sizeof(played.name)); /* else EINVAL */
		strcpy(played.name, arg);
		return 0;
	case DMA_BUF_IOCTL_SYNC:
		if (played.sync_missing)
			return -ENOTTY;
		return sync_dmabuf(*(const uint64_t *)arg);
	case NXP_PHYS_64:
		if (!played.nxp || played.nxp_narrow)
			return -ENOTTY;
		played.phys_calls++;
		*(uint64_t *)arg = played.nxp_phys;
		return 0;
	case NXP_PHYS_32:
		if (!played.nxp || !played.nxp_narrow)
			return -ENOTTY;
		played.phys_calls++;
		*(uint32_t *)arg = (uint32_t)played.nxp_phys;
		return 0;
	default:
		return -ENOTTY;
	}
}

/* dma_buf_llseek() */
static int64_t dmabuf_lseek(void *user, int fd, int64_t offset, int whence)
{
	(void)user;
	if (offset || (whence != SEEK_SET && whence != SEEK_END))
		return -EINVAL;
	return os_linux.lseek(fd, offset, whence);
}

static void dmabuf_closed(void *user, int fd)
{
	char path[64];

	(void)user;
	played.closed++;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	fake_remove(path);
}

int played_dmabuf(size_t size)
{
	/* The harness looks at the size only here, so that one struct does for all. */
	static struct fake_device device = {
		.ioctl = dmabuf_ioctl,
		.lseek = dmabuf_lseek,
		.closed = dmabuf_closed,
	};
	char path[64], text[128];
	int fd;

	device.memory = size;
	fd = fake_device_fd(&device);
	played.created++;
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	snprintf(text, sizeof(text), "pos:\t0\nflags:\t02000002\nsize:\t%zu\ncount:\t1\n%s%s%s", size,
		played.exporter ? "exp_name:\t" : "", played.exporter ? played.exporter : "",
		played.exporter ? "\n" : "");
	fake_text(path, text);
	return fd;
}

/* dma_heap_ioctl_allocate(), of drivers/dma-buf/dma-heap.c */
int played_heap_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct dma_heap_allocation_data *data = arg;

	(void)user;
	(void)fd;
	if (request != DMA_HEAP_IOCTL_ALLOC)
		return -ENOTTY;
	if (data->fd || data->heap_flags || data->len == 0 ||
		(data->fd_flags & ~(uint32_t)(O_CLOEXEC | O_ACCMODE)))
		return -EINVAL;
	played.last_length = data->len;
	played.last_flags = data->fd_flags;
	if (played.create_errnum)
		return -played.create_errnum;
	data->fd = (uint32_t)played_dmabuf((size_t)data->len);
	return 0;
}

static int check_item(uint32_t memfd, uint64_t offset, uint64_t size)
{
	struct os_stat st;
	int seals = os_linux.fcntl((int)memfd, F_GET_SEALS, 0);

	if (seals < 0)
		return -EBADFD;
	if (!(seals & F_SEAL_SHRINK) || (seals & F_SEAL_WRITE))
		return -EINVAL;
	if (offset % f.page_size || size % f.page_size || size == 0)
		return -EINVAL;
	if (os_linux.fstat((int)memfd, &st) < 0 || offset + size > st.size)
		return -EINVAL;
	return 0;
}

/* udmabuf_create(), of drivers/dma-buf/udmabuf.c */
static int create(const struct udmabuf_create_item *items, unsigned count, uint32_t flags)
{
	uint64_t total = 0;
	int r = 0;

	if (flags != UDMABUF_FLAGS_CLOEXEC || count == 0 || count > 1024)
		return -EINVAL;
	for (unsigned i = 0; i < count && r == 0; i++) {
		r = check_item(items[i].memfd, items[i].offset, items[i].size);
		total += items[i].size;
	}
	if (r < 0 || played.create_errnum)
		return r < 0 ? r : -played.create_errnum;
	if (total > 64u << 20)
		return -EINVAL;
	played.parts = count;
	played.exporter = "udmabuf";
	return played_dmabuf((size_t)total);
}

static int udmabuf_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	const struct udmabuf_create *one = arg;
	const struct udmabuf_create_list *list = arg;

	(void)user;
	(void)fd;
	if (request == UDMABUF_CREATE_LIST)
		return create(list->list, list->count, list->flags);
	if (request == UDMABUF_CREATE) {
		struct udmabuf_create_item item = { .memfd = one->memfd, .offset = one->offset,
			.size = one->size };

		return create(&item, 1, one->flags);
	}
	return -ENOTTY;
}

static struct os_calls calls;
static const struct os_calls *below;
static uintptr_t next = 0x20000000;

/* At ever higher addresses. */
static int apart_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
	void **out)
{
	if ((flags & MAP_SHARED) && !(flags & MAP_FIXED) && fd >= 0 && !f.device_of[fd]) {
		hint = (void *)next;
		next += (length + 0xffffff) & ~(uintptr_t)0xffffff;
	}
	return below->mmap(hint, length, prot, flags, fd, offset, out);
}

void played_udmabuf(void)
{
	static const struct fake_device udmabuf = { .path = "/dev/udmabuf",
		.ioctl = udmabuf_ioctl };

	fake_device(&udmabuf);
	below = os;
	calls = *os;
	calls.mmap = apart_mmap;
	os = &calls;
}
