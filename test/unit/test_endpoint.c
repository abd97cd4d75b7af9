/* SPDX-License-Identifier: MIT */
/* lib/soc/endpoint.c, master.c, device_address.c and iommu.c: PCI devices as DMA masters, by their place on the bus. */
#include <errno.h>
#include <string.h>

#include "soc/endpoint.h"
#include "soc/iommu.h"
#include "soc/soc.h"
#include "played_tree.h"

#define NVME   "pci:0001:01:00.0"
#define BRIDGE "/axi/pcie@1000110000"
#define FOLDER "sys/devices/platform/axi/1000110000.pcie"
#define DEVICE FOLDER "/pci0001:00/0001:00:00.0/0001:01:00.0"

static uint64_t bus_of(const char *master, uint64_t phys)
{
	uint64_t got = 0, back = 0;

	anew();
	assert_works(pmem_soc_phys_to_bus(ctx, master, phys, &got));
	assert_works(pmem_soc_bus_to_phys(ctx, master, got, &back));
	ck_assert_uint_eq(back, phys);
	return got;
}

static void assert_unknown(const char *master)
{
	uint64_t got = 7;

	anew();
	assert_fails(pmem_soc_phys_to_bus(ctx, master, 0x1000, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_eq(got, 7);
}

/* The endpoint of a Raspberry Pi 5's first slot, as sysfs of its kernel shows it. */
static void pi5(void)
{
	fake_string("/", "compatible", "brcm,bcm2712");
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 2);
	CELLS("/axi", "#address-cells", 2);
	CELLS("/axi", "#size-cells", 2);
	CELLS("/axi", "ranges", 0, 0, 0, 0, 0x10, 0);
	fake_string("/axi", "compatible", "simple-bus");
	CELLS(BRIDGE, "#address-cells", 3);
	CELLS(BRIDGE, "#size-cells", 2);
	fake_string(BRIDGE, "device_type", "pci");
	CELLS(BRIDGE, "dma-ranges", 0x02000000, 0x10, 0, 0, 0, 0x10, 0);
	fake_dir(DEVICE);
	fake_dir("sys/bus/pci/devices");
	fake_link("sys/bus/pci/devices/0001:01:00.0", "../../../devices/platform/axi/"
		"1000110000.pcie/pci0001:00/0001:00:00.0/0001:01:00.0");
	fake_link(FOLDER "/of_node", "../../../../firmware/devicetree/base" BRIDGE);
}

/* The host's own view would be 0x10000000. */
START_TEST(address_space_of_the_host_bridge)
{
	uint64_t got;

	pi5();
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull);
	ck_assert_uint_eq(bus_of("pci:1:1:0.0", 0x10000000), 0x1010000000ull);
	ck_assert_uint_eq(bus_of(BRIDGE, 0x10000000), 0x10000000);
	assert_fails(pmem_soc_phys_to_bus(ctx, NVME, 0x1000000000ull, &got), ERANGE,
		PMEM_CAUSE_OUTSIDE_WINDOW);
	anew();
	ck_assert_int_eq(pmem_soc_coherent(ctx, NVME), 0);
	fake_cells(BRIDGE, "dma-coherent", 0, NULL);
	anew();
	ck_assert_int_eq(pmem_soc_coherent(ctx, NVME), 1);
}
END_TEST

START_TEST(region_of_an_endpoint)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .master = NVME,
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE | PMEM_ALLOC_SCATTERED,
		.backend = "pages" };
	struct pmem_region *region;
	uint64_t got;

	pi5();
	fake_text("saved", "0123456789abcdef");
	assert_works(pmem_region_map_file(ctx, "/saved", 0, 16, 0x10000000, PMEM_MAP_READONLY, &region));
	assert_works(pmem_region_bus_for(region, NVME, &got));
	ck_assert_uint_eq(got, 0x1010000000ull);
	assert_works(pmem_region_close(region));
	opts.master = "pci:0001:01:00.1";
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

/* A buffer of u-dma-buf that hangs on the device: sysfs has its address there, which is not memory's. */
START_TEST(from_its_own_address)
{
	static const char *const folders[] = { "/sys/class/u-dma-buf/udmabuf0/device",
		"/sys/bus/pci/devices/0001:01:00.0" };
	uint64_t got;

	pi5();
	fake_link(DEVICE "/subsystem", "../../../../../../../bus/pci");
	fake_dir("sys/class/u-dma-buf/udmabuf0");
	fake_link("sys/class/u-dma-buf/udmabuf0/device", "../../../devices/platform/axi/"
		"1000110000.pcie/pci0001:00/0001:00:00.0/0001:01:00.0");
	CELLS(BRIDGE, "dma-ranges", 0x02000000, 0x10, 0, 0, 0, 0, 0x40000000,
		0x02000000, 0x10, 0x40000000, 0, 0x80000000, 0, 0x40000000);
	anew();
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		assert_works(soc_device_to_phys(ctx, folders[i], 0x1010000000ull, 4096, &got));
		ck_assert_uint_eq(got, 0x10000000);
		assert_works(soc_device_to_phys(ctx, folders[i], 0x107ffff000ull, 4096, &got));
		ck_assert_uint_eq(got, 0xbffff000);
		got = 7;
		assert_fails(soc_device_to_phys(ctx, folders[i], 0x10000000, 4096, &got), ERANGE,
			PMEM_CAUSE_OUTSIDE_WINDOW);
		assert_fails(soc_device_to_phys(ctx, folders[i], 0x107ffff000ull, 4097, &got), ERANGE,
			PMEM_CAUSE_OUTSIDE_WINDOW);
		/* Neighbours for the device that are none in memory. */
		assert_fails(soc_device_to_phys(ctx, folders[i], 0x103ffff000ull, 8192, &got), ERANGE,
			PMEM_CAUSE_OUTSIDE_WINDOW);
	}
	fake_remove(FOLDER "/of_node");
	anew();
	assert_fails(soc_device_to_phys(ctx, folders[0], 0x1010000000ull, 4096, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_eq(got, 7);
}
END_TEST

START_TEST(names_that_are_none)
{
	static const char *const none[] = { "pci:", "pci:1", "pci:0001:01:00", "pci:0001:01:00.8",
		"pci:0001:01:20.0", "pci:0001:100:00.0", "pci:0001:01:00.0/0", "pci:0001:01:00.0 ",
		"pci:80000000:01:00.0", "pci:../..", "pci:-1:01:00.0" };
	uint64_t got;

	pi5();
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		assert_fails(pmem_soc_phys_to_bus(ctx, none[i], 0, &got), EINVAL, PMEM_CAUSE_NOT_FOUND);
		assert_fails(pmem_soc_coherent(ctx, none[i]), EINVAL, PMEM_CAUSE_NOT_FOUND);
	}
	assert_fails(pmem_soc_phys_to_bus(ctx, "pci:0001:02:00.0", 0, &got), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_coherent(ctx, "pci:0001:02:00.0"), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

/* What sysfs says is only text here: no link of it is followed. */
START_TEST(host_bridges_that_say_nothing)
{
	uint64_t got;

	pi5();
	fake_remove(FOLDER "/of_node");
	assert_unknown(NVME);
	fake_link(FOLDER "/of_node", "../../../../firmware/other");
	assert_unknown(NVME);
	fake_remove(FOLDER "/of_node");
	fake_link(FOLDER "/of_node", "../../../../firmware/devicetree/base/none");
	anew();
	assert_fails(pmem_soc_phys_to_bus(ctx, NVME, 0, &got), ENOENT, PMEM_CAUSE_NOT_FOUND);
	fake_remove(FOLDER "/of_node");
	fake_link(FOLDER "/of_node", "../../../../firmware/devicetree/base");
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x10000000); /* the root has no windows */
	/* The last root bus counts: one may be behind a device of another (VMD). */
	fake_remove("sys/bus/pci/devices/0001:01:00.0");
	fake_link("sys/bus/pci/devices/0001:01:00.0", "../../../devices/pci0000:00/0000:00:0e.0/"
		"pci10000:e0/0001:01:00.0");
	assert_unknown(NVME);
	fake_dir("sys/devices/pci0000:00/0000:00:0e.0");
	fake_link("sys/devices/pci0000:00/0000:00:0e.0/of_node",
		"../../../firmware/devicetree/base" BRIDGE);
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull);
	fake_remove("sys/bus/pci/devices/0001:01:00.0");
	fake_link("sys/bus/pci/devices/0001:01:00.0", "nowhere");
	assert_unknown(NVME);
}
END_TEST

static void group(const char *type, const char *name)
{
	fake_remove(DEVICE "/iommu_group");
	fake_remove("sys/kernel/iommu_groups/3");
	fake_text("sys/kernel/iommu_groups/3/type", type);
	if (name)
		fake_text("sys/kernel/iommu_groups/3/name", name);
	fake_link(DEVICE "/iommu_group", "../../../../../../../kernel/iommu_groups/3");
}

/* Its own group, whatever others do. */
START_TEST(own_group_decides)
{
	pi5();
	fake_text("sys/kernel/iommu_groups/1/type", "DMA\n");
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull);
	group("DMA-FQ\n", NULL);
	assert_unknown(NVME);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "pmem_device_open()"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "docs/devices.md"));
	group("unknown\n", "vfio-noiommu\n");
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull);
	group("identity\n", NULL);
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull);
	/* VFIO drives a device of the group: its user says what the addresses are. */
	fake_dir("sys/kernel/iommu_groups/3/devices/0001:01:00.1");
	fake_link("sys/kernel/iommu_groups/3/devices/0001:01:00.1/driver", "../../bus/pci/drivers/nvme");
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull);
	fake_dir("sys/kernel/iommu_groups/3/devices/0001:01:00.2");
	fake_link("sys/kernel/iommu_groups/3/devices/0001:01:00.2/driver",
		"../../bus/pci/drivers/vfio-pci");
	assert_unknown(NVME);
}
END_TEST

/* By the tree there is an IOMMU, and a group comes with the first driver. */
START_TEST(no_group_yet)
{
	pi5();
	CELLS("/axi/iommu", "phandle", 7);
	CELLS(BRIDGE, "iommu-map", 0, 7, 0, 0x10000);
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull); /* the kernel has no driver for it */
	fake_dir("sys/class/iommu/smmu3.0x0000000009050000");
	assert_unknown(NVME);
	group("identity\n", NULL);
	ck_assert_uint_eq(bus_of(NVME, 0x10000000), 0x1010000000ull);
}
END_TEST

START_TEST(without_a_tree)
{
	uint64_t got;

	fake_dir("sys/firmware/acpi");
	fake_dir("sys/devices/pci0000:00/0000:00:04.0");
	fake_dir("sys/bus/pci/devices");
	fake_link("sys/bus/pci/devices/0000:00:04.0", "../../../devices/pci0000:00/0000:00:04.0");
	ck_assert_uint_eq(bus_of("pci:00:04.0", 0x1000), 0x1000);
	fake_text("sys/kernel/iommu_groups/0/type", "DMA-FQ\n"); /* of another device */
	ck_assert_uint_eq(bus_of("pci:0000:00:04.0", 0x1000), 0x1000);
	fake_link("sys/devices/pci0000:00/0000:00:04.0/iommu_group", "../../../kernel/iommu_groups/0");
	assert_unknown("pci:0000:00:04.0");
	fake_text("sys/kernel/iommu_groups/0/type", "identity\n");
	ck_assert_uint_eq(bus_of("pci:0000:00:04.0", 0x1000), 0x1000);
	assert_fails(pmem_soc_phys_to_bus(ctx, "pci:0000:00:05.0", 0, &got), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	/* No group, though there is an IOMMU: a PC's would have had one from the start. */
	fake_remove("sys/devices/pci0000:00/0000:00:04.0/iommu_group");
	ck_assert_uint_eq(bus_of("pci:0000:00:04.0", 0x1000), 0x1000);
	fake_dir("sys/class/iommu/one");
#if defined(__x86_64__) || defined(__i386__)
	ck_assert_uint_eq(bus_of("pci:0000:00:04.0", 0x1000), 0x1000);
	ck_assert_int_eq(pmem_soc_coherent(ctx, "pci:0000:00:04.0"), 1);
	fake_remove("sys/firmware/acpi");
	ck_assert_uint_eq(bus_of("pci:0000:00:04.0", 0x1000), 0x1000);
#else
	assert_unknown("pci:0000:00:04.0");
	fake_remove("sys/class/iommu/one");
	ck_assert_int_eq(pmem_soc_coherent(ctx, "pci:0000:00:04.0"), 0);
	fake_remove("sys/firmware/acpi");
	assert_unknown("pci:0000:00:04.0");
#endif
	assert_fails(pmem_soc_coherent(ctx, "pci:0000:00:05.0"), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

/* A limit that a caller sets is told with the device's name. */
START_TEST(limits_are_explained)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .master = "pci:0000:00:04.0",
		.max_addr = 4096 };
	struct pmem_region *region;

	fake_dir("sys/firmware/acpi");
	fake_dir("sys/devices/pci0000:00/0000:00:04.0");
	fake_dir("sys/bus/pci/devices");
	fake_link("sys/bus/pci/devices/0000:00:04.0", "../../../devices/pci0000:00/0000:00:04.0");
	assert_fails(pmem_region_alloc(ctx, 65536, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "pci:0000:00:04.0"));
}
END_TEST

static int ask(void *user)
{
	struct pmem_ctx *fresh;
	uint64_t got;
	int r = pmem_ctx_new(&fresh);

	if (r < 0)
		return r;
	r = pmem_soc_phys_to_bus(fresh, user, 0x10000000, &got);
	ck_assert(r < 0 || got == 0x1010000000ull);
	if (r == 0)
		r = pmem_soc_coherent(fresh, user);
	pmem_ctx_unref(fresh);
	return r;
}

START_TEST(each_call_fails)
{
	static char name[] = NVME;

	pi5();
	group("identity\n", NULL);
	fake_dir("sys/kernel/iommu_groups/3/devices");
	pmem_ctx_unref(ctx); /* which would share what it knows */
	ctx = NULL;
	ck_assert_uint_gt(fake_fail_each(EIO, ask, name), 20);
	ck_assert_uint_gt(fake_fail_each(EMFILE, ask, name), 20);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("endpoint");
	TCase *tc = tcase_create("endpoint");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, address_space_of_the_host_bridge);
	tcase_add_test(tc, region_of_an_endpoint);
	tcase_add_test(tc, from_its_own_address);
	tcase_add_test(tc, names_that_are_none);
	tcase_add_test(tc, host_bridges_that_say_nothing);
	tcase_add_test(tc, own_group_decides);
	tcase_add_test(tc, no_group_yet);
	tcase_add_test(tc, without_a_tree);
	tcase_add_test(tc, limits_are_explained);
	tcase_add_test(tc, each_call_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
