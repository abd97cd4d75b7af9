/* SPDX-License-Identifier: MIT */
/*
 * Proving a copy engine. The engine here is the CPU, one byte after the other; a driver for a DMA
 * engine would ask both regions for pmem_region_bus() and wait for the end of the transfer.
 */
#include <stdio.h>

#include <pmem/pmem.h>

static int make(void *user, uint64_t size, struct pmem_region **out)
{
	/* A CPU needs no address: this runs for every user. */
	struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED };

	return pmem_region_alloc(user, size, &opts, out);
}

static int copy(void *user, struct pmem_region *dst, uint64_t dst_offset,
	struct pmem_region *src, uint64_t src_offset, uint64_t length)
{
	unsigned char *to = pmem_region_at(dst, dst_offset, length, 1);
	const unsigned char *from = pmem_region_at(src, src_offset, length, 1);

	(void)user;
	if (!to || !from)
		return pmem_error_code(pmem_error_last());
	for (uint64_t i = 0; i < length; i++)
		to[i] = from[i];
	return 0;
}

int main(void)
{
	struct pmem_ctx *ctx = NULL;
	int r = pmem_ctx_new(&ctx);

	if (r == 0) /* 7 guarded bytes at both ends, the source starting at an odd place */
		r = pmem_selftest_copy(ctx, 10000, 7, 3, make, copy, ctx);
	if (r == 0)
		puts("every byte is right");
	else
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
	pmem_ctx_unref(ctx);
	return r < 0;
}
