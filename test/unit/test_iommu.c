/* SPDX-License-Identifier: MIT */
/* lib/soc/iommu.c: what it costs to learn that there is none. */
#include <errno.h>

#include "soc/soc.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static void start(void)
{
	fake_start();
	assert_works(pmem_ctx_new(&ctx));
}

static void stop(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

/* A machine without a tree that has no other translation than an IOMMU: a PC, or an old board. */
#if defined(__x86_64__) || defined(__i386__)
#define CPUINFO "vendor_id\t: GenuineIntel\n"
#else
#define CPUINFO "Hardware\t: Allwinner sun8i Family\n"
#endif

/* Each allocation asks on a PC, so that there is none is told by one call. */
START_TEST(no_iommu_costs_one_call)
{
	uint64_t got;

	fake_text("proc/cpuinfo", CPUINFO);
	fake_dir("sys/kernel/iommu_groups");
	assert_works(pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &got));
	ck_assert_uint_eq(got, 0x1000);
	fake_count_opens(true);
	assert_works(pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &got));
	ck_assert_uint_eq(fake_opens("/sys/kernel/iommu_groups"), 0);
	fake_text("sys/kernel/iommu_groups/0/type", "DMA\n");
	assert_fails(pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("iommu");
	TCase *tc = tcase_create("iommu");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, no_iommu_costs_one_call);
	suite_add_tcase(suite, tc);
	return suite;
}
