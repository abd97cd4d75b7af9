/* SPDX-License-Identifier: MIT */
/* lib/soc/reserved.c: what the tree keeps back, who uses it, and mapping it. */
#include <errno.h>
#include <string.h>

#include "soc/soc.h"
#include "suite.h"

#define R "/reserved-memory"

static struct pmem_ctx *ctx;

static void flag(const char *node, const char *property)
{
	fake_cells(node, property, 0, NULL);
}

/* By the binding's own examples, and what trees of Zynq, Rockchip and the Raspberry Pi have. */
static void tree(void)
{
	fake_string("/", "compatible", "xlnx,zynqmp");
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 2);
	CELLS(R, "#address-cells", 2);
	CELLS(R, "#size-cells", 2);
	flag(R, "ranges");
	CELLS(R "/buffer@800000000", "reg", 8, 0, 0, 0x100000);
	flag(R "/buffer@800000000", "no-map");
	CELLS(R "/buffer@800000000", "phandle", 1);
	CELLS(R "/low@30000000", "reg", 0, 0x30000000, 0, 0x1234);
	flag(R "/low@30000000", "no-map");
	CELLS(R "/linux,cma", "size", 0, 0x4000000);
	CELLS(R "/linux,cma", "alloc-ranges", 0, 0, 0, 0x40000000);
	fake_string(R "/linux,cma", "compatible", "shared-dma-pool");
	flag(R "/linux,cma", "reusable");
	flag(R "/linux,cma", "linux,cma-default");
	CELLS(R "/linux,cma", "phandle", 2);
	CELLS(R "/ramoops@10000000", "reg", 0, 0x10000000, 0, 0x10000, 0, 0x10020000, 0, 0, 0, 0x10040000,
		0, 0x8000);
	fake_string(R "/ramoops@10000000", "compatible", "ramoops");
	CELLS(R "/ramoops@10000000", "size", 0, 0x99);
	/* Nothing to Linux. */
	CELLS(R "/off@20000000", "reg", 0, 0x20000000, 0, 0x1000);
	fake_string(R "/off@20000000", "status", "disabled");
	CELLS(R "/off@20000000", "phandle", 3);
	CELLS(R "/zero", "size", 0, 0);
	CELLS(R "/short", "size", 0x1000);
	fake_dir("proc/device-tree" R "/nothing");
	CELLS("/dev@1", "memory-region", 2, 1, 3, 99);
	fake_file("proc/device-tree/dev@1/memory-region-names", "pool\0frames\0off", 15);
	fake_dir("proc/device-tree/dev@2");
}

static void start(void)
{
	fake_start();
	tree();
	assert_works(pmem_ctx_new(&ctx));
}

static void stop(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

START_TEST(list)
{
	static const struct {
		const char *path, *compatible;
		uint64_t phys, size;
		uint32_t flags;
	} rows[] = {
		{ R "/buffer@800000000", "", 0x800000000, 0x100000, PMEM_RESERVED_NO_MAP },
		{ R "/linux,cma", "shared-dma-pool", PMEM_ADDRESS_NONE, 0x4000000,
			PMEM_RESERVED_REUSABLE | PMEM_RESERVED_DYNAMIC | PMEM_RESERVED_POOL |
			PMEM_RESERVED_DEFAULT },
		{ R "/low@30000000", "", 0x30000000, 0x1234, PMEM_RESERVED_NO_MAP },
		{ R "/ramoops@10000000", "ramoops", 0x10000000, 0x10000, 0 },
		{ R "/ramoops@10000000", "ramoops", 0x10040000, 0x8000, 0 },
	};
	uint64_t phys = 7, size = 7;
	uint32_t flags = 7;
	size_t count = 7;

	assert_works(pmem_soc_reserved_count(ctx, &count));
	ck_assert_uint_eq(count, ARRAY_SIZE(rows));
	for (size_t i = 0; i < count; i++) {
		assert_works(pmem_soc_reserved(ctx, i, &phys, &size, &flags));
		ck_assert_uint_eq(phys, rows[i].phys);
		ck_assert_uint_eq(size, rows[i].size);
		ck_assert_uint_eq(flags, rows[i].flags);
		ck_assert_str_eq(pmem_soc_reserved_path(ctx, i), rows[i].path);
		ck_assert_str_eq(pmem_soc_reserved_compatible(ctx, i), rows[i].compatible);
	}
	assert_works(pmem_soc_reserved(ctx, 0, NULL, NULL, NULL));
	assert_fails(pmem_soc_reserved(ctx, count, &phys, &size, &flags), EINVAL, PMEM_CAUSE_NOT_FOUND);
	ck_assert_uint_eq(flags, 0); /* as the last one had it */
	ck_assert_ptr_null(pmem_soc_reserved_path(ctx, count));
	ck_assert_ptr_null(pmem_soc_reserved_compatible(ctx, count));
	/* A second question costs nothing, also of another context. */
	fake_count_opens(true);
	assert_works(pmem_soc_reserved_count(ctx, &count));
	ck_assert_ptr_null(fake_opened(0, &flags));
}
END_TEST

START_TEST(of_a_node)
{
	size_t i = 9;

	assert_works(pmem_soc_node_reserved(ctx, "/dev@1", 0, NULL, &i));
	ck_assert_uint_eq(i, 1);
	assert_works(pmem_soc_node_reserved(ctx, "/dev@1", 1, NULL, &i));
	ck_assert_uint_eq(i, 0);
	assert_works(pmem_soc_node_reserved(ctx, "/dev@1", 0, "pool", &i));
	ck_assert_uint_eq(i, 1);
	assert_works(pmem_soc_node_reserved(ctx, "/dev@1", 0, "frames", &i));
	ck_assert_uint_eq(i, 0);
	i = 9;
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@1", 2, NULL, &i), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "leads to no"));
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@1", 0, "off", &i), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@1", 3, NULL, &i), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@1", 4, NULL, &i), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "no entry 4"));
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@1", 0, "none", &i), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "\"none\""));
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@2", 0, NULL, &i), ENOENT, PMEM_CAUSE_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "no memory-region"));
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@3", 0, NULL, &i), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@1", 1, "pool", &i), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_soc_node_reserved(ctx, NULL, 0, NULL, &i), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_soc_node_reserved(ctx, "/dev@1", 0, NULL, NULL), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_soc_node_reserved(NULL, "/dev@1", 0, NULL, &i), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_uint_eq(i, 9);
}
END_TEST

START_TEST(nothing)
{
	size_t count = 7;

	assert_fails(pmem_soc_reserved_count(NULL, &count), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_soc_reserved_count(ctx, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_soc_reserved(NULL, 0, NULL, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_ptr_null(pmem_soc_reserved_path(NULL, 0));
	ck_assert_uint_eq(count, 7);
	pmem_ctx_unref(ctx);
	fake_remove("proc/device-tree" R);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_soc_reserved_count(ctx, &count));
	ck_assert_uint_eq(count, 0);
	pmem_ctx_unref(ctx);
	fake_remove("proc/device-tree");
	assert_works(pmem_ctx_new(&ctx));
	assert_fails(pmem_soc_reserved_count(ctx, &count), ENODEV, PMEM_CAUSE_DEVICE_TREE);
}
END_TEST

/* By its node: what Linux does not map is memory of nobody; what it uses is not to be had so. */
START_TEST(mapped_by_node)
{
	static const struct fake_device mem = { .path = "/dev/mem", .mmap = fake_untouchable,
		.memory = 0x40000000 };
	struct pmem_region *region;
	uint64_t phys;

	fake_device(&mem);
	fake_text("proc/iomem", "00000000-1fffffff : System RAM\n30000000-30001fff : Reserved\n");
	assert_works(pmem_region_map_node(ctx, R "/low@30000000", 0, 0, &region));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x30000000);
	ck_assert_uint_eq(pmem_region_size(region), 0x1234);
	ck_assert_uint_eq(pmem_region_attrs(region) & (PMEM_REGION_DEVICE | PMEM_REGION_CACHED),
		PMEM_REGION_DEVICE);
	assert_works(pmem_region_close(region));
	assert_fails(pmem_region_map_node(ctx, R "/ramoops@10000000", 0, 0, &region), EPERM,
		PMEM_CAUSE_SYSTEM_RAM);
	assert_works(pmem_region_map_node(ctx, R "/ramoops@10000000", 2, PMEM_MAP_SYSTEM_RAM, &region));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x10040000);
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_DEVICE, 0);
	assert_works(pmem_region_close(region));
	assert_fails(pmem_region_map_node(ctx, R "/linux,cma", 0, 0, &region), ENOENT,
		PMEM_CAUSE_NOT_FOUND);
}
END_TEST

static int ask(void *user)
{
	struct pmem_ctx *fresh;
	size_t count;
	int r = pmem_ctx_new(&fresh);

	(void)user;
	if (r < 0)
		return r;
	r = pmem_soc_reserved_count(fresh, &count);
	ck_assert(r < 0 || count == 5);
	if (r == 0)
		r = pmem_soc_node_reserved(fresh, "/dev@1", 0, "frames", &count);
	ck_assert(r < 0 || count == 0);
	pmem_ctx_unref(fresh);
	return r;
}

START_TEST(each_call_fails)
{
	pmem_ctx_unref(ctx); /* which would share what it knows */
	ctx = NULL;
	ck_assert_uint_gt(fake_fail_each(EIO, ask, NULL), 50);
	ck_assert_uint_gt(fake_fail_each(EMFILE, ask, NULL), 50);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reserved");
	TCase *tc = tcase_create("reserved");

	tcase_add_checked_fixture(tc, start, stop);
	tcase_add_test(tc, list);
	tcase_add_test(tc, of_a_node);
	tcase_add_test(tc, nothing);
	tcase_add_test(tc, mapped_by_node);
	tcase_add_test(tc, each_call_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
