/* SPDX-License-Identifier: MIT */
/* Where a page of this program is now. It may be elsewhere a moment later: it is not pinned. */
#include <inttypes.h>
#include <stdio.h>

#include <pmem/pmem.h>

static char buffer[4096] = { 1 };

int main(void)
{
	struct pmem_ctx *ctx;
	uint64_t phys;

	if (pmem_ctx_new(&ctx) < 0 || pmem_vaddr_phys(ctx, buffer, &phys) < 0) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		return 1;
	}
	printf("0x%08" PRIx64 "\n", phys);
	pmem_ctx_unref(ctx);
	return 0;
}
