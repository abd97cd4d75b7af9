/* SPDX-License-Identifier: MIT */
/* BARs of PCI devices, by sysfs. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/backend.h"
#include "suite.h"

#define SYS "/sys/bus/pci/devices/"
#define BDF "0000:00:04.0"

static struct {
	int refusal;
	size_t length;
	int prot;
	const char *last; /* the file that was mapped */
} k;

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static char warning[512];

static int bar_mmap(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	ck_assert_int_ne(flags & MAP_SHARED, 0);
	ck_assert_uint_eq(offset, 0);
	k.length = length;
	k.prot = prot;
	k.last = user;
	if (k.refusal)
		return -k.refusal;
	return fake_untouchable(NULL, length, prot, flags, offset, out);
}

static char bar0_name[] = "resource0", bar2_name[] = "resource2", wc_name[] = "resource2_wc";
static char small_name[] = "resource4";

static struct fake_device bars[] = {
	{ .path = SYS BDF "/resource0", .mmap = bar_mmap, .user = bar0_name },
	{ .path = SYS BDF "/resource2", .mmap = bar_mmap, .user = bar2_name },
	{ .path = SYS BDF "/resource2_wc", .mmap = bar_mmap, .user = wc_name },
	{ .path = SYS BDF "/resource4", .mmap = bar_mmap, .user = small_name },
};

/* As drivers/pci/pci-sysfs.c resource_show() writes it. */
static const char resource[] =
	"0x00000000feb00000 0x00000000febfffff 0x0000000000040200\n" /* BAR 0: 1 MiB */
	"0x000000000000c000 0x000000000000c01f 0x0000000000040101\n" /* BAR 1: I/O ports */
	"0x0000004000100000 0x000000400017ffff 0x000000000014220c\n" /* BAR 2: 64 bits, prefetch */
	"0x0000000000000000 0x0000000000000000 0x0000000000000000\n" /* its second half */
	"0x00000000fea01c00 0x00000000fea01cff 0x0000000000040200\n" /* BAR 4: 256 bytes */
	"0x0000000000000000 0x0000000000000fff 0x0000000020040200\n" /* BAR 5: no address */
	"0x0000000000000000 0x0000000000000000 0x0000000000000000\n";

static void on_log(void *user, uint32_t level, const char *text)
{
	(void)user;
	if (level == PMEM_LEVEL_WARNING)
		snprintf(warning, sizeof(warning), "%s", text);
}

static void setup(void)
{
	memset(&k, 0, sizeof(k));
	warning[0] = '\0';
	fake_start();
	fake_page_size(4096);
	fake_text(SYS BDF "/resource", resource);
	for (size_t i = 0; i < ARRAY_SIZE(bars); i++) {
		bars[i].open_errnum = 0;
		fake_device(&bars[i]);
	}
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_ctx_set_log(ctx, on_log, NULL));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

static int map(const char *bdf, unsigned bar, uint32_t flags)
{
	return pmem_region_map_pci(ctx, bdf, bar, flags, &region);
}

static void check(const char *file, uint64_t phys, uint64_t size)
{
	uint64_t is = 0;

	ck_assert_str_eq(k.last, file);
	ck_assert_str_eq(pmem_region_backend(region), "pci");
	assert_works(pmem_region_phys(region, &is));
	ck_assert_uint_eq(is, phys);
	ck_assert_uint_eq(pmem_region_size(region), size);
	ck_assert_uint_eq((uintptr_t)pmem_region_data(region) & 0xfff, phys & 0xfff);
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

START_TEST(whole_bar)
{
	assert_works(map(BDF, 0, 0));
	ck_assert_uint_eq(k.length, 0x100000);
	ck_assert_int_eq(k.prot, PROT_READ | PROT_WRITE);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_DEVICE | PMEM_REGION_COHERENT |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_PINNED);
	check("resource0", 0xfeb00000, 0x100000);
	assert_works(map(BDF, 2, PMEM_MAP_READONLY));
	ck_assert_int_eq(k.prot, PROT_READ);
	ck_assert_uint_ne(pmem_region_attrs(region) & PMEM_REGION_READONLY, 0);
	check("resource2", 0x4000100000, 0x80000);
}
END_TEST

START_TEST(write_combine)
{
	assert_works(map(BDF, 2, PMEM_MAP_WRITE_COMBINE));
	check("resource2_wc", 0x4000100000, 0x80000);
	assert_fails(map(BDF, 0, PMEM_MAP_WRITE_COMBINE), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(map(BDF, 0, PMEM_MAP_CACHED), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(map(BDF, 0, 1u << 30), EINVAL, PMEM_CAUSE_FLAGS);
}
END_TEST

/* The file begins at the page of the BAR, the BAR inside it. */
START_TEST(smaller_than_a_page)
{
	static const size_t pages[] = { 4096, 16384, 65536 };

	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		fake_page_size(pages[i]);
		assert_works(map(BDF, 4, 0));
		ck_assert_uint_eq(k.length, pages[i]);
		ck_assert_uint_eq((uintptr_t)region->data - (uintptr_t)region->map_base,
			0xfea01c00 % pages[i]);
		check("resource4", 0xfea01c00, 0x100);
	}
}
END_TEST

START_TEST(names)
{
	static const char *const good[] = { "00:04.0", "0:4.0", "0000:0:04.0", "0:00:4.0" };
	static const char *const bad[] = { "", ":", "00:04", "00:04.", "00:04.0.", "00:04.8",
		"00:20.0", "100:04.0", "00:04.0x", "g0:04.0", " 00:04.0", "00:04.0 ", "-1:04.0",
		"0000:00:04.0:1", "../00:04.0", "80000000:00:04.0", "00\x10:04.0", "+0:04.0" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_works(map(good[i], 0, 0));
		check("resource0", 0xfeb00000, 0x100000);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(map(bad[i], 0, 0), EINVAL, PMEM_CAUSE_NOT_FOUND);
	assert_fails(map(NULL, 0, 0), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	fake_text(SYS "10000:e0:06.0/resource", resource); /* domains of VMD have five digits */
	assert_fails(map("10000:E0:06.0", 0, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_ptr_nonnull(
		strstr(pmem_error_path(pmem_error_last()), "10000:e0:06.0/resource0"));
}
END_TEST

START_TEST(no_such_bar)
{
	assert_fails(map("00:05.0", 0, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_fails(map(BDF, 1, 0), ENODEV, PMEM_CAUSE_WRONG_KIND);
	assert_fails(map(BDF, 3, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(map(BDF, 5, 0), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(map(BDF, 6, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(map(BDF, UINT32_MAX, 0), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

START_TEST(broken_resource)
{
	static const char *const texts[] = { "", "\n\n\n", "0x1", "junk junk junk\n",
		"0x2000 0x1fff 0x200\n", "0x0 0xffffffffffffffff 0x200\n" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		fake_text(SYS BDF "/resource", texts[i]);
		ck_assert_int_lt(map(BDF, 0, 0), 0);
		ck_assert_uint_eq(k.length, 0);
	}
	/* a range that is not aligned to its size cannot be a BAR */
	fake_text(SYS BDF "/resource", "0x00fea01c00 0x00fea02cff 0x200\n");
	assert_fails(map(BDF, 0, 0), EINVAL, PMEM_CAUSE_ALIGNMENT);
}
END_TEST

START_TEST(refused_open)
{
	bars[0].open_errnum = EACCES;
	assert_fails(map(BDF, 0, 0), EACCES, PMEM_CAUSE_FILE_MODE);
	assert_fails(backend_pci.probe(ctx), EACCES, PMEM_CAUSE_FILE_MODE);
	bars[0].open_errnum = EPERM;
	fake_text("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	assert_fails(map(BDF, 0, 0), EPERM, PMEM_CAUSE_LOCKDOWN);
	bars[0].open_errnum = ENOENT;
	assert_fails(map(BDF, 0, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
}
END_TEST

START_TEST(refused_mmap)
{
	k.refusal = EPERM;
	fake_text("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_fails(map(BDF, 0, 0), EPERM, PMEM_CAUSE_LOCKDOWN);
	fake_text("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	assert_fails(map(BDF, 0, 0), EPERM, PMEM_CAUSE_SYSTEM);
	k.refusal = EINVAL; /* exclusively claimed (iomem_is_exclusive) */
	fake_text("/proc/iomem", "fe000000-febfffff : PCI Bus 0000:00\n"
				 "  feb00000-febfffff : 0000:00:04.0\n"
				 "    feb00000-febfffff : e1000e\n");
	assert_fails(map(BDF, 0, 0), EPERM, PMEM_CAUSE_DRIVER_OWNED);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "e1000e"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "unbind"));
	k.refusal = ENODEV;
	assert_fails(map(BDF, 0, 0), ENODEV, PMEM_CAUSE_UNSUPPORTED);
	k.refusal = ENOMEM;
	assert_fails(map(BDF, 0, 0), ENOMEM, PMEM_CAUSE_LIMIT);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

START_TEST(memory_decoding_off)
{
	static const unsigned char off[] = { 0x34, 0x12, 0xe8, 0x11, 0x01, 0x00, 0x10, 0x00 };
	static const unsigned char on[] = { 0x34, 0x12, 0xe8, 0x11, 0x02, 0x00, 0x10, 0x00 };

	fake_file(SYS BDF "/config", on, sizeof(on));
	assert_works(map(BDF, 0, 0));
	assert_works(pmem_region_close(region));
	ck_assert_str_eq(warning, "");
	fake_file(SYS BDF "/config", off, sizeof(off));
	assert_works(map(BDF, 0, 0));
	assert_works(pmem_region_close(region));
	ck_assert_ptr_nonnull(strstr(warning, BDF "/enable"));
}
END_TEST

START_TEST(probe)
{
	assert_works(backend_pci.probe(ctx));
	fake_remove("/sys/bus/pci");
	assert_fails(backend_pci.probe(ctx), ENOENT, PMEM_CAUSE_NO_DEVICE);
	fake_fail_named("list", EIO);
	assert_fails(backend_pci.probe(ctx), EIO, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
}
END_TEST

static int map_and_close(void *user)
{
	int r = map(BDF, 0, 0);

	(void)user;
	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_fault)
{
	ck_assert_uint_gt(fake_fail_each(EIO, map_and_close, NULL), 4);
	k.refusal = EINVAL;
	ck_assert_uint_gt(fake_fail_each(ENOMEM, map_and_close, NULL), 4);
}
END_TEST

Suite *test_suite(void)
{
	const TTest *const tests[] = { whole_bar, write_combine, smaller_than_a_page, names,
		no_such_bar, broken_resource, refused_open, refused_mmap, memory_decoding_off, probe,
		every_fault };
	Suite *suite = suite_create("pci");
	TCase *tc = tcase_create("pci");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return suite;
}
