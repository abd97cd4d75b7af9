/* SPDX-License-Identifier: MIT */
/* /dev/mem: every cause of a refusal told from the others, with the hint that helps. */
#include <linux/capability.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "played_mem.h"

static const char *hint(void)
{
	return pmem_error_hint(pmem_error_last());
}

static const char owners[] = "00000000-3fffffff : System RAM\n"
			     "  00008000-00bfffff : Kernel code\n"
			     "40000000-4000ffff : pl011@40000000\n";

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

/* Without securityfs the command line tells, which a boot loader may have written. */
START_TEST(lockdown_of_the_command_line)
{
	static const char *const modes[] = { "integrity", "confidentiality" };
	char line[64];

	refuse_open(EPERM);
	fake_capability(CAP_SYS_RAWIO, true);
	snprintf(line, sizeof(line), "quiet lockdown=%s ro\n", modes[_i]);
	fake_text("/proc/cmdline", line);
	assert_fails(map(0x1000, 4, 0), EPERM, PMEM_CAUSE_LOCKDOWN);
	fake_text("/proc/cmdline", "quiet lockdown=maybe ro\n");
	ck_assert_int_lt(map(0x1000, 4, 0), 0);
	ck_assert_int_ne(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_LOCKDOWN);
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

START_TEST(mmap_ram)
{
	fake_text("/proc/iomem", owners);
	k.refusal = EPERM;
	assert_fails(map(0x10000000, 4, PMEM_MAP_SYSTEM_RAM), EPERM, PMEM_CAUSE_SYSTEM_RAM);
	assert_says(message(), "STRICT_DEVMEM");
	assert_says(message(), "0x3fffffff");
	assert_says(hint(), "pmem_region_alloc");
	ck_assert_ptr_null(strstr(hint(), "iomem=relaxed")); /* it would not help */
	fake_text("/proc/cmdline", "iomem=relaxed\n");
	assert_fails(map(0x10000000, 4, PMEM_MAP_SYSTEM_RAM), EPERM, PMEM_CAUSE_SYSTEM_RAM);
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
	assert_fails(map(0x10000000, 4, PMEM_MAP_SYSTEM_RAM), EPERM, PMEM_CAUSE_SYSTEM_RAM);
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
	const TTest *const tests[] = { open_absent, open_mode, open_capability, open_lockdown, open_container,
		open_again, wrong_node, mmap_ram, mmap_driver, mmap_nobody, mmap_hidden,
		mmap_width, mmap_others, every_fault };
	Suite *suite = suite_create("devmem refusals");
	TCase *tc = tcase_create("devmem refusals");

	tcase_add_checked_fixture(tc, setup, teardown);
	for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_test(tc, tests[i]);
	tcase_add_loop_test(tc, lockdown_of_the_command_line, 0, 2);
	suite_add_tcase(suite, tc);
	return suite;
}
