/* SPDX-License-Identifier: MIT */
/*
 * A device of PCI or of the platform, through VFIO (groups and nodes of devices), uio and sysfs, with answers that are
 * damaged: lib/device, lib/backend/registers/pci.c. What is told and mapped is what the kernel has; what the IOMMU is
 * asked to map is free there, and what it is asked to unmap was mapped so.
 */
#include <errno.h>

#include "device/iommufd_abi.h"
#include "device/vfio_abi.h"
#include "regions.h"

#define DEVICES 3
#define REGIONS 4
#define STEPS   32
#define MAPPED  64
#define PCI     ANSWERS_ROOT "/sys/bus/pci/devices/0000:00:04.0"
#define OTHER   ANSWERS_ROOT "/sys/bus/pci/devices/0000:00:05.0"
#define SPI     ANSWERS_ROOT "/sys/bus/platform/devices/fe204000.spi"

static struct input *in;
static struct pmem_device *devices[DEVICES];
static struct pmem_region *regions[REGIONS];
static struct { int space; uint64_t iova, size; } mapped[MAPPED];

static int device_ioctl(int fd, unsigned long request, void *arg);
static void refused(unsigned long request);
static void closed(int space);

/* Config space, and registers. */
static ssize_t device_read(int fd, void *buf, size_t count, uint64_t offset)
{
	int r;

	(void)fd;
	memset(buf, (int)offset, count);
	r = answers_damage(in, buf, count);
	return r < 0 ? r : r == 0 && in->left && (*in->at & 0x1f) == 0x1f ? (ssize_t)(count / 2) : (ssize_t)count;
}

static ssize_t device_write(int fd, const void *buf, size_t count, uint64_t offset)
{
	int r = answers_damage(in, NULL, 0);

	(void)fd, (void)buf, (void)offset;
	return r < 0 ? r : (ssize_t)count;
}

static int device_mmap(int fd, size_t length, uint64_t offset)
{
	(void)fd, (void)length, (void)offset;
	return answers_damage(in, NULL, 0);
}

static const struct answers_device node = { .ioctl = device_ioctl, .pread = device_read, .pwrite = device_write,
	.mmap = device_mmap, .refused = refused, .closed = closed, .memory = 4096 };

/* The IOMMU takes what is free, and damage says that it does not. */
static int map(int space, uint64_t iova, uint64_t size)
{
	int r = answers_damage(in, NULL, 0);
	size_t free = MAPPED;

	MUST(size && iova + (size - 1) >= iova);
	for (size_t i = 0; i < MAPPED; i++) {
		MUST(!mapped[i].size || mapped[i].space != space || iova + (size - 1) < mapped[i].iova ||
			mapped[i].iova + (mapped[i].size - 1) < iova);
		free = mapped[i].size ? free : i;
	}
	if (r < 0 || free == MAPPED)
		return r < 0 ? r : -ENOSPC;
	mapped[free].space = space;
	mapped[free].iova = iova;
	mapped[free].size = size;
	return 0;
}

static int unmap(int space, uint64_t iova, uint64_t *size)
{
	int r = answers_damage(in, NULL, 0);
	size_t i = 0;

	while (i < MAPPED && (!mapped[i].size || mapped[i].space != space || mapped[i].iova != iova ||
		mapped[i].size != *size))
		i++;
	MUST(i < MAPPED);
	if (r == 0)
		mapped[i].size = 0;
	else
		answers_holds();
	return r;
}

static void refused(unsigned long request)
{
	if (request == ABI_IOMMU_UNMAP_DMA || request == ABI_IOAS_UNMAP)
		answers_holds();
}

static void closed(int space)
{
	for (size_t i = 0; i < MAPPED; i++)
		mapped[i].size = mapped[i].space == space ? 0 : mapped[i].size;
}

/* A struct whose first word is its size: size bytes of it are the kernel's, and a chain may follow. */
static int sized(void *arg, const void *answer, size_t size, uint32_t chain)
{
	uint32_t given = *(uint32_t *)arg;
	int r;

	MUST(given >= 8 && given <= 65536);
	memcpy(arg, answer, size < given ? size : given);
	*(uint32_t *)arg = (uint32_t)size + chain;
	for (uint32_t i = (uint32_t)size; i < given; i++)
		((uint8_t *)arg)[i] = in_byte(in);
	r = answers_damage(in, arg, given);
	return r;
}

static int info(unsigned long request, void *arg)
{
	const uint32_t *words = arg;
	struct abi_device_info device = { .flags = ABI_DEVICE_PCI | ABI_DEVICE_CAN_RESET, .regions = 9, .irqs = 5 };
	struct abi_region_info region = { .flags = ABI_REGION_READ | ABI_REGION_WRITE | ABI_REGION_MMAP | ABI_REGION_CAPS,
		.index = words[2], .cap_offset = sizeof(region), .size = 65536, .offset = (uint64_t)words[2] << 40 };
	struct abi_iommu_info iommu = { .flags = 3, .page_sizes = 0x40201000, .cap_offset = sizeof(iommu) };
	struct abi_irq_info irq = { .flags = ABI_IRQ_CAN_EVENTFD, .index = words[2], .count = 4 };

	switch (request) {
	case ABI_DEVICE_GET_INFO:
		return sized(arg, &device, sizeof(device), 0);
	case ABI_DEVICE_GET_REGION_INFO:
		return sized(arg, &region, sizeof(region), words[2] < 6 ? 32 : 0);
	case ABI_DEVICE_GET_IRQ_INFO:
		return sized(arg, &irq, sizeof(irq), 0);
	default:
		return sized(arg, &iommu, sizeof(iommu), 48);
	}
}

static int ranges(struct abi_iova_ranges *arg)
{
	struct abi_pair *pairs = (struct abi_pair *)(uintptr_t)arg->array;
	uint32_t room = arg->count;

	arg->count = 2;
	arg->alignment = 4096;
	if (room >= 2) {
		pairs[0] = (struct abi_pair){ 0, 0xfedfffff };
		pairs[1] = (struct abi_pair){ 0xfef00000, 0x7fffffffff };
	}
	if (room && answers_damage(in, pairs, room * sizeof(*pairs) < 64 ? room * sizeof(*pairs) : 64) < 0)
		return -EMSGSIZE;
	return answers_damage(in, &arg->count, 4) < 0 ? -EMSGSIZE : answers_damage(in, &arg->alignment, 8);
}

static int device_ioctl(int fd, unsigned long request, void *arg)
{
	struct abi_dma_map *one = arg;
	struct abi_ioas_map *two = arg;
	struct abi_dma_unmap *less = arg;
	struct abi_ioas_unmap *fewer = arg;
	int r;

	switch (request) {
	case ABI_DEVICE_GET_INFO:
	case ABI_DEVICE_GET_REGION_INFO:
	case ABI_DEVICE_GET_IRQ_INFO:
	case ABI_IOMMU_GET_INFO:
		return info(request, arg);
	case ABI_GROUP_GET_STATUS:
		((uint32_t *)arg)[1] = ABI_GROUP_VIABLE;
		return answers_damage(in, arg, 8);
	case ABI_GROUP_GET_DEVICE_FD:
		r = answers_damage(in, NULL, 0);
		return r < 0 ? r : answers_fd(&node);
	case ABI_DEVICE_FEATURE:
		r = answers_damage(in, NULL, 0);
		return r < 0 || (((uint32_t *)arg)[1] & ABI_FEATURE_PROBE) ? r : answers_fd(&node);
	case ABI_IOMMU_MAP_DMA:
		return map(fd, one->iova, one->size);
	case ABI_IOAS_MAP:
		return map(fd, two->iova, two->length);
	case ABI_IOMMU_UNMAP_DMA:
		return unmap(fd, less->iova, &less->size);
	case ABI_IOAS_UNMAP:
		return unmap(fd, fewer->iova, &fewer->length);
	case ABI_IOAS_ALLOC:
		((uint32_t *)arg)[2] = 5;
		return answers_damage(in, arg, 12);
	case ABI_IOAS_IOVA_RANGES:
		return ranges(arg);
	case ABI_CHECK_EXTENSION:
		return in_byte(in) & 1;
	case ABI_DEVICE_SET_IRQS:
		r = answers_damage(in, NULL, 0);
		return r < 0 ? r : (in_byte(in) & 15) == 15 ? 3 : 0;
	default:
		return answers_damage(in, NULL, 0);
	}
}

/* A file: what it should say, or what the input does. */
static void file(const char *path, const char *text)
{
	uint8_t how = in_byte(in);
	size_t size = how & 63;
	const uint8_t *own;

	if (how < 0xa0) {
		answers_text(path, text);
		return;
	}
	own = in_bytes(in, &size);
	answers_file(path, own, size);
}

static void machine(uint8_t what, uint8_t more)
{
	file(PCI "/resource", "0x00000000c0000000 0x00000000c000ffff 0x0000000000040200\n"
		"0x0 0x0 0x0\n0x000000000000c000 0x000000000000c03f 0x0000000000040101\n"
		"0x0000000800000000 0x00000008000fffff 0x000000000014220c\n");
	answers_device(PCI "/config", &node);
	answers_device(PCI "/resource0", &node);
	answers_device(PCI "/resource3_wc", &node);
	answers_dir(OTHER);
	if (what & 1) {
		answers_link(PCI "/iommu_group", "../../../../kernel/iommu_groups/7");
		answers_link(OTHER "/iommu_group", "../../../../kernel/iommu_groups/7");
		answers_link(SPI "/iommu_group", "../../../../kernel/iommu_groups/8");
		file(ANSWERS_ROOT "/sys/kernel/iommu_groups/7/name", what & 2 ? "vfio-noiommu\n" : "");
		answers_dir(ANSWERS_ROOT "/sys/kernel/iommu_groups/7/devices/0000:00:05.0");
	}
	if (what & 4)
		answers_dir(PCI "/vfio-dev/vfio0");
	if (what & 8)
		answers_dir(PCI "/uio/uio0");
	answers_dir(SPI "/uio/uio0");
	answers_link(PCI "/driver", more & 1 ? "../../drivers/vfio-pci" : "../../drivers/e1000");
	answers_device(ANSWERS_ROOT "/dev/vfio/vfio", &node);
	answers_device(ANSWERS_ROOT "/dev/vfio/7", &node);
	answers_device(ANSWERS_ROOT "/dev/vfio/8", &node);
	answers_device(ANSWERS_ROOT "/dev/vfio/noiommu-7", &node);
	answers_device(ANSWERS_ROOT "/dev/vfio/devices/vfio0", &node);
	answers_device(ANSWERS_ROOT "/dev/iommu", &node);
	answers_device(ANSWERS_ROOT "/dev/uio0", &node);
	answers_text(PCI "/reset", "");
	file(ANSWERS_ROOT "/sys/class/uio/uio0/maps/map0/addr", "0x00000000fe204000\n");
	file(ANSWERS_ROOT "/sys/class/uio/uio0/maps/map0/size", "0x1000\n");
	file(ANSWERS_ROOT "/sys/class/uio/uio0/maps/map0/offset", "0x0\n");
	file(ANSWERS_ROOT "/sys/class/uio/uio0/event", "17\n");
}

static void open_one(struct pmem_ctx *ctx, size_t k)
{
	static const char *const names[] = { "0000:00:04.0", "pci:0:4.0", "fe204000.spi", "/dev/uio0", "0000:00:05.0",
		"0000:00:06.0", "/soc/spi@7e204000", "" };
	static const char *const ways[] = { NULL, "vfio", "iommufd", "noiommu", "uio", "sysfs", NULL, "x" };
	uint8_t what = in_byte(in), which = in_byte(in);
	struct pmem_device_opts opts = { .size = sizeof(opts), .flags = which & 8 ? 0 : PMEM_DEVICE_MAY_BE_UNSAFE,
		.way = ways[which & 7], .share = which & 16 ? devices[(k + 1) % DEVICES] : NULL,
		.max_addr = which & 32 ? in_place(in) : 0 };

	if (answers_result(pmem_device_open(ctx, names[what & 7], &opts, &devices[k])) < 0)
		devices[k] = NULL;
	else
		MUST(pmem_device_name(devices[k])[0] && pmem_device_way(devices[k])[0]);
}

static void take(struct pmem_ctx *ctx, struct pmem_device *device, size_t k)
{
	uint8_t what = in_byte(in);
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages", .device = what & 1 ? device : NULL,
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE, .wait_ms = 1 };
	uint64_t size = what & 2 ? in_place(in) : 1 + in_number(in, 2);

	if (answers_result(pmem_region_alloc(ctx, size, &opts, &regions[k])) < 0)
		regions[k] = NULL;
	else
		region_must_fit(regions[k], size, 0, 0);
}

static void map_registers(struct pmem_device *device, uint8_t what)
{
	struct pmem_region *region;
	uint64_t size = 0;
	uint32_t index = in_byte(in) & 7;

	answers_result(pmem_device_map_size(device, index, &size));
	if (answers_result(pmem_device_map(device, index, what & 0x10 ? PMEM_MAP_READONLY : what & 0x20 ?
			PMEM_MAP_WRITE_COMBINE : 0, &region)) < 0)
		return;
	region_must_fit(region, pmem_region_size(region), 0, 0);
	answers_result(pmem_region_close(region));
}

static void interrupt(struct pmem_device *device, uint8_t what)
{
	uint32_t kind = in_byte(in) & 7, index = (uint32_t)in_place(in), count = 0;
	uint64_t fired;

	answers_result(pmem_device_irq_count(device, kind, &count));
	if (what & 0x10)
		index = count ? index % count : 0;
	answers_result(pmem_device_irq_fd(device, kind, index));
	answers_result(pmem_device_irq_wait(device, kind, index, 1, &fired));
	answers_result(pmem_device_irq_unmask(device, kind, index));
}

static void config(struct pmem_device *device, uint8_t what)
{
	uint32_t offset = (uint32_t)in_place(in), value = 1;
	int fd;

	answers_result(pmem_device_config_read(device, offset, what >> 4, &value));
	answers_result(pmem_device_config_write(device, offset, what >> 4, value));
	answers_result(pmem_device_enable(device, what & 3));
	answers_result(pmem_device_disable(device, what & 3));
	answers_result(pmem_device_reset(device));
	fd = answers_result(pmem_device_dmabuf(device, what & 7, in_place(in), in_place(in)));
	if (fd >= 0)
		os->close(fd);
}

static void see(struct pmem_device *device, struct pmem_region *region, uint8_t what)
{
	uint64_t bus = 1, again = 2;

	if (what & 0x10) {
		answers_result(pmem_device_detach(device, region));
	} else if (answers_result(pmem_device_attach(device, region, 1 + (what >> 5) % 3, &bus)) == 0) {
		MUST(pmem_device_bus(device, region, &again) == 0 && again == bus);
		MUST(bus + (pmem_region_size(region) - 1) >= bus);
	}
}

static void step(struct pmem_ctx *ctx)
{
	uint8_t what = in_byte(in);
	size_t d = (what >> 3) % DEVICES, k = (what >> 6) % REGIONS;

	if (!devices[d]) {
		open_one(ctx, d);
		return;
	}
	switch (what & 7) {
	case 0:
		answers_result(pmem_device_close(devices[d]));
		devices[d] = NULL;
		break;
	case 1:
		map_registers(devices[d], in_byte(in));
		break;
	case 2:
		interrupt(devices[d], in_byte(in));
		break;
	case 3:
		config(devices[d], in_byte(in));
		break;
	case 4:
		if (regions[k])
			answers_result(pmem_region_close(regions[k]));
		regions[k] = NULL;
		break;
	default:
		if (regions[k])
			see(devices[d], regions[k], in_byte(in));
		else
			take(ctx, devices[d], k);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct pmem_ctx *ctx;
	uint8_t what;

	in = &input;
	what = in_byte(in);
	answers_start();
	memset(mapped, 0, sizeof(mapped));
	if (what & 16)
		answers_faults(in);
	machine(what, in_byte(in));
	ctx = answers_ctx();
	for (int i = 0; ctx && i < STEPS && in->left; i++)
		step(ctx);
	for (size_t i = 0; i < DEVICES; i++) {
		/* Before or after its regions. */
		if (devices[i] && (what & 32))
			answers_result(pmem_device_close(devices[i]));
		devices[i] = what & 32 ? NULL : devices[i];
	}
	for (size_t i = 0; i < REGIONS; i++) {
		if (regions[i])
			answers_result(pmem_region_close(regions[i]));
		regions[i] = NULL;
	}
	for (size_t i = 0; i < DEVICES; i++) {
		if (devices[i])
			answers_result(pmem_device_close(devices[i]));
		devices[i] = NULL;
	}
	pmem_ctx_unref(ctx);
	answers_stop();
	return 0;
}
