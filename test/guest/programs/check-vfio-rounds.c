/* SPDX-License-Identifier: MIT */
/*
 * Nothing is left of ten thousand attachments: no pin, no locked memory, no mapping, no descriptor, no entry
 * of the IOMMU, no address. The group's descriptors are given by the program, as by a helper with
 * more rights.
 *     check-vfio-rounds BDF [--way W] [--rounds N]
 */
#include <getopt.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

#include "check-vfio.h"

#define SMALL 65536u

static struct {
	const char *bdf, *way;
	unsigned rounds;
} asked = { .rounds = 10000 };

struct left {
	long long pins, locked, vm_pinned, held;
	unsigned maps, fds;
	uint32_t entries;
};

/* How many mappings the container may still have: the kernel counts them down. */
static uint32_t entries_left(int container)
{
	struct {
		struct vfio_iommu_type1_info info;
		unsigned char rest[1024];
	} got = { .info.argsz = sizeof(got) };

	if (container < 0 || ioctl(container, VFIO_IOMMU_GET_INFO, &got))
		return 0;
	for (uint32_t at = got.info.cap_offset; at;) {
		struct vfio_info_cap_header *cap = (void *)((unsigned char *)&got + at);

		if (cap->id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL)
			return ((struct vfio_iommu_type1_info_dma_avail *)cap)->avail;
		at = cap->next;
	}
	return 0;
}

static struct left look(int container)
{
	/* The kernel's counters are each processor's own until they are asked for. */
	int fd = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);
	bool fresh = fd >= 0 && write(fd, "1", 1) == 1;
	struct left left = {
		.pins = vfio_number("/proc/vmstat", "nr_foll_pin_acquired") -
			vfio_number("/proc/vmstat", "nr_foll_pin_released"),
		.locked = vfio_number("/proc/self/status", "VmLck"),
		.vm_pinned = vfio_number("/proc/self/status", "VmPin"),
		.maps = vfio_lines("/proc/self/maps"),
		.fds = vfio_entries("/proc/self/fd"),
		.entries = entries_left(container),
	};

	CHECK("counters", fresh, "%s", strerror(errno));
	left.fds -= fd >= 0;
	if (fd >= 0)
		close(fd);
	return left;
}

static void run_rounds(struct edu *edu, struct pmem_region *region, unsigned rounds)
{
	unsigned failed = 0;
	uint64_t bus, highest = 0;
	double started = vfio_seconds();

	for (unsigned i = 0; i < rounds && !failed; i++) {
		failed += pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &bus) != 0;
		highest = bus > highest ? bus : highest;
		failed += pmem_device_detach(edu->device, region) != 0;
		if (i % 50 == 0) {
			struct pmem_region *other = vfio_memory(edu, SMALL + i % 7 * 4096);

			failed += !other || pmem_region_close(other) != 0;
		}
	}
	CHECK("rounds", failed == 0, "%s", check_error());
	CHECK("rounds-reuse-addresses", highest < 1 << 24, "0x%llx", (unsigned long long)highest);
	printf("%u rounds of attach and detach in %.2f s, highest address 0x%llx\n", rounds,
		vfio_seconds() - started, (unsigned long long)highest);
}

/* Nothing is left of ten thousand attachments, in 16 MiB of addresses. */
static void check_rounds(struct pmem_ctx *ctx)
{
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = asked.way,
		.max_addr = (1 << 24) - 1 };
	unsigned char *memory = vfio_small_pages(SMALL);
	struct pmem_region *region = NULL;
	bool group = asked.way && !strcmp(asked.way, "vfio");
	struct left before, after;
	char node[100];
	int container = -1;
	struct edu edu;

	if (group) { /* descriptors that a helper with more rights could have opened */
		vfio_group_node(asked.bdf, node, sizeof(node));
		opts.group_fd = open(node, O_RDWR | O_CLOEXEC);
		opts.iommu_fd = container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
		CHECK("descriptors", opts.group_fd > 0 && container > 0, "%s", strerror(errno));
	}
	CHECK_OK("rounds-open", vfio_open(&edu, ctx, asked.bdf, &opts));
	CHECK_OK("rounds-register", pmem_region_register(ctx, memory, SMALL, 0, &region));
	run_rounds(&edu, region, 20); /* what the library makes once is made */
	before = look(container);
	run_rounds(&edu, region, asked.rounds);
	after = look(container);
	CHECK("rounds-pins", after.pins == before.pins, "%lld pages were pinned, now %lld", before.pins,
		after.pins);
	CHECK("rounds-locked", after.locked == before.locked && after.vm_pinned == before.vm_pinned,
		"VmLck %lld and %lld, VmPin %lld and %lld", before.locked, after.locked,
		before.vm_pinned, after.vm_pinned);
	CHECK("rounds-maps", after.maps == before.maps, "%u and %u", before.maps, after.maps);
	CHECK("rounds-descriptors", after.fds == before.fds, "%u and %u", before.fds, after.fds);
	CHECK("rounds-entries", after.entries == before.entries && (!group || after.entries > 0),
		"%u mappings were left, now %u", before.entries, after.entries);
	CHECK_OK("rounds-close", vfio_close(&edu));
	CHECK_OK("rounds-region", pmem_region_close(region));
	if (group) {
		close(opts.group_fd);
		close(container);
	}
	munmap(memory, SMALL);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "way", required_argument, NULL, 'w' },
		{ "rounds", required_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_ctx *ctx;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'w')
			asked.way = optarg;
		else if (c == 'r')
			asked.rounds = (unsigned)check_number(optarg);
	}
	if (optind + 1 != argc)
		return 2;
	asked.bdf = argv[optind];
	ctx = check_ctx();
	check_rounds(ctx);
	pmem_ctx_unref(ctx);
	return check_end();
}
