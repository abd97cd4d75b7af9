/* SPDX-License-Identifier: MIT */
/* lib/api/heaps.c: the list of dma-buf heaps, and how their addresses can be known. */
#include <errno.h>
#include <linux/dma-heap.h>
#include <linux/ioctl.h>
#include <string.h>

#include "suite.h"

#define NXP_PHYS _IOC(_IOC_WRITE, 'b', 10, 8) /* drivers/dma-buf/dma-buf.c of NXP's kernels */

static bool tells; /* does the played kernel tell addresses, as NXP's does */

static int buffer_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	(void)user;
	(void)fd;
	if (request != NXP_PHYS || !tells)
		return -ENOTTY;
	*(uint64_t *)arg = 0x40000000;
	return 0;
}

static const struct fake_device buffer = { .memory = 65536, .ioctl = buffer_ioctl };

static int heap_ioctl(void *user, int fd, unsigned long request, void *arg)
{
	struct dma_heap_allocation_data *data = arg;

	(void)user;
	(void)fd;
	if (request != DMA_HEAP_IOCTL_ALLOC)
		return -ENOTTY;
	data->fd = (uint32_t)fake_device_fd(&buffer);
	return 0;
}

static const struct fake_device cma = { .path = "/dev/dma_heap/linux,cma", .ioctl = heap_ioctl };

static struct pmem_ctx *ctx;
static struct pmem_heaps *heaps;

static void start(void)
{
	tells = true;
	heaps = NULL;
	fake_text("/dev/dma_heap/system", "");
	fake_text("/dev/dma_heap/secure-cma", "");
	fake_text("/dev/dma_heap/system-uncached", "");
	fake_text("/dev/dma_heap/strange", "");
	fake_text("/dev/dma_heap/linux,cma", "");
	fake_device(&cma);
	assert_works(pmem_ctx_new(&ctx));
}

static void stop(void)
{
	pmem_heaps_free(heaps);
	pmem_ctx_unref(ctx);
}

START_TEST(list)
{
	static const struct {
		const char *name;
		uint32_t class;
	} expected[] = {
		{ "linux,cma", PMEM_HEAPS_CONTIGUOUS | PMEM_HEAPS_CACHED },
		{ "strange", 0 },
		{ "secure-cma", PMEM_HEAPS_SECURE },
		{ "system", PMEM_HEAPS_SCATTERED | PMEM_HEAPS_CACHED },
		{ "system-uncached", PMEM_HEAPS_SCATTERED | PMEM_HEAPS_UNCACHED },
	};

	start();
	assert_works(pmem_heaps_new(ctx, &heaps));
	ck_assert_uint_eq(pmem_heaps_count(heaps), 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_str_eq(pmem_heaps_name(heaps, i), expected[i].name);
		ck_assert_uint_eq(pmem_heaps_class(heaps, i), expected[i].class);
	}
	ck_assert_str_eq(pmem_heaps_path(heaps, 0), "/dev/dma_heap/linux,cma");
	ck_assert_ptr_null(pmem_heaps_name(heaps, 5));
	ck_assert_ptr_null(pmem_heaps_path(heaps, 5));
	ck_assert_uint_eq(pmem_heaps_class(heaps, 5), 0);
	stop();
}
END_TEST

START_TEST(address)
{
	const char *way = NULL;

	start();
	assert_works(pmem_heaps_new(ctx, &heaps));
	assert_works(pmem_heaps_address(heaps, 0, &way));
	ck_assert_str_eq(way, "nxp-ioctl");
	tells = false;
	way = "untouched";
	fake_capability(21, false); /* CAP_SYS_ADMIN: no pagemap either */
	assert_fails(pmem_heaps_address(heaps, 0, &way), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_fails(pmem_heaps_address(heaps, 2, &way), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_heaps_address(heaps, 5, &way), EINVAL, PMEM_CAUSE_NOT_FOUND);
	ck_assert_str_eq(way, "untouched");
	ck_assert_uint_eq(fake_mapped(), 0);
	ck_assert_uint_eq(fake_fds(), 0);
	stop();
}
END_TEST

START_TEST(arguments)
{
	const char *way;

	start();
	assert_fails(pmem_heaps_new(NULL, &heaps), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_heaps_new(ctx, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_heaps_address(NULL, 0, &way), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_works(pmem_heaps_new(ctx, &heaps));
	assert_fails(pmem_heaps_address(heaps, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_uint_eq(pmem_heaps_count(NULL), 0);
	ck_assert_ptr_null(pmem_heaps_name(NULL, 0));
	pmem_heaps_free(NULL);
	stop();
}
END_TEST

START_TEST(none)
{
	assert_works(pmem_ctx_new(&ctx));
	assert_fails(pmem_heaps_new(ctx, &heaps), ENOENT, PMEM_CAUSE_NO_DEVICE);
	fake_dir("/dev/dma_heap");
	assert_works(pmem_heaps_new(ctx, &heaps));
	ck_assert_uint_eq(pmem_heaps_count(heaps), 0);
	stop();
}
END_TEST

/* The list outlives the caller's reference to the context. */
START_TEST(order_of_closing)
{
	start();
	assert_works(pmem_heaps_new(ctx, &heaps));
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(pmem_heaps_count(heaps), 5);
	pmem_heaps_free(heaps);
}
END_TEST

static int ask(void *user)
{
	const char *way;

	(void)user;
	return pmem_heaps_address(heaps, 0, &way);
}

START_TEST(every_call_failing)
{
	start();
	assert_works(pmem_heaps_new(ctx, &heaps));
	ck_assert_uint_gt(fake_fail_each(EIO, ask, NULL), 2);
	stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("heaps");
	TCase *tcase = tcase_create("heaps");

	tcase_add_checked_fixture(tcase, fake_start, fake_stop);
	tcase_add_test(tcase, list);
	tcase_add_test(tcase, address);
	tcase_add_test(tcase, arguments);
	tcase_add_test(tcase, none);
	tcase_add_test(tcase, order_of_closing);
	tcase_add_test(tcase, every_call_failing);
	suite_add_tcase(suite, tcase);
	return suite;
}
