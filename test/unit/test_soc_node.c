/* SPDX-License-Identifier: MIT */
/* lib/soc: how nodes are named, what is asked about them, where the GPIO is. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "soc/soc.h"
#include "played_tree.h"

static void soc_bus(void)
{
	CELLS("/", "#address-cells", 1);
	CELLS("/", "#size-cells", 1);
	CELLS("/soc", "#address-cells", 1);
	CELLS("/soc", "#size-cells", 1);
	CELLS("/soc", "ranges", 0x7e000000, 0x3f000000, 0x1000000);
}

static void named_nodes(void)
{
	COMPATIBLE("maker,board");
	soc_bus();
	fake_string("/soc/uart@7e201000", "compatible", "arm,pl011");
	CELLS("/soc/uart@7e201000", "reg", 0x7e201000, 0x200);
	fake_string("/soc/uart@7e201000", "status", "disabled");
	fake_string("/soc/uart@7e201400", "compatible", "arm,pl011");
	CELLS("/soc/uart@7e201400", "reg", 0x7e201400, 0x200, 0x7e300000, 8);
	fake_string("/soc/uart@7e201600", "compatible", "ARM,PL011");
	CELLS("/soc/uart@7e201600", "reg", 0x7e201600, 0x200);
	fake_string("/aliases", "serial0", "/soc/uart@7e201600");
	fake_string("/aliases", "broken", "/soc/gone");
	fake_string("/aliases", "relative", "soc");
	fake_string("/__symbols__", "uart2", "/soc/uart@7e201400");
	fake_string("/chosen", "bootargs", "quiet");
}

static void assert_path(const char *name, unsigned nth, const char *expected)
{
	char path[SOC_PATH_MAX];

	assert_works(pmem_soc_node_path(ctx, name, nth, path, sizeof(path)));
	ck_assert_str_eq(path, expected);
}

START_TEST(names)
{
	char path[SOC_PATH_MAX], little[8] = "before";

	named_nodes();
	assert_path("/", 0, "/");
	assert_path("/soc/uart@7e201000", 0, "/soc/uart@7e201000");
	assert_path("serial0", 0, "/soc/uart@7e201600");
	assert_path("&uart2", 0, "/soc/uart@7e201400");
	/* The available ones first. */
	assert_path("arm,pl011", 0, "/soc/uart@7e201400");
	assert_path("arm,pl011", 1, "/soc/uart@7e201600");
	assert_path("arm,pl011", 2, "/soc/uart@7e201000");
	assert_fails(pmem_soc_node_path(ctx, "arm,pl011", 3, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "serial0", 1, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "/soc", 1, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "broken", 0, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "relative", 0, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "", 0, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "&", 0, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "&../chosen/bootargs", 0, path, sizeof(path)), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_path(ctx, "/", 0, little, 1), ENOSPC, PMEM_CAUSE_LIMIT);
	ck_assert_str_eq(little, "before");
}
END_TEST

START_TEST(questions)
{
	uint64_t phys, size;
	char *data;
	size_t bytes;

	named_nodes();
	assert_works(pmem_soc_node(ctx, "&uart2", 0, &phys, &size));
	ck_assert_uint_eq(phys, 0x3f201400);
	ck_assert_uint_eq(size, 0x200);
	assert_works(pmem_soc_node(ctx, "&uart2", 1, &phys, NULL));
	ck_assert_uint_eq(phys, 0x3f300000);
	assert_fails(pmem_soc_node(ctx, "&uart2", 2, &phys, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node(ctx, "/", 0, &phys, NULL), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	fake_remove("proc/device-tree/soc/ranges");
	anew();
	assert_fails(pmem_soc_node(ctx, "&uart2", 0, &phys, NULL), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	ck_assert_ptr_nonnull(strstr(pmem_error_path(pmem_error_last()), "/proc/device-tree/soc"));
	ck_assert_int_eq(pmem_soc_node_available(ctx, "&uart2"), 1);
	ck_assert_int_eq(pmem_soc_node_available(ctx, "/soc/uart@7e201000"), 0);
	assert_fails(pmem_soc_node_available(ctx, "/none"), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_int_eq(soc_node_property(ctx, "/chosen", "bootargs", &data, &bytes), 0);
	ck_assert_str_eq(data, "quiet");
	ck_assert_uint_eq(bytes, 6);
	free(data);
	assert_fails(soc_node_property(ctx, "/chosen", "none", &data, &bytes), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	assert_fails(soc_node_property(ctx, "/soc", "../compatible", &data, &bytes), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
	fake_link("proc/device-tree/chosen/link", "bootargs");
	assert_fails(soc_node_property(ctx, "/chosen", "link", &data, &bytes), ENXIO,
		PMEM_CAUSE_DEVICE_TREE);
}
END_TEST

static void assert_no_entry(const char *node, unsigned index, bool is_pci)
{
	uint64_t phys;

	assert_fails(pmem_soc_node(ctx, node, index, &phys, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_int_eq(strstr(pmem_error_text(pmem_error_last()), "PCI") != NULL, is_pci);
}

/* Only of a PCI function it helps to hear how those are mapped. */
START_TEST(nodes_without_an_address)
{
	named_nodes();
	fake_string("/soc/leds", "compatible", "gpio-leds");
	fake_string("/soc/pcie@7d500000", "device_type", "pci");
	CELLS("/soc/pcie@7d500000", "reg", 0x7d500000, 0x9310);
	CELLS("/soc/pcie@7d500000", "#address-cells", 3);
	CELLS("/soc/pcie@7d500000", "#size-cells", 2);
	fake_string("/soc/pcie@7d500000/intc", "compatible", "a legacy interrupt controller");
	CELLS("/soc/pcie@7d500000/usb@1,0", "reg", 0x10000, 0, 0, 0, 0);
	CELLS("/soc/pcie@7d500000/bridge@2,0", "reg", 0x20000, 0, 0, 0, 0);
	fake_string("/soc/pcie@7d500000/bridge@2,0", "device_type", "pci");
	CELLS("/soc/pcie@7d500000/bridge@2,0/nic@0,0", "reg", 0, 0, 0, 0, 0);
	fake_string("/soc/pcie@7d500000/usb@1,0/hub", "compatible", "usb1d6b,2");
	assert_no_entry("/soc/leds", 0, false);
	assert_no_entry("&uart2", 2, false);
	assert_no_entry("/chosen", 0, false);
	assert_no_entry("/soc/pcie@7d500000", 1, false);
	assert_no_entry("/soc/pcie@7d500000/intc", 0, false);
	assert_no_entry("/soc/pcie@7d500000/usb@1,0/hub", 0, false);
	assert_no_entry("/soc/pcie@7d500000/usb@1,0", 0, true);
	assert_no_entry("/soc/pcie@7d500000/bridge@2,0", 0, true);
	assert_no_entry("/soc/pcie@7d500000/bridge@2,0/nic@0,0", 1, true);
}
END_TEST

static void assert_gpio(uint64_t phys, uint64_t size)
{
	uint64_t got, length;

	anew();
	assert_works(pmem_soc_gpio(ctx, &got, &length));
	ck_assert_uint_eq(got, phys);
	ck_assert_uint_eq(length, size);
}

START_TEST(gpio_of_the_family)
{
	COMPATIBLE("raspberrypi,3-model-b\0brcm,bcm2837");
	soc_bus();
	fake_text("proc/device-tree/soc/aaa@7e000000/gpio-controller", "");
	CELLS("/soc/aaa@7e000000", "reg", 0x7e000000, 4);
	fake_string("/soc/gpio@7e200000", "compatible", "brcm,bcm2835-gpio");
	CELLS("/soc/gpio@7e200000", "reg", 0x7e200000, 0xb4);
	assert_gpio(0x3f200000, 0xb4);
	/* An entry of nothing is none, and adds nothing; one of a byte does. */
	CELLS("/soc/gpio@7e200000", "reg", 0x7e200000, 0);
	assert_gpio(0x3f000000, 4);
	CELLS("/soc/gpio@7e200000", "reg", 0x7e200000, 0xb4, 0x7e200100, 0, 0x7e2000c0, 1);
	assert_gpio(0x3f200000, 0xc1);
	CELLS("/soc/gpio@7e200000", "reg", 0x7e200000, 0xb4);
	fake_string("/soc/gpio@7e200000", "status", "disabled");
	assert_gpio(0x3f000000, 4);
}
END_TEST

/* The header of a Pi 5: three blocks of RP1 that lie together. */
START_TEST(gpio_of_rp1)
{
	COMPATIBLE("raspberrypi,5-model-b\0brcm,bcm2712");
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 2);
	CELLS("/rp1", "#address-cells", 2);
	CELLS("/rp1", "#size-cells", 2);
	CELLS("/rp1", "ranges", 0xc0, 0x40000000, 0x1f, 0, 0, 0x400000);
	fake_string("/rp1/gpio@d0000", "compatible", "raspberrypi,rp1-gpio");
	CELLS("/rp1/gpio@d0000", "reg", 0xc0, 0x400d0000, 0, 0xc000, 0xc0, 0x400e0000, 0, 0xc000,
		0xc0, 0x400f0000, 0, 0xc000, 0xc0, 0x40300000, 0, 0x1000);
	assert_gpio(0x1f000d0000, 0x2c000); /* the fourth is far away */
}
END_TEST

START_TEST(a_name_that_leads_nowhere)
{
	uint64_t phys;

	COMPATIBLE("vendor,soc");
	fake_string("/aliases", "serial0", "/soc/gone@1000");
	fake_string("/__symbols__", "uart", "/soc/lost@2000");
	assert_fails(pmem_soc_node(ctx, "serial0", 0, &phys, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "/soc/gone@1000"));
	assert_fails(pmem_soc_node(ctx, "&uart", 0, &phys, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "/soc/lost@2000"));
	assert_fails(pmem_soc_node(ctx, "serial1", 0, &phys, NULL), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_null(strstr(pmem_error_message(pmem_error_last()), "leads"));
}
END_TEST

/* A kernel without RP1: the always-on block, where writing harms, is not the header's. */
START_TEST(no_gpio_without_rp1)
{
	uint64_t phys = 77, size;

	COMPATIBLE("raspberrypi,5-model-b\0brcm,bcm2712");
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 2);
	fake_string("/gpio@107d517c00", "compatible", "brcm,brcmstb-gpio");
	CELLS("/gpio@107d517c00", "reg", 0x10, 0x7d517c00, 0, 0x40);
	fake_string("/gpio@107d517c00", "gpio-controller", "");
	fake_string("/aliases", "gpio0", "/gpio@107d517c00");
	assert_fails(pmem_soc_gpio(ctx, &phys, &size), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	ck_assert_uint_eq(phys, 77);
}
END_TEST

/* Its node is as long as that of older chips, which have no pull registers at 0xe4. */
START_TEST(gpio_with_pull_registers)
{
	COMPATIBLE("raspberrypi,4-model-b\0brcm,bcm2711");
	soc_bus();
	fake_string("/soc/gpio@7e200000", "compatible", "brcm,bcm2711-gpio");
	CELLS("/soc/gpio@7e200000", "reg", 0x7e200000, 0xb4);
	assert_gpio(0x3f200000, 0xf4);
}
END_TEST

/* The last byte of the address space may be a register's; what would go on at 0 is no answer. */
START_TEST(registers_at_the_end)
{
	uint64_t phys = 77, size = 78;

	COMPATIBLE("maker,board");
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 1);
	CELLS("/a@0", "reg", 0xffffffff, 0xfffff000, 0x1000, 0xffffffff, 0xfffff000, 0x1001);
	assert_works(pmem_soc_node(ctx, "/a@0", 0, &phys, &size));
	ck_assert_uint_eq(phys, 0xfffffffffffff000);
	ck_assert_uint_eq(size, 0x1000);
	assert_fails(pmem_soc_node(ctx, "/a@0", 1, &phys, &size), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	ck_assert_uint_eq(size, 0x1000);
}
END_TEST

/* What they are made longer by has to be there as well. */
START_TEST(gpio_at_the_end)
{
	uint64_t phys = 77, size = 78;

	COMPATIBLE("raspberrypi,4-model-b\0brcm,bcm2711");
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 1);
	fake_string("/gpio@0", "compatible", "brcm,bcm2711-gpio");
	CELLS("/gpio@0", "reg", 0xffffffff, 0xffffff80, 0x10);
	fake_string("/gpio@0", "gpio-controller", "");
	assert_fails(pmem_soc_gpio(ctx, &phys, &size), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	ck_assert_uint_eq(phys, 77);
	ck_assert_uint_eq(size, 78);
}
END_TEST

/* Amlogic: banks without a compatible, the first of whose blocks is not the lowest. */
START_TEST(gpio_in_banks)
{
	COMPATIBLE("hardkernel,odroid-c2\0amlogic,meson-gxbb");
	soc_bus();
	fake_string("/soc/pinctrl", "compatible", "amlogic,meson-gxbb-periphs-pinctrl");
	CELLS("/soc/pinctrl", "#address-cells", 1);
	CELLS("/soc/pinctrl", "#size-cells", 1);
	CELLS("/soc/pinctrl", "ranges", 0, 0x7e000000, 0x1000);
	fake_text("proc/device-tree/soc/pinctrl/bank@4b0/gpio-controller", "");
	CELLS("/soc/pinctrl/bank@4b0", "reg", 0x4b0, 0x28, 0x4e8, 0x14, 0x430, 0x40);
	assert_gpio(0x3f000430, 0x4fc - 0x430);
}
END_TEST

START_TEST(gpio_by_alias_or_any)
{
	uint64_t phys, size;

	COMPATIBLE("maker,board");
	soc_bus();
	assert_fails(pmem_soc_gpio(ctx, &phys, &size), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	/* An expander behind I2C has no address here, nor has its bus GPIO. */
	CELLS("/soc/i2c@7e804000", "reg", 0x7e804000, 0x1000);
	CELLS("/soc/i2c@7e804000", "#address-cells", 1);
	CELLS("/soc/i2c@7e804000", "#size-cells", 0);
	CELLS("/soc/i2c@7e804000/expander@20", "reg", 0x20);
	fake_text("proc/device-tree/soc/i2c@7e804000/expander@20/gpio-controller", "");
	anew();
	assert_fails(pmem_soc_gpio(ctx, &phys, &size), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	/* A bank without reg has its registers in the node above. */
	CELLS("/soc/pinctrl@7e900000", "reg", 0x7e900000, 0x400);
	fake_text("proc/device-tree/soc/pinctrl@7e900000/gpa0/gpio-controller", "");
	assert_gpio(0x3f900000, 0x400);
	/* What the tree calls gpio0 is preferred. */
	CELLS("/soc/zgpio@7ea00000", "reg", 0x7ea00000, 0x800);
	fake_text("proc/device-tree/soc/zgpio@7ea00000/gpio-controller", "");
	fake_string("/aliases", "gpio0", "/soc/zgpio@7ea00000");
	assert_gpio(0x3fa00000, 0x800);
}
END_TEST

/* A failure of today is no answer for tomorrow. */
START_TEST(failures_are_not_remembered)
{
	uint64_t phys;

	named_nodes();
	fake_fail_named("open", EMFILE);
	ck_assert_ptr_null(pmem_soc_family(ctx));
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_LIMIT);
	ck_assert_ptr_null(pmem_soc_model(ctx));
	ck_assert_ptr_null(pmem_soc_vendor(ctx));
	ck_assert_ptr_null(pmem_soc_compatible(ctx, 0));
	ck_assert(!soc_has_tree(ctx));
	assert_fails(pmem_soc_node(ctx, "&uart2", 0, &phys, NULL), EMFILE, PMEM_CAUSE_LIMIT);
	fake_fail_named(NULL, 0);
	ck_assert(soc_has_tree(ctx));
	fake_fail_named("read", EIO);
	assert_fails(pmem_soc_node(ctx, "&uart2", 0, &phys, NULL), EIO, PMEM_CAUSE_SYSTEM);
	fake_fail_named("open", EACCES);
	assert_fails(pmem_soc_node(ctx, "&uart2", 0, &phys, NULL), EACCES, PMEM_CAUSE_FILE_MODE);
	fake_fail_named("lstat", ENOMEM);
	assert_fails(pmem_soc_node(ctx, "&uart2", 0, &phys, NULL), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	fake_fail_named("list_directories", EIO);
	assert_fails(pmem_soc_node(ctx, "arm,pl011", 0, &phys, NULL), EIO, PMEM_CAUSE_SYSTEM);
	fake_fail_named(NULL, 0);
	assert_works(pmem_soc_node(ctx, "&uart2", 0, &phys, NULL));
	assert_works(pmem_soc_node(ctx, "arm,pl011", 0, &phys, NULL));
}
END_TEST

static int ask(void *user)
{
	uint64_t phys;
	struct pmem_ctx *fresh;
	int r = pmem_ctx_new(&fresh);

	if (r < 0)
		return r;
	r = pmem_soc_node(fresh, user, 0, &phys, NULL);
	pmem_ctx_unref(fresh);
	return r;
}

static int ask_gpio(void *user)
{
	uint64_t phys;
	struct pmem_ctx *fresh;
	int r = pmem_ctx_new(&fresh);

	(void)user;
	if (r < 0)
		return r;
	r = pmem_soc_gpio(fresh, &phys, NULL);
	pmem_ctx_unref(fresh);
	return r;
}

START_TEST(each_call_fails)
{
	static char label[] = "&uart2", kind[] = "arm,pl011", alias[] = "serial0";

	named_nodes();
	fake_text("proc/device-tree/soc/uart@7e201400/gpio-controller", "");
	pmem_ctx_unref(ctx); /* which would share what it knows */
	ctx = NULL;
	ck_assert_uint_gt(fake_fail_each(EIO, ask, label), 20);
	ck_assert_uint_gt(fake_fail_each(EMFILE, ask, alias), 20);
	ck_assert_uint_gt(fake_fail_each(ENOMEM, ask, kind), 50);
	ck_assert_uint_gt(fake_fail_each(ENOENT, ask, kind), 50);
	ck_assert_uint_gt(fake_fail_each(EIO, ask_gpio, NULL), 50);
}
END_TEST

static void *ask_often(void *user)
{
	uintptr_t bad = 0;

	(void)user;
	for (int i = 0; i < 200; i++) {
		uint64_t phys = 0;

		bad += strcmp(pmem_soc_model(ctx), "A board") != 0;
		bad += pmem_soc_node(ctx, "&uart2", 0, &phys, NULL) != 0 || phys != 0x3f201400;
	}
	return (void *)bad;
}

START_TEST(several_threads)
{
	pthread_t threads[4];

	named_nodes();
	fake_string("/", "model", "A board");
	os = &os_linux; /* the played kernel keeps books without locks */
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, NULL), 0);
	for (int i = 0; i < 4; i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		ck_assert_ptr_null(bad);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("soc_node");
	TCase *tc = tcase_create("soc_node");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, names);
	tcase_add_test(tc, questions);
	tcase_add_test(tc, nodes_without_an_address);
	tcase_add_test(tc, gpio_of_the_family);
	tcase_add_test(tc, a_name_that_leads_nowhere);
	tcase_add_test(tc, gpio_of_rp1);
	tcase_add_test(tc, no_gpio_without_rp1);
	tcase_add_test(tc, gpio_with_pull_registers);
	tcase_add_test(tc, gpio_at_the_end);
	tcase_add_test(tc, registers_at_the_end);
	tcase_add_test(tc, gpio_in_banks);
	tcase_add_test(tc, gpio_by_alias_or_any);
	tcase_add_test(tc, failures_are_not_remembered);
	tcase_add_test(tc, each_call_fails);
	tcase_add_test(tc, several_threads);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return suite;
}
