/* SPDX-License-Identifier: MIT */
/*
 * Contiguous uncached memory with its bus address and a dma-buf, which the kernel takes back by
 * itself: the VideoCore shared memory driver of Raspberry Pi's kernels for Pi 0 to 4,
 * drivers/staging/vc04_services/vc-sm-cma of raspberrypi/linux.
 */
#include "dmabuf/vcsm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/dma-buf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bsd/string.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "base/bits.h"
#include "os/file.h"
#include "os/os.h"
#include "soc/soc.h"

#define PATH "/dev/vcsm-cma"

/* host_applications/linux/libs/sm/vc_sm_cma_ioctl.h of raspberrypi/userland: both 64 bytes */
struct vcsm_alloc {
	uint32_t size;
	uint32_t num;
	uint32_t cached;
	uint32_t pad;
	char name[32];
	int32_t handle;    /* out: a dma-buf, close-on-exec */
	uint32_t vc_handle;
	uint64_t dma_addr; /* out: the bus address */
};

struct vcsm_import {
	int32_t dmabuf_fd;
	uint32_t cached;
	char name[32];
	int32_t handle; /* out: a dma-buf around the other one */
	uint32_t vc_handle;
	uint32_t size;
	uint32_t pad;
	uint64_t dma_addr;
};

#define IOCTL_ALLOC  _IOR('J', 0x5a, struct vcsm_alloc)
#define IOCTL_IMPORT _IOR('J', 0x5b, struct vcsm_import)

/* As in videocore.c: the low 30 bits are the CPU's address in the first 1 GiB. */
#define BUS_ADDRESS_MASK 0x3fffffffu

static const struct access_device device = {
	.path = PATH,
	.capability = -1,
	.absent = "only Raspberry Pi's own kernels have it, with the module vc_sm_cma",
	.mode = "the package libpmem-udev gives it to a group: usermod -aG dmamem USER "
		"(docs/permissions.md)",
};

static int open_device(struct pmem_ctx *ctx, const char *operation)
{
	const struct soc_family *family;
	int r = soc_look(ctx, operation);

	if (r < 0)
		return r;
	family = soc_family(ctx);
	if (family->videocore == SOC_VIDEOCORE_NONE)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, operation, PATH,
			"the backend dmaheap gives contiguous memory on newer boards",
			"the SoC %s has no VideoCore that shares memory: only BCM2835 to BCM2711 do",
			family->name);
	return access_open(ctx, &device, O_RDWR);
}

static int vcsm_probe(struct pmem_ctx *ctx)
{
	int fd = open_device(ctx, "probe");

	if (fd < 0)
		return fd;
	os->close(fd);
	return 0;
}

int vcsm_phys(uint64_t bus, uint64_t *phys)
{
	if (bus > UINT32_MAX)
		return error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "vcsm", PATH, NULL,
			"the bus address 0x%llx is not one of a VideoCore",
			(unsigned long long)bus);
	*phys = bus & BUS_ADDRESS_MASK;
	return 0;
}

/* The driver passes -EINTR on when a signal meets its talk with the firmware; nobody gets so many. */
#define TRIES 1000

static int call(int fd, unsigned long request, void *arg)
{
	int r = -EINTR;

	for (unsigned n = 0; r == -EINTR && n < TRIES; n++)
		r = os->ioctl(fd, request, arg);
	return r;
}

static int check_request(const struct alloc_request *request)
{
	if (request->flags & PMEM_ALLOC_CACHED)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", PATH, NULL,
			"its memory is not cached");
	if (request->heap)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", PATH, NULL,
			"it has no heap called %s", request->heap);
	if (request->length > BUS_ADDRESS_MASK)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", PATH, NULL,
			"0x%llx bytes are more than the VideoCore can address",
			(unsigned long long)request->length);
	return 0;
}

/* Memory of length bytes as a dma-buf, from the open device. */
static int get_buffer(int device_fd, const struct alloc_request *request, uint64_t length,
	int *buffer, uint64_t *bus)
{
	struct vcsm_alloc alloc = { .size = (uint32_t)length, .num = 1, .handle = -1 };
	int r;

	strlcpy(alloc.name, request->name, sizeof(alloc.name));
	r = call(device_fd, IOCTL_ALLOC, &alloc);
	if (r == -ENOMEM)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", PATH,
			"raise cma= on the kernel command line, or cma-256 of the vc4 overlay in "
			"config.txt; CmaFree in /proc/meminfo tells what is left",
			"the kernel has no %llu contiguous bytes", (unsigned long long)length);
	if (r >= 0)
		r = alloc.handle = file_keep(alloc.handle);
	if (r == -EMFILE || r == -ENFILE)
		return error_set(-r, PMEM_CAUSE_LIMIT, "alloc", PATH,
			NULL, "there are too many open files");
	if (r < 0)
		return error_set(-r, r == -EPERM ? PMEM_CAUSE_BUSY : PMEM_CAUSE_SYSTEM, "alloc", PATH,
			r == -EPERM ? "the driver is not ready: VCHIQ has not started" : NULL,
			"%llu bytes could not be allocated", (unsigned long long)length);
	*buffer = alloc.handle;
	*bus = alloc.dma_addr;
	return 0;
}

/* Map the buffer from the first byte whose address is aligned. */
static int fill(const struct alloc_request *request, uint64_t length, int buffer, uint64_t bus,
	struct pmem_region *region)
{
	uint64_t phys = 0, first;
	int r = vcsm_phys(bus, &phys);

	if (r < 0)
		return r;
	if (!bits_align_up(phys, request->align, &first) ||
		!bits_inside(first - phys, request->length, length))
		return error_set(ENOMEM, PMEM_CAUSE_ALIGNMENT, "alloc", PATH, NULL,
			"the memory at 0x%llx is not a multiple of 0x%llx",
			(unsigned long long)phys, (unsigned long long)request->align);
	if (first + request->length - 1 > request->max_addr)
		return error_set(ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "alloc", PATH, NULL,
			"the memory at 0x%llx lies above the limit 0x%llx",
			(unsigned long long)first, (unsigned long long)request->max_addr);
	/* All of it: the driver maps nothing less. The caller's part begins behind the skipped.
	 * What is not mapped is zero as well: dma_alloc_coherent() sees to it. */
	if (request->flags & PMEM_ALLOC_NO_MAP) {
		region->attrs = PMEM_REGION_UNMAPPED;
	} else {
		r = region_mmap_memory(region, buffer, 0, length, PROT_READ | PROT_WRITE, PATH);
		if (r < 0)
			return r;
		region->data = (unsigned char *)region->data + (first - phys);
	}
	region->size = request->size;
	region->attrs |= PMEM_REGION_COHERENT | PMEM_REGION_PINNED | PMEM_REGION_DMABUF;
	region_set_phys(region, first);
	region->has_bus = true;
	region->bus = bus + (first - phys);
	region->fd = buffer;
	return 0;
}

/*
 * The kernel aligns as it likes; memory that must be aligned further is looked for in a larger
 * piece. Not if there shall be a dma-buf: its first byte must be the region's.
 */
static int alloc_from(int device_fd, const struct alloc_request *request,
	struct pmem_region *region)
{
	uint64_t length = request->length, bus;
	int buffer, r = get_buffer(device_fd, request, length, &buffer, &bus);

	if (r < 0)
		return r;
	if ((bus & (request->align - 1)) && !(request->flags & PMEM_ALLOC_DMABUF)) {
		os->close(buffer);
		length += request->align;
		if (length > BUS_ADDRESS_MASK)
			return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", PATH, NULL,
				"0x%llx bytes at alignment 0x%llx are more than there can be",
				(unsigned long long)request->length,
				(unsigned long long)request->align);
		r = get_buffer(device_fd, request, length, &buffer, &bus);
		if (r < 0)
			return r;
	}
	r = fill(request, length, buffer, bus, region);
	if (r < 0)
		os->close(buffer);
	else if (length != request->length)
		region->attrs &= ~PMEM_REGION_DMABUF; /* its dma-buf begins elsewhere */
	return r;
}

static int vcsm_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	int fd = open_device(ctx, "alloc"), r;

	if (fd < 0)
		return fd;
	r = check_request(request);
	if (r == 0)
		r = alloc_from(fd, request, region);
	os->close(fd);
	return r;
}

static int import_failed(int errnum)
{
	switch (errnum) {
	case ENOMEM:
		return error_set(errnum, PMEM_CAUSE_NOT_CONTIGUOUS, "import", PATH, NULL,
			"the dma-buf is not one contiguous piece that the VideoCore can reach");
	case EINVAL:
	case ENOTTY:
		return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, "import", PATH, NULL,
			"the descriptor is not a dma-buf");
	case EBADF:
		return error_set(errnum, PMEM_CAUSE_WRONG_KIND, "import", PATH, NULL,
			"there is no open file with that number");
	default:
		return error_set(errnum, PMEM_CAUSE_SYSTEM, "import", PATH, NULL,
			"the dma-buf could not be shown to the VideoCore");
	}
}

int vcsm_import_address(struct pmem_ctx *ctx, int fd, uint64_t *bus, int *hold)
{
	struct vcsm_import import = { .dmabuf_fd = fd, .name = "libpmem", .handle = -1 };
	int device_fd = open_device(ctx, "import"), r;

	if (device_fd < 0)
		return device_fd;
	r = call(device_fd, IOCTL_IMPORT, &import);
	os->close(device_fd);
	if (r < 0)
		return import_failed(-r);
	*bus = import.dma_addr;
	*hold = file_keep(import.handle);
	return *hold < 0 ? import_failed(-*hold) : 0;
}

/*
 * The region holds the driver's dma-buf, which holds the other; mapping and syncing it reaches
 * through to the maker's. Whether the maker caches it is not told, so syncing is required.
 */
static int vcsm_import(struct pmem_ctx *ctx, int fd, uint32_t flags, struct pmem_region *region)
{
	int prot = flags & PMEM_MAP_READONLY ? PROT_READ : PROT_READ | PROT_WRITE;
	bool map = !(flags & PMEM_IMPORT_NO_MAP);
	uint64_t bus = 0, phys = 0;
	int64_t size;
	int hold, r = vcsm_import_address(ctx, fd, &bus, &hold);

	if (r < 0)
		return r;
	r = vcsm_phys(bus, &phys);
	size = r < 0 ? r : os->lseek(hold, 0, SEEK_END);
	if (r == 0 && size <= 0)
		r = error_set(size < 0 ? (int)-size : EINVAL, PMEM_CAUSE_WRONG_KIND, "import", PATH,
			NULL, "the size of the dma-buf cannot be learnt");
	if (r == 0 && map)
		r = region_mmap_memory(region, hold, 0, (uint64_t)size, prot, PATH);
	if (r < 0) {
		os->close(hold);
		return r;
	}
	region->size = (uint64_t)size;
	region->attrs = (map ? 0 : PMEM_REGION_UNMAPPED) | PMEM_REGION_CACHED |
		PMEM_REGION_PINNED | PMEM_REGION_NEEDS_SYNC |
		PMEM_REGION_DMABUF | (flags & PMEM_MAP_READONLY ? PMEM_REGION_READONLY : 0);
	region_set_phys(region, phys);
	region->has_bus = true;
	region->bus = bus;
	region->fd = hold;
	return 0;
}

/* Asked of imported memory only: its maker's driver knows what there is to be done. */
static int vcsm_sync(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin)
{
	struct dma_buf_sync sync = { .flags = begin ? DMA_BUF_SYNC_START : DMA_BUF_SYNC_END };
	int r = -EAGAIN;

	(void)offset; /* the call knows no range */
	(void)length;
	if (direction & PMEM_DIR_READ)
		sync.flags |= DMA_BUF_SYNC_READ;
	if (direction & PMEM_DIR_WRITE)
		sync.flags |= DMA_BUF_SYNC_WRITE;
	/* Documentation/driver-api/dma-buf.rst */
	for (unsigned n = 0; (r == -EINTR || r == -EAGAIN) && n < TRIES; n++)
		r = os->ioctl(region->fd, DMA_BUF_IOCTL_SYNC, &sync);
	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "ioctl DMA_BUF_IOCTL_SYNC", PATH, NULL,
			"the buffer's maker could not sync it");
	return 0;
}

const struct pmem_backend_ops backend_vcsm = {
	.name = "vcsm",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_IMPORT | PMEM_BACKEND_EXPORT | PMEM_BACKEND_PHYS |
		PMEM_BACKEND_BUS | PMEM_BACKEND_PINNED | PMEM_BACKEND_CONTIGUOUS |
		PMEM_BACKEND_SYNC,
	.probe = vcsm_probe,
	.alloc = vcsm_alloc,
	.import = vcsm_import,
	.close = region_unmap,
	.sync = vcsm_sync,
};
