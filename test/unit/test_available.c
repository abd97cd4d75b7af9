/* SPDX-License-Identifier: MIT */
/* lib/os/available.c: played cgroups of both versions, nested, in containers, and odd ones. */
#include <string.h>

#include "os/available.h"
#include "suite.h"

#define MIB ((uint64_t)1 << 20)

static struct available left;

static void setup(void)
{
	fake_start();
	fake_text("/proc/meminfo", "MemTotal: 9999999 kB\nMemAvailable:    1048576 kB\n");
}

static void teardown(void)
{
	fake_stop();
}

static void look(void)
{
	available_memory(fake_root(), &left);
}

START_TEST(without_cgroups)
{
	look();
	ck_assert_uint_eq(left.bytes, 1024 * MIB);
	ck_assert_str_eq(left.cgroup, "");
	fake_remove("/proc/meminfo");
	look();
	ck_assert_uint_eq(left.bytes, UINT64_MAX);
}
END_TEST

START_TEST(version_2)
{
	fake_text("/proc/self/cgroup", "0::/a.slice/b.service\n");
	fake_text("/sys/fs/cgroup/a.slice/b.service/memory.max", "max\n");
	fake_text("/sys/fs/cgroup/a.slice/b.service/memory.current", "4096\n");
	look();
	ck_assert_uint_eq(left.bytes, 1024 * MIB);
	/* An ancestor's limit counts. */
	fake_text("/sys/fs/cgroup/a.slice/memory.max", "134217728\n");
	fake_text("/sys/fs/cgroup/a.slice/memory.current", "67108864\n");
	look();
	ck_assert_uint_eq(left.bytes, 64 * MIB);
	ck_assert_uint_eq(left.limit, 128 * MIB);
	ck_assert_str_eq(left.cgroup, "/sys/fs/cgroup/a.slice");
	/* Page cache gives way. */
	fake_text("/sys/fs/cgroup/a.slice/memory.stat",
		"anon 1\ninactive_file 33554432\nactive_file 16777216\n");
	look();
	ck_assert_uint_eq(left.bytes, 104 * MIB);
	/* The least counts, also where it only slows down. */
	fake_text("/sys/fs/cgroup/a.slice/b.service/memory.high", "1048576\n");
	look();
	ck_assert_uint_eq(left.bytes, MIB - 4096);
	ck_assert_str_eq(left.cgroup, "/sys/fs/cgroup/a.slice/b.service");
	fake_text("/sys/fs/cgroup/a.slice/b.service/memory.current", "2097152\n");
	look();
	ck_assert_uint_eq(left.bytes, 0);
}
END_TEST

START_TEST(version_1)
{
	fake_text("/proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/docker/x\n1:cpuset:/\n0::/\n");
	fake_text("/sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "67108864\n");
	fake_text("/sys/fs/cgroup/memory/docker/x/memory.usage_in_bytes", "1048576\n");
	fake_text("/sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "9223372036854771712\n");
	fake_text("/sys/fs/cgroup/memory/docker/memory.usage_in_bytes", "1048576\n");
	look();
	ck_assert_uint_eq(left.bytes, 63 * MIB);
	ck_assert_str_eq(left.cgroup, "/sys/fs/cgroup/memory/docker/x");
}
END_TEST

/* The path is one of the host, and what is mounted is the container's own. */
START_TEST(in_a_container)
{
	fake_text("/proc/self/cgroup", "0::/system.slice/docker-1234.scope\n");
	fake_text("/sys/fs/cgroup/memory.max", "8388608\n");
	fake_text("/sys/fs/cgroup/memory.current", "0\n");
	look();
	ck_assert_uint_eq(left.bytes, 8 * MIB);
	ck_assert_str_eq(left.cgroup, "/sys/fs/cgroup");
}
END_TEST

START_TEST(odd_ones)
{
	char deep[4096] = "0::";

	fake_text("/proc/self/cgroup", "\n::\nx\n4:memory\n4:memory:\n5:memoryx:/\n0::/../../etc/../x\n");
	look();
	ck_assert_uint_eq(left.bytes, 1024 * MIB);
	while (strlen(deep) < 2000)
		strcat(deep, "/a");
	fake_text("/proc/self/cgroup", deep);
	look();
	ck_assert_uint_eq(left.bytes, 1024 * MIB);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("available");
	TCase *tc = tcase_create("available");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, without_cgroups);
	tcase_add_test(tc, version_2);
	tcase_add_test(tc, version_1);
	tcase_add_test(tc, in_a_container);
	tcase_add_test(tc, odd_ones);
	suite_add_tcase(suite, tc);
	return suite;
}
