/* SPDX-License-Identifier: MIT */
/* Facts about the running kernel, each from the file that tells it. */
#include <errno.h>

#include "os/probe.h"
#include "suite.h"

static void setup(void)
{
	fake_start();
}

static void teardown(void)
{
	fake_stop();
}

START_TEST(lockdown)
{
	static const char file[] = "/sys/kernel/security/lockdown";

	ck_assert_int_eq(probe_lockdown(fake_root()), -ENOENT);
	fake_text(file, "[none] integrity confidentiality\n");
	ck_assert_int_eq(probe_lockdown(fake_root()), PROBE_LOCKDOWN_NONE);
	fake_text(file, "none [integrity] confidentiality\n");
	ck_assert_int_eq(probe_lockdown(fake_root()), PROBE_LOCKDOWN_INTEGRITY);
	fake_text(file, "none integrity [confidentiality]\n");
	ck_assert_int_eq(probe_lockdown(fake_root()), PROBE_LOCKDOWN_CONFIDENTIALITY);
	fake_text(file, "perhaps\n");
	ck_assert_int_eq(probe_lockdown(fake_root()), -EINVAL);
}
END_TEST

START_TEST(cmdline)
{
	char value[16];

	ck_assert_int_eq(probe_cmdline(fake_root(), "iomem", value, sizeof(value)), -ENOENT);
	ck_assert_int_eq(probe_iomem_relaxed(fake_root()), -ENOENT);
	fake_text("/proc/cmdline", "console=ttyS0 myiomem=relaxed iomem2=relaxed quiet\n");
	ck_assert_int_eq(probe_cmdline(fake_root(), "iomem", value, sizeof(value)), 0);
	ck_assert_int_eq(probe_iomem_relaxed(fake_root()), 0);
	fake_text("/proc/cmdline", "iomem=strict root=/dev/x iomem=relaxed\n");
	ck_assert_int_eq(probe_cmdline(fake_root(), "iomem", value, sizeof(value)), 1);
	ck_assert_str_eq(value, "relaxed");
	ck_assert_int_eq(probe_iomem_relaxed(fake_root()), 1);
	fake_text("/proc/cmdline", "iomem=relaxed iomem=strict\n");
	ck_assert_int_eq(probe_iomem_relaxed(fake_root()), 0);
	fake_text("/proc/cmdline", "iomem=0123456789012345678901234567890");
	ck_assert_int_eq(probe_cmdline(fake_root(), "iomem", value, sizeof(value)), 1);
	ck_assert_str_eq(value, "012345678901234");
}
END_TEST

START_TEST(memory_block)
{
	ck_assert_int_eq(probe_memory_block(fake_root(), 0), -ENOENT);
	fake_text("/sys/devices/system/memory/block_size_bytes", "8000000\n");
	fake_dir("/sys/devices/system/memory/memory0");
	fake_dir("/sys/devices/system/memory/memory8");
	ck_assert_int_eq(probe_memory_block(fake_root(), 0x7ffffff), 1);
	ck_assert_int_eq(probe_memory_block(fake_root(), 0x8000000), 0);
	ck_assert_int_eq(probe_memory_block(fake_root(), 0x40000000), 1);
	ck_assert_int_eq(probe_memory_block(fake_root(), UINT64_MAX), 0);
	fake_text("/sys/devices/system/memory/block_size_bytes", "0\n");
	ck_assert_int_eq(probe_memory_block(fake_root(), 0), -EINVAL);
}
END_TEST

START_TEST(phys_bits)
{
	static const struct {
		const char *text;
		int bits;
	} cases[] = {
		{ "flags\t\t: fpu\naddress sizes\t: 46 bits physical, 48 bits virtual\n", 46 },
		{ "Features\t: fp asimd\nCPU architecture: 8\n", 48 },
		{ "Features\t: half vfpv4 idiva lpae evtstrm\nCPU architecture: 7\n", 40 },
		{ "Features\t: half thumb fastmult vfp edsp java tls\nCPU architecture: 7\n", 32 },
		{ "processor\t: 0\nhart\t: 1\nisa\t: rv64imafdc\nmmu\t: sv48\n", -ENOENT },
		{ "address sizes\t: many\n", -ENOENT },
		{ "address sizes\t: 4711 bits physical\n", -ENOENT },
		{ "", -ENOENT },
	};

	ck_assert_int_eq(probe_phys_bits(fake_root()), -ENOENT);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fake_text("/proc/cpuinfo", cases[i].text);
		ck_assert_int_eq(probe_phys_bits(fake_root()), cases[i].bits);
	}
}
END_TEST

START_TEST(user_namespace)
{
	ck_assert_int_eq(probe_user_namespace(fake_root()), -ENOENT);
	fake_text("/proc/self/uid_map", "         0          0 4294967295\n");
	ck_assert_int_eq(probe_user_namespace(fake_root()), 0);
	fake_text("/proc/self/uid_map", "         0     100000      65536\n");
	ck_assert_int_eq(probe_user_namespace(fake_root()), 1);
	fake_text("/proc/self/uid_map", "");
	ck_assert_int_eq(probe_user_namespace(fake_root()), 0);
}
END_TEST

START_TEST(group_name)
{
	char name[PROBE_NAME_MAX];

	ck_assert_int_eq(probe_group_name(fake_root(), 44, name), -ENOENT);
	fake_text("/etc/group", "root:x:0:\n\nbroken\nhalf:44\nnone:x:\n:x:44:\nvideos:x:440:44\n"
				"video:x:44:a,b\nother:x:44:\nlast:!:45:");
	ck_assert_int_eq(probe_group_name(fake_root(), 7, name), -ENOENT);
	ck_assert_int_eq(probe_group_name(fake_root(), 44, name), 0);
	ck_assert_str_eq(name, "video");
	ck_assert_int_eq(probe_group_name(fake_root(), 45, name), 0);
	ck_assert_str_eq(name, "last");
	ck_assert_int_eq(probe_group_name(fake_root(), 0, name), 0);
	ck_assert_str_eq(name, "root");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("probe");
	TCase *tc = tcase_create("probe");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, lockdown);
	tcase_add_test(tc, cmdline);
	tcase_add_test(tc, memory_block);
	tcase_add_test(tc, phys_bits);
	tcase_add_test(tc, user_namespace);
	tcase_add_test(tc, group_name);
	suite_add_tcase(suite, tc);
	return suite;
}
