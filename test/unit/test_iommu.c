/* SPDX-License-Identifier: MIT */
/* lib/soc/iommu.c: which groups translate, and what it costs to learn that there are none. */
#include <errno.h>

#include "soc/iommu.h"
#include "soc/soc.h"
#include "played_tree.h"

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

/* A group of the played machine. name NULL: as most have none. */
static int machine_with(const char *type, const char *name)
{
	fake_remove("sys/kernel/iommu_groups");
	fake_text("sys/kernel/iommu_groups/7/type", type);
	if (name)
		fake_text("sys/kernel/iommu_groups/7/name", name);
	ck_assert_int_eq(iommu_translates(fake_root()), iommu_group_translates(fake_root(), "7"));
	return iommu_translates(fake_root());
}

/*
 * iommu_group_show_type() shows the default domain: "blocked" lets nothing through, "unmanaged" is
 * somebody's own, and "unknown" is no default domain at all: 32-bit ARM, where drivers map by
 * themselves. VFIO without an IOMMU makes such a group as well, and names it.
 */
START_TEST(kinds_of_groups)
{
	static const char *const translating[] = { "DMA\n", "DMA-FQ\n", "blocked\n", "unmanaged\n",
		"unknown\n", "new\n", "" };

	for (size_t i = 0; i < ARRAY_SIZE(translating); i++) {
		ck_assert_int_eq(machine_with(translating[i], NULL), 1);
		ck_assert_int_eq(machine_with(translating[i], "smmu-test\n"), 1);
	}
	ck_assert_int_eq(machine_with("identity\n", NULL), 0);
	ck_assert_int_eq(machine_with("unknown\n", "vfio-noiommu\n"), 0);
	ck_assert_int_eq(machine_with("unknown\n", "vfio-noiommu-not\n"), 1);
	ck_assert_int_eq(machine_with("DMA\n", "vfio-noiommu\n"), 1); /* the type counts */
	/* No type at all (before Linux 4.19): nothing says that it does not. */
	fake_remove("sys/kernel/iommu_groups/7/type");
	ck_assert_int_eq(iommu_translates(fake_root()), 1);
	fake_fail_named("open", EIO);
	ck_assert_int_eq(iommu_group_translates(fake_root(), "7"), -EIO);
	fake_fail_named(NULL, 0);
}
END_TEST

/* A group without an IOMMU beside one that has none: physical addresses are right. */
START_TEST(vfio_without_an_iommu)
{
	uint64_t got;

	fake_text("proc/cpuinfo", CPUINFO);
	fake_text("sys/kernel/iommu_groups/0/type", "unknown\n");
	fake_text("sys/kernel/iommu_groups/0/name", "vfio-noiommu\n");
	fake_text("sys/kernel/iommu_groups/1/type", "identity\n");
	assert_works(pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &got));
	ck_assert_uint_eq(got, 0x1000);
	fake_text("sys/kernel/iommu_groups/2/type", "DMA-FQ\n");
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
	tcase_add_test(tc, kinds_of_groups);
	tcase_add_test(tc, vfio_without_an_iommu);
	suite_add_tcase(suite, tc);
	return suite;
}
