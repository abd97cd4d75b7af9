/* SPDX-License-Identifier: MIT */
#include "calls_machine.h"

#include <errno.h>
#include <linux/ioctl.h>
#include <string.h>

#include <pmem/pmem.h>

#include "device/vfio_abi.h"
#include "vfio_answers.h"

/* So many mappings an IOMMU has room for. */
#define ROOM 96

/* Addresses of the program's own memory begin here, in frames. */
#define OWN_FRAMES (1ull << 34)

static uint64_t swap;

static ssize_t frames(int fd, void *buf, size_t count, uint64_t offset)
{
	uint64_t *to = buf;

	(void)fd;
	for (size_t i = 0; i < count / 8; i++) {
		uint64_t page = offset / 8 + i, frame = answers_frame((uintptr_t)(page << 12));

		if (!frame)
			frame = OWN_FRAMES | (page & (OWN_FRAMES - 1));
		to[i] = PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_EXCLUSIVE | (frame ^ swap);
	}
	return (ssize_t)(count & ~(size_t)7);
}

static const struct answers_device pagemap = { .pread = frames };

/* Sync, and the name; no vendor tells where it is. */
static int buffer_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	if (_IOC_NR(request) > 1)
		return -ENOTTY;
	return _IOC_NR(request) == 0 && !(*(uint64_t *)arg & 3) ? -EINVAL : 0;
}

static const struct answers_device buffer = { .ioctl = buffer_ioctl, .memory = MACHINE_MEMORY, .dmabuf = true };

int machine_dmabuf(void)
{
	int fd;

	answers_lock();
	fd = answers_fd(&buffer);
	answers_unlock();
	return fd;
}

/* struct dma_heap_allocation_data: the descriptor is at byte 8. */
static int heap_ioctl(int fd, unsigned long request, void *arg)
{
	if (_IOC_NR(request))
		return -ENOTTY;
	fd = answers_fd(&buffer);
	memcpy((char *)arg + 8, &fd, sizeof(fd));
	return fd < 0 ? fd : 0;
}

static const struct answers_device heap = { .ioctl = heap_ioctl };

/* What a device sees is there, unless a call that should have ended it has failed. */
static void unmapping(const void *addr, size_t length)
{
	uintptr_t start = (uintptr_t)addr;

	for (size_t i = 0; i < vfio_mapped_count; i++) {
		uintptr_t other = (uintptr_t)vfio_mapped[i].memory;

		MUST(answers_faulty() || start + (length - 1) < other || other + (vfio_mapped[i].size - 1) < start);
	}
}

/* A container's end is that of what its devices see. */
static void closed(int fd)
{
	size_t i = 0;

	while (i < vfio_mapped_count) {
		if (vfio_mapped[i].container != fd) {
			i++;
			continue;
		}
		MUST(answers_faulty());
		vfio_forget(&vfio_mapped[i]);
	}
}

bool machine_sees(uint64_t bus, const void *byte)
{
	bool yes = false;

	answers_lock();
	for (size_t i = 0; i < vfio_mapped_count; i++) {
		const struct vfio_mapping *m = &vfio_mapped[i];

		yes |= bus >= m->iova && bus - m->iova < m->size && m->memory + (bus - m->iova) == byte;
	}
	answers_unlock();
	return yes;
}

bool machine_sees_any(const void *byte)
{
	bool yes = false;

	answers_lock();
	for (size_t i = 0; i < vfio_mapped_count; i++) {
		uintptr_t start = (uintptr_t)vfio_mapped[i].memory;

		yes |= (uintptr_t)byte >= start && (uintptr_t)byte - start < vfio_mapped[i].size;
	}
	answers_unlock();
	return yes;
}

static const struct answers_device vfio;

static int vfio_ioctl(int fd, unsigned long request, void *arg)
{
	uint32_t *words = arg;
	struct abi_region_info *region = arg;

	switch (request) {
	case ABI_DEVICE_RESET:
	case ABI_DEVICE_SET_IRQS:
		return 0;
	case ABI_GROUP_GET_DEVICE_FD:
		return answers_fd(&vfio);
	case ABI_DEVICE_GET_INFO:
		(void)vfio_answer(fd, request, arg);
		words[1] |= ABI_DEVICE_CAN_RESET;
		return 0;
	case ABI_DEVICE_GET_REGION_INFO:
		region->flags = ABI_REGION_READ | ABI_REGION_WRITE | ABI_REGION_MMAP;
		region->size = 8192;
		region->offset = 0;
		return region->index ? -EINVAL : 0;
	case ABI_DEVICE_GET_IRQ_INFO:
		words[1] = ABI_IRQ_CAN_EVENTFD;
		words[3] = 1;
		return words[2] ? -EINVAL : 0;
	case ABI_IOMMU_MAP_DMA:
		return vfio_mapped_count == ROOM ? -ENOSPC : vfio_answer(fd, request, arg);
	default:
		return vfio_answer(fd, request, arg);
	}
}

static void refused(unsigned long request)
{
	if (request == ABI_IOMMU_UNMAP_DMA)
		answers_holds();
}

static const struct answers_device vfio = { .ioctl = vfio_ioctl, .refused = refused, .closed = closed, .memory = 8192 };

static void cells(const char *path, const uint32_t *values, size_t count)
{
	unsigned char bytes[32];

	for (size_t i = 0; i < 4 * count; i++)
		bytes[i] = (unsigned char)(values[i / 4] >> (24 - 8 * (i % 4)));
	answers_file(path, bytes, 4 * count);
}

#define TREE ANSWERS_ROOT "/proc/device-tree"

static void tree(void)
{
	static const uint32_t one = 1, uart[] = { MACHINE_UART, 0x200 };

	answers_file(TREE "/compatible", "none,none", 10);
	answers_file(TREE "/model", "a board", 8);
	cells(TREE "/#address-cells", &one, 1);
	cells(TREE "/#size-cells", &one, 1);
	answers_file(TREE "/soc/compatible", "simple-bus", 11);
	cells(TREE "/soc/#address-cells", &one, 1);
	cells(TREE "/soc/#size-cells", &one, 1);
	answers_file(TREE "/soc/ranges", "", 0);
	answers_file(TREE "/soc/serial@fe201000/compatible", "arm,pl011", 10);
	cells(TREE "/soc/serial@fe201000/reg", uart, 2);
}

void machine_start(uint64_t broken)
{
	static const unsigned char none[MACHINE_MEMORY];
	char path[96], link[64];

	swap = broken;
	vfio_mapped_count = 0;
	answers_frames();
	answers_uring();
	answers_watch(unmapping);
	answers_device(ANSWERS_ROOT "/proc/self/pagemap", &pagemap);
	answers_text(ANSWERS_ROOT "/proc/iomem", "00000000-0000ffff : registers\n");
	answers_device(ANSWERS_ROOT "/dev/dma_heap/system", &heap);
	answers_file(ANSWERS_ROOT "/dev/mem", none, sizeof(none));
	answers_file(ANSWERS_ROOT "/regs", none, sizeof(none));
	answers_device(ANSWERS_ROOT "/dev/vfio/vfio", &vfio);
	tree();
	for (unsigned i = 0; i < MACHINE_DEVICES; i++) {
		snprintf(path, sizeof(path), ANSWERS_ROOT "/dev/vfio/%u", i);
		answers_device(path, &vfio);
		snprintf(path, sizeof(path), ANSWERS_ROOT "/sys/bus/platform/devices/dev%u/iommu_group", i);
		snprintf(link, sizeof(link), "../../../kernel/iommu_groups/%u", i);
		answers_link(path, link);
	}
}
