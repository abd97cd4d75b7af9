/* SPDX-License-Identifier: MIT */
/* A device: drivers/vfio/device_cdev.c, drivers/vfio/pci/vfio_pci_core.c, vfio_pci_intrs.c. */
#include <check.h>
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake_vfio_inside.h"

/* Newer than the headers of old systems. */
#define BIND    0x3b76ul
#define ATTACH  0x3b77ul
#define DETACH  0x3b78ul
#define DMABUF  11u

#define INTX  0u
#define MSI   1u
#define MSIX  2u
#define ERROR 3u

/* What a cdev is attached to: also when only a map of a BAR holds it. */
static struct space *device_space[VFIO_DEVICES];

void device_first(struct vfio_device *device)
{
	device->resets += device->can_reset;
	/* It answers, and masters nothing. */
	device->config[4] = (unsigned char)((device->config[4] | 3) & ~4);
}

static void switch_off(struct vfio_device *device, unsigned index)
{
	for (size_t i = 0; i < 64; i++) {
		if (device->events[index][i] >= 0)
			os_linux.close(device->events[index][i]);
		device->events[index][i] = -1;
	}
	if (index == INTX)
		device->masked = false;
}

void device_last(struct vfio_device *device)
{
	for (unsigned i = 0; i < VFIO_IRQS; i++)
		switch_off(device, i);
	device->config[4] &= (unsigned char)~4;
	device_space[device - vfio_devices] = NULL;
}

struct space *space_of(const struct vfio_device *device)
{
	struct group *group = group_of(device);

	if (device->users && group->container && group->container->type)
		return group->container->space;
	return device->users ? device_space[device - vfio_devices] : NULL;
}

/* --- cdev ---------------------------------------------------------------------------------- */

static int bind(struct file *file, void *arg)
{
	struct { uint32_t argsz, flags; int32_t iommufd; uint32_t id; } *bind = arg;
	struct file *iommufd;

	if (bind->argsz < sizeof(*bind) || bind->flags || bind->iommufd < 0 || file->keeps)
		return -EINVAL;
	iommufd = file_at(bind->iommufd);
	if (!iommufd || iommufd->kind != FILE_IOMMUFD)
		return -EBADFD;
	if (file->group->file) /* the group's node is open */
		return -EBUSY;
	if (file->device->users) /* by another descriptor: vfio_df_open(), of drivers/vfio/vfio_main.c */
		return -EINVAL;
	if (!(vfio_what & VFIO_PLAY_NOIOMMU) && vfio.no_isolation && !vfio.allow_unsafe)
		return -EPERM;
	if (!group_viable(file->group) || vfio.claimed) /* iommu_device_claim_dma_owner() */
		return -EPERM;
	file->keeps = iommufd;
	iommufd->refs++;
	file->group->cdevs++;
	if (file->device->users++ == 0)
		device_first(file->device);
	bind->id = ++iommufd->next_id;
	return 0;
}

static int attach(struct file *file, void *arg)
{
	struct { uint32_t argsz, flags, id; } *attach = arg;

	if (attach->argsz < sizeof(*attach) || attach->flags)
		return -EINVAL;
	for (size_t i = 0; i < VFIO_SPACES; i++) {
		struct space *space = &file->keeps->spaces[i];

		if (!space->live || space->id != attach->id)
			continue;
		if (!(vfio_what & VFIO_PLAY_NOIOMMU) && space_conflicts(space, file->group))
			return -EADDRINUSE;
		device_space[file->device - vfio_devices] = space;
		return 0;
	}
	return -ENOENT;
}

/* --- what it is ---------------------------------------------------------------------------- */

static int device_info(const struct vfio_device *device, struct vfio_device_info *info)
{
	const uint32_t least = 16;

	if (info->argsz < least)
		return -EINVAL;
	info->flags = VFIO_DEVICE_FLAGS_PCI | (device->can_reset ? VFIO_DEVICE_FLAGS_RESET : 0);
	info->num_regions = VFIO_PCI_NUM_REGIONS;
	info->num_irqs = VFIO_PCI_NUM_IRQS;
	return 0;
}

static void sparse(const struct vfio_device *device, struct vfio_region_info *info, uint32_t asked)
{
	uint64_t before = device->hole[info->index][0];
	uint64_t after = before + device->hole[info->index][1];
	struct { uint64_t offset, size; } areas[2];
	struct capability cap = { .id = 1, .version = 1 }; /* VFIO_REGION_INFO_CAP_SPARSE_MMAP */
	uint32_t n = 0;

	if (before) {
		areas[n].offset = 0;
		areas[n++].size = before;
	}
	if (after < info->size) {
		areas[n].offset = after;
		areas[n++].size = info->size - after;
	}
	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	info->argsz = (uint32_t)(sizeof(*info) + 16 + n * 16);
	info->cap_offset = 0;
	if (asked < info->argsz)
		return;
	info->argsz = asked;
	info->cap_offset = sizeof(*info);
	cap.count = n;
	memcpy((unsigned char *)info + sizeof(*info), &cap, sizeof(cap));
	memcpy((unsigned char *)info + sizeof(*info) + 16, areas, n * 16);
}

static int region_info(const struct vfio_device *device, struct vfio_region_info *info)
{
	uint32_t asked = info->argsz;

	if (asked < sizeof(*info) || info->index >= VFIO_PCI_VGA_REGION_INDEX)
		return -EINVAL;
	info->flags = 0;
	info->cap_offset = 0;
	info->offset = (uint64_t)info->index << 40;
	info->size = info->index < 6 ? device->bars[info->index] :
		info->index == VFIO_PCI_CONFIG_REGION_INDEX ? sizeof(device->config) : 0;
	if (info->size == 0)
		return 0;
	info->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	if (info->index < 6 && !device->ports[info->index]) {
		info->flags |= VFIO_REGION_INFO_FLAG_MMAP;
		if (device->hole[info->index][1])
			sparse(device, info, asked);
	}
	return 0;
}

/* --- interrupts ---------------------------------------------------------------------------- */

static int irq_info(const struct vfio_device *device, struct vfio_irq_info *info)
{
	if (info->argsz < sizeof(*info) || info->index >= VFIO_IRQS ||
		(info->index == ERROR && !device->irqs[ERROR]))
		return -EINVAL;
	info->count = device->irqs[info->index];
	info->flags = VFIO_IRQ_INFO_EVENTFD;
	if (info->index == INTX)
		info->flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
	else if (info->index != MSIX || vfio.kernel < 6005)
		info->flags |= VFIO_IRQ_INFO_NORESIZE;
	return 0;
}

static int is_on(const struct vfio_device *device, unsigned index)
{
	for (size_t i = 0; i < 64; i++)
		if (device->events[index][i] >= 0)
			return true;
	return false;
}

/* vfio_pci_set_irqs_ioctl() with an array of eventfds */
static int set_events(struct vfio_device *device, const struct vfio_irq_set *set)
{
	static unsigned enabled[VFIO_DEVICES];
	unsigned *on = &enabled[device - vfio_devices];
	bool line = set->index <= MSIX;

	for (unsigned other = INTX; line && other <= MSIX; other++)
		if (other != set->index && is_on(device, other))
			return -EINVAL;
	if (line && !is_on(device, set->index))
		*on = set->start + set->count;
	/* More vectors than it was switched on with: only MSI-X, and only since Linux 6.5. */
	else if (line && set->start + set->count > *on && (set->index != MSIX || vfio.kernel < 6005))
		return -EINVAL;
	for (uint32_t i = 0; i < set->count; i++) {
		int *event = &device->events[set->index][set->start + i];
		char path[64], what[64] = "";
		int32_t fd;

		memcpy(&fd, set->data + i * sizeof(fd), sizeof(fd));
		if (fd >= 0) {
			if (fd >= MAX_FDS || !f.open[fd])
				return -EBADF;
			snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
			if (readlink(path, what, sizeof(what) - 1) < 0 || !strstr(what, "eventfd"))
				return -EINVAL;
		}
		if (*event >= 0)
			os_linux.close(*event);
		/* Not fcntl(): QEMU's user mode then forgets the byte order of the count. */
		*event = fd < 0 ? -1 : dup(fd);
	}
	return 0;
}

static int set_irqs(struct vfio_device *device, const struct vfio_irq_set *set)
{
	uint32_t data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK, most;

	if (set->argsz < sizeof(*set) || set->index >= VFIO_IRQS || set->start + set->count < set->start ||
		(set->flags & ~(uint32_t)(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK)) ||
		__builtin_popcount(data) != 1 || __builtin_popcount(action) != 1)
		return -EINVAL;
	most = device->irqs[set->index];
	if (set->start >= most || set->start + set->count > most)
		return -EINVAL;
	if (data == VFIO_IRQ_SET_DATA_EVENTFD && (set->count == 0 ||
		set->argsz - sizeof(*set) < set->count * sizeof(int32_t)))
		return -EINVAL;
	if (action == VFIO_IRQ_SET_ACTION_UNMASK && set->index == INTX && data == VFIO_IRQ_SET_DATA_NONE) {
		if (!is_on(device, INTX) || set->start || set->count != 1)
			return -EINVAL;
		device->masked = false;
		return 0;
	}
	if (action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -ENOTTY;
	if (data == VFIO_IRQ_SET_DATA_EVENTFD && (set->index == MSI || set->index == MSIX)) {
		if (device->messages && device->fixed_messages && set->start + set->count > device->messages)
			return -EINVAL; /* vfio_msi_set_block() */
		if (device->messages < set->start + set->count)
			device->messages = set->start + set->count;
	}
	if (data == VFIO_IRQ_SET_DATA_EVENTFD)
		return set_events(device, set);
	if (data != VFIO_IRQ_SET_DATA_NONE || set->count)
		return -EINVAL; /* the kernel could fire them so; nobody does here */
	if (!is_on(device, set->index) && set->index <= MSIX)
		return -EINVAL;
	switch_off(device, set->index);
	device->messages = 0;
	return 0;
}

bool vfio_fire(struct vfio_device *device, unsigned index, unsigned vector)
{
	const uint64_t one = 1;

	if (device->events[index][vector] < 0 || (index == INTX && device->masked) ||
		((index == MSI || index == MSIX) && !(device->config[4] & 4)))
		return false;
	device->masked |= index == INTX;
	ck_assert_int_eq(write(device->events[index][vector], &one, sizeof(one)), sizeof(one));
	return true;
}

/* --- a BAR as a dma-buf, Linux 6.19 ----------------------------------------------------------- */

static int feature(struct file *file, void *arg)
{
	static const struct fake_device bar = { .memory = 1 << 20, .closed = file_closed,
		.duplicated = file_duplicated };
	struct { uint32_t argsz, flags, bar, open_flags, reserved, count; uint64_t offset, length; } *get = arg;
	struct file *it;

	if (get->argsz < 8)
		return -EINVAL;
	if ((get->flags & 0xffff) != DMABUF || vfio.kernel < 6019)
		return -ENOTTY;
	if (!(get->flags & VFIO_DEVICE_FEATURE_GET) || (get->flags & VFIO_DEVICE_FEATURE_SET))
		return -EINVAL;
	if (get->flags & VFIO_DEVICE_FEATURE_PROBE)
		return 0;
	if (get->argsz < sizeof(*get) || get->bar >= 6 || get->reserved || get->count != 1 ||
		get->length == 0 || ((get->offset | get->length) & (f.page_size - 1)) ||
		get->offset > file->device->bars[get->bar] ||
		get->length > file->device->bars[get->bar] - get->offset)
		return -EINVAL;
	it = file_new(FILE_BAR);
	return file_give(it, &bar);
}

int device_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct vfio_device *device = user;
	struct file *file = file_at(fd);

	if (device->gone)
		return -ENODEV;
	if (file->kind == FILE_CDEV && request == BIND)
		return bind(file, arg);
	if (!file->keeps)
		return -EINVAL;
	if (file->kind == FILE_CDEV && request == ATTACH)
		return attach(file, arg);
	if (file->kind == FILE_CDEV && request == DETACH) {
		device_space[device - vfio_devices] = NULL;
		return 0;
	}
	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		return device_info(device, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return region_info(device, arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return irq_info(device, arg);
	case VFIO_DEVICE_SET_IRQS:
		return set_irqs(device, arg);
	case VFIO_DEVICE_RESET:
		if (!device->can_reset)
			return -EINVAL;
		device->resets++;
		device->config[4] &= (unsigned char)~4;
		return 0;
	case VFIO_DEVICE_FEATURE:
		return feature(file, arg);
	default:
		return -ENOTTY;
	}
}
