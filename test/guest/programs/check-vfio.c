/* SPDX-License-Identifier: MIT */
/*
 * DMA through VFIO: an edu device reads and writes memory by the address of pmem_region_bus().
 *     check-vfio BDF [--way W] [--max ADDRESS] [--user] [--brief] [--high] [--p2p]
 * --max:   the highest address that the device can emit
 * --user:  as an ordinary user who owns nothing but the device's nodes, and has no capability
 * --brief: a few copies only
 * --high:  some of the memory must lie above 4 GiB
 * --p2p:   the kernel makes dma-bufs of BARs
 */
#include <getopt.h>

#include "check-vfio.h"

#define MANY 64u

static struct {
	const char *bdf, *way;
	uint64_t max;
	bool user, brief, high, p2p;
} asked;

static bool arguments(int argc, char **argv)
{
	static const struct option options[] = {
		{ "way", required_argument, NULL, 'w' },
		{ "max", required_argument, NULL, 'm' },
		{ "user", no_argument, NULL, 'u' },
		{ "brief", no_argument, NULL, 'b' },
		{ "high", no_argument, NULL, 'h' },
		{ "p2p", no_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'w')
			asked.way = optarg;
		else if (c == 'm')
			asked.max = check_number(optarg);
		else if (c == 'u')
			asked.user = true;
		else if (c == 'b')
			asked.brief = true;
		else if (c == 'h')
			asked.high = true;
		else if (c == 'p')
			asked.p2p = true;
		else
			return false;
	}
	asked.bdf = argv[optind];
	return asked.bdf && optind + 1 == argc;
}

static void become_user(void)
{
	CHECK("nodes-given", vfio_give(asked.bdf, asked.way, 1000), "%s", strerror(errno));
	check_become_user();
	CHECK("ordinary-user", getuid() == 1000 && geteuid() == 1000, "it is %u", geteuid());
}

static void check_what_it_is(struct edu *edu)
{
	uint32_t attrs = pmem_device_attrs(edu->device), count = 0, value = 0;
	uint64_t size = 0;

	CHECK("name", !strcmp(pmem_device_name(edu->device), asked.bdf), "%s",
		pmem_device_name(edu->device));
	CHECK("way", !asked.way || !strcmp(pmem_device_way(edu->device), asked.way), "%s",
		pmem_device_way(edu->device));
	CHECK("protected", (attrs & PMEM_DEVICE_TRANSLATED) && (attrs & PMEM_DEVICE_PROTECTED),
		"0x%x", attrs);
	CHECK("safe", !(attrs & PMEM_DEVICE_UNSAFE), "0x%x", attrs);
	CHECK("pci", (attrs & PMEM_DEVICE_PCI) && !(attrs & PMEM_DEVICE_PLATFORM), "0x%x", attrs);
	CHECK_U64("maps", pmem_device_map_count(edu->device), 6);
	CHECK_OK("map-size", pmem_device_map_size(edu->device, 0, &size));
	CHECK_U64("map-size-of-bar", size, 0x100000);
	check_refused("map-missing", pmem_device_map_size(edu->device, 3, &size), "not-found");
	CHECK_OK("irq-count", pmem_device_irq_count(edu->device, PMEM_IRQ_MSI, &count));
	CHECK("has-msi", count >= 1, "%u", count);
	CHECK_OK("config", pmem_device_config_read(edu->device, 0, 4, &value));
	CHECK_U64("config-id", value, 0x11e81234);
	CHECK_OK("config-narrow", pmem_device_config_read(edu->device, 2, 2, &value));
	CHECK_U64("config-narrow-id", value, 0x11e8);
}

/* Bus mastering is off until it is asked for, and off again afterwards. */
static void check_mastering(struct edu *edu)
{
	uint32_t command = 0;

	CHECK_OK("command", pmem_device_config_read(edu->device, 4, 2, &command));
	CHECK_U64("master-off-at-first", command & 4, 0);
	CHECK_OK("enable", pmem_device_enable(edu->device, PMEM_ENABLE_MASTER));
	CHECK_OK("command", pmem_device_config_read(edu->device, 4, 2, &command));
	CHECK_U64("master-on", command & 6, 6);
	CHECK_OK("disable", pmem_device_disable(edu->device, PMEM_ENABLE_MASTER));
	CHECK_OK("command", pmem_device_config_read(edu->device, 4, 2, &command));
	CHECK_U64("master-off", command & 6, 2);
	CHECK_OK("enable", pmem_device_enable(edu->device, PMEM_ENABLE_MASTER));
}

/* Where memory is for the device and for the CPU. Ordinary users are not told the latter. */
static void check_addresses(struct edu *edu, const struct pmem_region *region, bool *high)
{
	uint64_t bus = vfio_address(region), phys = 0, again = 0;
	int r = pmem_region_extent(region, 0, &phys, NULL);

	CHECK("bus-known", bus != PMEM_ADDRESS_NONE, "%s", check_error());
	CHECK("bus-not-0", bus != 0, "the device has it at 0");
	CHECK("bus-contiguous", pmem_region_attrs(region) & PMEM_REGION_BUS_CONTIGUOUS, "0x%x",
		pmem_region_attrs(region));
	CHECK("pinned", pmem_region_attrs(region) & PMEM_REGION_PINNED, "0x%x",
		pmem_region_attrs(region));
	CHECK_OK("device-bus", pmem_device_bus(edu->device, region, &again));
	CHECK_U64("device-bus-is-the-same", again, bus);
	if (asked.max)
		CHECK("below-max", bus + pmem_region_size(region) - 1 <= asked.max, "0x%llx",
			(unsigned long long)bus);
	if (asked.user) {
		CHECK("phys-hidden", r != 0, "an ordinary user was told 0x%llx",
			(unsigned long long)phys);
		return;
	}
	CHECK("phys-known", r == 0, "%s", check_error());
	CHECK("bus-is-not-phys", bus != phys, "both 0x%llx", (unsigned long long)bus);
	*high = *high || phys >= FOUR_GIB;
}

/* No byte belongs to two regions, and not all go when some do. */
static void check_many(struct edu *edu)
{
	struct pmem_region *regions[MANY] = { 0 };
	uint64_t bus[MANY], size[MANY];
	unsigned failed = 0, overlaps = 0;
	bool high = false;

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = round; i < MANY; i += round + 1) {
			pmem_region_close(regions[i]);
			size[i] = vfio_page() * (1 + (i * 5 + round) % 7) - (i % 3) * 100;
			regions[i] = vfio_memory(edu, size[i]);
			bus[i] = vfio_address(regions[i]);
			failed += bus[i] == PMEM_ADDRESS_NONE;
		}
		CHECK("many", failed == 0, "%u failed: %s", failed, check_error());
		for (unsigned i = 0; failed == 0 && i < MANY; i++)
			for (unsigned k = 0; k < i; k++)
				overlaps += bus[i] < bus[k] + size[k] && bus[k] < bus[i] + size[i];
		CHECK("never-overlap", overlaps == 0, "%u pairs", overlaps);
	}
	for (unsigned i = 0; i < 4 && failed == 0; i++)
		check_addresses(edu, regions[i], &high);
	if (asked.high)
		CHECK("above-4-gib", high, "all of it is below 4 GiB");
	for (unsigned i = 0; i < MANY; i++)
		failed += pmem_region_close(regions[i]) != 0;
	CHECK("many-closed", failed == 0, "%u failed", failed);
}

/* 3 MiB: more than a huge page; only its start and its end are copied. */
static void check_large(struct edu *edu)
{
	struct pmem_region *large = vfio_memory(edu, 3 << 20);
	unsigned char *bytes = pmem_region_data(large);
	uint64_t bus = vfio_address(large), end = (3 << 20) - 3000;

	CHECK("large", large && bytes, "%s", check_error());
	if (!bytes)
		return;
	memset(bytes, 0x5a, 3 << 20);
	for (unsigned i = 0; i < 3000; i++)
		bytes[i] = (unsigned char)(i * 7);
	CHECK_OK("large-copy", edu_copy(&edu->dma, bus + end, bus, 3000));
	CHECK("large-same", !memcmp(bytes + end, bytes, 3000) && bytes[end - 1] == 0x5a,
		"other bytes came");
	CHECK_OK("large-close", pmem_region_close(large));
}

/* A BAR for other devices. */
static void check_p2p(struct edu *edu)
{
	struct pmem_region *region = NULL;
	uint64_t page = vfio_page();
	int fd = pmem_device_dmabuf(edu->device, 0, page, 2 * page);

	CHECK("p2p-attr", !(pmem_device_attrs(edu->device) & PMEM_DEVICE_P2P) == !asked.p2p, "0x%x",
		pmem_device_attrs(edu->device));
	if (!asked.p2p) {
		check_refused("p2p-refused", fd, "unsupported");
		return;
	}
	CHECK("p2p", fd > 2, "%s", check_error());
	CHECK_OK("p2p-import", pmem_region_import(edu->dma.ctx, fd, PMEM_IMPORT_NO_MAP, &region));
	CHECK_U64("p2p-size", pmem_region_size(region), 2 * page);
	pmem_region_close(region);
	close(fd);
	fd = pmem_device_dmabuf(edu->device, 0, 0, PMEM_TO_END);
	CHECK("p2p-whole", fd > 2, "%s", check_error());
	close(fd);
	CHECK("p2p-outside", pmem_device_dmabuf(edu->device, 0, 0x100000, page) == -ERANGE, "%s",
		check_error());
	CHECK("p2p-unaligned", pmem_device_dmabuf(edu->device, 0, 100, page) == -EINVAL, "%s",
		check_error());
}

int main(int argc, char **argv)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_ctx *ctx;
	struct edu edu;
	uint32_t id = 0;
	int r;

	if (!arguments(argc, argv))
		return 2;
	if (asked.user)
		become_user();
	ctx = check_ctx();
	opts.way = asked.way;
	opts.max_addr = asked.max;
	edu.dma = (struct dma){ .ctx = ctx, .address = vfio_bus, .copy = edu_copy };
	r = pmem_device_open(ctx, asked.bdf, &opts, &edu.device);
	CHECK_OK("open", r);
	if (r == 0) {
		edu.dma.device_for = edu.device;
		check_what_it_is(&edu);
		check_mastering(&edu);
		CHECK_OK("map", pmem_device_map(edu.device, 0, 0, &edu.registers));
		CHECK_OK("edu-read", pmem_region_read32(edu.registers, 0, &id));
		CHECK_U64("edu-id", id & 0xff, EDU_ID);
		check_many(&edu);
		check_large(&edu);
		check_p2p(&edu);
		if (!asked.brief)
			dma_check(&edu.dma);
		CHECK_OK("close-map", pmem_region_close(edu.registers));
		CHECK_OK("close-device", pmem_device_close(edu.device));
	}
	pmem_ctx_unref(ctx);
	return check_end();
}
