/* SPDX-License-Identifier: MIT */
/* Memory for a device: 1 MiB, aligned to 64 KiB, filled by the CPU, ready for DMA. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <pmem/pmem.h>

static int prepare(struct pmem_region *region)
{
	uint64_t phys, bus, size = pmem_region_size(region);
	int r = pmem_region_cpu_begin(region, 0, size, PMEM_DIR_WRITE);

	if (r < 0)
		return r;
	memset(pmem_region_data(region), 0x55, (size_t)size);
	r = pmem_region_cpu_end(region, 0, size, PMEM_DIR_WRITE);
	if (r < 0)
		return r;
	r = pmem_region_phys(region, &phys);
	if (r < 0)
		return r;
	printf("%" PRIu64 " bytes at 0x%08" PRIx64 " by %s\n", size, phys,
		pmem_region_backend(region));
	/* What a device must be told. Where an IOMMU translates that cannot be known. */
	if (pmem_region_bus(region, &bus) == 0)
		printf("bus address 0x%08" PRIx64 "\n", bus);
	return 0;
}

int main(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .align = 65536 };
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx = NULL;
	int r = pmem_ctx_new(&ctx);

	if (r == 0)
		r = pmem_region_alloc(ctx, 1 << 20, &opts, &region);
	if (r == 0)
		r = prepare(region);
	if (r < 0)
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
	pmem_region_close(region);
	pmem_ctx_unref(ctx);
	return r < 0;
}
