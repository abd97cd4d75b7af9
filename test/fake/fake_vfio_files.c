/* SPDX-License-Identifier: MIT */
/* Who keeps what open: descriptors, maps of BARs, and files that other files keep. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_vfio_inside.h"

#define CAP_RAWIO 17 /* CAP_SYS_RAWIO */

static struct file *files[MAX_FDS];
static struct { uintptr_t start; size_t length; struct file *file; } bar_maps[64];

struct file *file_at(int fd)
{
	return fd >= 0 && fd < MAX_FDS && f.open[fd] ? files[fd] : NULL;
}

struct file *file_new(enum file_kind kind)
{
	struct file *file = calloc(1, sizeof(*file));

	ck_assert_ptr_nonnull(file);
	file->kind = kind;
	return file;
}

void file_note(int fd, struct file *file)
{
	file->refs++;
	files[fd] = file;
}

int file_give(struct file *file, const struct fake_device *device)
{
	int fd = fake_device_fd(device);

	file_note(fd, file);
	return fd;
}

void leave_container(struct group *group)
{
	struct file *container = group->container;

	group->container = NULL;
	/* With its last group a container loses its IOMMU, and all maps with it. */
	if (container && --container->groups == 0 && container->type) {
		space_end(container->space);
		free(container->space);
		container->space = NULL;
		container->type = 0;
	}
	if (container)
		file_put(container);
}

static void release(struct file *file)
{
	switch (file->kind) {
	case FILE_GROUP:
		leave_container(file->group);
		file->group->file = NULL;
		vfio.open_groups--;
		break;
	case FILE_CDEV:
		if (file->keeps)
			file->group->cdevs--;
		/* fallthrough */
	case FILE_DEVICE:
		vfio.open_devices--;
		if (file->keeps && --file->device->users == 0)
			device_last(file->device);
		break;
	case FILE_IOMMUFD:
		for (size_t i = 0; i < VFIO_SPACES; i++)
			if (file->spaces[i].live)
				space_end(&file->spaces[i]);
		break;
	default:
		break;
	}
	if (file->keeps)
		file_put(file->keeps);
	free(file);
}

void file_put(struct file *file)
{
	if (--file->refs == 0)
		release(file);
}

void file_closed(void *user, int fd)
{
	struct file *file = files[fd];

	(void)user;
	files[fd] = NULL;
	if (file)
		file_put(file);
}

void file_duplicated(void *user, int from, int to)
{
	(void)user;
	file_note(to, files[from]);
}

int container_opened(void *user, int fd)
{
	(void)user;
	if (vfio.container_errnum)
		return -vfio.container_errnum;
	file_note(fd, file_new(FILE_CONTAINER));
	return 0;
}

int iommufd_opened(void *user, int fd)
{
	(void)user;
	if (vfio.iommu_errnum)
		return -vfio.iommu_errnum;
	file_note(fd, file_new(FILE_IOMMUFD));
	return 0;
}

/* vfio_group_fops_open(), of drivers/vfio/group.c */
int group_opened(void *user, int fd)
{
	struct group *group = user;
	struct file *file;

	for (size_t i = 0; i < vfio_device_count; i++)
		if (vfio_devices[i].group == group->number && vfio_devices[i].group_errnum)
			return -vfio_devices[i].group_errnum;
	if ((vfio_what & VFIO_PLAY_NOIOMMU) && !may(CAP_RAWIO))
		return -EPERM;
	if (group->file || group->cdevs)
		return -EBUSY;
	file = file_new(FILE_GROUP);
	file->group = group;
	group->file = file;
	vfio.open_groups++;
	file_note(fd, file);
	return 0;
}

int cdev_opened(void *user, int fd)
{
	struct vfio_device *device = user;
	struct file *file;

	if (device->cdev_errnum || device->gone)
		return device->gone ? -ENODEV : -device->cdev_errnum;
	if ((vfio_what & VFIO_PLAY_NOIOMMU) && !may(CAP_RAWIO))
		return -EPERM;
	file = file_new(FILE_CDEV);
	file->device = device;
	file->group = group_of(device);
	vfio.open_devices++;
	file_note(fd, file);
	return 0;
}

bool may(unsigned capability)
{
	return f.caps[capability] < 0 ? os_linux.capable(capability) == 1 : f.caps[capability];
}

/* --- maps of BARs -------------------------------------------------------------------------- */

static void unmapped(uintptr_t start, size_t length)
{
	for (size_t i = 0; i < sizeof(bar_maps) / sizeof(bar_maps[0]); i++) {
		struct file *file = bar_maps[i].file;

		if (!file || start + length <= bar_maps[i].start ||
			bar_maps[i].start + bar_maps[i].length <= start)
			continue;
		ck_assert_msg(start <= bar_maps[i].start &&
			bar_maps[i].start + bar_maps[i].length <= start + length,
			"part of a BAR is unmapped");
		bar_maps[i].file = NULL;
		file_put(file);
	}
}

/* vfio_pci_core_mmap(): offset is index << 40 and where in the BAR */
static int bar_mmap(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	struct vfio_device *device = user;
	struct file *file = files[f.mmap_fd];
	unsigned index = (unsigned)(offset >> 40);
	uint64_t at = offset & ((1ull << 40) - 1), before = 0;
	size_t i = 0;
	int r;

	if (device->gone)
		return -ENODEV;
	if (!file->keeps || !(flags & MAP_SHARED) || index >= 6 || device->ports[index] ||
		at + length > device->bars[index])
		return -EINVAL;
	if (device->hole[index][1] && at < device->hole[index][0] + device->hole[index][1] &&
		device->hole[index][0] < at + length)
		return -EINVAL;
	while (i < index)
		before += device->bars[i++];
	ck_assert_uint_le(before + at + length, VFIO_MEMORY);
	r = os_linux.mmap(NULL, length, prot, flags, device->memory_fd, before + at, out);
	if (r < 0)
		return r;
	for (i = 0; bar_maps[i].file; i++)
		ck_assert_uint_lt(i + 1, sizeof(bar_maps) / sizeof(bar_maps[0]));
	bar_maps[i].start = (uintptr_t)*out;
	bar_maps[i].length = length;
	bar_maps[i].file = file;
	file->refs++;
	return 0;
}

/* --- configuration space and BARs, by reading and writing ------------------------------------ */

static int64_t transfer(struct vfio_device *device, int fd, void *to, const void *from,
	size_t count, uint64_t offset)
{
	unsigned index = (unsigned)(offset >> 40);
	uint64_t at = offset & ((1ull << 40) - 1), size, before = 0;
	unsigned char *bytes;

	if (device->gone)
		return -ENODEV;
	if (!files[fd] || !files[fd]->keeps || index > 7)
		return -EINVAL;
	size = index == 7 ? sizeof(device->config) : index < 6 ? device->bars[index] : 0;
	if (size == 0)
		return -EINVAL;
	if (at >= size)
		return index == 7 ? -EINVAL : 0;
	for (unsigned i = 0; i < index && index < 6; i++)
		before += device->bars[i];
	bytes = index == 7 ? device->config : device->memory + before;
	count = count < size - at ? count : (size_t)(size - at);
	if (to)
		memcpy(to, bytes + at, count);
	else if (index != 7 || at + count <= 0x10 || at >= 0x28) /* BARs are VFIO's own */
		memcpy(bytes + at, from, count);
	return (int64_t)count;
}

static ssize_t device_pread(void *user, int fd, void *buf, size_t count, uint64_t offset)
{
	return (ssize_t)transfer(user, fd, buf, NULL, count, offset);
}

static ssize_t device_pwrite(void *user, int fd, const void *buf, size_t count, uint64_t offset)
{
	return (ssize_t)transfer(user, fd, NULL, buf, count, offset);
}

const struct fake_device device_fake = {
	.ioctl = device_ioctl, .mmap = bar_mmap, .pread = device_pread, .pwrite = device_pwrite,
	.closed = file_closed, .duplicated = file_duplicated,
};

void files_begin(void)
{
	memset(files, 0, sizeof(files));
	memset(bar_maps, 0, sizeof(bar_maps));
	f.unmapped = unmapped;
}

void files_end(void)
{
	f.unmapped = NULL;
	for (size_t i = 0; i < sizeof(bar_maps) / sizeof(bar_maps[0]); i++)
		ck_assert_msg(!bar_maps[i].file, "a BAR is still mapped");
	for (int fd = 0; fd < MAX_FDS; fd++)
		ck_assert_msg(!files[fd], "descriptor %d is still open: kind %d", fd,
			(int)files[fd]->kind);
}
