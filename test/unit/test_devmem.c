/* SPDX-License-Identifier: MIT */
/* /dev/mem: any range, exactly there, with what the kernel makes of it. */
#include "played_mem.h"

START_TEST(exact_place)
{
	uint64_t phys;

	assert_works(map(0x3f200123, 0x10, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x3f200123);
	ck_assert_uint_eq(pmem_region_size(region), 0x10);
	ck_assert_uint_eq((uintptr_t)pmem_region_data(region) & 0xfff, 0x123);
	ck_assert_uint_eq(k.offset, 0x3f200000);
	ck_assert_uint_eq(k.length, 0x1000);
	ck_assert_int_eq(k.map_flags & MAP_SHARED, MAP_SHARED);
	ck_assert_str_eq(pmem_region_backend(region), "devmem");
	ck_assert_uint_eq(fake_fds(), 0); /* a mapping outlives its descriptor */
	close_region();
}
END_TEST

/* Registers may begin anywhere; a pointer to what must be aligned is not made there. */
START_TEST(types_keep_their_alignment)
{
	size_t count = 77;

	assert_works(map(0x3f200002, 64, 0));
	ck_assert_ptr_eq(PMEM_REGION_AS(region, uint8_t), pmem_region_data(region));
	ck_assert_ptr_eq(PMEM_REGION_AS(region, uint16_t), pmem_region_data(region));
	ck_assert_ptr_null(PMEM_REGION_AS(region, uint32_t));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_ALIGNMENT);
	ck_assert_ptr_null(PMEM_REGION_ARRAY(region, uint64_t, &count));
	ck_assert_uint_eq(count, 77);
	ck_assert_ptr_nonnull(PMEM_REGION_ARRAY(region, uint16_t, &count));
	ck_assert_uint_eq(count, 32);
	close_region();
}
END_TEST

START_TEST(crosses_a_page)
{
	assert_works(map(0x3f200fff, 2, 0));
	ck_assert_uint_eq(k.length, 0x2000);
	close_region();
}
END_TEST

START_TEST(address_zero)
{
	uint64_t phys = 1;

	assert_works(map(0, 1, 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0);
	close_region();
}
END_TEST

START_TEST(larger_pages)
{
	static const size_t sizes[] = { 16384, 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		fake_page_size(sizes[i]);
		assert_works(map(0x3f215040, 0x20, 0));
		ck_assert_uint_eq(k.offset, 0x3f215040 & ~(uint64_t)(sizes[i] - 1));
		ck_assert_uint_eq(k.length, sizes[i]);
		close_region();
	}
}
END_TEST

/* off_t has 64 bits also in a 32-bit program, but its mmap2() ends at 2^44. */
START_TEST(above_four_gib)
{
	uint64_t phys = 0xf000d0040;

	if (sizeof(long) == 4) {
		assert_fails(map(1ull << 44, 4, 0), ERANGE, PMEM_CAUSE_BUS_WIDTH);
		assert_says(message(), "32-bit");
		return;
	}
	assert_works(map(phys, 4, 0));
	ck_assert_uint_eq(k.offset, 0xf000d0000);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0xf000d0040);
	close_region();
}
END_TEST

START_TEST(open_flags)
{
	assert_works(map(0x1000, 4, 0));
	ck_assert_int_eq(k.flags & O_ACCMODE, O_RDWR);
	ck_assert_int_eq(k.flags & O_SYNC, O_SYNC);
	ck_assert_int_eq(k.prot, PROT_READ | PROT_WRITE);
	close_region();
	assert_works(map(0x1000, 4, PMEM_MAP_CACHED));
	ck_assert_int_eq(k.flags & O_SYNC, 0);
	close_region();
}
END_TEST

START_TEST(read_only)
{
	k.readonly_errnum = EACCES;
	assert_works(map(0x1000, 4, PMEM_MAP_READONLY));
	ck_assert_int_eq(k.flags & O_ACCMODE, O_RDONLY);
	ck_assert_int_eq(k.prot, PROT_READ);
	ck_assert_uint_ne(pmem_region_attrs(region) & PMEM_REGION_READONLY, 0);
	close_region();
	assert_fails(map(0x1000, 4, 0), EACCES, PMEM_CAUSE_FILE_MODE);
	assert_works(backend_devmem.probe(ctx)); /* reading is worth something */
}
END_TEST

START_TEST(attributes)
{
	uint32_t attrs;

	fake_text("/proc/iomem", "00000000-3fffffff : System RAM\n40000000-4000ffff : uart\n");
	assert_works(map(0x40000000, 4, 0));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_DEVICE | PMEM_REGION_COHERENT |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_PINNED);
	close_region();
	assert_works(map(0x10000000, 4, PMEM_MAP_SYSTEM_RAM));
	ck_assert_uint_eq(k.flags & O_SYNC, 0); /* cached, as the kernel's own mapping is */
	attrs = pmem_region_attrs(region);
	ck_assert_uint_eq(attrs & PMEM_REGION_DEVICE, 0);
	ck_assert_uint_ne(attrs & PMEM_REGION_CACHED, 0);
	ck_assert_uint_ne(attrs & (PMEM_REGION_COHERENT | PMEM_REGION_NEEDS_SYNC), 0);
	close_region();
}
END_TEST

/* On Arm an uncached mapping beside the kernel's own has crashed a Raspberry Pi 3. */
START_TEST(ram_of_linux_is_refused)
{
	fake_text("/proc/iomem", "00000000-3fffffff : System RAM\n40000000-4000ffff : uart\n");
	assert_fails(map(0x10000000, 4, 0), EPERM, PMEM_CAUSE_SYSTEM_RAM);
	assert_fails(map(0x10000000, 4, PMEM_MAP_CACHED), EPERM, PMEM_CAUSE_SYSTEM_RAM);
	assert_fails(map(0x3ffffff0, 0x20, 0), EPERM, PMEM_CAUSE_SYSTEM_RAM);
	ck_assert_uint_eq(k.length, 0);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "PMEM_MAP_SYSTEM_RAM"));
}
END_TEST

/* Without CAP_SYS_ADMIN /proc/iomem shows zeros: what is cached may be RAM, and registers too. */
START_TEST(what_cannot_be_told)
{
	uint32_t attrs;

	fake_text("/proc/iomem", "00000000-00000000 : System RAM\n00000000-00000000 : uart\n");
	assert_works(map(0x10000000, 4, PMEM_MAP_CACHED));
	attrs = pmem_region_attrs(region);
	ck_assert_uint_ne(attrs & PMEM_REGION_DEVICE, 0);
	ck_assert_uint_ne(attrs & PMEM_REGION_CACHED, 0);
#if defined(__x86_64__) || defined(__i386__)
	ck_assert_uint_ne(attrs & PMEM_REGION_COHERENT, 0);
#else
	ck_assert_uint_ne(attrs & PMEM_REGION_NEEDS_SYNC, 0);
#endif
	close_region();
}
END_TEST

/* --- what the arguments forbid --------------------------------------------------------------- */

START_TEST(bad_ranges)
{
	assert_fails(map(0x1000, 0, 0), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_fails(map(UINT64_MAX, 2, 0), EOVERFLOW, PMEM_CAUSE_WRAPS);
	assert_fails(map(0x1000, UINT64_MAX, 0), EOVERFLOW, PMEM_CAUSE_WRAPS);
	assert_fails(map(0x1000, 4, 1u << 31), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(map(0x1000, 4, PMEM_MAP_WRITE_COMBINE), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_map(NULL, 0, 4, 0, &region), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_map(ctx, 0, 4, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_ptr_null(region);
	ck_assert_uint_eq(k.length, 0); /* nothing of this reached the kernel */
}
END_TEST

START_TEST(beyond_the_played_memory)
{
	assert_fails(map(mem.memory - 4, 8, 0), ERANGE, PMEM_CAUSE_BUS_WIDTH);
	assert_fails(map(UINT64_MAX, 1, 0), ERANGE, PMEM_CAUSE_BUS_WIDTH);
	assert_fails(map(0, UINT64_MAX, 0), ERANGE, PMEM_CAUSE_BUS_WIDTH);
}
END_TEST

Suite *test_suite(void)
{
	const TTest *const tests[] = { exact_place, types_keep_their_alignment, crosses_a_page,
		address_zero, larger_pages, above_four_gib, open_flags, read_only, attributes,
		ram_of_linux_is_refused, what_cannot_be_told, bad_ranges, beyond_the_played_memory };
	Suite *suite = suite_create("devmem");
	TCase *tc = tcase_create("devmem");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return suite;
}
