/* SPDX-License-Identifier: MIT */
/* What the backend dmaheap asks the kernel: no more than it needs, however many buffers there are. */
#include <errno.h>
#include <string.h>

#include "backend/backing.h"
#include "pagemap.h"
#include "played_dmabuf.h"
#include "suite.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region;

static const struct fake_device systemheap = { .path = "/dev/dma_heap/system",
	.ioctl = played_heap_ioctl };
static const struct fake_device strange = { .path = "/dev/dma_heap/strange",
	.ioctl = played_heap_ioctl };

static void setup(void)
{
	fake_start();
	fake_string("/", "compatible", "fsl,imx8mm");
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
	ck_assert_uint_eq(played.created, played.closed);
}

static int alloc_in(const char *heap, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags,
		.backend = "dmaheap", .heap = heap };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static int alloc(uint64_t size, uint32_t flags)
{
	return alloc_in(NULL, size, flags);
}

static struct os_calls calls;
static const struct os_calls *below;
static unsigned smaps, opens, lists;

static int counting_list(const char *path, os_list_fn *fn, void *user)
{
	lists += strstr(path, "dma_heap") != NULL;
	return below->list(path, fn, user);
}

static int counting_open(const char *path, int flags, uint32_t mode)
{
	opens += strstr(path, "/proc/device-tree") == NULL;
	smaps += strstr(path, "/proc/self/smaps") != NULL;
	return below->open(path, flags, mode);
}

/*
 * Linux 6.8 and later show no frame. One look tells: smaps, which would say why, has a text for
 * each mapping of the program, and no more than one page is read or touched.
 */
START_TEST(no_look_at_smaps)
{
	struct pmem_region *other;

	fake_node(&systemheap);
	pagemap_play(PAGEMAP_HOLES);
	below = os;
	calls = *os;
	calls.open = counting_open;
	calls.list = counting_list;
	os = &calls;
	assert_works(alloc(1u << 20, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS));
	ck_assert_uint_le(opens, 2); /* the heap, a device that may sync it */
	ck_assert_uint_eq(pagemap_reads(), 0);
	assert_works(pmem_region_import(ctx, region->fd, 0, &other));
	played.created++; /* a second descriptor of the same */
	assert_works(pmem_region_close(other));
	assert_works(pmem_region_close(region));
	assert_fails(alloc(1u << 20, PMEM_ALLOC_SCATTERED), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_le(pagemap_reads(), 2);
	ck_assert_uint_eq(smaps, 0);
	ck_assert_uint_le(lists, 4); /* both folders: at first, and after the failure */
}
END_TEST

/* Where devices see the caches nothing but the buffer is needed. */
START_TEST(address_that_is_not_asked_for)
{
	uint64_t phys;

	fake_file("/proc/device-tree/dma-coherent", "", 0);
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
	fake_node(&systemheap);
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(alloc(1u << 20, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS));
	assert_works(pmem_region_close(region));
	below = os;
	calls = *os;
	calls.open = counting_open;
	calls.list = counting_list;
	os = &calls;
	assert_works(alloc(1u << 20, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS));
	ck_assert_uint_eq(opens, 1);
	ck_assert_uint_eq(lists, 0);
	ck_assert_uint_eq(pagemap_reads(), 0);
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "not asked for"));
	assert_works(pmem_region_close(region));
}
END_TEST

/* A context keeps the list of heaps; what none of them gives is asked of those that came later. */
START_TEST(heap_that_came_later)
{
	fake_node(&systemheap);
	assert_works(alloc_in("system", 4096, PMEM_ALLOC_NO_ADDRESS));
	assert_works(pmem_region_close(region));
	fake_node(&strange);
	assert_works(alloc_in("strange", 4096, PMEM_ALLOC_NO_ADDRESS));
	assert_works(pmem_region_close(region));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dmaheap calls");
	TCase *tc = tcase_create("dmaheap calls");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_look_at_smaps);
	tcase_add_test(tc, address_that_is_not_asked_for);
	tcase_add_test(tc, heap_that_came_later);
	suite_add_tcase(suite, tc);
	return suite;
}
