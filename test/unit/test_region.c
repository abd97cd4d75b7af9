/* SPDX-License-Identifier: MIT */
/* lib/api/region.c and lib/api/region_io.c over a played table of backends. */
#include <errno.h>
#include <string.h>

#include "play.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static void setup(void)
{
	play_start(&ctx);
}

static void teardown(void)
{
	play_stop(ctx);
}

static struct pmem_region *alloc(uint64_t size, uint32_t flags)
{
	return play_take(ctx, size, flags);
}

START_TEST(null_is_refused_everywhere)
{
	struct pmem_region *region = alloc(64, 0), *out;
	uint64_t v;
	uint8_t v8;

	assert_fails(pmem_region_map(NULL, 0, 1, 0, &out), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_map(ctx, 0, 1, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_map_gpio(NULL, 0, &out), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_map_gpio(ctx, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_map_node(ctx, NULL, 0, 0, &out), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_map_pci(ctx, NULL, 0, 0, &out), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_alloc(NULL, 1, NULL, &out), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_alloc(ctx, 1, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_import(ctx, 0, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_import(NULL, 0, 0, &out), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_phys(NULL, &v), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_phys(region, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_bus(NULL, &v), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_extent(NULL, 0, &v, &v), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_read8(NULL, 0, &v8), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_read8(region, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_write8(NULL, 0, 0), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_cpu_begin(NULL, 0, 0, 1), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_cpu_end(NULL, 0, 0, 1), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_region_dup_fd(NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_ptr_null(pmem_region_at(NULL, 0, 0, 0));
	ck_assert_ptr_null(pmem_region_data(NULL));
	ck_assert_uint_eq(pmem_region_size(NULL), 0);
	ck_assert_uint_eq(pmem_region_attrs(NULL), 0);
	ck_assert_str_eq(pmem_region_backend(NULL), "");
	assert_works(pmem_region_close(NULL));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(bad_arguments_are_told_apart)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *out = (struct pmem_region *)&opts;

	assert_fails(pmem_region_map(ctx, 0, 0, 0, &out), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_fails(pmem_region_map(ctx, 16, UINT64_MAX, 0, &out), EOVERFLOW, PMEM_CAUSE_WRAPS);
	assert_fails(pmem_region_map(ctx, 0, 1, 1u << 30, &out), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_import(ctx, 0, PMEM_MAP_CACHED, &out), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_import(ctx, 9999, 0, &out), EBADF, PMEM_CAUSE_WRONG_KIND);
	assert_fails(pmem_region_alloc(ctx, 0, NULL, &out), EINVAL, PMEM_CAUSE_ZERO_SIZE);
	assert_fails(pmem_region_alloc(ctx, UINT64_MAX, NULL, &out), EOVERFLOW, PMEM_CAUSE_WRAPS);
	opts.align = 3;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &out), EINVAL, PMEM_CAUSE_ALIGNMENT);
	opts.align = 1ull << 40;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &out), EINVAL, PMEM_CAUSE_ALIGNMENT);
	opts.align = 0;
	opts.flags = 1u << 31;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &out), EINVAL, PMEM_CAUSE_FLAGS);
	opts.flags = PMEM_ALLOC_CACHED | PMEM_ALLOC_UNCACHED;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &out), EINVAL, PMEM_CAUSE_FLAGS);
	opts.flags = PMEM_ALLOC_NO_MASTER;
	opts.master = "/soc/dma";
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &out), EINVAL, PMEM_CAUSE_FLAGS);
	opts.flags = 0;
	opts.master = NULL;
	opts.max_addr = 4095;
	assert_fails(pmem_region_alloc(ctx, 4097, &opts, &out), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	opts.max_addr = 0;
	opts.backend = "nonesuch";
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &out), ENOENT, PMEM_CAUSE_NOT_FOUND);
	opts.size = 8;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &out), EINVAL, PMEM_CAUSE_OPTIONS);
	ck_assert_ptr_eq(out, &opts); /* written on success only */
}
END_TEST

START_TEST(options_from_the_future)
{
	struct { struct pmem_alloc_opts known; uint64_t later; } opts = { .known.size = sizeof(opts) };
	struct pmem_region *region;

	assert_works(pmem_region_alloc(ctx, 1, &opts.known, &region));
	assert_works(pmem_region_close(region));
	opts.later = 1;
	assert_fails(pmem_region_alloc(ctx, 1, &opts.known, &region), E2BIG, PMEM_CAUSE_OPTIONS);
}
END_TEST

/* A member that has no meaning yet is 0: whatever a program leaves there, a later library reads. */
START_TEST(reserved_members_are_zero)
{
	struct pmem_firmware_opts firmware = { .size = sizeof(firmware) };
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .firmware = &firmware };
	struct pmem_region *region;

	assert_works(pmem_region_alloc(ctx, 1, &opts, &region));
	assert_works(pmem_region_close(region));
	opts.reserved = &opts;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), EINVAL, PMEM_CAUSE_OPTIONS);
	opts.reserved = NULL;
	firmware.reserved = 1;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), EINVAL, PMEM_CAUSE_OPTIONS);
}
END_TEST

START_TEST(firmware_options_are_checked_too)
{
	struct { struct pmem_firmware_opts known; uint32_t later; } firmware = {
		.known.size = sizeof(firmware) };
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .firmware = &firmware.known };
	struct pmem_region *region;

	assert_works(pmem_region_alloc(ctx, 1, &opts, &region));
	assert_works(pmem_region_close(region));
	firmware.later = 1;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), E2BIG, PMEM_CAUSE_OPTIONS);
	firmware.known.size = 0;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), EINVAL, PMEM_CAUSE_OPTIONS);
	firmware.known.size = sizeof(firmware.known);
	firmware.known.flags = PMEM_FIRMWARE_MUST_JOURNAL | PMEM_FIRMWARE_NO_RECLAIM;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), EINVAL, PMEM_CAUSE_FLAGS);
	firmware.known.flags = 1u << 31;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), EINVAL, PMEM_CAUSE_FLAGS);
}
END_TEST

START_TEST(map_and_its_forms)
{
	struct { uint32_t a, b; } *registers = NULL;
	struct nine { char bytes[9]; };
	struct pmem_region *region;
	uint64_t phys;

	assert_works(pmem_region_map(ctx, 0, 8, PMEM_MAP_READONLY, &region));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0); /* a legal address */
	assert_fails(pmem_region_write32(region, 0, 1), EACCES, PMEM_CAUSE_READONLY);
	assert_works(pmem_region_close(region));

	assert_works(PMEM_MAP_AS(ctx, 0x3f200000, &registers, &region));
	ck_assert_ptr_eq(registers, pmem_region_data(region));
	ck_assert_uint_eq(pmem_region_size(region), 8);
	ck_assert_ptr_eq(PMEM_REGION_AS(region, uint64_t), registers);
	ck_assert_ptr_null(PMEM_REGION_AS(region, struct nine));
	assert_works(pmem_region_close(region));
	play_first.map_errnum = play_second.map_errnum = EPERM;
	registers = (void *)&phys;
	region = (void *)&phys;
	assert_fails(PMEM_MAP_AS(ctx, 0x3f200000, &registers, &region), EPERM,
		PMEM_CAUSE_BUSY);
	ck_assert_ptr_eq(registers, &phys);
	ck_assert_ptr_eq(region, &phys);
	assert_fails(PMEM_MAP_AS(NULL, 0x3f200000, &registers, &region), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
}
END_TEST

START_TEST(checked_pointers)
{
	struct pmem_region *region = alloc(30, 0);
	unsigned char *data = pmem_region_data(region);
	uint32_t *words;
	size_t count;

	ck_assert_ptr_eq(pmem_region_at(region, 0, 30, 0), data);
	ck_assert_ptr_eq(pmem_region_at(region, 30, 0, 1), data + 30);
	ck_assert_ptr_eq(pmem_region_at(region, 8, 4, 8), data + 8);
	ck_assert_ptr_null(pmem_region_at(region, 0, 31, 0));
	ck_assert_int_eq(errno, ERANGE);
	ck_assert_ptr_null(pmem_region_at(region, UINT64_MAX, 2, 0));
	ck_assert_ptr_null(pmem_region_at(region, 2, 4, 4));
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(pmem_region_at(region, 0, 4, 3));
	words = PMEM_REGION_ARRAY(region, uint32_t, &count);
	ck_assert_ptr_eq(words, data);
	ck_assert_uint_eq(count, 7);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(register_access)
{
	struct pmem_region *region = alloc(16, 0);
	uint8_t v8;
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;

	assert_works(pmem_region_write64(region, 8, 0x1122334455667788));
	assert_works(pmem_region_read64(region, 8, &v64));
	ck_assert_uint_eq(v64, 0x1122334455667788);
	assert_works(pmem_region_write32(region, 4, 0xcafe0001));
	assert_works(pmem_region_read32(region, 4, &v32));
	ck_assert_uint_eq(v32, 0xcafe0001);
	assert_works(pmem_region_write16(region, 2, 0xbeef));
	assert_works(pmem_region_read16(region, 2, &v16));
	ck_assert_uint_eq(v16, 0xbeef);
	assert_works(pmem_region_write8(region, 15, 0x42));
	assert_works(pmem_region_read8(region, 15, &v8));
	ck_assert_uint_eq(v8, 0x42);
	assert_fails(pmem_region_read8(region, 16, &v8), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_read64(region, 12, &v64), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_read32(region, 2, &v32), EINVAL, PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_region_write16(region, 1, 0), EINVAL, PMEM_CAUSE_ALIGNMENT);
	assert_fails(pmem_region_write64(region, UINT64_MAX - 7, 0), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(pieces)
{
	uint64_t phys, length;
	struct pmem_region *region;

	/* Without a tree, what addresses devices use is known of a PC and of some boards only. */
	fake_text("proc/cpuinfo", "Hardware\t: Allwinner sun8i Family\n");
	play_first.pieces = 3;
	play_first.attrs &= ~PMEM_REGION_CONTIGUOUS;
	region = alloc(100, PMEM_ALLOC_SCATTERED);
	assert_fails(pmem_region_phys(region, &phys), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_fails(pmem_region_bus(region, &phys), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(pmem_region_extent(region, 0, &phys, &length));
	ck_assert_uint_eq(phys, 0x1000);
	ck_assert_uint_eq(length, 33);
	assert_works(pmem_region_extent(region, 34, &phys, NULL));
	ck_assert_uint_eq(phys, 0x101001);
	assert_works(pmem_region_extent(region, 99, &phys, &length));
	ck_assert_uint_eq(phys, 0x201000 + 33);
	ck_assert_uint_eq(length, 1);
	assert_fails(pmem_region_extent(region, 100, &phys, &length), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(unknown_address_says_why)
{
	struct pmem_region *region;
	uint64_t phys = 77;

	play_first.unknown = true;
	region = alloc(1, PMEM_ALLOC_NO_ADDRESS);
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "no one tells"));
	ck_assert_str_eq(pmem_error_hint(pmem_error_last()), "ask");
	assert_fails(pmem_region_extent(region, 0, &phys, NULL), ENXIO, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_uint_eq(phys, 77);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(sync_does_the_work_or_says_no)
{
	struct pmem_region *region = alloc(4096, 0);

	assert_works(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
	ck_assert_uint_eq(fake_cache_calls(), 0); /* coherent */
	assert_fails(pmem_region_cpu_begin(region, 0, 0, 0), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_cpu_end(region, 0, 0, 4), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_cpu_end(region, 4000, 97, 1), ERANGE, PMEM_CAUSE_BOUNDS);
	assert_works(pmem_region_close(region));

	play_first.attrs &= ~PMEM_REGION_COHERENT;
	play_first.attrs |= PMEM_REGION_NEEDS_SYNC;
	region = alloc(4096, 0);
	assert_works(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_eq(fake_cache_calls(), 0); /* nothing to read */
	assert_works(pmem_region_cpu_end(region, 100, 50, PMEM_DIR_WRITE));
	ck_assert_uint_eq(fake_cache_bytes(), 50);
	assert_works(pmem_region_cpu_begin(region, 96, PMEM_TO_END, PMEM_DIR_READ));
	ck_assert_uint_eq(fake_cache_bytes(), 50 + 4000);
	ck_assert_uint_eq(fake_cache_calls(), 2);
	assert_works(pmem_region_cpu_end(region, 4096, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_eq(fake_cache_calls(), 2); /* the end is there */
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_fails(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE), EOPNOTSUPP,
		PMEM_CAUSE_NOT_COHERENT);
	assert_works(pmem_region_close(region));
}
END_TEST

/* A length of 0 is no bytes, never all of them: what a loop over nothing asks for. */
START_TEST(length_zero_is_nothing)
{
	struct pmem_region *region;

	play_first.attrs &= ~PMEM_REGION_COHERENT;
	play_first.attrs |= PMEM_REGION_NEEDS_SYNC;
	region = alloc(4096, 0);
	assert_works(pmem_region_cpu_begin(region, 0, 0, PMEM_DIR_READ));
	assert_works(pmem_region_cpu_end(region, 0, 0, PMEM_DIR_WRITE));
	assert_works(pmem_region_cpu_begin(region, 4096, 0, PMEM_DIR_BOTH));
	ck_assert_uint_eq(fake_cache_calls(), 0);
	assert_fails(pmem_region_cpu_begin(region, 4097, 0, PMEM_DIR_READ), ERANGE,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_cpu_begin(region, 4097, PMEM_TO_END, PMEM_DIR_READ), ERANGE,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_region_cpu_begin(region, 0, 0, 0), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_region_cpu_begin(region, 1, PMEM_TO_END - 1, PMEM_DIR_READ), ERANGE,
		PMEM_CAUSE_BOUNDS);
	assert_works(pmem_region_close(region));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("region");
	TCase *tc = tcase_create("region");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, null_is_refused_everywhere);
	tcase_add_test(tc, bad_arguments_are_told_apart);
	tcase_add_test(tc, options_from_the_future);
	tcase_add_test(tc, reserved_members_are_zero);
	tcase_add_test(tc, firmware_options_are_checked_too);
	tcase_add_test(tc, map_and_its_forms);
	tcase_add_test(tc, checked_pointers);
	tcase_add_test(tc, register_access);
	tcase_add_test(tc, pieces);
	tcase_add_test(tc, unknown_address_says_why);
	tcase_add_test(tc, sync_does_the_work_or_says_no);
	tcase_add_test(tc, length_zero_is_nothing);
	suite_add_tcase(suite, tc);
	return suite;
}
