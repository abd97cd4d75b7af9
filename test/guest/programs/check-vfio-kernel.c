/* SPDX-License-Identifier: MIT */
/*
 * What this kernel's VFIO does, by bare ioctls and without the library: the errno of each mistake, and DMA of an edu
 * device. If this turns red, the kernel is not the one that lib/device/ was written for.
 *     check-vfio-kernel BDF GROUP [--refused]
 * --refused: interrupts are not isolated, so that the container cannot be used
 */
#include <fcntl.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "mod_check.h"

#define PAGE  65536u /* a multiple of every page size */
#define IOVA  0x100000u
#define EDU   0x40000u

static int container, device;
static volatile unsigned char *bar;

static int map(void *memory, uint64_t iova, uint64_t size, uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof(map), .flags = flags,
		.vaddr = (uintptr_t)memory, .iova = iova, .size = size };

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map);
}

static int unmap(uint64_t iova, uint64_t size, uint64_t *gone)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap), .iova = iova, .size = size };
	int r = ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap);

	*gone = unmap.size;
	return r;
}

static void transfer(uint64_t from, uint64_t to, uint32_t out)
{
	*(volatile uint64_t *)(bar + 0x80) = from;
	*(volatile uint64_t *)(bar + 0x88) = to;
	*(volatile uint64_t *)(bar + 0x90) = 4000;
	__sync_synchronize();
	*(volatile uint32_t *)(bar + 0x98) = 1 | out;
	for (int i = 0; i < 2000 && (*(volatile uint32_t *)(bar + 0x98) & 1); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
	__sync_synchronize();
}

static void check_container(const char *bdf, const char *node, int refused)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int group = open(node, O_RDWR | O_CLOEXEC);

	container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	CHECK("group", group >= 0 && container >= 0, "%s: %s", node, strerror(errno));
	CHECK_ERRNO("group-once", open(node, O_RDWR | O_CLOEXEC), EBUSY);
	CHECK_EQ("status", ioctl(group, VFIO_GROUP_GET_STATUS, &status), 0);
	CHECK_EQ("viable", status.flags, VFIO_GROUP_FLAGS_VIABLE);
	CHECK_ERRNO("iommu-before-group", ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), EINVAL);
	CHECK_EQ("set-container", ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	CHECK_ERRNO("set-container-twice", ioctl(group, VFIO_GROUP_SET_CONTAINER, &container), EINVAL);
	CHECK_ERRNO("device-before-iommu", ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf), EINVAL);
	if (refused) {
		CHECK_ERRNO("not-isolated", ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), EPERM);
		exit(check_end());
	}
	CHECK_EQ("set-iommu", ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	CHECK_ERRNO("device-unknown", ioctl(group, VFIO_GROUP_GET_DEVICE_FD, "0000:00:1e.7"), ENODEV);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	CHECK("device", device >= 0, "%s", strerror(errno));
}

static void check_device(void)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct vfio_region_info region = { .argsz = sizeof(region), .index = 0 };
	uint16_t command = 0;

	CHECK_EQ("info", ioctl(device, VFIO_DEVICE_GET_INFO, &info), 0);
	CHECK("info-pci", info.flags & VFIO_DEVICE_FLAGS_PCI, "0x%x", info.flags);
	CHECK("info-no-reset", !(info.flags & VFIO_DEVICE_FLAGS_RESET), "0x%x", info.flags);
	CHECK_ERRNO("reset", ioctl(device, VFIO_DEVICE_RESET), EINVAL);
	CHECK_EQ("bar-info", ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region), 0);
	CHECK_EQ("bar-size", region.size, 0x100000);
	bar = mmap(NULL, region.size, PROT_READ | PROT_WRITE, MAP_SHARED, device, (off_t)region.offset);
	CHECK("bar-map", bar != MAP_FAILED, "%s", strerror(errno));
	region = (struct vfio_region_info){ .argsz = sizeof(region), .index = VFIO_PCI_CONFIG_REGION_INDEX };
	CHECK_EQ("config-info", ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &region), 0);
	CHECK_EQ("command", pread(device, &command, 2, (off_t)region.offset + 4), 2);
	CHECK_EQ("decoding-on-master-off", command & 6, 2);
	command |= 4;
	CHECK_EQ("master", pwrite(device, &command, 2, (off_t)region.offset + 4), 2);
}

static void check_maps(unsigned char *memory)
{
	const char *text = "read only";
	uint64_t gone;

	CHECK_EQ("map", map(memory, IOVA, PAGE, 3), 0);
	CHECK_ERRNO("map-overlap", map(memory, IOVA, PAGE, 3), EEXIST);
	CHECK_ERRNO("map-unaligned", map(memory + 1, IOVA + PAGE, PAGE, 3), EINVAL);
	CHECK_ERRNO("map-nothing", map(memory, IOVA + PAGE, 0, 3), EINVAL);
	CHECK_ERRNO("map-no-way", map(memory, IOVA + PAGE, PAGE, 0), EINVAL);
	CHECK_ERRNO("map-outside", map(memory, 1ull << 60, PAGE, 3), EINVAL);
	CHECK_ERRNO("map-no-memory", map((void *)0x10000, IOVA + PAGE, PAGE, 3), EFAULT);
	CHECK_ERRNO("map-read-only", map((void *)((uintptr_t)text & -4096ul), IOVA + PAGE, 4096, 3),
		sysconf(_SC_PAGESIZE) == 4096 ? EFAULT : EINVAL);
	memset(memory, 0x5a, PAGE);
	transfer(IOVA, EDU, 0);
	memset(memory, 0, PAGE);
	transfer(EDU, IOVA + 8192, 2);
	CHECK("dma", memory[8192] == 0x5a && memory[12191] == 0x5a && !memory[8191] && !memory[12192],
		"%02x %02x", memory[8192], memory[12191]);
	CHECK_ERRNO("unmap-part", unmap(IOVA, PAGE / 2, &gone), EINVAL);
	CHECK_EQ("unmap", unmap(0, 1 << 24, &gone), 0);
	CHECK_EQ("unmap-size", gone, PAGE);
	CHECK_EQ("unmap-nothing", unmap(IOVA, PAGE, &gone), 0);
	CHECK_EQ("unmap-nothing-size", gone, 0);
	memset(memory, 0, PAGE);
	transfer(EDU, IOVA, 2);
	CHECK("dma-dropped", memory[0] == 0 && memory[3999] == 0, "%02x", memory[0]);
}

int main(int argc, char **argv)
{
	unsigned char *memory = aligned_alloc(PAGE, PAGE);

	if (argc < 3 || !memory)
		return 2;
	check_container(argv[1], argv[2], argc == 4);
	check_device();
	check_maps(memory);
	return check_end();
}
