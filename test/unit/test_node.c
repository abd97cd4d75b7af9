/* SPDX-License-Identifier: MIT */
/* Memory of one NUMA node: asked for, looked at, and the thread's policy as it was. */
#include <errno.h>

#include "pagemap.h"
#include "pages/node.h"
#include "suite.h"
#include "vm.h"

static struct pmem_ctx *ctx;
static struct os_calls calls;
static unsigned preferred, restored;
static uint32_t wanted;
static int lies_on; /* the node that pages are on */
static size_t looked_at; /* pages, of which each is the one after the last */
static const unsigned char *looked_first, *looked_last;

static int played_prefer(uint32_t node, struct os_numa *was)
{
	(void)was;
	preferred++;
	wanted = node;
	return node < 2 ? 0 : -EINVAL;
}

static int played_restore(const struct os_numa *was)
{
	(void)was;
	restored++;
	return 0;
}

static int played_nodes(const void *const *pages, size_t count, int *nodes)
{
	ck_assert_uint_le(count, 512);
	for (size_t i = 0; i < count; i++, looked_at++) {
		if (!looked_at)
			looked_first = pages[i];
		else
			ck_assert_ptr_eq(pages[i], looked_last + os->page_size());
		looked_last = pages[i];
	}
	for (size_t i = 0; i < count; i++)
		nodes[i] = i + 1 == count ? lies_on : 1;
	return 0;
}

static void setup(void)
{
	preferred = restored = 0;
	looked_at = 0;
	lies_on = 1;
	fake_start();
	fake_string("/", "compatible", "a board");
	fake_file("/proc/device-tree/dma-coherent", "", 0);
	fake_text("/proc/meminfo", "MemAvailable: 8192 kB\n");
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
	calls = *os;
	calls.numa_prefer = played_prefer;
	calls.numa_restore = played_restore;
	calls.page_nodes = played_nodes;
	os = &calls;
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(restored, wanted < 2 ? preferred : 0);
	fake_stop();
}

static int alloc(uint32_t node, const char *backend)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .node = node, .backend = backend,
		.flags = PMEM_ALLOC_SCATTERED };
	struct pmem_region *region;
	int r = pmem_region_alloc(ctx, 100000, &opts, &region);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(test_there)
{
	assert_works(alloc(2, "pages")); /* counted from 1 */
	ck_assert_uint_eq(preferred, 1);
	ck_assert_uint_eq(wanted, 1);
}
END_TEST

START_TEST(test_any)
{
	assert_works(alloc(0, "pages"));
	ck_assert_uint_eq(preferred, 0);
}
END_TEST

/* Other nodes helped out with the last page. */
START_TEST(test_too_little)
{
	lies_on = 0;
	assert_fails(alloc(2, "pages"), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

START_TEST(test_no_such_node)
{
	assert_fails(alloc(9, "pages"), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

/* Memory that a driver gives is where the driver has it. */
START_TEST(test_other_backends)
{
	wanted = 0;
	assert_fails(alloc(1, "udmabuf"), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_uint_eq(preferred, 0);
}
END_TEST

/* By the real calls: the first node has memory on every machine, and the policy is what it was. */
START_TEST(test_real_calls)
{
	struct os_numa was, after;
	static unsigned char page[4096] __attribute__((aligned(4096)));
	const void *pages[] = { page };
	int node = -1, r;

	wanted = 0;
	r = os_linux.numa_prefer(0, &was);
	if (r == -ENOSYS || r == -EPERM) /* no NUMA in this kernel, or a container's filter */
		return;
	ck_assert_int_eq(r, 0);
	page[0] = 1;
	ck_assert_int_ge(os_linux.page_nodes(pages, 1, &node), 0);
	ck_assert_int_ge(node, 0);
	ck_assert_int_eq(os_linux.numa_restore(&was), 0);
	ck_assert_int_eq(os_linux.numa_prefer(0, &after), 0);
	ck_assert_int_eq(after.mode, was.mode);
	ck_assert_int_eq(os_linux.numa_restore(&was), 0);
	ck_assert_int_eq(os_linux.numa_prefer(OS_NODES_MAX, &after), -EINVAL);
}
END_TEST

/* Every page is looked at, and none twice or beyond, also of more than are asked about at once. */
START_TEST(every_page)
{
	const size_t page = os->page_size(), pages = _i ? 1300 : 1;
	const unsigned char *const at = (const unsigned char *)((uintptr_t)page << 10); /* nobody looks into it */

	ck_assert_int_eq(node_check(1, at, pages * page), 0);
	ck_assert_uint_eq(looked_at, pages);
	ck_assert_ptr_eq(looked_first, at);
	ck_assert_ptr_eq(looked_last, at + (pages - 1) * page);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("node");
	TCase *tc = tcase_create("node");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, every_page, 0, 2);
	tcase_add_test(tc, test_there);
	tcase_add_test(tc, test_any);
	tcase_add_test(tc, test_too_little);
	tcase_add_test(tc, test_no_such_node);
	tcase_add_test(tc, test_other_backends);
	tcase_add_test(tc, test_real_calls);
	suite_add_tcase(suite, tc);
	return suite;
}
