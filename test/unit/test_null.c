/* SPDX-License-Identifier: MIT */
/* What no function takes NULL for, where no other suite asks. */
#include <errno.h>

#include "suite.h"

#define NULL_REFUSED(call) assert_fails(call, EINVAL, PMEM_CAUSE_NULL_ARGUMENT)

START_TEST(refused)
{
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx;
	uint64_t value = 0;
	size_t count;

	fake_start();
	assert_works(pmem_ctx_new(&ctx));
	NULL_REFUSED(pmem_soc_coherent(NULL, NULL));
	NULL_REFUSED(pmem_heap_count(NULL, &count));
	NULL_REFUSED(pmem_heap_count(ctx, NULL));
	NULL_REFUSED(pmem_vaddr_pagemap(NULL, &value, &value));
	NULL_REFUSED(pmem_vaddr_pagemap(ctx, &value, NULL));
	NULL_REFUSED(pmem_vaddr_phys(NULL, &value, &value));
	NULL_REFUSED(pmem_vaddr_phys(ctx, &value, NULL));
	NULL_REFUSED(pmem_vaddr_phys_bulk(NULL, &value, 1, &value));
	NULL_REFUSED(pmem_vaddr_phys_bulk(ctx, &value, 1, NULL));
	NULL_REFUSED(pmem_region_map_pci(ctx, NULL, 0, 0, &region));
	ck_assert_ptr_null(pmem_soc_family(NULL));
	pmem_ctx_unref(ctx);
	fake_stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("null");
	TCase *tc = tcase_create("null");

	tcase_add_test(tc, refused);
	suite_add_tcase(suite, tc);
	return suite;
}
