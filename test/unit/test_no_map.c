/* SPDX-License-Identifier: MIT */
/* Memory of a heap that is not mapped: what can be told of it, and what is done about its caches. */
#include <errno.h>
#include <string.h>

#include "backend/backing.h"
#include "pagemap.h"
#include "played_dmabuf.h"
#include "suite.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region;

static const struct fake_device cma = { .path = "/dev/dma_heap/linux,cma",
	.ioctl = played_heap_ioctl };
static const struct fake_device secure = { .path = "/dev/dma_heap/secure-cma",
	.ioctl = played_heap_ioctl };

/* {u32 fd; u64 phys}, of NXP's kernels for Android */
static int imx_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	uint64_t *words = arg;

	(void)user;
	(void)fd;
	if (request != 0xc0104d20ul)
		return -ENOTTY;
	words[1] = 0x123456000;
	return 0;
}

static const struct fake_device imx = { .path = "/dev/dmabuf_imx", .ioctl = imx_ioctl };

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

static int alloc_in(const char *heap, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags,
		.backend = "dmaheap", .heap = heap };

	return pmem_region_alloc(ctx, 70000, &opts, &region);
}

static int alloc(uint32_t flags)
{
	return alloc_in(NULL, flags);
}

#define UNMAPPED (PMEM_REGION_UNMAPPED | PMEM_REGION_DMABUF | PMEM_REGION_PINNED)

/* A place and a descriptor, but no pointer; the zeroes are cleaned through a mapping that goes again. */
START_TEST(not_mapped)
{
	struct pmem_region *found;
	uint64_t phys = 0, offset = 0;
	uint32_t value;

	fake_node(&cma);
	played.nxp = true;
	assert_works(alloc(PMEM_ALLOC_NO_MAP));
	ck_assert_uint_eq(fake_mapped(), 0);
	ck_assert_ptr_null(pmem_region_data(region));
	ck_assert_uint_eq(pmem_region_size(region), 70000);
	ck_assert_uint_eq(pmem_region_attrs(region), UNMAPPED | PMEM_REGION_CONTIGUOUS |
		PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC);
	ck_assert_uint_ge(fake_cache_bytes(), 70000);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x40000000);
	assert_works(pmem_region_find_phys(ctx, phys + 5, &found, &offset));
	ck_assert_ptr_eq(found, region);
	ck_assert_uint_eq(offset, 5);
	ck_assert_ptr_null(pmem_region_at(region, 0, 4, 4));
	ck_assert_int_eq(errno, EOPNOTSUPP);
	ck_assert_ptr_null(PMEM_REGION_AS(region, uint32_t));
	assert_fails(pmem_region_read32(region, 0, &value), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_region_write32(region, 0, 1), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_region_cpu_begin(region, 0, 0, PMEM_DIR_READ), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_region_cpu_end(region, 0, 0, PMEM_DIR_READ), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	ck_assert_uint_eq(played.starts, 0);
	ck_assert_int_eq(pmem_region_fd(region), region->fd);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(not_mapped_and_unknown)
{
	uint64_t phys;
	const char *message;
	unsigned cleaned;

	fake_node(&cma);
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_fails(alloc(PMEM_ALLOC_NO_MAP), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	message = pmem_error_message(pmem_error_last());
	ck_assert_msg(strstr(message, "pagemap could tell, but it is not mapped"), "%s", message);
	cleaned = fake_cache_calls();
	fake_fail_named("mmap", EIO);
	assert_works(alloc(PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS));
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(fake_cache_calls(), cleaned); /* drivers map it, and the kernel cleans it then */
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "not asked for"));
	assert_works(pmem_region_close(region));
}
END_TEST

/* Whoever is given the address writes past the kernel: zeroes that nobody can clean would follow. */
START_TEST(not_mapped_and_not_cleaned)
{
	fake_node(&cma);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	fake_device(&imx);
	assert_fails(alloc(PMEM_ALLOC_NO_MAP), EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT);
	assert_works(alloc(PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS));
	assert_works(pmem_region_close(region));
	played.nxp = true;
	assert_works(alloc(PMEM_ALLOC_NO_MAP));
	ck_assert_uint_eq(played.phys_calls, 2); /* the address, and the flush */
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(secure_heaps)
{
	const uint32_t flags = PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ZERO | PMEM_ALLOC_NO_ADDRESS |
		PMEM_ALLOC_SCATTERED;

	fake_node(&secure);
	assert_fails(alloc(flags), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED); /* by name only */
	assert_fails(alloc_in("secure-cma", flags & ~PMEM_ALLOC_NO_MAP), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "PMEM_ALLOC_NO_MAP"));
	assert_fails(alloc_in("secure-cma", flags & ~PMEM_ALLOC_NO_ZERO), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	ck_assert_uint_eq(played.created, 0);
	fake_fail_named("mmap", EIO);
	assert_works(alloc_in("secure-cma", flags));
	ck_assert_uint_eq(pmem_region_attrs(region), UNMAPPED | PMEM_REGION_COHERENT);
	assert_works(pmem_region_close(region));
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(fake_cache_calls(), 0);
}
END_TEST

/* Nothing to protect. */
START_TEST(not_mapped_and_watched)
{
	fake_node(&cma);
	pmem_ctx_unref(ctx);
	fake_env("LIBPMEM_DEBUG", "coherence");
	assert_works(pmem_ctx_new(&ctx));
	fake_fail_named("mprotect", EIO);
	assert_works(alloc(PMEM_ALLOC_NO_MAP | PMEM_ALLOC_NO_ADDRESS));
	ck_assert_ptr_null(region->coherence);
	assert_works(pmem_region_close(region));
}
END_TEST

static int alloc_and_close(void *user)
{
	int r = alloc(*(const uint32_t *)user);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_call_failing)
{
	static const int errnums[] = { EIO, ENOMEM, EPERM, ENOTTY };
	uint32_t flags = PMEM_ALLOC_NO_MAP, drivers = flags | PMEM_ALLOC_NO_ADDRESS;

	fake_node(&cma);
	played.nxp = true;
	for (size_t i = 0; i < ARRAY_SIZE(errnums); i++) {
		ck_assert_uint_ge(fake_fail_each(errnums[i], alloc_and_close, &flags), 8);
		ck_assert_uint_ge(fake_fail_each(errnums[i], alloc_and_close, &drivers), 5);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("no map");
	TCase *tc = tcase_create("no map");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, not_mapped);
	tcase_add_test(tc, not_mapped_and_unknown);
	tcase_add_test(tc, not_mapped_and_not_cleaned);
	tcase_add_test(tc, not_mapped_and_watched);
	tcase_add_test(tc, secure_heaps);
	tcase_add_test(tc, every_call_failing);
	suite_add_tcase(suite, tc);
	return suite;
}
