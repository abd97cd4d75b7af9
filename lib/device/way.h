/* SPDX-License-Identifier: MIT */
/*
 * The contract between the library and a way to a device.
 *
 * A way is one const struct device_way, named in way.c. Rules for every operation
 * - Locks: none of the library is held, but for the device's irq_lock where that is said. Any thread calls it,
 *   several at once, but none beside close.
 * - Cancellation: held off by CALL() of lib/api.
 * - fork: never called in a child for a device that it inherited: its descriptors are closed there already
 *   (os/inherit.h).
 * - Descriptors are noted there. Before one is read, written or mapped: refusal_unless_held(). An ioctl needs it not,
 *   since another file's kernel refuses it.
 * - Reports a failure with error_set() and returns its result; leaves nothing behind then.
 * - Reads and writes no register that it was not asked to, but for the command register of PCI.
 * - Reaches the machine through os->... and below ctx->root only.
 */
#ifndef DEVICE_WAY_H
#define DEVICE_WAY_H

#include <pmem/device.h>

#include "device/name.h"
#include "device/space.h"
#include "os/fork_lock.h"

/* What pmem_device_open() asks for; checked. */
struct device_request {
	struct pmem_ctx *ctx;
	struct device_name name;
	const struct pmem_device_opts *opts; /* whole, and never NULL */
};

/* An interrupt that is on. */
struct device_irq {
	struct device_irq *next;
	uint32_t kind, index; /* PMEM_IRQ_* */
	int fd;
};

struct pmem_device {
	struct pmem_ctx *ctx;          /* counted by lib/api */
	uint32_t process;              /* who opened it: self_process() */
	const struct device_way *way;
	struct device_name name;
	uint64_t max_addr;
	uint32_t attrs;                /* PMEM_DEVICE_* */
	uint32_t maps;                 /* places for them */
	struct space *space;           /* never NULL once it is open */
	char master[192];              /* its name for lib/soc; "": none is needed */

	int fd;                        /* the device's: VFIO, uio; -1 */
	int config_fd;                 /* sysfs; -1 */
	uint64_t config_offset, config_size;
	struct group *group;           /* VFIO: lib/device/group.c */

	struct fork_lock irq_lock;
	struct device_irq *irqs;
	uint32_t vectors;              /* of messages that are on: those of kind irqs->kind */
	uint32_t uio_count;            /* uio: what it told last */
	char uio[64];                  /* its name there */
};

struct device_way {
	const char *name;  /* for ever */
	bool unsafe;       /* only with PMEM_DEVICE_MAY_BE_UNSAFE */

	/*
	 * Take the device. device is zeroed but for ctx, process, way, name, max_addr, and fds that are -1; fill in the rest.
	 * - Errors: -ENOENT (NO_DEVICE) not bound to a driver that this way needs; others: see pmem_device_open().
	 * - Frees: on failure all that it took.
	 */
	int (*open)(const struct device_request *request, struct pmem_device *device);
	/* Give it back; its interrupts are off. The first error. */
	int (*close)(struct pmem_device *device);
	/* Bytes of map number index, below maps. -ENOENT (NOT_FOUND) */
	int (*map_size)(struct pmem_device *device, uint32_t index, uint64_t *size);
	/* Fill region, as pmem_backend_ops.map; its ops as well. Not to be inherited by a child. */
	int (*map)(struct pmem_device *device, uint32_t index, uint32_t flags,
		struct pmem_region *region);
	/* NULL: it cannot be. */
	int (*reset)(struct pmem_device *device);
	/* kind is one of PMEM_IRQ_*, never ANY. */
	int (*irq_count)(struct pmem_device *device, uint32_t kind, uint32_t *count);
	/*
	 * Let it signal fd; the irq_lock is held, and fd not among irqs yet. index is below the count. A
	 * way whose device is the event itself gets -1, and returns its descriptor; else 0.
	 */
	int (*irq_on)(struct pmem_device *device, uint32_t kind, uint32_t index, int fd);
	bool irq_is_fd;
	int (*irq_unmask)(struct pmem_device *device, uint32_t kind, uint32_t index);
	/* NULL: it has none. The range is inside map index, whole pages. A descriptor */
	int (*dmabuf)(struct pmem_device *device, uint32_t index, uint64_t offset, uint64_t length);
};

extern const struct device_way way_iommufd;
extern const struct device_way way_vfio;
extern const struct device_way way_noiommu;
extern const struct device_way way_uio;
extern const struct device_way way_sysfs;

/* way.c: all, NULL ended, in the order in which they are tried. */
extern const struct device_way *const way_table[];

/* Open it by the first way that can. Sets the error, with one child for each way. */
int ways_open(const struct device_request *request, struct pmem_device *device);

#endif
