/* SPDX-License-Identifier: MIT */
/* Where a page of this program is now. It may be elsewhere a moment later: it is not pinned. */
#include <inttypes.h>
#include <stdio.h>

#include <pmem/pmem.h>

static char buffer[4096] = { 1 };

int main(void)
{
	uint64_t phys;

	if (pmem_vaddr_phys(buffer, &phys) < 0) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		return 1;
	}
	printf("0x%08" PRIx64 "\n", phys);
	return 0;
}
