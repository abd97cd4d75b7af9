/* SPDX-License-Identifier: MIT */
/* lib/soc/dt/translate.c: from reg to the CPU's address, with every kind of bus. */
#include <errno.h>
#include <string.h>

#include "suite.h"
#include "dt/translate.h"

static void bus(const char *node, uint32_t address_cells, uint32_t size_cells)
{
	fake_cells(node, "#address-cells", 1, &address_cells);
	fake_cells(node, "#size-cells", 1, &size_cells);
}

static void empty(const char *node, const char *property)
{
	fake_cells(node, property, 0, NULL);
}

static struct translate_why why;

static int reg(const char *node, unsigned index, uint64_t *phys, uint64_t *size)
{
	static struct dt dt;
	int r;

	why.text = NULL;
	ck_assert_int_eq(dt_open(&dt, fake_root(), NULL), 0);
	r = translate_reg(&dt, node, index, phys, size, &why);
	dt_close(&dt);
	return r;
}

static void assert_at(const char *node, unsigned index, uint64_t phys, uint64_t size)
{
	uint64_t got = ~UINT64_C(0), length = ~UINT64_C(0);
	int r = reg(node, index, &got, &length);

	ck_assert_msg(r == 0, "%s %u: %d (%s)", node, index, r, why.text);
	ck_assert_uint_eq(got, phys);
	ck_assert_uint_eq(length, size);
}

static void assert_not(const char *node, unsigned index, int errnum, const char *text)
{
	uint64_t phys = 1, size = 2;

	ck_assert_int_eq(reg(node, index, &phys, &size), -errnum);
	ck_assert_uint_eq(phys, 1);
	ck_assert_uint_eq(size, 2);
	if (text)
		ck_assert_msg(why.text && strstr(why.text, text), "%s: %s", node, why.text);
}

/* A BCM2837 as Debian's kernel describes it. */
START_TEST(one_level)
{
	bus("/", 1, 1);
	bus("/soc", 1, 1);
	CELLS("/soc", "ranges", 0x7e000000, 0x3f000000, 0x1000000, 0x40000000, 0x40000000, 0x1000);
	CELLS("/soc/gpio@7e200000", "reg", 0x7e200000, 0xb4);
	CELLS("/soc/local@40000000", "reg", 0x40000000, 0x100, 0x40000ffc, 0x2000, 0x40001000, 4);
	CELLS("/memory@0", "reg", 0, 0x3b400000);
	assert_at("/soc/gpio@7e200000", 0, 0x3f200000, 0xb4);
	assert_at("/soc/local@40000000", 0, 0x40000000, 0x100);
	assert_at("/soc/local@40000000", 1, 0x40000ffc, 0x2000); /* past the window's end */
	assert_not("/soc/local@40000000", 2, ENXIO, "none of the bus's windows");
	assert_not("/soc/local@40000000", 3, ENOENT, NULL);
	assert_not("/soc/gpio@7e200000", ~0u, ENOENT, NULL);
	assert_at("/memory@0", 0, 0, 0x3b400000); /* address 0 is an address */
	assert_not("/soc", 0, ENOENT, NULL);
	assert_not("/", 0, ENXIO, "root");
}
END_TEST

/* AM335x: four levels, the inner ones relative. */
START_TEST(nested)
{
	bus("/", 1, 1);
	bus("/ocp", 1, 1);
	empty("/ocp", "ranges");
	bus("/ocp/ic", 1, 1);
	CELLS("/ocp/ic", "ranges", 0, 0x44c00000, 0x100000, 0x100000, 0x44d00000, 0x100000,
		0x200000, 0x44e00000, 0x100000);
	bus("/ocp/ic/segment@200000", 1, 1);
	CELLS("/ocp/ic/segment@200000", "ranges", 0, 0x200000, 0x2000, 0x7000, 0x207000, 0x1000);
	bus("/ocp/ic/segment@200000/module@7000", 1, 1);
	CELLS("/ocp/ic/segment@200000/module@7000", "ranges", 0, 0x7000, 0x1000);
	CELLS("/ocp/ic/segment@200000/module@7000/gpio@0", "reg", 0, 0x1000);
	assert_at("/ocp/ic/segment@200000/module@7000/gpio@0", 0, 0x44e07000, 0x1000);
}
END_TEST

START_TEST(widths)
{
	bus("/", 2, 1);
	bus("/soc", 1, 1);
	CELLS("/soc", "ranges", 0x7c000000, 0x10, 0x7c000000, 0x4000000);
	CELLS("/soc/dev", "reg", 0x7d517c00, 0x30);
	assert_at("/soc/dev", 0, 0x107d517c00, 0x30);
	bus("/wide", 2, 2);
	CELLS("/wide", "ranges", 0xf0010000, 0, 0x4, 0, 0, 0x2000);
	CELLS("/wide/dev", "reg", 0xf0010000, 0x1000, 0, 0x10);
	assert_at("/wide/dev", 0, 0x400001000, 0x10);
	/* Four cells: two of them carry the number. */
	bus("/four", 4, 1);
	CELLS("/four", "ranges", 0, 0, 1, 0, 2, 0, 0x1000);
	CELLS("/four/dev", "reg", 0, 0, 1, 0x10, 4, 0, 0, 1, 0x20, 4);
	assert_at("/four/dev", 0, 0x200000010, 4);
	assert_at("/four/dev", 1, 0x200000020, 4);
}
END_TEST

/* Cells that a node does not give come from the nearest ancestor, as in Linux. */
START_TEST(inherited_cells)
{
	CELLS("/dev@10", "reg", 0x10, 4);
	assert_at("/dev@10", 0, 0x10, 4); /* 1 and 1 above the root */
	bus("/", 2, 2);
	empty("/soc", "ranges");
	empty("/soc/sub", "ranges");
	CELLS("/soc/sub/dev", "reg", 1, 0x10, 0, 4);
	assert_at("/soc/sub/dev", 0, 0x100000010, 4);
	fake_file("proc/device-tree/soc/#address-cells", "\0\0", 2); /* too short to be one */
	assert_at("/soc/sub/dev", 0, 0x100000010, 4);
}
END_TEST

START_TEST(no_windows)
{
	bus("/", 1, 1);
	bus("/i2c@1000", 1, 0);
	CELLS("/i2c@1000", "reg", 0x1000, 0x10);
	CELLS("/i2c@1000/dev@50", "reg", 0x50);
	assert_at("/i2c@1000", 0, 0x1000, 0x10);
	assert_not("/i2c@1000/dev@50", 0, ENXIO, "cells");
	bus("/phys", 1, 1);
	CELLS("/phys/dev", "reg", 0x50, 1);
	assert_not("/phys/dev", 0, ENXIO, "no ranges");
	bus("/zero", 1, 0);
	empty("/zero", "ranges");
	bus("/zero/sub", 1, 1);
	empty("/zero/sub", "ranges");
	CELLS("/zero/sub/dev", "reg", 0x50, 1);
	assert_not("/zero/sub/dev", 0, ENXIO, "cells");
}
END_TEST

START_TEST(overlap_and_edges)
{
	bus("/", 1, 1);
	bus("/soc", 1, 1);
	CELLS("/soc", "ranges", 0, 0x10000000, 0x1000, 0x800, 0x20000000, 0x1000,
		0x5000, 0x30000000, 0, 0x5000, 0x40000000, 0x10);
	CELLS("/soc/dev", "reg", 0x800, 4, 0xfff, 4, 0x1000, 4, 0x17ff, 4, 0x1800, 4, 0x5000, 0);
	assert_at("/soc/dev", 0, 0x10000800, 4);
	assert_at("/soc/dev", 1, 0x10000fff, 4);
	assert_at("/soc/dev", 2, 0x20000800, 4);
	assert_at("/soc/dev", 3, 0x20000fff, 4);
	assert_not("/soc/dev", 4, ENXIO, "none of");
	assert_at("/soc/dev", 5, 0x40000000, 0); /* a window of size 0 holds nothing */
}
END_TEST

START_TEST(wrapping)
{
	bus("/", 2, 2);
	bus("/soc", 2, 2);
	CELLS("/soc", "ranges", 0xffffffff, 0xfffff000, 0, 0, 0, 0x2000,
		0, 0, 0xffffffff, 0xfffffff0, 0, 0x1000);
	CELLS("/soc/dev", "reg", 0xffffffff, 0xfffff800, 0, 4, 0, 0x8, 0, 4, 0, 0x10, 0, 4,
		0, 0x8, 0xffffffff, 0xffffffff);
	assert_not("/soc/dev", 0, ENXIO, "none of");
	assert_at("/soc/dev", 1, 0xfffffffffffffff8, 4);
	assert_not("/soc/dev", 2, ENXIO, "wraps");
	assert_not("/soc/dev", 3, ENXIO, "pass the end");
}
END_TEST

START_TEST(pci)
{
	bus("/", 2, 2);
	bus("/pcie@fd500000", 3, 2);
	fake_string("/pcie@fd500000", "device_type", "pci");
	CELLS("/pcie@fd500000", "ranges", 0x01000000, 0, 0, 6, 0x10000000, 0, 0x10000,
		0x02000000, 0, 0xc0000000, 6, 0, 0, 0x40000000);
	CELLS("/pcie@fd500000/dev@0", "reg", 0, 0, 0, 0, 0);
	CELLS("/pcie@fd500000/dev@0", "assigned-addresses",
		0x82010010, 0, 0xc0001000, 0, 0x100, 0x81010014, 0, 0x20, 0, 0x10,
		0x83010018, 0, 0xc0002000, 0, 0x200, 0x00010018, 0, 0xc0002000, 0, 0x200);
	assert_at("/pcie@fd500000/dev@0", 0, 0x600001000, 0x100);
	assert_at("/pcie@fd500000/dev@0", 1, 0x610000020, 0x10);
	assert_at("/pcie@fd500000/dev@0", 2, 0x600002000, 0x200); /* 64-bit memory is memory */
	assert_not("/pcie@fd500000/dev@0", 3, ENXIO, "none of");
	/* By name only, and the cells are 3 and 2 whatever the node says. */
	bus("/pcie@1", 1, 1);
	CELLS("/pcie@1", "ranges", 0x02000000, 0, 0, 0, 0x1000, 0, 0x1000);
	CELLS("/pcie@1/dev", "assigned-addresses", 0x02000000, 0, 0x10, 0, 4);
	assert_at("/pcie@1/dev", 0, 0x1010, 4);
	CELLS("/pcie@1/other", "reg", 0x02000000, 0, 0x10, 0, 4);
	assert_not("/pcie@1/other", 0, ENOENT, NULL);
}
END_TEST

/* RP1 of the Pi 5 in the mainline tree: BAR number, then PCI, then the SoC's bus. */
START_TEST(flags)
{
	bus("/", 2, 2);
	bus("/axi", 2, 2);
	empty("/axi", "ranges");
	bus("/axi/pcie@120000", 3, 2);
	fake_string("/axi/pcie@120000", "device_type", "pci");
	CELLS("/axi/pcie@120000", "ranges", 0x02000000, 0, 0, 0x1f, 0, 0, 0xfffffffc);
	bus("/axi/pcie@120000/nexus", 3, 2);
	CELLS("/axi/pcie@120000/nexus", "ranges", 1, 0, 0, 0x02000000, 0, 0, 0, 0x400000);
	bus("/axi/pcie@120000/nexus/ep@1", 2, 2);
	CELLS("/axi/pcie@120000/nexus/ep@1", "ranges", 0, 0x40000000, 1, 0, 0, 0, 0x400000);
	CELLS("/axi/pcie@120000/nexus/ep@1/gpio", "reg", 0, 0x400d0000, 0, 0xc000);
	assert_at("/axi/pcie@120000/nexus/ep@1/gpio", 0, 0x1f000d0000, 0xc000);
	CELLS("/axi/pcie@120000/nexus/ep@1", "ranges", 0, 0x40000000, 2, 0, 0, 0, 0x400000);
	assert_not("/axi/pcie@120000/nexus/ep@1/gpio", 0, ENXIO, "none of"); /* BAR 2 */
}
END_TEST

START_TEST(isa)
{
	bus("/", 1, 1);
	bus("/isa@10", 7, 7);
	CELLS("/isa@10", "ranges", 1, 0, 0x18000000, 0x10000, 0, 0, 0x10000000, 0x100000);
	CELLS("/isa@10/rtc", "reg", 1, 0x70, 2, 0, 0x70, 2);
	assert_at("/isa@10/rtc", 0, 0x18000070, 2);
	assert_at("/isa@10/rtc", 1, 0x10000070, 2);
}
END_TEST

START_TEST(absurd_cells)
{
	bus("/", 1, 1);
	bus("/soc", 0xffffffff, 0xffffffff);
	empty("/soc", "ranges");
	CELLS("/soc/dev", "reg", 1, 2, 3, 4, 5, 6, 7, 8);
	assert_not("/soc/dev", 0, ENXIO, "#address-cells");
	bus("/soc", 0, 0);
	assert_not("/soc/dev", 0, ENXIO, "#address-cells");
	bus("/soc", 5, 1);
	assert_not("/soc/dev", 0, ENXIO, "#address-cells");
	bus("/soc", 1, 0xffffffff);
	assert_not("/soc/dev", 0, ENOENT, NULL); /* no entry is complete */
	bus("/mid", 1, 0xffffffff);
	CELLS("/mid", "ranges", 0, 0, 0x1000);
	bus("/mid/sub", 1, 1);
	empty("/mid/sub", "ranges");
	CELLS("/mid/sub/dev", "reg", 0, 4);
	assert_not("/mid/sub/dev", 0, ENXIO, "none of");
	/* A tail that is no whole entry counts for nothing. */
	bus("/tail", 1, 1);
	CELLS("/tail", "ranges", 0, 0x5000, 0x100, 0x100, 0x6000);
	fake_file("proc/device-tree/tail/dev/reg", "\0\0\0\x10\0\0\0\x04\0\0\1", 11);
	assert_at("/tail/dev", 0, 0x5010, 4);
	assert_not("/tail/dev", 1, ENOENT, NULL);
}
END_TEST

START_TEST(wrong_kinds)
{
	bus("/", 1, 1);
	bus("/soc", 1, 1);
	fake_dir("proc/device-tree/soc/ranges");
	CELLS("/soc/dev", "reg", 0, 4);
	assert_not("/soc/dev", 0, ENXIO, "no ranges");
	fake_remove("proc/device-tree/soc/ranges");
	fake_link("proc/device-tree/soc/ranges", "dev/reg");
	assert_not("/soc/dev", 0, ELOOP, NULL);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("translate");
	TCase *tc = tcase_create("reg");

	tcase_add_checked_fixture(tc, fake_start, fake_stop);
	tcase_add_test(tc, one_level);
	tcase_add_test(tc, nested);
	tcase_add_test(tc, widths);
	tcase_add_test(tc, inherited_cells);
	tcase_add_test(tc, no_windows);
	tcase_add_test(tc, overlap_and_edges);
	tcase_add_test(tc, wrapping);
	tcase_add_test(tc, pci);
	tcase_add_test(tc, flags);
	tcase_add_test(tc, isa);
	tcase_add_test(tc, absurd_cells);
	tcase_add_test(tc, wrong_kinds);
	suite_add_tcase(suite, tc);
	return suite;
}
