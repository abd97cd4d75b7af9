/* SPDX-License-Identifier: MIT */
/* lib/backend/device.c: what stands under a device's name, and whom a refusal is blamed on. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/device.h"
#include "backend/backend.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static const struct access_device device = { .path = "/dev/thing", .capability = -1,
	.lockdown = true, .mode = "a udev rule" };

static void setup(void)
{
	fake_start();
	fake_capability(CAP_DAC_OVERRIDE, false);
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

static void make_fifo(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", fake_root(), path);
	ck_assert_int_eq(mkfifo(full, 0600), 0);
}

START_TEST(other_things_are_no_device)
{
	alarm(20); /* a pipe makes the opener wait */
	fake_text("/dev/thing", "");
	assert_fails(access_open(ctx, &device, O_RDWR), ENODEV, PMEM_CAUSE_WRONG_KIND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "a plain file"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "--device"));
	fake_remove("/dev/thing");
	fake_dir("/dev/thing");
	assert_fails(access_open(ctx, &device, O_RDWR), ENODEV, PMEM_CAUSE_WRONG_KIND);
	assert_fails(access_open(ctx, &device, O_RDONLY), ENODEV, PMEM_CAUSE_WRONG_KIND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "a folder"));
	fake_remove("/dev/thing");
	make_fifo("/dev/thing");
	assert_fails(access_open(ctx, &device, O_RDWR), ENODEV, PMEM_CAUSE_WRONG_KIND);
	assert_fails(access_open(ctx, &device, O_RDONLY), ENODEV, PMEM_CAUSE_WRONG_KIND);
	alarm(0);
}
END_TEST

/* As containers make them: every backend says that it is no device, and none calls it usable. */
START_TEST(no_backend_takes_a_file_for_a_device)
{
	static const struct {
		const struct pmem_backend_ops *ops;
		const char *path;
	} nodes[] = {
		{ &backend_dmaheap, "/dev/dma_heap/system" },
		{ &backend_ion, "/dev/ion" },
		{ &backend_udmabuf, "/dev/udmabuf" },
		{ &backend_vcsm, "/dev/vcsm-cma" },
		{ &backend_videocore, "/dev/vcio" },
		{ &backend_gpiomem, "/dev/gpiomem" },
	};
	static const uint32_t one = 1, ranges[] = { 0x7e000000, 0x3f000000, 0x1000000 };
	static const uint32_t reg[] = { 0x7e200000, 0xb4 };

	fake_cells("/", "#address-cells", 1, &one);
	fake_cells("/", "#size-cells", 1, &one);
	fake_string("/", "compatible", "brcm,bcm2837");
	fake_cells("/soc", "#address-cells", 1, &one);
	fake_cells("/soc", "#size-cells", 1, &one);
	fake_cells("/soc", "ranges", 3, ranges);
	fake_string("/soc/gpio@7e200000", "compatible", "brcm,bcm2835-gpio");
	fake_cells("/soc/gpio@7e200000", "reg", 2, reg);
	fake_text("/sys/module/udmabuf/parameters/list_limit", "1024\n");
	fake_text("/sys/module/udmabuf/parameters/size_limit_mb", "64\n");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		fake_text(nodes[i].path, "not a device");
		assert_fails(nodes[i].ops->probe(ctx), ENODEV, PMEM_CAUSE_WRONG_KIND);
		fake_remove(nodes[i].path);
	}
}
END_TEST

static void as(const char *uid, const char *gid, const char *groups)
{
	char text[256];

	snprintf(text, sizeof(text), "Name:\tx\nUid:\t9\t9\t9\t%s\nGid:\t9\t9\t9\t%s\nGroups:\t%s \n",
		uid, gid, groups);
	fake_text("/proc/self/status", text);
}

/* The node belongs to 1000:44 and lets its group in; open is refused whatever it says. */
static struct os_calls calls;
static uint32_t mode, group = 44;

static int played_stat(const char *path, struct os_stat *out)
{
	(void)path;
	*out = (struct os_stat){ .mode = S_IFCHR | mode, .uid = 1000, .gid = group };
	return 0;
}

static int denied_open(const char *path, int flags, uint32_t m)
{
	(void)m;
	(void)flags;
	return strstr(path, "/dev/thing") ? -EACCES : os_linux.open(path, flags | O_CLOEXEC, 0);
}

static void blamed_on(uint32_t node_mode, uint32_t cause, const char *says)
{
	const struct os_calls *before = os;
	int r;

	mode = node_mode;
	calls = *os;
	calls.stat = played_stat;
	calls.open = denied_open;
	calls.close = os_linux.close;
	os = &calls;
	r = access_open(ctx, &device, O_RDWR);
	os = before;
	ck_assert_int_eq(r, -EACCES);
	ck_assert_msg(pmem_error_cause(pmem_error_last()) == cause &&
		strstr(pmem_error_text(pmem_error_last()), says), "%s",
		pmem_error_text(pmem_error_last()));
}

START_TEST(a_mode_that_allows_it_is_not_blamed)
{
	as("1000", "100", "");
	blamed_on(0600, PMEM_CAUSE_SYSTEM, "security module");
	blamed_on(0466, PMEM_CAUSE_FILE_MODE, "0466");
	as("1001", "44", "");
	blamed_on(0660, PMEM_CAUSE_SYSTEM, "nodev");
	blamed_on(0606, PMEM_CAUSE_FILE_MODE, "0606");
	as("1001", "100", "7 44");
	blamed_on(0660, PMEM_CAUSE_SYSTEM, "security module");
	as("1001", "100", "7 45");
	blamed_on(0660, PMEM_CAUSE_FILE_MODE, "usermod -aG 44 USER");
	blamed_on(0640, PMEM_CAUSE_FILE_MODE, "a udev rule");
	blamed_on(0600, PMEM_CAUSE_FILE_MODE, "a udev rule");
	blamed_on(0666, PMEM_CAUSE_SYSTEM, "security module");
	fake_capability(CAP_DAC_OVERRIDE, true);
	blamed_on(0, PMEM_CAUSE_SYSTEM, "security module");
	fake_capability(CAP_DAC_OVERRIDE, false);
	fake_remove("/proc/self/status"); /* who one is cannot be told */
	blamed_on(0666, PMEM_CAUSE_FILE_MODE, "0666");
}
END_TEST

/* The group that the node is for is the next step; but not root's, and not for its owner. */
START_TEST(the_group_that_is_let_in)
{
	as("1001", "100", "7 45");
	fake_text("/etc/group", "root:x:0:\nvideo:x:44:somebody\n");
	blamed_on(0660, PMEM_CAUSE_FILE_MODE, "usermod -aG video USER");
	blamed_on(0606, PMEM_CAUSE_SYSTEM, "security module");
	blamed_on(0602, PMEM_CAUSE_FILE_MODE, "a udev rule");
	as("1000", "100", "");
	blamed_on(0060, PMEM_CAUSE_FILE_MODE, "a udev rule");
	as("1001", "100", "");
	group = 0;
	blamed_on(0660, PMEM_CAUSE_FILE_MODE, "a udev rule");
	group = 44;
}
END_TEST

START_TEST(lockdown_that_cannot_be_seen)
{
	fake_text("/proc/self/uid_map", "0 0 4294967295\n");
	fake_fail_named("open", EPERM);
	assert_fails(access_open(ctx, &device, O_RDWR), EPERM, PMEM_CAUSE_SYSTEM);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "lockdown"));
	fake_fail_named(NULL, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("access");
	TCase *tc = tcase_create("access");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, other_things_are_no_device);
	tcase_add_test(tc, no_backend_takes_a_file_for_a_device);
	tcase_add_test(tc, a_mode_that_allows_it_is_not_blamed);
	tcase_add_test(tc, the_group_that_is_let_in);
	tcase_add_test(tc, lockdown_that_cannot_be_seen);
	suite_add_tcase(suite, tc);
	return suite;
}
