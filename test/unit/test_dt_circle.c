/* SPDX-License-Identifier: MIT */
/* Links between nodes may go in a circle: what that costs is bounded. */
#include <errno.h>
#include <stdio.h>

#include "soc/soc.h"
#include "suite.h"

static void bus(const char *node)
{
	CELLS(node, "#address-cells", 1);
	CELLS(node, "#size-cells", 1);
}

static const struct os_calls *below;
static unsigned listed; /* folders */

static int count_list(const char *path, os_list_fn *fn, void *user)
{
	listed++;
	return below->list_directories(path, fn, user);
}

/* Each link costs a walk over the tree, so a large one with a circle must not be walked for long. */
START_TEST(circle_in_a_large_tree)
{
	const unsigned nodes = 200;
	struct os_calls calls = *os;
	struct pmem_ctx *ctx;
	uint64_t got;

	COMPATIBLE("maker,board");
	bus("/");
	for (unsigned i = 1; i <= 2; i++) {
		const char *node = i == 1 ? "/y" : "/z"; /* at the end of a walk */

		bus(node);
		CELLS(node, "phandle", i);
		CELLS(node, "#interconnect-cells", 0);
		CELLS(node, "interconnects", 3 - i);
		fake_string(node, "interconnect-names", "dma-mem");
		fake_cells(node, "dma-ranges", 0, NULL);
	}
	fake_dir("proc/device-tree/y/dev");
	for (unsigned i = 0; i < nodes; i++) {
		char name[64];

		snprintf(name, sizeof(name), "proc/device-tree/bus/dev@%u", i);
		fake_dir(name);
	}
	assert_works(pmem_ctx_new(&ctx));
	below = os;
	calls.list_directories = count_list;
	os = &calls;
	assert_fails(pmem_soc_bus_to_phys(ctx, "/y/dev", 0, &got), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	assert_fails(pmem_soc_coherent(ctx, "/y/dev"), ENXIO, PMEM_CAUSE_DEVICE_TREE);
	os = below;
	pmem_ctx_unref(ctx);
	ck_assert_uint_gt(listed, 0);
	ck_assert_uint_lt(listed, 40 * nodes);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dt_circle");
	TCase *tc = tcase_create("circle");

	tcase_add_checked_fixture(tc, fake_start, fake_stop);
	tcase_add_test(tc, circle_in_a_large_tree);
	suite_add_tcase(suite, tc);
	return suite;
}
