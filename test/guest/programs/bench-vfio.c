/* SPDX-License-Identifier: MIT */
/*
 * What attaching costs beside the bare ioctls, in the same container or IOAS, and what an address costs. Under QEMU only
 * the ratios mean something: the least of some rounds, taken in turns. They are printed and not judged, since QEMU may
 * translate one of two loops worse, for as long as the guest runs; what is asserted is that all of it works.
 * The calls to the kernel are counted elsewhere (unit_costs).
 *     bench-vfio BDF [--way vfio|iommufd]
 * Of a single page the library's own instructions are a good part: QEMU plays no IOMMU that has to be waited for.
 */
#include <getopt.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

#include "check-vfio.h"

#define MIB    1048576u
#define FAR    0x1000000000ull /* 64 GiB: the library begins below */
#define ROUNDS 40u

/* linux/iommufd.h, which older headers do not have */
#define IOAS_MAP   (0x3b00u | 0x85)
#define IOAS_UNMAP (0x3b00u | 0x86)

struct ioas_map {
	uint32_t size, flags, ioas, reserved;
	uint64_t address, length, iova;
};

struct ioas_unmap {
	uint32_t size, ioas;
	uint64_t iova, length;
};

struct bare {
	int fd;
	bool iommufd;
	uint32_t ioas;
};

static int bare_map(const struct bare *bare, const void *memory, uint64_t size)
{
	struct ioas_map map = { .size = sizeof(map), .flags = 7 /* fixed, both ways */,
		.ioas = bare->ioas, .address = (uintptr_t)memory, .length = size, .iova = FAR };
	struct vfio_iommu_type1_dma_map old = { .argsz = sizeof(old), .vaddr = (uintptr_t)memory,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE, .iova = FAR, .size = size };

	return bare->iommufd ? ioctl(bare->fd, IOAS_MAP, &map)
			     : ioctl(bare->fd, VFIO_IOMMU_MAP_DMA, &old);
}

static int bare_unmap(const struct bare *bare, uint64_t size)
{
	struct ioas_unmap map = { .size = sizeof(map), .ioas = bare->ioas, .iova = FAR,
		.length = size };
	struct vfio_iommu_type1_dma_unmap old = { .argsz = sizeof(old), .iova = FAR, .size = size };

	return bare->iommufd ? ioctl(bare->fd, IOAS_UNMAP, &map)
			     : ioctl(bare->fd, VFIO_IOMMU_UNMAP_DMA, &old);
}

/* The library's IOAS is one of the first objects of the descriptor. */
static void find_ioas(struct bare *bare, const void *memory)
{
	for (bare->ioas = 1; bare->ioas < 20; bare->ioas++) {
		if (bare_map(bare, memory, vfio_page()) == 0) {
			bare_unmap(bare, vfio_page());
			return;
		}
	}
	CHECK("ioas", false, "none of the first is one: %s", strerror(errno));
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static void compare(struct edu *edu, const struct bare *bare, void *memory, uint64_t size,
	unsigned each, const char *name)
{
	struct pmem_region *region = NULL;
	double ioctls = 1e9, library = 1e9, start;
	unsigned failed = 0;
	uint64_t bus;

	CHECK_OK("cost-register", pmem_region_register(edu->dma.ctx, memory, size, 0, &region));
	for (unsigned round = 0; round < ROUNDS; round++) {
		start = vfio_seconds();
		for (unsigned i = 0; i < each; i++)
			failed += bare_map(bare, memory, size) || bare_unmap(bare, size);
		ioctls = least(ioctls, vfio_seconds() - start);
		start = vfio_seconds();
		for (unsigned i = 0; i < each; i++)
			failed += pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &bus) ||
				pmem_device_detach(edu->device, region);
		library = least(library, vfio_seconds() - start);
	}
	CHECK("cost-good", failed == 0, "%u failed: %s", failed, check_error());
	printf("cost: attach and detach of %llu KiB (%s): %.1f us, bare ioctls %.1f us, ratio %.2f\n",
		(unsigned long long)size / 1024, name, library * 1e6 / each, ioctls * 1e6 / each,
		library / ioctls);
	pmem_region_close(region);
}

/* From a pointer to its address: for the device as quickly as for the CPU. */
static void check_address(struct edu *edu)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .device = edu->device };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };
	double phys = 1e9, bus = 1e9, region_phys = 1e9, region_bus = 1e9, start;
	struct pmem_region *region = vfio_memory(edu, 4096);
	struct pmem_pool *pool = NULL;
	unsigned failed = 0;
	uint64_t address;
	char *object;

	CHECK_OK("pool", pmem_pool_new(edu->dma.ctx, &opts, &pool));
	object = pmem_pool_alloc(pool, 4000, 0);
	CHECK("pool-object", object && region, "%s", check_error());
	for (unsigned round = 0; object && region && round < ROUNDS; round++) {
		start = vfio_seconds();
		for (unsigned i = 0; i < 4000; i++)
			failed += pmem_pool_phys(pool, object + i, &address) != 0;
		phys = least(phys, vfio_seconds() - start);
		start = vfio_seconds();
		for (unsigned i = 0; i < 4000; i++)
			failed += pmem_pool_bus(pool, object + i, &address) != 0;
		bus = least(bus, vfio_seconds() - start);
		start = vfio_seconds();
		for (unsigned i = 0; i < 4000; i++)
			failed += pmem_region_phys(region, &address) != 0;
		region_phys = least(region_phys, vfio_seconds() - start);
		start = vfio_seconds();
		for (unsigned i = 0; i < 4000; i++)
			failed += pmem_region_bus(region, &address) != 0;
		region_bus = least(region_bus, vfio_seconds() - start);
	}
	CHECK("address-good", failed == 0, "%u failed: %s", failed, check_error());
	printf("cost: pointer to phys %.0f ns, to bus %.0f ns, ratio %.2f; region's phys %.0f ns, bus %.0f ns, "
	       "ratio %.2f\n",
		phys * 1e9 / 4000, bus * 1e9 / 4000, bus / phys, region_phys * 1e9 / 4000,
		region_bus * 1e9 / 4000, region_bus / region_phys);
	pmem_pool_close(pool);
	pmem_region_close(region);
}

static void check_sizes(struct edu *edu, const struct bare *bare)
{
	unsigned char *small = vfio_small_pages(4 * MIB);
	unsigned char *huge = mmap(NULL, 6 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0);
	unsigned char *aligned = (unsigned char *)(((uintptr_t)huge + 2 * MIB - 1) & -(uintptr_t)(2 * MIB));

	madvise(huge, 6 * MIB, MADV_HUGEPAGE);
	memset(huge, 1, 6 * MIB);
	compare(edu, bare, small, vfio_page(), 50, "one-page");
	compare(edu, bare, small, 65536, 20, "64-kib");
	compare(edu, bare, small, 4 * MIB, 1, "4-mib");
	compare(edu, bare, aligned, 4 * MIB, 1, "huge");
	munmap(small, 4 * MIB);
	munmap(huge, 6 * MIB);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "way", required_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = "vfio" };
	struct bare bare = { 0 };
	char node[100];
	struct edu edu;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) == 'w')
		opts.way = optarg;
	if (optind + 1 != argc)
		return 2;
	bare.iommufd = !strcmp(opts.way, "iommufd");
	if (bare.iommufd) {
		vfio_cdev_node(argv[optind], node, sizeof(node));
		opts.device_fd = open(node, O_RDWR | O_CLOEXEC);
		opts.iommu_fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	} else {
		vfio_group_node(argv[optind], node, sizeof(node));
		opts.group_fd = open(node, O_RDWR | O_CLOEXEC);
		opts.iommu_fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	}
	bare.fd = opts.iommu_fd;
	CHECK_OK("open", vfio_open(&edu, check_ctx(), argv[optind], &opts));
	if (edu.device) {
		unsigned char *page = vfio_small_pages(vfio_page());

		if (bare.iommufd)
			find_ioas(&bare, page);
		check_sizes(&edu, &bare);
		check_address(&edu);
		CHECK_OK("close", vfio_close(&edu));
	}
	return check_end();
}
