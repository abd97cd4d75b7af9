/* SPDX-License-Identifier: MIT */
/* Who owns a range, by /proc/iomem. */
#include <errno.h>
#include <string.h>

#include "os/iomem.h"
#include "suite.h"

static const char board[] = "00000000-3b3fffff : System RAM\n"
			    "  00008000-00bfffff : Kernel code\n"
			    "  00d00000-00e5a3e3 : Kernel data\n"
			    "3f006000-3f006fff : dwc_otg\n"
			    "3f200000-3f2000b3 : 3f200000.gpio gpio@7e200000\n"
			    "600000000-63fffffff : pcie@7d500000\n"
			    "  600000000-6000fffff : PCI Bus 0000:01\n"
			    "    600000000-600000fff : 0000:01:00.0\n"
			    "      600000000-600000fff : xhci-hcd\n";

static struct iomem_owner owner;

static int ask(uint64_t phys, uint64_t size)
{
	memset(&owner, 0xff, sizeof(owner));
	return iomem_owner_in(board, phys, size, &owner);
}

START_TEST(ram)
{
	ck_assert_int_eq(ask(0x9000, 4), 1);
	ck_assert(owner.ram);
	ck_assert_str_eq(owner.name, "System RAM");
	ck_assert_uint_eq(owner.start, 0);
	ck_assert_uint_eq(owner.end, 0x3b3fffff);
	ck_assert_int_eq(ask(0, 1), 1);
	ck_assert(owner.ram);
	ck_assert_int_eq(ask(0x3b3fffff, 1), 1);
	ck_assert(owner.ram);
}
END_TEST

START_TEST(driver)
{
	ck_assert_int_eq(ask(0x3f200000, 0x1000), 1);
	ck_assert(!owner.ram);
	ck_assert_str_eq(owner.name, "3f200000.gpio gpio@7e200000");
	ck_assert_uint_eq(owner.end, 0x3f2000b3);
}
END_TEST

START_TEST(innermost)
{
	ck_assert_int_eq(ask(0x600000800, 4), 1);
	ck_assert_str_eq(owner.name, "xhci-hcd");
	ck_assert_int_eq(ask(0x600001000, 4), 1);
	ck_assert_str_eq(owner.name, "PCI Bus 0000:01");
}
END_TEST

/* A range that has both is refused because of its RAM. */
START_TEST(ram_wins)
{
	ck_assert_int_eq(ask(0x3b300000, 0x5000000), 1);
	ck_assert(owner.ram);
}
END_TEST

START_TEST(nobody)
{
	ck_assert_int_eq(ask(0x3f2000b4, 4), 0);
	ck_assert_int_eq(ask(0x3f1fffff, 1), 0);
	ck_assert_int_eq(ask(UINT64_MAX, 1), 0);
	ck_assert_int_eq(ask(0x1000000000000000, 0xf000000000000000), 0);
}
END_TEST

START_TEST(hidden)
{
	static const char zero[] = "00000000-00000000 : System RAM\n"
				   "  00000000-00000000 : Kernel code\n"
				   "00000000-00000000 : gpio\n";

	ck_assert_int_eq(iomem_owner_in(zero, 0, 4, &owner), -EACCES);
	ck_assert_int_eq(iomem_owner_in(zero, 0x3f200000, 4, &owner), -EACCES);
}
END_TEST

/* Lines that the kernel does not write shall do no harm. */
START_TEST(broken)
{
	static const char *const texts[] = { "", "\n\n", "x", "1-", "1-2", "1-2 :", "-5 : a\n",
		"5-1 : backwards\n", "zz-ff : a\n", "\0", "        ", "1000-1fff : " };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		iomem_owner_in(texts[i], 0x1000, 4, &owner);
	ck_assert_int_eq(iomem_owner_in("junk\n1000-1fff : uart\n9-1 : x\n", 0x1004, 4, &owner), 1);
	ck_assert_str_eq(owner.name, "uart");
	/* no newline at the end, and an empty name */
	ck_assert_int_eq(iomem_owner_in("1000-1fff : ", 0x1004, 4, &owner), 1);
	ck_assert_str_eq(owner.name, "");
}
END_TEST

START_TEST(long_name)
{
	char text[4096] = "1000-1fff : ";

	memset(text + strlen(text), 'n', 3000);
	ck_assert_int_eq(iomem_owner_in(text, 0x1004, 4, &owner), 1);
	ck_assert_uint_eq(strlen(owner.name), sizeof(owner.name) - 1);
}
END_TEST

START_TEST(file)
{
	fake_start();
	ck_assert_int_eq(iomem_owner(fake_root(), 0x3f200000, 4, &owner), -ENOENT);
	fake_text("/proc/iomem", board);
	ck_assert_int_eq(iomem_owner(fake_root(), 0x3f200000, 4, &owner), 1);
	ck_assert_str_eq(owner.name, "3f200000.gpio gpio@7e200000");
	fake_fail_named("read", EIO);
	ck_assert_int_eq(iomem_owner(fake_root(), 0x3f200000, 4, &owner), -EIO);
	fake_fail_named(NULL, 0);
	fake_stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("iomem");
	TCase *tc = tcase_create("iomem");

	tcase_add_test(tc, ram);
	tcase_add_test(tc, driver);
	tcase_add_test(tc, innermost);
	tcase_add_test(tc, ram_wins);
	tcase_add_test(tc, nobody);
	tcase_add_test(tc, hidden);
	tcase_add_test(tc, broken);
	tcase_add_test(tc, long_name);
	tcase_add_test(tc, file);
	suite_add_tcase(suite, tc);
	return suite;
}
