/* SPDX-License-Identifier: MIT */
/* lib/soc/identify.c and the families: what machine this is. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/word_list.h"
#include "families/families.h"
#include "soc/soc.h"
#include "dt/dt.h"
#include "played_tree.h"

START_TEST(raspberry_pi_3)
{
	COMPATIBLE("raspberrypi,3-model-b\0brcm,bcm2837");
	fake_string("/", "model", "Raspberry Pi 3 Model B\n");
	ck_assert_str_eq(pmem_soc_family(ctx), "bcm2837");
	ck_assert_str_eq(pmem_soc_vendor(ctx), "Broadcom");
	ck_assert_str_eq(pmem_soc_model(ctx), "Raspberry Pi 3 Model B");
	ck_assert_str_eq(pmem_soc_compatible(ctx, 0), "raspberrypi,3-model-b");
	ck_assert_str_eq(pmem_soc_compatible(ctx, 1), "brcm,bcm2837");
	ck_assert_ptr_null(pmem_soc_compatible(ctx, 2));
	ck_assert_int_eq(soc_family(ctx)->videocore, SOC_VIDEOCORE_DIRECT);
	ck_assert_str_eq(soc_family(ctx)->order, "vcsm dmaheap videocore udmabuf pages");
}
END_TEST

static void assert_family(const char *name, const char *list, size_t size)
{
	fake_compatible(list, size);
	pmem_ctx_unref(ctx); /* it would share what it knows */
	assert_works(pmem_ctx_new(&ctx));
	ck_assert_str_eq(pmem_soc_family(ctx), name);
}

#define FAMILY(name, list) assert_family(name, list, sizeof(list))

START_TEST(families)
{
	FAMILY("bcm2835", "raspberrypi,model-zero-w\0brcm,bcm2835");
	FAMILY("bcm2711", "raspberrypi,4-model-b\0brcm,bcm2711");
	FAMILY("bcm2712", "raspberrypi,5-model-b\0brcm,bcm2712\0brcm,bcm2711");
	FAMILY("bcm5301x", "asus,rt-ac87u\0brcm,bcm4709\0brcm,bcm4708"); /* a router, no Pi */
	FAMILY("generic", "maker,board\0brcm,bcm99999");
	FAMILY("sun50i-a64", "pine64,pine64\0allwinner,sun50i-a64");
	FAMILY("sun50i-a64", "allwinner,pine64\0arm,sun50iw1p1");
	FAMILY("sun8i-h3", "xunlong,orangepi-pc\0allwinner,sun8i-h3");
	FAMILY("sun20i-d1", "sipeed,lichee-rv\0allwinner,sun20i-d1");
	FAMILY("rk3399", "pine64,rockpro64\0rockchip,rk3399");
	FAMILY("rk3399pro", "radxa,rockpi-n10\0vamrs,rk3399pro\0rockchip,rk3399pro");
	FAMILY("meson-g12b", "hardkernel,odroid-n2\0amlogic, s922x\0amlogic, g12b");
	FAMILY("imx6ulz", "fsl,imx6ulz-14x14-evk\0fsl,imx6ull\0fsl,imx6ulz");
	FAMILY("imx6qp", "fsl,imx6qp-sabresd\0fsl,imx6qp\0fsl,imx6q");
	FAMILY("imx8mm", "fsl,imx8mm-evk\0fsl,imx8mm");
	FAMILY("am335x", "ti,am335x-bone-black\0ti,am335x-bone\0ti,am33xx");
	FAMILY("zynqmp", "xlnx,zynqmp-zcu102\0xlnx,zynqmp");
	FAMILY("tegra132", "google,nyan\0nvidia,tegra132\0nvidia,tegra124");
	FAMILY("jh7110", "starfive,visionfive-2-v1.3b\0starfive,jh7110");
	FAMILY("virt", "linux,dummy-virt");
	/* A string without its NUL, one inside another, an empty one, bytes that are no text. */
	assert_family("rk3288", "rockchip,rk3288", 15);
	FAMILY("generic", "rockchip,rk328");
	FAMILY("generic", "rockchip,rk32888\0\0\xff\xfe");
}
END_TEST

/* Each string alone leads to a family, and each of this family's to this one. */
static void check_strings(const struct soc_family *f)
{
	const char *list = f->compatibles;
	struct word known;

	while (word_next(&list, " ", &known)) {
		char text[64];
		struct dt_prop prop = { .data = text };
		struct soc_family found;
		bool whole = !*f->prefix || memchr(known.text, ',', known.length);
		int n = snprintf(text, sizeof(text), "%s%s%.*s", whole ? "" : f->prefix,
			whole ? "" : ",", (int)known.length, known.text);

		ck_assert_int_lt(n, (int)sizeof(text));
		prop.size = (size_t)n + 1;
		families_match(&prop, &found);
		ck_assert_msg(strcmp(found.name, f->name) == 0, "%s is shadowed for %s", f->name, text);
	}
}

/* Where a blank is missing between two lines of a list, a word has two commas. */
static void check_words(const char *list)
{
	struct word word;

	while (word_next(&list, " ", &word)) {
		const char *comma = memchr(word.text, ',', word.length);

		ck_assert_msg(comma && !memchr(comma + 1, ',', word.length - (size_t)(comma + 1 - word.text)),
			"%.*s", (int)word.length, word.text);
	}
}

static void check_order(const struct soc_family *f)
{
	const char *list = f->order;
	struct word name = { "", 0 };

	while (word_next(&list, " ", &name)) {
		char text[32];

		ck_assert_uint_lt(name.length, sizeof(text));
		snprintf(text, sizeof(text), "%.*s", (int)name.length, name.text);
		ck_assert_msg(words_have("vcsm dmaheap videocore ion udmabuf udmabuf-kmod pages", " ", text),
			"%s: no backend %s", f->name, text);
		if (!*list)
			break;
	}
	ck_assert(word_is(name, "pages"));
}

static void check_table(const char *table, unsigned *count)
{
	static const char *names[1000];
	struct soc_family f = { 0 };

	while (families_next(&table, &f)) {
		ck_assert_msg(f.name[0] && f.vendor[0] && f.compatibles[0], "%s", f.name);
		check_order(&f);
		check_strings(&f);
		check_words(f.gpio);
		check_words(f.dma);
		ck_assert_uint_lt(*count, 1000);
		for (unsigned i = 0; i < *count; i++)
			ck_assert_str_ne(names[i], f.name);
		names[(*count)++] = f.name;
	}
}

START_TEST(tables_are_sound)
{
	unsigned count = 0;

	check_table(families_boards, &count);
	check_table(families_industrial, &count);
	check_table(families_control, &count);
	check_table(families_mobile, &count);
	check_table(families_network, &count);
	check_table(families_riscv, &count);
	ck_assert_uint_gt(count, 400);
}
END_TEST

/* As many empty strings as a property can have must not cost the square of that. */
START_TEST(endless_list)
{
	size_t size = DT_PROP_MAX - 100, i = 0;
	char *list = calloc(1, size);

	ck_assert_ptr_nonnull(list);
	memcpy(list + 100, "brcm,bcm2837", 13);
	memcpy(list + size - 20, "allwinner,sun8i-h3", 19);
	fake_compatible(list, size);
	free(list);
	ck_assert_str_eq(pmem_soc_family(ctx), "bcm2837");
	while (pmem_soc_compatible(ctx, i))
		i++;
	ck_assert_uint_eq(i, 16384 - 12);
}
END_TEST

START_TEST(no_tree)
{
	uint64_t phys, size;

	fake_text("sys/class/dmi/id/product_name", "ThinkPad\n");
#if defined(__x86_64__) || defined(__i386__)
	ck_assert_str_eq(pmem_soc_family(ctx), "x86_64");
#else
	ck_assert_str_eq(pmem_soc_family(ctx), "generic");
#endif
	ck_assert_str_eq(pmem_soc_model(ctx), "ThinkPad");
	ck_assert_str_eq(pmem_soc_vendor(ctx), "");
	ck_assert_ptr_null(pmem_soc_compatible(ctx, 0));
	ck_assert(!soc_has_tree(ctx));
	assert_fails(pmem_soc_node(ctx, "/soc", 0, &phys, &size), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	assert_fails(pmem_soc_gpio(ctx, &phys, &size), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	assert_fails(pmem_soc_node_available(ctx, "gpio"), ENODEV, PMEM_CAUSE_DEVICE_TREE);
}
END_TEST

START_TEST(empty_tree)
{
	fake_text("proc/device-tree/name", ""); /* CONFIG_OF without a blob */
	ck_assert(!soc_has_tree(ctx));
	ck_assert_str_eq(pmem_soc_model(ctx), "");
}
END_TEST

START_TEST(hidden_tree)
{
	uint64_t phys;

	fake_link("proc/device-tree", "/sys/firmware/devicetree/base");
	fake_text("proc/cpuinfo", "processor\t: 0\n\nHardware\t: BCM2835\n");
	ck_assert_str_ne(pmem_soc_family(ctx), "bcm2835"); /* every Pi's kernel says that */
	assert_fails(pmem_soc_node(ctx, "gpio", 0, &phys, NULL), ENODEV, PMEM_CAUSE_DEVICE_TREE);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "container"));
}
END_TEST

START_TEST(old_kernel)
{
	uint64_t bus;

	fake_text("proc/cpuinfo", "Processor : ARMv7\nHardware\t: sun7i\nRevision : 0000\n");
	ck_assert_str_eq(pmem_soc_family(ctx), "sun7i-a20");
	ck_assert_str_eq(pmem_soc_model(ctx), "sun7i");
	assert_works(pmem_soc_phys_to_bus(ctx, NULL, 0x40001000, &bus));
	ck_assert_uint_eq(bus, 0x40001000);
	ck_assert_int_eq(pmem_soc_coherent(ctx, NULL), 0);
}
END_TEST

START_TEST(later_kernel_with_words)
{
	fake_text("proc/cpuinfo", "Hardware : Allwinner sun8i Family\n");
	ck_assert_str_eq(pmem_soc_family(ctx), "sun8i-h3");
}
END_TEST

/* A path that is relative means another machine after chdir(): also while the first is still known. */
START_TEST(relative_root)
{
	static const char *const variables[] = { "LIBPMEM_ROOT", "LIBPMEM_DEVICE_TREE" };
	char before[PATH_MAX];

	ck_assert_ptr_nonnull(getcwd(before, sizeof(before)));
	fake_text("one/proc/device-tree/compatible", "raspberrypi,4-model-b");
	fake_text("two/proc/device-tree/compatible", "pine64,pine64");
	for (int i = 0; i < 2; i++) {
		struct pmem_ctx *one, *two;

		fake_env(variables[i], i ? "proc/device-tree" : ".");
		ck_assert_int_eq(chdir(fake_root()), 0);
		ck_assert_int_eq(chdir("one"), 0);
		assert_works(pmem_ctx_new(&one));
		ck_assert_str_eq(pmem_soc_compatible(one, 0), "raspberrypi,4-model-b");
		ck_assert_int_eq(chdir("../two"), 0);
		assert_works(pmem_ctx_new(&two));
		ck_assert_str_eq(pmem_soc_compatible(two, 0), "pine64,pine64");
		pmem_ctx_unref(one);
		pmem_ctx_unref(two);
		fake_env("LIBPMEM_ROOT", fake_root());
	}
	fake_env("LIBPMEM_DEVICE_TREE", NULL);
	ck_assert_int_eq(chdir(before), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("soc");
	TCase *tc = tcase_create("soc");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, raspberry_pi_3);
	tcase_add_test(tc, families);
	tcase_add_test(tc, tables_are_sound);
	tcase_add_test(tc, endless_list);
	tcase_add_test(tc, no_tree);
	tcase_add_test(tc, empty_tree);
	tcase_add_test(tc, hidden_tree);
	tcase_add_test(tc, old_kernel);
	tcase_add_test(tc, later_kernel_with_words);
	tcase_add_test(tc, relative_root);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	return suite;
}
