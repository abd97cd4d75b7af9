/* SPDX-License-Identifier: MIT */
/*
 * A played machine with VFIO: containers, groups, devices, their interrupts, iommufd, and sysfs around
 * them, with the errno of each refusal as Linux 6.12 and 7.3 give it. A descriptor keeps what the
 * kernel's keeps: the group stays taken while a device of it is open, and a map of a BAR holds the device.
 * The played device can be told to reach for memory, so that a test sees what it would see.
 *
 *	fake_start();
 *	vfio_play(6012, VFIO_PLAY_GROUP);
 *	edu = vfio_add("0000:00:04.0", 2);
 *	...
 *	vfio_stop();  // fails if something is still open, mapped for the device, or pinned
 *	fake_stop();
 */
#ifndef TEST_FAKE_VFIO_H
#define TEST_FAKE_VFIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VFIO_PLAY_GROUP   1u /* /dev/vfio/vfio and /dev/vfio/N: CONFIG_VFIO_GROUP, _CONTAINER */
#define VFIO_PLAY_CDEV    2u /* /dev/iommu and /dev/vfio/devices/vfioX: CONFIG_IOMMUFD, _VFIO_DEVICE_CDEV */
#define VFIO_PLAY_NOIOMMU 4u /* no IOMMU, and enable_unsafe_noiommu_mode=1; with CDEV Linux 7.3's */
#define VFIO_PLAY_NONE    8u /* no IOMMU, and no such mode: vfio-pci cannot be bound */

#define VFIO_IRQS 5 /* INTx, MSI, MSI-X, error, request */

struct vfio_range {
	uint64_t first, last;
};

/* A device; what stands above "seen" is the test's to change. */
struct vfio_device {
	char name[16];
	unsigned group;
	uint64_t bars[6];            /* bytes; 0: there is none. BAR 0 has 1 MiB */
	bool ports[6];               /* I/O ports: no mmap */
	uint64_t hole[6][2];         /* offset and bytes that mmap() may not have (MSI-X on old kernels) */
	uint32_t irqs[VFIO_IRQS];    /* 1 INTx, 1 MSI, 0 MSI-X, 0 error, 1 request */
	bool fixed_messages;         /* none can be added while some are on: before 6.5, or its IRQ chip */
	bool no_master;              /* its driver leaves the command register alone (not PCI) */
	bool can_reset;
	bool gone;                   /* unplugged: every call says ENODEV */
	uint64_t mask;               /* of addresses; the device cuts what is above. All bits */
	int group_errnum, cdev_errnum; /* of open(): EACCES; 0: works */
	unsigned char config[4096];
	/* seen */
	const char *driver;          /* "vfio-pci"; see vfio_driver() */
	char node[40];               /* "/dev/vfio/devices/vfio0", "" without */
	unsigned users;              /* open files of it that work; maps of its BARs keep them */
	unsigned resets;
	unsigned char *memory;       /* of its BARs, one after another */
	uint32_t messages;           /* MSI or MSI-X that were allocated; 0: off */
	bool masked;                 /* INTx has fired and was not unmasked */
	int memory_fd, events[VFIO_IRQS][64]; /* -1: off */
};

extern struct vfio_machine {
	/* said by the test */
	int kernel;                  /* 6012; fake_kernel() is told too */
	bool no_isolation;           /* no interrupt remapping */
	bool claimed;                /* another program's iommufd has a device of each group */
	bool allow_unsafe;           /* allow_unsafe_interrupts=1 */
	bool incoherent;             /* DMA does not take part in caches */
	unsigned entries;            /* maps that a container may have: 65535 */
	uint64_t memlock;            /* RLIMIT_MEMLOCK; UINT64_MAX. fake_capability(CAP_IPC_LOCK, false) too */
	uint64_t mm_locked;          /* bytes that the process has locked otherwise: what type1 adds to */
	uint64_t user_locked;        /* that the user has: what iommufd adds to */
	int container_errnum, iommu_errnum; /* of open(); 0: works */
	uint64_t page_sizes;         /* 0x40201000 */
	uint64_t (*phys)(uintptr_t pointer); /* where pages are, in noiommu mode of Linux 7.3 */
	/* seen */
	size_t maps;                 /* that live, of all address spaces */
	size_t spaces;               /* address spaces: containers, IOAS */
	uint64_t pinned;             /* bytes in maps, each counted */
	unsigned map_calls, unmap_calls, dropped; /* dropped: transfers to an address that is not mapped */
	unsigned open_groups, open_devices; /* what is held, by whatever */
} vfio;

/* After fake_start(). Without devices; 6012 is Linux 6.12. */
void vfio_play(int kernel, unsigned what);
/* Before fake_stop(): nothing is open, mapped or pinned; the test fails otherwise. */
void vfio_stop(void);

/* A device (edu's numbers) in a group, bound to vfio-pci. Valid until vfio_stop(). */
struct vfio_device *vfio_add(const char *name, unsigned group);
/* Bind it to a driver ("e1000", "pcieport", "vfio-pci"), or to none (NULL). */
void vfio_driver(struct vfio_device *device, const char *driver);
/* The windows of a group, instead of those of VT-d; in order. Also while devices of it are open. */
void vfio_windows(unsigned group, size_t count, const struct vfio_range *ranges);

/* --- what the hardware does ----------------------------------------------------------------- */

/* The device reads or writes memory; false: dropped (not mapped, not allowed, no bus master). */
bool vfio_dma(struct vfio_device *device, uint64_t iova, void *buf, size_t size, bool writes);
/* An interrupt of that index (0 INTx ... 4 request); false: nobody listens, masked, or no bus master. */
bool vfio_fire(struct vfio_device *device, unsigned index, unsigned vector);

#endif
