/* SPDX-License-Identifier: MIT */
/* The same as start_bare.c, with the library. */
#include <pmem/pmem.h>

int main(int argc, char **argv)
{
	struct pmem_ctx *ctx;
	uint64_t phys;
	int r;

	(void)argc;
	if (pmem_ctx_new(&ctx) < 0)
		return 1;
	r = pmem_vaddr_phys(ctx, argv, &phys);
	pmem_ctx_unref(ctx);
	return r < 0;
}
