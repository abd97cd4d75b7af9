/* SPDX-License-Identifier: MIT */
/* /dev/mem: exact places, and every cause of a refusal told from the others. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "backend/backend.h"
#include "suite.h"

#define GIB (1ull << 30)

/* What the played kernel was asked for, and what it answers. */
static struct {
	int refusal;          /* of mmap; 0: works */
	int flags;            /* of the last open */
	int prot, map_flags;
	uint64_t offset;
	size_t length;
	uint32_t readonly_errnum; /* open for writing fails with this */
} k;

static struct os_calls calls;
static const struct os_calls *played;
static struct pmem_ctx *ctx;
static struct pmem_region *region;

/* A mapping that nobody may touch: the library shall never read a register. */
static int mem_mmap(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	(void)user;
	k.prot = prot;
	k.map_flags = flags;
	k.offset = offset;
	k.length = length;
	if (k.refusal)
		return -k.refusal;
	return os_linux.mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, out);
}

static struct fake_device mem = {
	.path = "/dev/mem",
	.memory = sizeof(size_t) > 4 ? (size_t)(64 * GIB) : 0xfffff000u,
	.mmap = mem_mmap,
};

static int watching_open(const char *path, int flags, uint32_t mode)
{
	size_t n = strlen(path);

	if (n > 8 && strcmp(path + n - 8, "/dev/mem") == 0) {
		k.flags = flags;
		if (k.readonly_errnum && (flags & O_ACCMODE) != O_RDONLY)
			return -(int)k.readonly_errnum;
	}
	return played->open(path, flags, mode);
}

static void setup(void)
{
	memset(&k, 0, sizeof(k));
	mem.open_errnum = 0;
	fake_start();
	fake_device(&mem);
	fake_page_size(4096);
	played = os;
	calls = *os;
	calls.open = watching_open;
	os = &calls;
	assert_works(pmem_ctx_new(&ctx));
	region = NULL;
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

static int map(uint64_t phys, uint64_t size, uint32_t flags)
{
	return pmem_region_map(ctx, phys, size, flags, &region);
}

static void close_region(void)
{
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

static const char *hint(void)
{
	return pmem_error_hint(pmem_error_last());
}

static const char *message(void)
{
	return pmem_error_message(pmem_error_last());
}

#define assert_says(text, words) \
	ck_assert_msg(strstr(text, words), "\"%s\" does not say \"%s\"", text, words)

/* --- what works ---------------------------------------------------------------------------- */

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
	assert_works(map(0x10000000, 4, PMEM_MAP_CACHED));
	attrs = pmem_region_attrs(region);
	ck_assert_uint_eq(attrs & PMEM_REGION_DEVICE, 0);
	ck_assert_uint_ne(attrs & PMEM_REGION_CACHED, 0);
	ck_assert_uint_ne(attrs & (PMEM_REGION_COHERENT | PMEM_REGION_NEEDS_SYNC), 0);
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

/* --- what open() refuses ------------------------------------------------------------------------ */

static void refuse_open(int errnum)
{
	mem.open_errnum = errnum;
}

START_TEST(open_absent)
{
	refuse_open(ENOENT);
	assert_fails(map(0x1000, 4, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_says(hint(), "CONFIG_DEVMEM");
	assert_says(hint(), "--device");
	refuse_open(ENXIO);
	assert_fails(map(0x1000, 4, 0), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_fails(backend_devmem.probe(ctx), ENOENT, PMEM_CAUSE_NO_DEVICE);
}
END_TEST

START_TEST(open_mode)
{
	refuse_open(EACCES);
	assert_fails(map(0x1000, 4, 0), EACCES, PMEM_CAUSE_FILE_MODE);
	assert_says(message(), "0600");
	assert_says(hint(), "udev");
	assert_says(hint(), "cap_sys_rawio");
	ck_assert_str_eq(pmem_error_operation(pmem_error_last()), "open");
	assert_says(pmem_error_path(pmem_error_last()), "/dev/mem");
	assert_fails(backend_devmem.probe(ctx), EACCES, PMEM_CAUSE_FILE_MODE);
}
END_TEST

START_TEST(open_capability)
{
	refuse_open(EPERM);
	fake_capability(CAP_SYS_RAWIO, false);
	/* both are true: the capability is what the kernel asks for first */
	fake_text("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_fails(map(0x1000, 4, 0), EPERM, PMEM_CAUSE_CAPABILITY);
	assert_says(hint(), "setcap cap_sys_rawio+ep");
}
END_TEST

START_TEST(open_lockdown)
{
	refuse_open(EPERM);
	fake_capability(CAP_SYS_RAWIO, true);
	fake_text("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	assert_fails(map(0x1000, 4, 0), EPERM, PMEM_CAUSE_LOCKDOWN);
	assert_says(hint(), "Secure Boot");
	ck_assert_ptr_null(strstr(pmem_error_text(pmem_error_last()), "root"));
}
END_TEST

START_TEST(open_container)
{
	refuse_open(EPERM);
	fake_capability(CAP_SYS_RAWIO, true);
	fake_text("/proc/self/uid_map", "0 100000 65536\n");
	assert_fails(map(0x1000, 4, 0), EPERM, PMEM_CAUSE_CAPABILITY);
	assert_says(message(), "user namespace");
	fake_text("/proc/self/uid_map", "0 0 4294967295\n");
	fake_text("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	assert_fails(map(0x1000, 4, 0), EPERM, PMEM_CAUSE_SYSTEM);
	assert_says(hint(), "DeviceAllow=");
}
END_TEST

START_TEST(open_again)
{
	refuse_open(EACCES);
	assert_fails(map(0x1000, 4, 0), EACCES, PMEM_CAUSE_FILE_MODE);
	refuse_open(0); /* an administrator helped: nothing is remembered */
	assert_works(map(0x1000, 4, 0));
	close_region();
}
END_TEST

static struct os_stat node;

static int played_fstat(int fd, struct os_stat *out)
{
	(void)fd;
	*out = node;
	return 0;
}

/* On the real machine, /dev/mem that is something else must not be mapped as if it were it. */
START_TEST(wrong_node)
{
	calls.fstat = played_fstat;
	node = (struct os_stat){ .mode = 0020600, .rdev = makedev(1, 3) };
	assert_fails(map(0x1000, 4, 0), ENODEV, PMEM_CAUSE_WRONG_KIND);
	assert_fails(backend_devmem.probe(ctx), ENODEV, PMEM_CAUSE_WRONG_KIND);
	node.rdev = makedev(1, 1);
	assert_works(backend_devmem.probe(ctx));
	assert_works(map(0x1000, 4, 0));
	close_region();
}
END_TEST

/* --- what mmap() refuses --------------------------------------------------------------------------- */

static const char owners[] = "00000000-3fffffff : System RAM\n"
			     "  00008000-00bfffff : Kernel code\n"
			     "40000000-4000ffff : pl011@40000000\n";

START_TEST(mmap_ram)
{
	fake_text("/proc/iomem", owners);
	k.refusal = EPERM;
	assert_fails(map(0x10000000, 4, 0), EPERM, PMEM_CAUSE_SYSTEM_RAM);
	assert_says(message(), "STRICT_DEVMEM");
	assert_says(message(), "0x3fffffff");
	assert_says(hint(), "pmem_region_alloc");
	ck_assert_ptr_null(strstr(hint(), "iomem=relaxed")); /* it would not help */
	fake_text("/proc/cmdline", "iomem=relaxed\n");
	assert_fails(map(0x10000000, 4, 0), EPERM, PMEM_CAUSE_SYSTEM_RAM);
}
END_TEST

START_TEST(mmap_driver)
{
	fake_text("/proc/iomem", owners);
	k.refusal = EPERM;
	assert_fails(map(0x40000018, 4, 0), EPERM, PMEM_CAUSE_DRIVER_OWNED);
	assert_says(message(), "pl011@40000000");
	assert_says(message(), "0x4000ffff");
	assert_says(hint(), "iomem=relaxed");
	fake_text("/proc/cmdline", "quiet iomem=relaxed\n");
	assert_fails(map(0x40000018, 4, 0), EPERM, PMEM_CAUSE_DRIVER_OWNED);
	ck_assert_ptr_null(strstr(hint(), "iomem=relaxed")); /* it is set already */
	assert_says(hint(), "unbind");
}
END_TEST

START_TEST(mmap_nobody)
{
	fake_text("/proc/iomem", owners);
	k.refusal = EPERM;
	assert_fails(map(0x50000000, 4, 0), EPERM, PMEM_CAUSE_SYSTEM);
}
END_TEST

/* Without CAP_SYS_ADMIN all addresses are zero; what everybody may read must do. */
START_TEST(mmap_hidden)
{
	fake_text("/proc/iomem", "00000000-00000000 : System RAM\n00000000-00000000 : uart\n");
	k.refusal = EPERM;
	assert_fails(map(0x40000018, 4, 0), EPERM, PMEM_CAUSE_DRIVER_OWNED);
	assert_says(message(), "cap_sys_admin");
	fake_text("/sys/devices/system/memory/block_size_bytes", "8000000\n");
	fake_dir("/sys/devices/system/memory/memory2");
	assert_fails(map(0x40000018, 4, 0), EPERM, PMEM_CAUSE_DRIVER_OWNED);
	assert_fails(map(0x10000000, 4, 0), EPERM, PMEM_CAUSE_SYSTEM_RAM);
	fake_text("/proc/cmdline", "iomem=relaxed\n");
	assert_fails(map(0x40000018, 4, 0), EPERM, PMEM_CAUSE_SYSTEM_RAM);
}
END_TEST

START_TEST(mmap_width)
{
	k.refusal = EINVAL;
	fake_text("/proc/cpuinfo", "address sizes\t: 36 bits physical, 48 bits virtual\n");
	mem.memory = sizeof(size_t) > 4 ? (size_t)(128 * GIB) : 0xfffff000u;
	if (sizeof(size_t) > 4)
		assert_fails(map(1ull << 36, 4, 0), ERANGE, PMEM_CAUSE_BUS_WIDTH);
	assert_fails(map(0xfff0000, 4, 0), EINVAL, PMEM_CAUSE_SYSTEM);
	assert_fails(map(0xfff1000, 4, 0), EINVAL, PMEM_CAUSE_ALIGNMENT);
	assert_says(message(), "4096");
	k.refusal = EOVERFLOW;
	assert_fails(map(0xfff0000, 4, 0), ERANGE, PMEM_CAUSE_BUS_WIDTH);
	mem.memory = sizeof(size_t) > 4 ? (size_t)(64 * GIB) : 0xfffff000u;
}
END_TEST

START_TEST(mmap_others)
{
	static const struct {
		int errnum;
		uint32_t cause;
	} cases[] = {
		{ EAGAIN, PMEM_CAUSE_BUSY },
		{ ENOMEM, PMEM_CAUSE_LIMIT },
		{ ENODEV, PMEM_CAUSE_WRONG_KIND },
		{ EACCES, PMEM_CAUSE_FILE_MODE },
		{ ENOSYS, PMEM_CAUSE_SYSTEM },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		k.refusal = cases[i].errnum;
		assert_fails(map(0x1000, 4, 0), cases[i].errnum, cases[i].cause);
		ck_assert_uint_eq(fake_fds(), 0);
	}
}
END_TEST

static int map_and_close(void *user)
{
	int r = map(0x40000018, 4, 0);

	(void)user;
	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_fault)
{
	fake_text("/proc/iomem", owners);
	ck_assert_uint_gt(fake_fail_each(EIO, map_and_close, NULL), 3);
	k.refusal = EPERM;
	ck_assert_uint_gt(fake_fail_each(ENOMEM, map_and_close, NULL), 3);
	refuse_open(EPERM);
	ck_assert_uint_gt(fake_fail_each(EIO, map_and_close, NULL), 1);
}
END_TEST

Suite *test_suite(void)
{
	const TTest *const tests[] = { exact_place, crosses_a_page, address_zero,
		larger_pages, above_four_gib, open_flags, read_only, attributes, bad_ranges,
		beyond_the_played_memory, open_absent, open_mode, open_capability, open_lockdown,
		open_container, open_again, wrong_node, mmap_ram, mmap_driver, mmap_nobody,
		mmap_hidden, mmap_width, mmap_others, every_fault };
	Suite *suite = suite_create("devmem");
	TCase *tc = tcase_create("devmem");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return suite;
}
