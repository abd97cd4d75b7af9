/* SPDX-License-Identifier: MIT */
/* lib/soc/dt/dma.c, master.c and iommu.c: what a DMA master sees. */
#include <errno.h>
#include <string.h>

#include "soc/soc.h"
#include "played_tree.h"

static int coherent(const char *node)
{
	anew();
	return pmem_soc_coherent(ctx, node);
}

static void bus(const char *node, uint32_t address_cells, uint32_t size_cells)
{
	fake_cells(node, "#address-cells", 1, &address_cells);
	fake_cells(node, "#size-cells", 1, &size_cells);
	fake_string(node, "compatible", "simple-bus");
}

static void root(const char *compatible, uint32_t address_cells, uint32_t size_cells)
{
	bus("/", address_cells, size_cells);
	fake_string("/", "compatible", compatible);
}

static void flag(const char *node, const char *property)
{
	fake_cells(node, property, 0, NULL);
}

/* Both directions. */
static void assert_pair(const char *master, uint64_t phys, uint64_t dma)
{
	uint64_t got;

	anew();
	assert_works(pmem_soc_phys_to_bus(ctx, master, phys, &got));
	ck_assert_uint_eq(got, dma);
	assert_works(pmem_soc_bus_to_phys(ctx, master, dma, &got));
	ck_assert_uint_eq(got, phys);
}

static void assert_unseen(const char *master, uint64_t phys)
{
	uint64_t got;

	anew();
	assert_fails(pmem_soc_phys_to_bus(ctx, master, phys, &got), ERANGE,
		PMEM_CAUSE_OUTSIDE_WINDOW);
}

/* The whole region counts: its first byte may be the last one that the master sees. */
START_TEST(a_region_across_the_end_of_a_window)
{
	static const struct fake_device mem = { .path = "/dev/mem", .memory = 1u << 31,
		.mmap = fake_untouchable };
	struct pmem_region *region;
	uint64_t got = 77;

	root("brcm,bcm2711", 2, 1);
	bus("/soc", 1, 1);
	CELLS("/soc", "ranges", 0x7e000000, 0, 0xfe000000, 0x1800000);
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0, 0x40000000);
	fake_string("/soc/dma@7e007000", "compatible", "brcm,bcm2835-dma");
	fake_device(&mem);
	assert_works(pmem_region_map(ctx, 0x3ffff000, 0x2000, 0, &region));
	assert_fails(pmem_region_bus(region, &got), ERANGE, PMEM_CAUSE_OUTSIDE_WINDOW);
	ck_assert_uint_eq(got, 77);
	assert_works(pmem_region_close(region));
	assert_works(pmem_region_map(ctx, 0x3fffe000, 0x2000, 0, &region));
	assert_works(pmem_region_bus(region, &got));
	ck_assert_uint_eq(got, 0xffffe000);
	assert_works(pmem_region_close(region));
	/* Two windows: with another offset there is no one address, with the same there is. */
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0, 0x3ffff000, 0x10000000, 0, 0x3ffff000, 0x2000);
	anew();
	assert_works(pmem_region_map(ctx, 0x3fffe000, 0x2000, 0, &region));
	assert_fails(pmem_region_bus(region, &got), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	assert_works(pmem_region_close(region));
	CELLS("/soc", "dma-ranges", 0x80000000, 0, 0, 0x3ffff000, 0xbffff000, 0, 0x3ffff000, 0x2000);
	anew();
	assert_works(pmem_region_map(ctx, 0x3fffe000, 0x2000, 0, &region));
	assert_works(pmem_region_bus(region, &got));
	ck_assert_uint_eq(got, 0xbfffe000);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(raspberry_pi_3)
{
	uint64_t got;

	root("brcm,bcm2837", 1, 1);
	bus("/soc", 1, 1);
	CELLS("/soc", "ranges", 0x7e000000, 0x3f000000, 0x1000000);
	CELLS("/soc", "dma-ranges", 0xc0000000, 0, 0x3f000000);
	fake_string("/soc/dma@7e007000", "compatible", "brcm,bcm2835-dma");
	assert_pair(NULL, 0, 0xc0000000);
	assert_pair("/soc/dma@7e007000", 0x3effffff, 0xfeffffff);
	assert_unseen(NULL, 0x3f000000);
	assert_fails(pmem_soc_bus_to_phys(ctx, NULL, 0xbfffffff, &got), ERANGE,
		PMEM_CAUSE_OUTSIDE_WINDOW);
	assert_fails(pmem_soc_bus_to_phys(ctx, "/soc/none", 0, &got), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_pair("/soc", 0x12345678, 0x12345678); /* the bus itself sits on the root */
	assert_pair("/", 5, 5);
}
END_TEST

/* Without an engine that the family knows: a plain device on the bus called soc. */
START_TEST(plain_device)
{
	root("maker,board", 2, 2);
	bus("/aaa", 2, 2);
	CELLS("/aaa", "dma-ranges", 0, 0, 0, 0x80000000, 0, 0x1000);
	assert_pair(NULL, 0x80000000, 0);
	bus("/soc@0", 1, 1);
	CELLS("/soc@0", "dma-ranges", 0x40000000, 0, 0x40000000, 0xc0000000);
	assert_pair(NULL, 0x40000000, 0x40000000);
	assert_pair(NULL, 0xffffffff, 0xffffffff);
	assert_unseen(NULL, 0x100000000);
	fake_remove("proc/device-tree/soc@0");
	fake_remove("proc/device-tree/aaa");
	assert_pair(NULL, 0x100000000, 0x100000000);
}
END_TEST

/* Which dma-ranges count: of_dma_get_range(). */
START_TEST(search_upwards)
{
	root("maker,board", 1, 1);
	bus("/a", 1, 1);
	CELLS("/a", "dma-ranges", 0, 0x80000000, 0x10000000);
	bus("/a/b", 1, 1);
	bus("/a/b/c", 1, 1);
	fake_dir("proc/device-tree/a/b/c/dev");
	/* The first bus may have none, the second ends the search. */
	assert_pair("/a/b/c/dev", 0x1000, 0x1000);
	flag("/a/b", "dma-ranges");
	assert_pair("/a/b/c/dev", 0x80001000, 0x1000);
	flag("/a/b/c", "dma-ranges");
	assert_pair("/a/b/c/dev", 0x80001000, 0x1000);
	/* Two that are not empty: the inner one counts, the outer one translates it. */
	CELLS("/a/b/c", "dma-ranges", 0x40000000, 0x100000, 0x1000);
	assert_pair("/a/b/c/dev", 0x80100010, 0x40000010);
	assert_unseen("/a/b/c/dev", 0x80101000);
	fake_remove("proc/device-tree/a/b/dma-ranges"); /* none is identity on the way up */
	assert_pair("/a/b/c/dev", 0x80100010, 0x40000010);
}
END_TEST

START_TEST(windows)
{
	uint64_t got;

	root("maker,board", 2, 1);
	bus("/soc", 1, 1);
	fake_dir("proc/device-tree/soc/dev");
	CELLS("/soc", "dma-ranges", 0, 0, 0, 0, 0xc0000000, 0, 0, 0x1000, 0xc0000800, 1, 0, 0x1000,
		0x7c000000, 0, 0xfc000000, 0x3800000);
	assert_pair("/soc/dev", 0xfff, 0xc0000fff);
	assert_works(pmem_soc_bus_to_phys(ctx, "/soc/dev", 0xc0000800, &got));
	ck_assert_uint_eq(got, 0x800); /* the first that matches */
	assert_works(pmem_soc_bus_to_phys(ctx, "/soc/dev", 0xc0001000, &got));
	ck_assert_uint_eq(got, 0x100000800);
	assert_pair("/soc/dev", 0xfe007000, 0x7e007000);
	/* Not even one whole entry. */
	fake_file("proc/device-tree/soc/dma-ranges", "abcdefg", 7);
	anew();
	assert_fails(pmem_soc_bus_to_phys(ctx, "/soc/dev", 0, &got), ENXIO,
		PMEM_CAUSE_DEVICE_TREE);
	/* Windows that lead out of the bus above are dropped; with none left there is no map. */
	bus("/soc/sub", 1, 1);
	CELLS("/soc", "dma-ranges", 0, 0, 0x80000000, 0x1000);
	CELLS("/soc/sub", "dma-ranges", 0, 0x5000, 0x1000, 0x1000, 0x800, 0x100);
	fake_dir("proc/device-tree/soc/sub/dev");
	assert_pair("/soc/sub/dev", 0x80000800, 0x1000);
	assert_unseen("/soc/sub/dev", 0x5000);
	CELLS("/soc/sub", "dma-ranges", 0, 0x5000, 0x1000);
	anew();
	assert_fails(pmem_soc_bus_to_phys(ctx, "/soc/sub/dev", 0, &got), ENXIO,
		PMEM_CAUSE_DEVICE_TREE);
	CELLS("/soc/sub", "#size-cells", 0xffffffff);
	anew();
	assert_fails(pmem_soc_bus_to_phys(ctx, "/soc/sub/dev", 0, &got), ENXIO,
		PMEM_CAUSE_DEVICE_TREE);
}
END_TEST

/* BCM2711's PCIe: the flag cell is not part of the address. */
START_TEST(pci)
{
	root("brcm,bcm2711", 2, 1);
	bus("/scb", 2, 2);
	bus("/scb/pcie@7d500000", 3, 2);
	fake_string("/scb/pcie@7d500000", "device_type", "pci");
	CELLS("/scb/pcie@7d500000", "dma-ranges", 0x02000000, 4, 0, 0, 0, 0, 0xc0000000);
	fake_dir("proc/device-tree/scb/pcie@7d500000/usb@0");
	assert_pair("/scb/pcie@7d500000/usb@0", 0x1000, 0x400001000);
}
END_TEST

/* Allwinner's display engines see memory at 0, by way of the memory controller. */
START_TEST(interconnect)
{
	root("allwinner,sun50i-a64", 1, 1);
	bus("/soc", 1, 1);
	bus("/soc/mbus@1c62000", 1, 1);
	CELLS("/soc/mbus@1c62000", "dma-ranges", 0, 0x40000000, 0xc0000000);
	CELLS("/soc/mbus@1c62000", "phandle", 9);
	CELLS("/soc/mbus@1c62000", "#interconnect-cells", 1);
	CELLS("/soc/csi@1cb0000", "interconnects", 9, 5, 9, 6);
	fake_file("proc/device-tree/soc/csi@1cb0000/interconnect-names", "other\0dma-mem", 14);
	fake_dir("proc/device-tree/soc/mmc@1c0f000");
	assert_pair("/soc/csi@1cb0000", 0x40001000, 0x1000);
	assert_pair("/soc/mmc@1c0f000", 0x40001000, 0x40001000);
	/* A link that leads nowhere is no link. */
	CELLS("/soc/csi@1cb0000", "interconnects", 9, 5, 77, 6);
	assert_pair("/soc/csi@1cb0000", 0x40001000, 0x40001000);
	fake_string("/soc/csi@1cb0000", "interconnect-names", "dma-mem");
	flag("/soc/mbus@1c62000", "dma-coherent");
	ck_assert_int_eq(coherent("/soc/csi@1cb0000"), 1);
	ck_assert_int_eq(coherent("/soc/mmc@1c0f000"), 0);
}
END_TEST

START_TEST(circle)
{
	uint64_t got;

	root("maker,board", 1, 1);
	bus("/a", 1, 1);
	CELLS("/a", "phandle", 1);
	CELLS("/a", "#interconnect-cells", 0);
	CELLS("/a", "interconnects", 1);
	fake_string("/a", "interconnect-names", "dma-mem");
	flag("/a", "dma-ranges");
	fake_dir("proc/device-tree/a/dev");
	assert_fails(pmem_soc_bus_to_phys(ctx, "/a/dev", 0, &got), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	assert_fails(pmem_soc_coherent(ctx, "/a/dev"), ENXIO, PMEM_CAUSE_DEVICE_TREE);
}
END_TEST

START_TEST(coherence)
{
	root("maker,board", 1, 1);
	bus("/soc", 1, 1);
	fake_dir("proc/device-tree/soc/dev");
	fake_dir("proc/device-tree/soc/odd");
	ck_assert_int_eq(coherent(NULL), 0);
	ck_assert_int_eq(coherent("/soc/dev"), 0);
	flag("/soc", "dma-coherent");
	flag("/soc/odd", "dma-noncoherent");
	ck_assert_int_eq(coherent(NULL), 1);
	ck_assert_int_eq(coherent("/soc/dev"), 1);
	ck_assert_int_eq(coherent("/soc/odd"), 0);
	assert_fails(pmem_soc_coherent(ctx, "/soc/none"), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

/* The machine that is played decides, not the one that plays. */
START_TEST(coherence_by_cpu)
{
	root("starfive,jh7110", 2, 2);
	bus("/soc", 2, 2);
	fake_dir("proc/device-tree/soc/dev");
	fake_string("/cpus/cpu@0", "compatible", "arm,cortex-a53");
	ck_assert_int_eq(coherent("/soc/dev"), 0);
	fake_string("/cpus/cpu@0", "riscv,isa", "rv64imafdc");
	ck_assert_int_eq(coherent("/soc/dev"), 1);
	flag("/soc", "dma-noncoherent");
	ck_assert_int_eq(coherent("/soc/dev"), 0);
	fake_remove("proc/device-tree/soc/dma-noncoherent");
	fake_remove("proc/device-tree/cpus/cpu@0");
	fake_dir("proc/device-tree/cpus/PowerPC,e5500@0");
	ck_assert_int_eq(coherent(NULL), 1);
}
END_TEST

static void pci_bridge(const char *node)
{
	CELLS(node, "#address-cells", 3);
	CELLS(node, "#size-cells", 2);
	fake_string(node, "device_type", "pci");
}

/* Linux begins at the host bridge, however many bridges are between: pci_dma_configure(). */
START_TEST(pci_devices_behind_bridges)
{
	static const char deep[] = "/axi/pcie@1000110000/pci@0,0/pcie@4,0/usb@0,0";

	root("brcm,bcm2712", 2, 2);
	bus("/axi", 2, 2);
	CELLS("/axi", "ranges", 0, 0, 0, 0, 0x10, 0);
	pci_bridge("/axi/pcie@1000110000");
	CELLS("/axi/pcie@1000110000", "dma-ranges", 0x02000000, 0x10, 0, 0, 0, 0x10, 0);
	pci_bridge("/axi/pcie@1000110000/pci@0,0");
	pci_bridge("/axi/pcie@1000110000/pci@0,0/pcie@4,0");
	CELLS(deep, "reg", 0, 0, 0, 0, 0);
	assert_pair("/axi/pcie@1000110000/pci@0,0", 0x10000000, 0x1010000000ull);
	assert_pair("/axi/pcie@1000110000/pci@0,0/pcie@4,0", 0x10000000, 0x1010000000ull);
	assert_pair(deep, 0x10000000, 0x1010000000ull);
	assert_unseen(deep, 0x1000000000ull);
	/* The bridge itself is a device of the bus above. */
	assert_pair("/axi/pcie@1000110000", 0x10000000, 0x10000000);
	/* Coherency, too, is the host bridge's. */
	flag(deep, "dma-coherent");
	ck_assert_int_eq(coherent(deep), 0);
	flag("/axi/pcie@1000110000", "dma-coherent");
	ck_assert_int_eq(coherent(deep), 1);
}
END_TEST

/* The host bridge has none, but the bus above it. */
START_TEST(pci_window_above_the_bridge)
{
	root("vendor,soc", 2, 2);
	bus("/soc", 2, 2);
	CELLS("/soc", "ranges", 0, 0, 0, 0, 0x10, 0);
	CELLS("/soc", "dma-ranges", 0, 0, 8, 0, 8, 0);
	pci_bridge("/soc/pcie@0");
	pci_bridge("/soc/pcie@0/pcie@0,0");
	CELLS("/soc/pcie@0/pcie@0,0/nvme@0,0", "reg", 0, 0, 0, 0, 0);
	assert_pair("/soc/pcie@0/pcie@0,0/nvme@0,0", 0x810000000ull, 0x10000000);
}
END_TEST

START_TEST(disabled_iommu)
{
	root("vendor,soc", 1, 1);
	bus("/soc", 1, 1);
	flag("/soc", "ranges");
	CELLS("/soc/iommu", "phandle", 7);
	CELLS("/soc/dma", "iommus", 7, 2);
	pci_bridge("/soc/pcie");
	CELLS("/soc/pcie", "iommu-map", 0, 7, 0, 0x10000);
	fake_text("sys/kernel/iommu_groups/1/type", "DMA-FQ\n");
	assert_fails(pmem_soc_phys_to_bus(ctx, "/soc/dma", 0, &(uint64_t){ 0 }), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	fake_string("/soc/iommu", "status", "disabled");
	assert_pair("/soc/dma", 0x1000, 0x1000);
	CELLS("/soc/pcie/eth@0,0", "reg", 0, 0, 0, 0, 0);
	assert_pair("/soc/pcie/eth@0,0", 0x1000, 0x1000);
}
END_TEST

START_TEST(iommu_in_the_tree)
{
	uint64_t got;

	root("maker,board", 1, 1);
	CELLS("/soc/dma", "iommus", 1, 2);
	CELLS("/soc/pcie", "iommu-map", 0, 1, 0, 1);
	fake_dir("proc/device-tree/soc/pcie/dev");
	fake_dir("proc/device-tree/soc/plain");
	assert_pair("/soc/dma", 0x1000, 0x1000); /* no group: the IOMMU is not in use */
	fake_text("sys/kernel/iommu_groups/0/type", "identity\n");
	assert_pair("/soc/dma", 0x1000, 0x1000);
	fake_text("sys/kernel/iommu_groups/1/type", "DMA-FQ\n");
	assert_fails(pmem_soc_phys_to_bus(ctx, "/soc/dma", 0x1000, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_fails(pmem_soc_phys_to_bus(ctx, "/soc/pcie/dev", 0x1000, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_pair("/soc/plain", 0x1000, 0x1000);
}
END_TEST

START_TEST(without_a_tree)
{
	uint64_t got;

	assert_fails(pmem_soc_phys_to_bus(ctx, "/soc", 0, &got), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	assert_fails(pmem_soc_coherent(ctx, "/soc"), ENODEV, PMEM_CAUSE_DEVICE_TREE);
#if defined(__x86_64__) || defined(__i386__)
	assert_pair(NULL, 0x123456789000, 0x123456789000);
	ck_assert_int_eq(coherent(NULL), 1);
	fake_text("sys/kernel/iommu_groups/0/type", "identity\n");
	assert_pair(NULL, 0x1000, 0x1000);
	fake_dir("sys/kernel/iommu_groups/1"); /* does not say */
	assert_fails(pmem_soc_bus_to_phys(ctx, NULL, 0x1000, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	fake_text("sys/kernel/iommu_groups/1/type", "DMA\n");
	assert_fails(pmem_soc_bus_to_phys(ctx, NULL, 0x1000, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
#else
	assert_fails(pmem_soc_bus_to_phys(ctx, NULL, 0x1000, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_int_eq(coherent(NULL), 0);
#endif
}
END_TEST

static int ask(void *user)
{
	struct pmem_ctx *fresh;
	uint64_t got;
	int r = pmem_ctx_new(&fresh);

	if (r < 0)
		return r;
	r = pmem_soc_phys_to_bus(fresh, user, 0x40001000, &got);
	if (r == 0)
		r = pmem_soc_coherent(fresh, user);
	pmem_ctx_unref(fresh);
	return r;
}

START_TEST(each_call_fails)
{
	static char csi[] = "/soc/csi@1cb0000";

	root("allwinner,sun50i-a64", 1, 1);
	bus("/soc", 1, 1);
	CELLS("/soc/mbus@1c62000", "dma-ranges", 0, 0x40000000, 0xc0000000);
	CELLS("/soc/mbus@1c62000", "phandle", 9);
	CELLS("/soc/mbus@1c62000", "#interconnect-cells", 1);
	CELLS(csi, "interconnects", 9, 5);
	CELLS(csi, "iommus", 1);
	fake_text("sys/kernel/iommu_groups/0/type", "identity\n");
	fake_string(csi, "interconnect-names", "dma-mem");
	fake_string("/cpus/cpu@0", "compatible", "arm,cortex-a53");
	pmem_ctx_unref(ctx); /* which would share what it knows */
	ctx = NULL;
	ck_assert_uint_gt(fake_fail_each(EIO, ask, csi), 50);
	ck_assert_uint_gt(fake_fail_each(EMFILE, ask, NULL), 30);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("master");
	TCase *tc = tcase_create("master");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, a_region_across_the_end_of_a_window);
	tcase_add_test(tc, raspberry_pi_3);
	tcase_add_test(tc, plain_device);
	tcase_add_test(tc, search_upwards);
	tcase_add_test(tc, windows);
	tcase_add_test(tc, pci);
	tcase_add_test(tc, interconnect);
	tcase_add_test(tc, circle);
	tcase_add_test(tc, coherence);
	tcase_add_test(tc, coherence_by_cpu);
	tcase_add_test(tc, pci_devices_behind_bridges);
	tcase_add_test(tc, pci_window_above_the_bridge);
	tcase_add_test(tc, disabled_iommu);
	tcase_add_test(tc, iommu_in_the_tree);
	tcase_add_test(tc, without_a_tree);
	tcase_add_test(tc, each_call_fails);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return suite;
}
