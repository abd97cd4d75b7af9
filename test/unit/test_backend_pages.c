/* SPDX-License-Identifier: MIT */
/* The backend "pages" through the public functions: attributes, caches, refusals, ends. */
#include <errno.h>
#include <string.h>

#include "pagemap.h"
#include "suite.h"
#include "vm.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region;

/* A board whose DMA masters do not see the CPU's cache, unless its tree says they do. */
static void board(bool coherent)
{
	fake_string("/", "compatible", "raspberrypi,3-model-b");
	fake_string("/", "model", "a board");
	if (coherent)
		fake_file("/proc/device-tree/dma-coherent", "", 0);
}

static void setup(void)
{
	fake_start();
	fake_text("/proc/meminfo", "MemAvailable: 8192 kB\n");
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
	assert_works(pmem_ctx_new(&ctx));
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

/* The tree has changed: what a context was told of it may be kept. */
static void anew(void)
{
	pmem_ctx_unref(ctx);
	assert_works(pmem_ctx_new(&ctx));
}

static struct pmem_alloc_opts options(uint32_t flags)
{
	return (struct pmem_alloc_opts){ .size = sizeof(struct pmem_alloc_opts), .flags = flags,
		.backend = "pages" };
}

static int alloc(uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = options(flags);

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static size_t backend_index(void)
{
	size_t i = 0;

	while (pmem_backend_name(ctx, i) && strcmp(pmem_backend_name(ctx, i), "pages") != 0)
		i++;
	return i;
}

START_TEST(test_coherent)
{
	uint64_t phys = 0;

	board(true);
	assert_works(alloc(70000, 0));
	ck_assert_str_eq(pmem_region_backend(region), "pages");
	ck_assert_uint_eq(pmem_region_size(region), 70000);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_COHERENT |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, pagemap_frame_of(pmem_region_data(region)));
	assert_works(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH));
	ck_assert_uint_eq(fake_cache_calls(), 0);
	assert_fails(pmem_region_dup_fd(region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_needs_sync)
{
	unsigned before;

	board(false);
	assert_works(alloc(4096, PMEM_ALLOC_CACHED));
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	before = fake_cache_calls();
	assert_works(pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_WRITE));
	ck_assert_uint_eq(fake_cache_calls(), before + 1);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_caches_that_cannot_be_cleaned)
{
	struct pmem_error *why = NULL;

	board(false);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_fails(alloc(4096, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	/* Asking for cached memory does not make it right. */
	assert_fails(alloc(4096, PMEM_ALLOC_CACHED), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	assert_fails(alloc(4096, PMEM_ALLOC_NO_ADDRESS), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	ck_assert_int_eq(pmem_backend_status(ctx, backend_index(), &why), -EOPNOTSUPP);
	ck_assert_uint_eq(pmem_error_cause(why), PMEM_CAUSE_NOT_COHERENT);
	pmem_error_free(why);
}
END_TEST

static void alloc_for(const char *master, uint32_t attrs)
{
	struct pmem_alloc_opts opts = options(0);

	opts.master = master;
	assert_works(pmem_region_alloc(ctx, 4096, &opts, &region));
	ck_assert_uint_eq(pmem_region_attrs(region), attrs | PMEM_REGION_CACHED |
		PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_close(region));
}

/* It is the device's caches that count, not those of the machine's default. */
START_TEST(test_caches_of_the_master)
{
	struct pmem_alloc_opts opts = options(0);

	board(false);
	fake_file("/proc/device-tree/soc/gpu/dma-coherent", "", 0);
	fake_dir("/proc/device-tree/soc/dma");
	alloc_for("/soc/gpu", PMEM_REGION_COHERENT);
	alloc_for("/soc/dma", PMEM_REGION_NEEDS_SYNC);
	alloc_for(NULL, PMEM_REGION_NEEDS_SYNC);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	alloc_for("/soc/gpu", PMEM_REGION_COHERENT);
	assert_fails(alloc(4096, 0), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	/* And the other way round. */
	board(true);
	fake_file("/proc/device-tree/soc/dma/dma-noncoherent", "", 0);
	anew();
	alloc_for(NULL, PMEM_REGION_COHERENT);
	opts.master = "/soc/dma";
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), EOPNOTSUPP,
		PMEM_CAUSE_NOT_COHERENT);
}
END_TEST

/* The search looks below the limit, and the refusal names whose limit it is. */
START_TEST(test_limit_of_the_master)
{
	struct pmem_alloc_opts opts = options(0);

	board(true);
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 2);
	CELLS("/soc", "#address-cells", 2);
	CELLS("/soc", "#size-cells", 2);
	CELLS("/soc", "dma-ranges", 0, 0, 0, 0, 0, 0x1000);
	fake_dir("/proc/device-tree/soc/dma");
	opts.master = "/soc/dma";
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()),
		"/soc/dma sees memory up to 0xfff"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "PMEM_ALLOC_NO_MASTER"));
	assert_fails(pmem_region_alloc(ctx, 8192, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	CELLS("/soc", "dma-ranges", 0, 0, 0, 0, 0x100, 0); /* all that is played */
	anew();
	assert_works(pmem_region_alloc(ctx, 8192, &opts, &region));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_what_it_never_is)
{
	struct pmem_alloc_opts opts = options(0);

	board(true);
	assert_fails(alloc(4096, PMEM_ALLOC_UNCACHED), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(alloc(4096, PMEM_ALLOC_DMABUF), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	opts.heap = "linux,cma";
	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

START_TEST(test_scattered)
{
	uint64_t phys, length, sum = 0;

	board(true);
	pagemap_rule(PAGEMAP_APART);
	assert_works(alloc(5 * 65536 + 100, PMEM_ALLOC_SCATTERED));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_CONTIGUOUS, 0);
	assert_fails(pmem_region_phys(region, &phys), EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS);
	while (sum < 5 * 65536 + 100) {
		assert_works(pmem_region_extent(region, sum, &phys, &length));
		ck_assert_uint_eq(phys,
			pagemap_frame_of((unsigned char *)pmem_region_data(region) + sum));
		ck_assert_uint_gt(length, 0);
		sum += length;
	}
	ck_assert_uint_eq(sum, 5 * 65536 + 100); /* not a byte behind its end */
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_without_capability)
{
	struct pmem_error *why = NULL;
	uint64_t phys;

	board(true);
	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(alloc(65536, 0), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_int_eq(pmem_backend_status(ctx, backend_index(), &why), -EPERM);
	ck_assert_ptr_nonnull(strstr(pmem_error_text(why), "CAP_SYS_ADMIN"));
	pmem_error_free(why);
	assert_works(alloc(65536, PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_PINNED, PMEM_REGION_PINNED);
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_CAPABILITY);
	assert_works(pmem_region_close(region));
	assert_works(alloc(100, PMEM_ALLOC_NO_ADDRESS)); /* a page is one piece anyway */
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(test_may_move)
{
	board(true);
	vm.ring_errnum = ENOSYS;
	fake_fail_named("pipe", EMFILE);
	assert_fails(alloc(4096, 0), ENOSYS, PMEM_CAUSE_NOT_PINNED);
	assert_works(alloc(4096, PMEM_ALLOC_MAY_MOVE));
	ck_assert_uint_eq(pmem_region_attrs(region) & PMEM_REGION_PINNED, 0);
	assert_works(pmem_region_close(region));
}
END_TEST

static int alloc_and_close(void *user)
{
	int r = alloc(65536, *(const uint32_t *)user);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(test_each_call_fails)
{
	uint32_t flags = 0;

	board(true);
	ck_assert_uint_ge(fake_fail_each(EIO, alloc_and_close, &flags), 10);
	flags = PMEM_ALLOC_SCATTERED;
	ck_assert_uint_ge(fake_fail_each(ENOMEM, alloc_and_close, &flags), 10);
	pagemap_rule(PAGEMAP_HIDDEN);
	flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS;
	ck_assert_uint_ge(fake_fail_each(EPERM, alloc_and_close, &flags), 10);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("backend pages");
	TCase *tc = tcase_create("backend pages");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_coherent);
	tcase_add_test(tc, test_needs_sync);
	tcase_add_test(tc, test_caches_that_cannot_be_cleaned);
	tcase_add_test(tc, test_caches_of_the_master);
	tcase_add_test(tc, test_limit_of_the_master);
	tcase_add_test(tc, test_what_it_never_is);
	tcase_add_test(tc, test_scattered);
	tcase_add_test(tc, test_without_capability);
	tcase_add_test(tc, test_may_move);
	tcase_add_test(tc, test_each_call_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
