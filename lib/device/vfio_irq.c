/* SPDX-License-Identifier: MIT */
/* Interrupts of VFIO: eventfds that the kernel signals. */
#include <errno.h>
#include <stdlib.h>

#include "device/refusal.h"
#include "device/vfio_abi.h"
#include "device/vfio_device.h"
#include "os/os.h"

/* No device has more (PCI 3.0, 6.8.2.3). */
#define VECTORS_MAX 2048u

/* The kernel's index of a kind; of a platform device all are of one kind, and the index is the interrupt's. */
static uint32_t kernel_index(const struct pmem_device *device, uint32_t kind, uint32_t index)
{
	if (!(device->attrs & PMEM_DEVICE_PCI))
		return index;
	return kind == PMEM_IRQ_INTX ? ABI_IRQ_INTX :
	       kind == PMEM_IRQ_MSI  ? ABI_IRQ_MSI :
	       kind == PMEM_IRQ_MSIX ? ABI_IRQ_MSIX :
	       kind == PMEM_IRQ_ERROR ? ABI_IRQ_ERROR :
					ABI_IRQ_REQUEST;
}

/* A platform device has lines, each with an index of its own in the kernel's list. */
static int count_lines(struct pmem_device *device, uint32_t *count)
{
	struct abi_device_info info = { .argsz = sizeof(info) };
	int r = os->ioctl(device->fd, ABI_DEVICE_GET_INFO, &info);

	if (r < 0)
		return refusal_device(r, "ioctl VFIO_DEVICE_GET_INFO", &device->name);
	*count = info.irqs;
	return 0;
}

int vfio_irq_count(struct pmem_device *device, uint32_t kind, uint32_t *count)
{
	struct abi_irq_info info = { .argsz = sizeof(info),
		.index = kernel_index(device, kind, 0) };
	int r;

	*count = 0;
	if (!(device->attrs & PMEM_DEVICE_PCI))
		return kind == PMEM_IRQ_INTX ? count_lines(device, count) : 0;
	r = os->ioctl(device->fd, ABI_DEVICE_GET_IRQ_INFO, &info);
	if (r == -EINVAL) /* no such kind: REQUEST before 4.0, ERROR of what is not PCIe */
		return 0;
	if (r < 0)
		return refusal_device(r, "ioctl VFIO_DEVICE_GET_IRQ_INFO", &device->name);
	*count = info.flags & ABI_IRQ_CAN_EVENTFD ? info.count : 0;
	return 0;
}

/* count descriptors from start on; -1 is none. A plain result: positive: the machine has only so many. */
static int set(const struct pmem_device *device, uint32_t index, uint32_t start, uint32_t count,
	const int *fds)
{
	size_t size = sizeof(struct abi_irq_set) + count * sizeof(int32_t);
	struct abi_irq_set *set = calloc(1, size);
	int r;

	if (!set)
		return -ENOMEM;
	*set = (struct abi_irq_set){ .argsz = (uint32_t)size,
		.flags = (count ? ABI_SET_EVENTFD : ABI_SET_NONE) | ABI_SET_TRIGGER, .index = index,
		.start = start, .count = count };
	for (uint32_t i = 0; i < count; i++)
		set->fds[i] = fds[i];
	r = os->ioctl(device->fd, ABI_DEVICE_SET_IRQS, set);
	free(set);
	return r;
}

/* All messages that are on, with the new one, anew: what kernels before 6.5 need for one more. */
static int set_all(struct pmem_device *device, uint32_t kind, uint32_t index, int fd, uint32_t count)
{
	int fds[VECTORS_MAX];

	for (uint32_t i = 0; i < count; i++)
		fds[i] = -1;
	for (const struct device_irq *irq = device->irqs; irq; irq = irq->next) {
		if (irq->kind == kind && irq->index < count)
			fds[irq->index] = irq->fd;
	}
	fds[index] = fd;
	if (device->vectors) {
		int r = set(device, kernel_index(device, kind, 0), 0, 0, NULL);

		if (r < 0)
			return r;
		device->vectors = 0;
	}
	return set(device, kernel_index(device, kind, 0), 0, count, fds);
}

/* Put back what was on before set_all() failed, as well as that can be. */
static void set_again(struct pmem_device *device, uint32_t kind, uint32_t count)
{
	int fds[VECTORS_MAX];

	for (uint32_t i = 0; i < count; i++)
		fds[i] = -1;
	for (const struct device_irq *irq = device->irqs; irq; irq = irq->next) {
		if (irq->kind == kind && irq->index < count)
			fds[irq->index] = irq->fd;
	}
	if (set(device, kernel_index(device, kind, 0), 0, count, fds) == 0)
		device->vectors = count;
}

static int message_on(struct pmem_device *device, uint32_t kind, uint32_t index, int fd)
{
	uint32_t before = device->vectors, count = index < before ? before : index + 1;
	int r = before ? set(device, kernel_index(device, kind, 0), index, 1, &fd) : -EINVAL;

	if (r == 0) {
		device->vectors = count;
		return 0;
	}
	if (index < VECTORS_MAX && index >= before)
		r = set_all(device, kind, index, fd, count);
	if (r == 0) {
		device->vectors = count;
		return 0;
	}
	if (before && device->vectors == 0)
		set_again(device, kind, before);
	return r > 0 ? -ENOSPC : r;
}

int vfio_irq_on(struct pmem_device *device, uint32_t kind, uint32_t index, int fd)
{
	bool message = kind == PMEM_IRQ_MSI || kind == PMEM_IRQ_MSIX;
	int r = message ? message_on(device, kind, index, fd) :
			  set(device, kernel_index(device, kind, index), 0, 1, &fd);

	if (r == 0)
		return 0;
	if (r == -ENOSPC || r > 0)
		return error_set(ENOSPC, PMEM_CAUSE_LIMIT, "device irq", device->name.folder,
			"use fewer of them", "the machine has no interrupt left for message %u", index);
	if (r == -EBUSY && kind == PMEM_IRQ_INTX)
		return error_set(EBUSY, PMEM_CAUSE_BUSY, "device irq", device->name.folder,
			"use MSI: a device that cannot mask its line shares it with nobody",
			"the line of the device is another device's as well");
	return refusal_device(r, "ioctl VFIO_DEVICE_SET_IRQS", &device->name);
}

int vfio_irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	struct abi_irq_set set = { .argsz = sizeof(set), .flags = ABI_SET_NONE | ABI_SET_UNMASK,
		.index = kernel_index(device, kind, index), .count = 1 };
	int r;

	if (kind != PMEM_IRQ_INTX)
		return 0;
	r = os->ioctl(device->fd, ABI_DEVICE_SET_IRQS, &set);
	if (r == -ENOTTY && !(device->attrs & PMEM_DEVICE_PCI))
		return 0; /* an edge: it has nothing to mask */
	return r < 0 ? refusal_device(r, "ioctl VFIO_DEVICE_SET_IRQS", &device->name) : 0;
}
