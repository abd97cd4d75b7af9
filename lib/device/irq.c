/* SPDX-License-Identifier: MIT */
#include "device/irq.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "device/refusal.h"
#include "os/inherit.h"
#include "os/os.h"

static bool is_line_or_message(uint32_t kind)
{
	return kind == PMEM_IRQ_INTX || kind == PMEM_IRQ_MSI || kind == PMEM_IRQ_MSIX;
}

static int count_of(struct pmem_device *device, uint32_t kind, uint32_t *count)
{
	return device->way->irq_count(device, kind, count);
}

int irq_resolve(struct pmem_device *device, uint32_t *kind)
{
	static const uint32_t best[] = { PMEM_IRQ_MSIX, PMEM_IRQ_MSI, PMEM_IRQ_INTX };
	uint32_t count = 0;
	int r = 0;

	if (*kind > PMEM_IRQ_ERROR)
		return error_set(EINVAL, PMEM_CAUSE_OPTIONS, "device irq", NULL, "PMEM_IRQ_*",
			"%u is no kind of interrupts", *kind);
	if (*kind != PMEM_IRQ_ANY)
		return 0;
	for (size_t i = 0; r == 0 && count == 0 && i < sizeof(best) / sizeof(best[0]); i++) {
		*kind = best[i];
		r = count_of(device, *kind, &count);
	}
	return r;
}

static struct device_irq *find(const struct pmem_device *device, uint32_t kind, uint32_t index)
{
	struct device_irq *irq = device->irqs;

	while (irq && (irq->kind != kind || irq->index != index))
		irq = irq->next;
	return irq;
}

/* May it be switched on beside what is on? */
static int check(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	uint32_t count;
	int r = count_of(device, kind, &count);

	if (r < 0)
		return r;
	if (index >= count)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "device irq", device->name.folder,
			"pmem_device_irq_count() tells how many there are",
			"the device has no interrupt %u of this kind, but %u", index, count);
	for (const struct device_irq *irq = device->irqs; irq; irq = irq->next) {
		if (is_line_or_message(kind) && is_line_or_message(irq->kind) && irq->kind != kind)
			return error_set(EBUSY, PMEM_CAUSE_BUSY, "device irq", device->name.folder, NULL,
				"interrupts of another kind are on");
	}
	return 0;
}

/* An eventfd that no child has. */
static int new_event(void)
{
	int fd = inherit_never(os->eventfd());

	return fd < 0 ? refusal_plain(fd, "eventfd", NULL, "no event for an interrupt") : fd;
}

static int switch_on(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	bool own = !device->way->irq_is_fd;
	struct device_irq *irq = calloc(1, sizeof(*irq));
	struct pmem_error why;
	int fd = -1, r;

	if (!irq)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "device irq", NULL, NULL,
			"no memory for an interrupt");
	r = own ? new_event() : 0;
	if (r >= 0) {
		fd = own ? r : -1;
		r = device->way->irq_on(device, kind, index, fd);
	}
	if (r < 0) {
		error_save(&why);
		inherit_close(fd);
		free(irq);
		return error_restore(&why);
	}
	*irq = (struct device_irq){ device->irqs, kind, index, own ? fd : r };
	device->irqs = irq;
	return irq->fd;
}

static int fd_locked(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	const struct device_irq *irq = find(device, kind, index);
	int r;

	if (irq)
		return irq->fd;
	r = check(device, kind, index);
	return r < 0 ? r : switch_on(device, kind, index);
}

int irq_fd(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	int r = irq_resolve(device, &kind);

	if (r < 0)
		return r;
	fork_lock_take(&device->irq_lock);
	r = fd_locked(device, kind, index);
	fork_lock_give(&device->irq_lock);
	return r;
}

/* 1; 0: there is none any more. A driver that writes another length keeps to nothing, and tells no count. */
static int read_count(int fd, void *count, size_t size)
{
	ssize_t r = os->read(fd, count, size);

	if (r == -EAGAIN)
		return 0;
	if (r < 0)
		return (int)r;
	return (size_t)r == size ? 1 : -EPROTO;
}

/*
 * How often since the last time; 0: somebody else was quicker. Of uio under the lock, so that counts come in their
 * order; and asked once more there, since a descriptor that was given may be one that blocks.
 */
static int take(struct pmem_device *device, int fd, uint64_t *fired)
{
	uint32_t count;
	int r;

	if (!device->way->irq_is_fd)
		return read_count(fd, fired, sizeof(*fired));
	fork_lock_take(&device->irq_lock);
	r = os->wait_readable(fd, 0);
	if (r > 0)
		r = read_count(fd, &count, sizeof(count));
	if (r > 0) {
		*fired = (uint32_t)(count - device->uio_count);
		device->uio_count = count;
	}
	fork_lock_give(&device->irq_lock);
	return r;
}

int irq_wait(struct pmem_device *device, uint32_t kind, uint32_t index, uint32_t timeout_ms,
	uint64_t *count)
{
	uint64_t fired = 0;
	int fd = irq_fd(device, kind, index), r;

	r = fd < 0 ? fd : refusal_unless_held(fd, "device irq wait", &device->name);
	if (r < 0)
		return r;
	r = os->wait_readable(fd, timeout_ms > INT_MAX ? -1 : (int)timeout_ms);
	if (r > 0)
		r = take(device, fd, &fired);
	if (r == -EINTR)
		return error_set(EINTR, PMEM_CAUSE_SYSTEM, "device irq wait", NULL, "wait again",
			"a signal came first");
	if (r < 0)
		return refusal_device(r, "device irq wait", &device->name);
	if (!fired)
		return error_set(ETIMEDOUT, PMEM_CAUSE_TIMEOUT, "device irq wait", NULL,
			"a message needs PMEM_ENABLE_MASTER, a line pmem_device_irq_unmask()",
			"no interrupt within %u ms", timeout_ms);
	if (count)
		*count = fired;
	return 0;
}

int irq_unmask(struct pmem_device *device, uint32_t kind, uint32_t index)
{
	int r = irq_resolve(device, &kind);

	return r < 0 || !device->way->irq_unmask ? r : device->way->irq_unmask(device, kind, index);
}

void irq_end(struct pmem_device *device, bool child)
{
	struct device_irq *next;

	for (struct device_irq *irq = device->irqs; irq; irq = next) {
		next = irq->next;
		if (!child && !device->way->irq_is_fd)
			inherit_close(irq->fd);
		free(irq);
	}
	device->irqs = NULL;
}
