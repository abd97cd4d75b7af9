/* SPDX-License-Identifier: MIT */
#include "played_kmod.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "played_dmabuf.h"
#include "state.h"

struct played_kmod played_kmod;

static struct fake_device devices[PLAYED_BUFFERS];
static char paths[PLAYED_BUFFERS][64];

/* Numbers of u-dma-buf-ioctl.h, as a program of either width passes them. */
#define FOR_CPU    0x40085505ul
#define FOR_DEVICE 0x40085506ul
#define EXPORT     0xc028550aul

struct export_args {
	uint64_t flags, size, offset, addr;
	int32_t fd, padding;
};

static uint64_t value_of(const struct played_buffer *buffer, const char *file)
{
	char path[PATH_MAX], text[64] = "";
	FILE *stream;

	snprintf(path, sizeof(path), "%s/sys/devices/platform/%s/u-dma-buf/%s/%s", fake_root(),
		buffer->name, buffer->name, file);
	stream = fopen(path, "r");
	if (!stream)
		return 0;
	if (!fgets(text, sizeof(text), stream))
		text[0] = '\0';
	fclose(stream);
	return strtoull(text, NULL, 0);
}

/* udmabuf_sync_command_argments(): without a range the files count, which nobody sets here. */
static int sync(struct played_buffer *buffer, uint64_t command, bool for_cpu)
{
	uint64_t offset = command >> 32, size = command & 0xfffffff0;

	ck_assert_uint_eq(command & 1, 1);
	ck_assert_uint_gt(size, 0);
	ck_assert_uint_ne(command >> 2 & 3, 3);
	buffer->last_command = command;
	buffer->last_for_cpu = for_cpu;
	buffer->ioctl_syncs++;
	if (played_kmod.sync_errnum)
		return -played_kmod.sync_errnum;
	return offset + size > buffer->size ? -EINVAL : 0;
}

/* udmabuf_export_create_entry() */
static int export(struct played_buffer *buffer, struct export_args *args)
{
	if (played_kmod.export_errnum)
		return -played_kmod.export_errnum;
	if (args->offset % f.page_size || args->size % f.page_size ||
		args->offset + args->size > buffer->size ||
		(args->flags & ~(uint64_t)(O_CLOEXEC | O_SYNC | O_ACCMODE)))
		return -EINVAL;
	buffer->exports++;
	buffer->export_flags = args->flags;
	buffer->export_offset = args->offset;
	buffer->export_size = args->size;
	args->fd = played_dmabuf((size_t)args->size);
	args->addr = value_of(buffer, "phys_addr") + args->offset;
	return 0;
}

static int node_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct played_buffer *buffer = user;
	uint64_t version = value_of(buffer, "ioctl_version");

	(void)fd;
	switch (version ? request : 0) {
	case FOR_CPU:
	case FOR_DEVICE:
		return sync(buffer, *(const uint64_t *)arg, request == FOR_CPU);
	case EXPORT:
		return version < 2 ? -ENOTTY : export(buffer, arg);
	default:
		return -ENOTTY;
	}
}

/* udmabuf_object_mmap(): whole pages of what was allocated. */
static int node_mmap(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	struct played_buffer *buffer = user;
	uint64_t pages = (buffer->size + f.page_size - 1) / f.page_size * f.page_size;

	ck_assert_uint_eq(flags & MAP_SHARED, MAP_SHARED);
	if (offset + length > pages)
		return -EINVAL;
	buffer->maps++;
	return os_linux.mmap(NULL, length, prot, flags, buffer->file, offset, out);
}

static int node_flock(void *user, int fd, int operation)
{
	struct played_buffer *buffer = user;

	if (operation == LOCK_UN) {
		buffer->unlocks += buffer->holder == fd;
		if (buffer->holder == fd)
			buffer->holder = -1;
		return 0;
	}
	ck_assert_int_eq(operation, LOCK_EX | LOCK_NB);
	if (played_kmod.foreign_lock || (buffer->holder >= 0 && buffer->holder != fd))
		return -EWOULDBLOCK;
	buffer->holder = fd;
	return 0;
}

/* udmabuf_device_file_llseek() */
static int64_t node_lseek(void *user, int fd, int64_t offset, int whence)
{
	(void)fd;
	ck_assert_int_eq(offset, 0);
	ck_assert_int_eq(whence, SEEK_END);
	return (int64_t)((struct played_buffer *)user)->size;
}

static void node_opened(void *user, int fd, int flags)
{
	struct played_buffer *buffer = user;

	(void)fd;
	buffer->flags = flags;
	buffer->opens++;
}

static void node_closed(void *user, int fd)
{
	struct played_buffer *buffer = user;

	if (buffer->holder == fd)
		buffer->holder = -1;
}

void played_attribute(const struct played_buffer *buffer, const char *file, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "sys/devices/platform/%s/u-dma-buf/%s/%s", buffer->name,
		buffer->name, file);
	if (text)
		fake_text(path, text);
	else
		fake_remove(path);
}

uint64_t played_attribute_value(const struct played_buffer *buffer, const char *file)
{
	return value_of(buffer, file);
}

void played_group(const struct played_buffer *buffer, const char *type)
{
	char path[PATH_MAX];

	fake_text("sys/kernel/iommu_groups/9/type", type);
	snprintf(path, sizeof(path), "sys/devices/platform/%s/iommu_group", buffer->name);
	fake_remove(path);
	fake_link(path, "../../../kernel/iommu_groups/9");
}

struct played_buffer *played_buffer(const char *name, uint64_t size, uint64_t address)
{
	size_t i = played_kmod.count++;
	struct played_buffer *buffer = &played_kmod.buffers[i];
	char path[PATH_MAX], target[PATH_MAX], text[64];
	void *memory;

	ck_assert_uint_lt(i, PLAYED_BUFFERS);
	*buffer = (struct played_buffer){ .size = size, .holder = -1 };
	snprintf(buffer->name, sizeof(buffer->name), "%s", name);
	buffer->file = os_linux.memfd_create("u-dma-buf", 0);
	ck_assert_int_ge(buffer->file, 0);
	ck_assert_int_eq(os_linux.ftruncate(buffer->file, (size + 65535) / 65536 * 65536), 0);
	ck_assert_int_eq(os_linux.mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED,
		buffer->file, 0, &memory), 0);
	buffer->memory = memory;
	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)size);
	played_attribute(buffer, "size", text);
	snprintf(text, sizeof(text), "0x%016llx\n", (unsigned long long)address);
	played_attribute(buffer, "phys_addr", text);
	played_attribute(buffer, "sync_mode", "1\n");
	played_attribute(buffer, "dma_coherent", "0\n");
	played_attribute(buffer, "ioctl_version", "2\n");
	played_attribute(buffer, "sync_for_cpu", "0\n");
	played_attribute(buffer, "sync_for_device", "0\n");
	played_attribute(buffer, "dev", "0:1\n"); /* what fake_fstat() says of any device */
	snprintf(path, sizeof(path), "sys/devices/platform/%s/u-dma-buf/%s/device", name, name);
	snprintf(target, sizeof(target), "../../../%s", name);
	fake_link(path, target);
	fake_dir("sys/class/u-dma-buf");
	snprintf(path, sizeof(path), "sys/class/u-dma-buf/%s", name);
	snprintf(target, sizeof(target), "../../devices/platform/%s/u-dma-buf/%s", name, name);
	fake_link(path, target);
	snprintf(paths[i], sizeof(paths[i]), "/dev/%s", name);
	devices[i] = (struct fake_device){ .path = paths[i], .ioctl = node_ioctl, .mmap = node_mmap,
		.lseek = node_lseek, .flock = node_flock, .opened_with = node_opened, .closed = node_closed, .user = buffer };
	fake_node(&devices[i]);
	return buffer;
}

void played_kmod_stop(void)
{
	for (size_t i = 0; i < played_kmod.count; i++) {
		os_linux.munmap(played_kmod.buffers[i].memory, (size_t)played_kmod.buffers[i].size);
		os_linux.close(played_kmod.buffers[i].file);
	}
	played_kmod = (struct played_kmod){ .count = 0 };
}
