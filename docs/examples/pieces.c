/* SPDX-License-Identifier: MIT */
/*
 * A list for a device that walks pieces (a scatter list, NVMe's PRPs, the control blocks of cyclic
 * DMA): 256 KiB that may lie anywhere that the device sees. The first argument names the device.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <pmem/pmem.h>

/* Count first, then all in one call: either both come back, or nothing is written. */
static int list(const struct pmem_region *region, struct pmem_extent **pieces, size_t *count)
{
	int r = pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_BUS, NULL, 0, count);

	if (r < 0)
		return r;
	*pieces = calloc(*count, sizeof(**pieces)); /* the next call refuses NULL */
	return pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_BUS, *pieces, *count, count);
}

int main(int argc, char **argv)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_SCATTERED,
		.master = argc > 1 ? argv[1] : NULL };
	struct pmem_extent *pieces = NULL;
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx = NULL;
	size_t count = 0;
	int r = pmem_ctx_new(&ctx);

	if (r == 0)
		r = pmem_region_alloc(ctx, 256 << 10, &opts, &region);
	if (r == 0)
		r = list(region, &pieces, &count);
	for (size_t i = 0; r == 0 && i < count; i++)
		printf("bus 0x%010" PRIx64 " + 0x%" PRIx64 "\n", pieces[i].bus, pieces[i].length);
	if (r < 0)
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
	free(pieces);
	pmem_region_close(region);
	pmem_ctx_unref(ctx);
	return r < 0;
}
