/* SPDX-License-Identifier: MIT */
#include "dmabuf/kmod_sync.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/bits.h"
#include "os/file.h"
#include "os/os.h"

/* U_DMA_BUF_IOCTL_SET_SYNC_FOR_CPU and _FOR_DEVICE, u-dma-buf-ioctl.h */
#define IOCTL_FOR_CPU    _IOW('U', 5, uint64_t)
#define IOCTL_FOR_DEVICE _IOW('U', 6, uint64_t)

/*
 * One number says it all, SYNC_COMMAND_* of u-dma-buf.c: the offset in bits 63 to 32, the size, a
 * multiple of 16, in bits 31 to 4, the direction in bits 3 and 2, and 1.
 */
#define COMMAND_UNIT  16u
#define COMMAND_REACH ((uint64_t)1 << 32)
#define COMMAND_MOST  ((uint64_t)1 << 31)

static const char *const file_names[2] = { "sync_for_device", "sync_for_cpu" };

static int open_files(const struct pmem_ctx *ctx, struct kmod_held *held)
{
	char path[PATH_MAX];

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", held->buffer.folder, file_names[i]);
		held->files[i] = file_open(ctx->root, path, O_WRONLY);
		if (held->files[i] < 0) {
			int r = held->files[i];

			held->files[i] = -1;
			kmod_sync_close(held);
			return r;
		}
	}
	return 0;
}

int kmod_sync_open(const struct pmem_ctx *ctx, struct kmod_held *held, bool kernel)
{
	char line = 0;
	int r = -EOPNOTSUPP;

	held->files[0] = held->files[1] = -1;
	kernel = kernel && held->buffer.size >= COMMAND_UNIT && held->buffer.size <= COMMAND_REACH;
	if (kernel && held->buffer.ioctls) {
		held->way = KMOD_IOCTL;
		return 0;
	}
	if (kernel)
		r = open_files(ctx, held);
	if (r == -EMFILE || r == -ENFILE)
		return error_set(-r, PMEM_CAUSE_LIMIT, "open", held->buffer.folder,
			NULL, "there are too many open files");
	held->way = KMOD_SYSFS;
	if (r == 0)
		return 0;
	held->way = os->cache_flush(&line, sizeof(line)) == 0 ? KMOD_CPU : KMOD_NOTHING;
	if (held->way == KMOD_CPU)
		return 0;
	return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT, "alloc", held->buffer.folder,
		r == -EACCES ? "give the program the right to write to its files sync_for_cpu and "
			       "sync_for_device, or use a version of the module that has ioctls" :
			       "sync_mode 1, 2 or 3 and PMEM_ALLOC_UNCACHED map it uncached",
		"the buffer is cached, devices here do not see the cache, and neither this CPU lets a "
		"program clean it nor does the module");
}

void kmod_sync_close(struct kmod_held *held)
{
	for (int i = 0; i < 2; i++) {
		if (held->files[i] >= 0)
			os->close(held->files[i]);
		held->files[i] = -1;
	}
}

/* DMA_BIDIRECTIONAL 0, DMA_TO_DEVICE 1, DMA_FROM_DEVICE 2 */
static unsigned kernel_direction(uint32_t direction)
{
	return direction == PMEM_DIR_BOTH ? 0 : direction == PMEM_DIR_WRITE ? 1 : 2;
}

static int write_file(int fd, uint64_t command)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "0x%" PRIx64, command);
	ssize_t r = os->write(fd, text, (size_t)n);

	return r < 0 ? (int)r : r == n ? 0 : -EIO;
}

static int send(struct kmod_held *held, uint64_t command, bool begin)
{
	int r;

	if (held->way == KMOD_SYSFS)
		return write_file(held->files[begin], command);
	fork_lock_take(&held->lock);
	r = os->ioctl(held->node, begin ? IOCTL_FOR_CPU : IOCTL_FOR_DEVICE, &command);
	fork_lock_give(&held->lock);
	return r < 0 ? r : 0;
}

/* A last unit that would pass the buffer's end begins before at. */
static uint64_t command_for(const struct kmod_buffer *buffer, uint64_t at, uint64_t length,
	uint32_t direction)
{
	uint64_t size = (length + COMMAND_UNIT - 1) & ~(uint64_t)(COMMAND_UNIT - 1);

	if (!bits_inside(at, size, buffer->size))
		at = buffer->size - size;
	return at << 32 | size | kernel_direction(direction) << 2 | 1;
}

int kmod_sync(const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t direction,
	bool begin)
{
	struct kmod_held *held = region->priv;
	uint64_t most = held->buffer.size & ~(uint64_t)(COMMAND_UNIT - 1);
	uint64_t at = held->offset + offset, left = length, part;

	if (held->way == KMOD_CPU)
		return region_sync_caches(region, offset, length, direction, begin);
	if (most > COMMAND_MOST)
		most = COMMAND_MOST;
	for (; held->way != KMOD_NOTHING && left; at += part, left -= part) {
		int r;

		part = left < most ? left : most;
		r = send(held, command_for(&held->buffer, at, part, direction), begin);
		if (r < 0)
			return error_set(-r, PMEM_CAUSE_SYSTEM,
				held->way == KMOD_IOCTL ? "ioctl SET_SYNC" : "write",
				held->way == KMOD_IOCTL ? held->buffer.path : held->buffer.folder, NULL,
				"the module could not sync 0x%" PRIx64 " bytes at 0x%" PRIx64, part, at);
	}
	return 0;
}
