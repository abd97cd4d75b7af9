/* SPDX-License-Identifier: MIT */
/*
 * The ways that protect nothing: registers, the interrupt, and DMA by physical address where no IOMMU
 * translates.
 *     check-uio BDF --dropped uio      behind an IOMMU that translates: memory is refused before it is tried
 *     check-uio BDF --through WAY      no IOMMU, or one that lets all through; uio, noiommu or sysfs
 *     check-uio BDF --one-copy WAY     as well, with one copy instead of the whole self-test
 *     check-uio NAME --platform uio    generic-uio: one of virtio's empty places, which say "virt"
 */
#include "check-vfio.h"

static struct edu edu;

static struct pmem_device_opts unsafe = { .size = sizeof(unsafe), .flags = PMEM_DEVICE_MAY_BE_UNSAFE };

static int open_unsafe(const char *name)
{
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_device *device = NULL;
	int r = pmem_device_open(edu.dma.ctx, name, &opts, &device);

	/* Nothing protects memory there, so it has to be asked for. */
	CHECK("not-without-asking", r < 0, "it was opened by %s", pmem_device_way(device));
	r = vfio_open(&edu, edu.dma.ctx, name, &unsafe);
	CHECK_OK("open", r);
	if (r)
		return r;
	CHECK("way", !strcmp(pmem_device_way(edu.device), unsafe.way), "%s", pmem_device_way(edu.device));
	CHECK("unsafe", pmem_device_attrs(edu.device) & PMEM_DEVICE_UNSAFE, "0x%x",
		pmem_device_attrs(edu.device));
	return 0;
}

/* Of uio the line interrupt, which it masks and counts; else the best that the device has. */
static void check_interrupt(void)
{
	uint64_t count = 0;
	uint32_t lines = 0;

	CHECK_OK("irq-count", pmem_device_irq_count(edu.device, PMEM_IRQ_INTX, &lines));
	CHECK_U64("irq-one", lines, 1);
	CHECK_OK("irq-unmask", pmem_device_irq_unmask(edu.device, PMEM_IRQ_ANY, 0));
	check_refused("irq-none-yet", pmem_device_irq_wait(edu.device, PMEM_IRQ_ANY, 0, 20, NULL),
		"timeout");
	for (unsigned i = 0; i < 2; i++) {
		CHECK_OK("irq-raise", pmem_region_write32(edu.registers, EDU_RAISE, 1));
		CHECK_OK("irq-wait", pmem_device_irq_wait(edu.device, PMEM_IRQ_ANY, 0, 2000, &count));
		CHECK_U64("irq-once", count, 1);
		CHECK_OK("irq-ack", pmem_region_write32(edu.registers, EDU_ACK, 1));
		CHECK_OK("irq-unmask", pmem_device_irq_unmask(edu.device, PMEM_IRQ_ANY, 0));
	}
}

/* Why memory is refused: the engine is told a physical address, and nothing comes. */
static void check_dropped(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = edu.device };
	struct pmem_region *region = NULL;
	uint64_t phys = 0, bus;

	check_refused("alloc-refused", pmem_region_alloc(edu.dma.ctx, 4096, &opts, &region),
		"unsupported");
	CHECK("alloc-says-iommu", strstr(check_error(), "IOMMU"), "%s", check_error());
	CHECK_OK("plain", pmem_region_alloc(edu.dma.ctx, 4096, NULL, &region));
	check_refused("attach-refused", pmem_device_attach(edu.device, region, PMEM_DMA_BOTH, &bus),
		"unsupported");
	CHECK_OK("plain-phys", pmem_region_phys(region, &phys));
	memset(pmem_region_data(region), 0x77, 4096);
	CHECK_OK("by-phys", edu_store(&edu, phys, 4000));
	CHECK("dropped", vfio_all(pmem_region_data(region), 0x77, 4096), "the device wrote there");
	pmem_region_close(region);
}

/* Memory for the device, and memory for nobody in particular: the machine has no other addresses. */
static void check_through(int one_copy)
{
	struct pmem_region *plain = NULL;
	struct pmem_region *region = vfio_memory(&edu, 65536);
	uint64_t phys = 0;

	CHECK("alloc", region, "%s", check_error());
	if (!region)
		return;
	CHECK_OK("phys", pmem_region_phys(region, &phys));
	CHECK_U64("bus-is-phys", vfio_address(region), phys);
	CHECK("contiguous", pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, "0x%x",
		pmem_region_attrs(region));
	memset(pmem_region_data(region), 0x66, 3000);
	CHECK_OK("copy", edu_copy(&edu.dma, phys + 40000, phys, 3000));
	CHECK("copied", vfio_all((char *)pmem_region_data(region) + 40000, 0x66, 3000), "other bytes");
	pmem_region_close(region);
	CHECK_OK("plain", pmem_region_alloc(edu.dma.ctx, 4096, NULL, &plain));
	CHECK_OK("plain-phys", pmem_region_phys(plain, &phys));
	CHECK_U64("plain-bus-is-phys", vfio_address(plain), phys);
	pmem_region_close(plain);
	if (!one_copy)
		dma_check(&edu.dma);
}

static void check_platform(const char *name)
{
	struct pmem_device_opts opts = unsafe;
	struct pmem_region *region = NULL;
	uint32_t magic = 0, version = 0;

	CHECK_OK("platform", pmem_device_open(edu.dma.ctx, name, &opts, &edu.device));
	CHECK("platform-attrs", pmem_device_attrs(edu.device) & PMEM_DEVICE_PLATFORM, "0x%x",
		pmem_device_attrs(edu.device));
	CHECK_U64("platform-maps", pmem_device_map_count(edu.device), 1);
	CHECK_OK("platform-map", pmem_device_map(edu.device, 0, 0, &region));
	CHECK_OK("platform-read", pmem_region_read32(region, 0, &magic));
	CHECK_U64("platform-magic", magic, 0x74726976); /* "virt", also at 0x200 of a page */
	CHECK_OK("platform-read", pmem_region_read32(region, 4, &version));
	CHECK("platform-version", version == 1 || version == 2, "%u", version);
	check_refused("platform-config", pmem_device_config_read(edu.device, 0, 2, &version),
		"unsupported");
	CHECK_OK("platform-close-map", pmem_region_close(region));
	CHECK_OK("platform-close", pmem_device_close(edu.device));
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	unsafe.way = argv[3];
	edu.dma.ctx = check_ctx();
	if (!strcmp(argv[2], "--platform")) {
		check_platform(argv[1]);
		return check_end();
	}
	if (open_unsafe(argv[1]) == 0) {
		if (strcmp(unsafe.way, "sysfs"))
			check_interrupt();
		if (!strcmp(argv[2], "--dropped"))
			check_dropped();
		else
			check_through(!strcmp(argv[2], "--one-copy"));
		CHECK_OK("close", vfio_close(&edu));
	}
	pmem_ctx_unref(edu.dma.ctx);
	return check_end();
}
