/* SPDX-License-Identifier: MIT */
/*
 * One register of a device that uio drives, and its next interrupt. A device without DMA needs no IOMMU; for
 * the library it is unsafe all the same, since it cannot tell. usage: uio DEVICE OFFSET [VALUE]
 * DEVICE is /dev/uio0, or what it belongs to: 0000:00:04.0, fe204000.spi, a node of the device tree
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <pmem/pmem.h>

int main(int argc, char **argv)
{
	struct pmem_device_opts how = { .size = sizeof(how), .flags = PMEM_DEVICE_MAY_BE_UNSAFE, .way = "uio" };
	struct pmem_ctx *ctx = NULL;
	struct pmem_device *device = NULL;
	struct pmem_region *registers = NULL;
	uint64_t offset, fired;
	uint32_t value = 0;
	int failed = 1;

	if (argc < 3) {
		fprintf(stderr, "usage: uio DEVICE OFFSET [VALUE]\n");
		return 2;
	}
	offset = strtoull(argv[2], NULL, 0);
	if (pmem_ctx_new(&ctx) || pmem_device_open(ctx, argv[1], &how, &device) ||
		pmem_device_map(device, 0, 0, &registers))
		goto end;
	if (argc > 3) {
		failed = pmem_region_write32(registers, offset, (uint32_t)strtoul(argv[3], NULL, 0));
		if (!failed && pmem_device_irq_wait(device, PMEM_IRQ_ANY, 0, 1000, &fired) == 0)
			printf("%" PRIu64 " interrupts\n", fired);
	} else {
		failed = pmem_region_read32(registers, offset, &value);
		if (!failed)
			printf("0x%08" PRIx32 "\n", value);
	}
end:
	if (failed)
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
	pmem_region_close(registers);
	pmem_device_close(device);
	pmem_ctx_unref(ctx);
	return failed;
}
