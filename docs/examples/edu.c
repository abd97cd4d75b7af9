/* SPDX-License-Identifier: MIT */
/*
 * A device behind an IOMMU, without root: QEMU's "edu" (docs/specs/edu.rst) copies memory by DMA. Bind it
 * once (physmem device bind 0000:00:04.0), and give yourself the node of its group. usage: edu 0000:00:04.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <pmem/pmem.h>

#define DMA_FROM    0x80 /* 64 bits each */
#define DMA_TO      0x88
#define DMA_COUNT   0x90
#define DMA_COMMAND 0x98 /* 1 start, 2 out of the device, 4 interrupt when done */
#define IRQ_ACK     0x64
#define BUFFER      0x40000 /* where the device's own memory is, for it */
#define LENGTH      4000    /* of 4096: some versions of QEMU end at a copy of its last byte */

/* Start a copy, and wait for the message that it is done. */
static int copy(struct pmem_device *edu, struct pmem_region *bar, uint64_t from, uint64_t to, uint64_t out)
{
	int r;

	pmem_region_write64(bar, DMA_FROM, from);
	pmem_region_write64(bar, DMA_TO, to);
	pmem_region_write64(bar, DMA_COUNT, LENGTH);
	pmem_region_write64(bar, DMA_COMMAND, 1 | out | 4);
	r = pmem_device_irq_wait(edu, PMEM_IRQ_MSI, 0, 5000, NULL);
	pmem_region_write32(bar, IRQ_ACK, 0x100);
	return r;
}

int main(int argc, char **argv)
{
	struct pmem_device_opts how = { .size = sizeof(how), .max_addr = 0xfffffff }; /* it has 28 bits */
	struct pmem_alloc_opts want = { .size = sizeof(want) };
	struct pmem_ctx *ctx = NULL;
	struct pmem_device *edu = NULL;
	struct pmem_region *bar = NULL, *memory = NULL;
	unsigned char *bytes;
	uint64_t bus;
	int failed = 1;

	if (argc != 2 || pmem_ctx_new(&ctx) || pmem_device_open(ctx, argv[1], &how, &edu) ||
		pmem_device_map(edu, 0, 0, &bar) || pmem_device_enable(edu, PMEM_ENABLE_MASTER) ||
		pmem_device_irq_fd(edu, PMEM_IRQ_MSI, 0) < 0)
		goto end;
	want.device = edu;
	if (pmem_region_alloc(ctx, 8192, &want, &memory) || pmem_region_bus(memory, &bus))
		goto end;
	bytes = pmem_region_data(memory);
	memset(bytes, 0x5a, LENGTH);
	if (copy(edu, bar, bus, BUFFER, 0) || copy(edu, bar, BUFFER, bus + 4096, 2))
		goto end;
	failed = memcmp(bytes, bytes + 4096, LENGTH) != 0;
	printf("%s by %s: %d bytes at 0x%" PRIx64 " %s\n", pmem_device_name(edu), pmem_device_way(edu), LENGTH, bus,
		failed ? "differ" : "copied");
end:
	if (failed)
		fprintf(stderr, "%s\n", argc == 2 ? pmem_error_text(pmem_error_last()) : "usage: edu 0000:00:04.0");
	pmem_region_close(memory);
	pmem_region_close(bar);
	pmem_device_close(edu);
	pmem_ctx_unref(ctx);
	return failed;
}
