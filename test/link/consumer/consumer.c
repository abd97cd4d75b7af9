/* SPDX-License-Identifier: MIT */
/* A user's program: compiled, linked and run in each of the ways that users do it. */
#include <pmem/pmem.h>
#include <stdio.h>

/* A program may have functions named as hidden ones of the library: they must not meet. */
int error_set(void);
int error_set(void)
{
	return 42;
}

int main(void)
{
	struct pmem_ctx *ctx = NULL;
	size_t backends;

	if (pmem_version_number() != PMEM_VERSION_NUMBER || error_set() != 42)
		return 1;
	if (pmem_region_alloc(NULL, 4096, NULL, NULL) == 0 || !pmem_error_last())
		return 2;
	if (pmem_ctx_new(&ctx) != 0)
		return 3;
	backends = pmem_backend_count(ctx);
	pmem_ctx_unref(ctx);
	if (backends == 0)
		return 4;
	printf("libpmem %s, %zu backends\n", pmem_version(), backends);
	return 0;
}
