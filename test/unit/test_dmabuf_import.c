/* SPDX-License-Identifier: MIT */
/* pmem_region_import() and pmem_region_dup_fd(): what is learnt of a foreign dma-buf. */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <string.h>

#include "pagemap.h"
#include "played_dmabuf.h"
#include "suite.h"

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static int fd;

static void setup(void)
{
	fake_start();
	fake_string("/", "compatible", "fsl,imx8mm");
	assert_works(pmem_ctx_new(&ctx));
	fd = -1;
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	if (fd >= 0)
		os->close(fd);
	fake_stop();
	ck_assert_uint_eq(played.created, 1);
}

/* Import a dma-buf of that maker. */
static int import(const char *exporter, uint32_t flags)
{
	played.exporter = exporter;
	if (fd < 0)
		fd = played_dmabuf(8192);
	return pmem_region_import(ctx, fd, flags, &region);
}

static uint32_t attrs_of(const char *exporter)
{
	uint32_t attrs;

	assert_works(import(exporter, 0));
	ck_assert_uint_eq(pmem_region_size(region), 8192);
	attrs = pmem_region_attrs(region);
	assert_works(pmem_region_close(region));
	return attrs;
}

#define CACHED (PMEM_REGION_DMABUF | PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC)

START_TEST(cma)
{
	uint64_t phys = 0;

	played.nxp = true;
	ck_assert_uint_eq(attrs_of("linux,cma"),
		CACHED | PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	assert_works(import("linux,cma", 0));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x40000000);
	assert_works(pmem_region_close(region));
}
END_TEST

/* No memory goes on at 0, and none begins within a page: what says so is not believed, and nothing is known. */
START_TEST(address_of_nothing)
{
	static const uint64_t told[] = { UINT64_MAX - 4095, 0x40000010 };
	uint64_t phys = 77;

	played.nxp = true;
	played.nxp_phys = told[_i];
	assert_works(import("linux,cma", 0));
	ck_assert_uint_eq(pmem_region_size(region), 8192);
	ck_assert_int_lt(pmem_region_phys(region, &phys), 0);
	ck_assert_uint_eq(phys, 77);
	assert_works(pmem_region_close(region));
}
END_TEST

/* Root would be told. */
START_TEST(hidden_frames)
{
	uint64_t phys;

	pagemap_play(PAGEMAP_HIDDEN);
	assert_works(import("linux,cma", 0));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_CAPABILITY);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(uncached)
{
	ck_assert_uint_eq(attrs_of("linux,cma-uncached"), PMEM_REGION_DMABUF |
		PMEM_REGION_COHERENT | PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
}
END_TEST

START_TEST(in_pieces)
{
	played.nxp = true; /* tells the first byte only, so it is not asked */
	ck_assert_uint_eq(attrs_of("system"), CACHED | PMEM_REGION_PINNED);
	ck_assert_uint_eq(played.phys_calls, 0);
}
END_TEST

START_TEST(pieces_in_spite_of_the_name)
{
	pagemap_play(PAGEMAP_APART);
	ck_assert_uint_eq(attrs_of("linux,cma"), CACHED | PMEM_REGION_PINNED);
}
END_TEST

/* pagemap is right today and wrong tomorrow, if the maker may move its pages. */
START_TEST(unknown_maker)
{
	uint64_t phys;

	pagemap_play(PAGEMAP_IN_ORDER);
	ck_assert_uint_eq(attrs_of("i915"), CACHED);
	assert_works(import("i915", 0));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(untold_maker)
{
	pagemap_play(PAGEMAP_IN_ORDER);
	ck_assert_uint_eq(attrs_of(NULL), CACHED);
}
END_TEST

START_TEST(udmabuf)
{
	uint64_t phys = 0;

	pagemap_play(PAGEMAP_IN_ORDER); /* as before Linux 6.12 */
	assert_works(import("udmabuf", 0));
	ck_assert_uint_eq(pmem_region_attrs(region),
		CACHED | PMEM_REGION_PINNED | PMEM_REGION_CONTIGUOUS);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, pagemap_frame_of(pmem_region_data(region)));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(read_only)
{
	assert_works(import("system", PMEM_MAP_READONLY));
	ck_assert(pmem_region_attrs(region) & PMEM_REGION_READONLY);
	assert_fails(pmem_region_write32(region, 0, 1), EACCES, PMEM_CAUSE_READONLY);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(not_mapped)
{
	uint64_t phys = 0;

	played.nxp = true;
	assert_works(import("linux,cma", PMEM_IMPORT_NO_MAP | PMEM_MAP_READONLY));
	ck_assert_uint_eq(fake_mapped(), 0);
	ck_assert_ptr_null(pmem_region_data(region));
	ck_assert_uint_eq(pmem_region_size(region), 8192);
	ck_assert_uint_eq(pmem_region_attrs(region), CACHED | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_READONLY | PMEM_REGION_UNMAPPED);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x40000000);
	ck_assert_int_ne(pmem_region_fd(region), fd);
	ck_assert_uint_eq(fake_cache_calls(), 0); /* its maker has cleaned it */
	assert_works(pmem_region_close(region));
	played.nxp = false;
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(import("linux,cma", PMEM_IMPORT_NO_MAP));
	assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_eq(pagemap_reads(), 0);
	assert_works(pmem_region_close(region));
}
END_TEST

/* Its own reference: the caller may close the descriptor, and have another. */
START_TEST(travel)
{
	struct pmem_region *other;
	int out;

	assert_works(import("system", 0));
	os->close(fd);
	fd = pmem_region_dup_fd(region);
	ck_assert_int_ge(fd, 0);
	out = os->fcntl(fd, F_GETFD, 0);
	ck_assert_int_eq(out & FD_CLOEXEC, FD_CLOEXEC);
	assert_works(pmem_region_import(ctx, fd, 0, &other));
	strcpy(pmem_region_data(region), "hello");
	ck_assert_str_eq(pmem_region_data(other), "hello");
	assert_works(pmem_region_close(region));
	ck_assert_str_eq(pmem_region_data(other), "hello");
	assert_works(pmem_region_close(other));
}
END_TEST

/* A heap's device refuses a sync as a dma-buf does; it is told apart all the same. */
static int heap_like(void *user, int device, unsigned long request, void *arg)
{
	(void)user;
	(void)device;
	(void)request;
	(void)arg;
	return -EINVAL;
}

START_TEST(no_dmabuf)
{
	static const struct fake_device heap = { .ioctl = heap_like };
	int wrong = os->memfd_create("none", 0);

	fd = played_dmabuf(4096);
	assert_fails(pmem_region_import(ctx, wrong, 0, &region), EINVAL, PMEM_CAUSE_WRONG_KIND);
	os->close(wrong);
	wrong = fake_device_fd(&heap);
	assert_fails(pmem_region_import(ctx, wrong, 0, &region), EINVAL, PMEM_CAUSE_WRONG_KIND);
	os->close(wrong);
	assert_fails(pmem_region_import(ctx, wrong, 0, &region), EBADF, PMEM_CAUSE_WRONG_KIND);
	assert_fails(pmem_region_import(ctx, fd, PMEM_MAP_CACHED, &region), EINVAL, PMEM_CAUSE_FLAGS);
}
END_TEST

/* The backend that has nothing to do with this machine is not the one that is told of. */
START_TEST(no_dmabuf_on_a_board)
{
	static const char *const boards[] = { "fsl,imx8mm", "raspberrypi,5-model-b", NULL };
	int wrong = os->memfd_create("none", 0);

	fd = played_dmabuf(4096);
	for (size_t i = 0; i < ARRAY_SIZE(boards); i++) {
		pmem_ctx_unref(ctx);
		if (boards[i])
			fake_string("/", "compatible", boards[i]);
		else
			fake_remove("/proc/device-tree/compatible");
		assert_works(pmem_ctx_new(&ctx));
		assert_fails(pmem_region_import(ctx, wrong, 0, &region), EINVAL,
			PMEM_CAUSE_WRONG_KIND);
	}
	os->close(wrong);
}
END_TEST

/* A descriptor that is no region: its maker is told, and nothing is mapped. */
START_TEST(bare)
{
	int wrong = os->memfd_create("none", 0);

	fd = played_dmabuf(8192);
	played.again = 3;
	assert_works(pmem_dmabuf_cpu_begin(ctx, fd, PMEM_DIR_READ));
	ck_assert_uint_eq(played.last_sync, 1); /* READ | START */
	assert_works(pmem_dmabuf_cpu_end(ctx, fd, PMEM_DIR_BOTH));
	ck_assert_uint_eq(played.last_sync, 3 | 4); /* READ | WRITE | END */
	ck_assert_uint_eq(played.starts + played.ends, 2);
	ck_assert_uint_eq(fake_mapped(), 0);
	played.sync_errnum = EIO;
	assert_fails(pmem_dmabuf_cpu_begin(ctx, fd, PMEM_DIR_READ), EIO, PMEM_CAUSE_SYSTEM);
	assert_fails(pmem_dmabuf_cpu_begin(ctx, wrong, PMEM_DIR_READ), EINVAL,
		PMEM_CAUSE_WRONG_KIND);
	os->close(wrong);
	assert_fails(pmem_dmabuf_cpu_begin(ctx, fd, 0), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_dmabuf_cpu_end(ctx, fd, 4), EINVAL, PMEM_CAUSE_FLAGS);
	assert_fails(pmem_dmabuf_cpu_end(NULL, fd, 1), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
}
END_TEST

/* The kernel looks at the descriptor first, at the request later. */
START_TEST(bare_and_closed)
{
	const int closed = 1000;

	fd = played_dmabuf(8192);
	ck_assert_int_eq(fcntl(closed, F_GETFD), -1);
	assert_fails(pmem_dmabuf_cpu_end(ctx, closed, PMEM_DIR_READ), EBADF, PMEM_CAUSE_WRONG_KIND);
	assert_fails(pmem_dmabuf_cpu_end(ctx, -1, PMEM_DIR_READ), EBADF, PMEM_CAUSE_WRONG_KIND);
}
END_TEST

/* Linux 4.4 has dma-bufs, but no call for this. */
START_TEST(bare_on_an_old_kernel)
{
	fd = played_dmabuf(8192);
	played.sync_missing = true;
	fake_kernel(4004);
	assert_fails(pmem_dmabuf_cpu_begin(ctx, fd, PMEM_DIR_READ), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
}
END_TEST

static int sync_bare(void *user)
{
	int r = pmem_dmabuf_cpu_begin(ctx, fd, PMEM_DIR_READ);

	(void)user;
	return r < 0 ? r : pmem_dmabuf_cpu_end(ctx, fd, PMEM_DIR_READ);
}

static uint32_t import_flags;

static int import_and_close(void *user)
{
	int r = import(user, import_flags);

	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_call_failing)
{
	char name[] = "linux,cma";

	fd = played_dmabuf(8192);
	ck_assert_uint_ge(fake_fail_each(EIO, import_and_close, name), 8);
	ck_assert_uint_ge(fake_fail_each(ENOMEM, import_and_close, name), 8);
	ck_assert_uint_ge(fake_fail_each(EIO, sync_bare, NULL), 2);
	import_flags = PMEM_IMPORT_NO_MAP;
	ck_assert_uint_ge(fake_fail_each(EIO, import_and_close, name), 8);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("dmabuf import");
	TCase *tc = tcase_create("dmabuf import"), *closed = tcase_create("closed");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, cma);
	tcase_add_loop_test(tc, address_of_nothing, 0, 2);
	tcase_add_test(tc, hidden_frames);
	tcase_add_test(tc, uncached);
	tcase_add_test(tc, in_pieces);
	tcase_add_test(tc, pieces_in_spite_of_the_name);
	tcase_add_test(tc, unknown_maker);
	tcase_add_test(tc, untold_maker);
	tcase_add_test(tc, udmabuf);
	tcase_add_test(tc, read_only);
	tcase_add_test(tc, not_mapped);
	tcase_add_test(tc, travel);
	tcase_add_test(tc, bare);
	tcase_add_test(tc, bare_on_an_old_kernel);
	tcase_add_test(tc, no_dmabuf);
	tcase_add_test(tc, no_dmabuf_on_a_board);
	tcase_add_test(tc, every_call_failing);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(closed, setup, teardown);
	tcase_add_test(closed, bare_and_closed);
	tcase_set_tags(closed, "ioctl"); /* cmake/stages: not under QEMU's user mode */
	suite_add_tcase(suite, closed);
	return suite;
}
