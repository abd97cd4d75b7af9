/* SPDX-License-Identifier: MIT */
/* lib/api/heaps.c: the list of dma-buf heaps, and how their addresses can be known. */
#include <errno.h>
#include <linux/dma-heap.h>
#include <linux/ioctl.h>
#include <pthread.h>
#include <string.h>

#include "base/attr.h"
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

static void start(void)
{
	tells = true;
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
	pmem_ctx_unref(ctx);
}

START_TEST(list)
{
	static const struct {
		const char *name;
		uint32_t class;
	} expected[] = {
		{ "linux,cma", PMEM_HEAP_CONTIGUOUS | PMEM_HEAP_CACHED },
		{ "strange", 0 },
		{ "secure-cma", PMEM_HEAP_SECURE },
		{ "system", PMEM_HEAP_SCATTERED | PMEM_HEAP_CACHED },
		{ "system-uncached", PMEM_HEAP_SCATTERED | PMEM_HEAP_UNCACHED },
	};
	size_t count;

	start();
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 5);
	for (size_t i = 0; i < 5; i++) {
		ck_assert_str_eq(pmem_heap_name(ctx, i), expected[i].name);
		ck_assert_uint_eq(pmem_heap_class(ctx, i), expected[i].class);
	}
	ck_assert_str_eq(pmem_heap_path(ctx, 0), "/dev/dma_heap/linux,cma");
	ck_assert_ptr_null(pmem_heap_name(ctx, 5));
	ck_assert_ptr_null(pmem_heap_path(ctx, 5));
	ck_assert_uint_eq(pmem_heap_class(ctx, 5), 0);
	stop();
}
END_TEST

/* Numbers and names stay what they were, whatever comes and goes; a new context sees it. */
START_TEST(as_it_was)
{
	struct pmem_ctx *other;
	const char *name;
	size_t count;

	start();
	name = pmem_heap_name(ctx, 3); /* no count was asked for */
	ck_assert_str_eq(name, "system");
	fake_remove("/dev/dma_heap/linux,cma");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 5);
	ck_assert_ptr_eq(pmem_heap_name(ctx, 3), name);
	assert_works(pmem_ctx_new(&other));
	assert_works(pmem_heap_count(other, &count));
	ck_assert_uint_eq(count, 4);
	pmem_ctx_unref(other);
	stop();
}
END_TEST

static void *ask_name(void *user)
{
	(void)user;
	return (void *)(uintptr_t)pmem_heap_name(ctx, 0);
}

/* However many ask first, there is one list. */
START_TEST(from_threads)
{
	pthread_t threads[8];
	void *first = NULL, *name;

	start();
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_name, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		ck_assert_int_eq(pthread_join(threads[i], &name), 0);
		ck_assert(name && (!first || first == name));
		first = name;
	}
	stop();
}
END_TEST

START_TEST(way_of_a_heap)
{
	uint32_t way = 77;

	start();
	assert_works(pmem_heap_way(ctx, 0, &way));
	ck_assert_uint_eq(way, PMEM_WAY_NXP_IOCTL);
	ck_assert_str_eq(pmem_constant_name("PMEM_WAY_", way), "PMEM_WAY_NXP_IOCTL");
	tells = false;
	way = 77;
	fake_capability(21, false); /* CAP_SYS_ADMIN: no pagemap either */
	assert_fails(pmem_heap_way(ctx, 0, &way), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	assert_fails(pmem_heap_way(ctx, 2, &way), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_heap_way(ctx, 5, &way), EINVAL, PMEM_CAUSE_NOT_FOUND);
	ck_assert_uint_eq(way, 77);
	ck_assert_uint_eq(fake_mapped(), 0);
	ck_assert_uint_eq(fake_fds(), 0);
	stop();
}
END_TEST

START_TEST(arguments)
{
	uint32_t way;
	size_t count;

	start();
	assert_fails(pmem_heap_count(NULL, &count), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_heap_count(ctx, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_heap_way(NULL, 0, &way), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_heap_way(ctx, 0, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_ptr_null(pmem_heap_name(NULL, 0));
	ck_assert_ptr_null(pmem_heap_path(NULL, 0));
	ck_assert_uint_eq(pmem_heap_class(NULL, 0), 0);
	stop();
}
END_TEST

/* A failure is not kept. */
START_TEST(none)
{
	uint32_t way;
	size_t count;

	assert_works(pmem_ctx_new(&ctx));
	assert_fails(pmem_heap_count(ctx, &count), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_fails(pmem_heap_way(ctx, 0, &way), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_ptr_null(pmem_heap_name(ctx, 0));
	fake_dir("/dev/dma_heap");
	assert_works(pmem_heap_count(ctx, &count));
	ck_assert_uint_eq(count, 0);
	stop();
}
END_TEST

static int ask_way(void *user)
{
	uint32_t way;

	(void)user;
	return pmem_heap_way(ctx, 0, &way);
}

static int ask_count(void *user)
{
	struct pmem_ctx *own;
	size_t count;
	int r = pmem_ctx_new(&own);

	(void)user;
	if (r < 0)
		return r;
	r = pmem_heap_count(own, &count);
	pmem_ctx_unref(own);
	return r;
}

START_TEST(every_call_failing)
{
	start();
	ck_assert_uint_gt(fake_fail_each(EIO, ask_count, NULL), 1);
	ck_assert_uint_gt(fake_fail_each(EIO, ask_way, NULL), 2);
	stop();
}
END_TEST

/*
 * What a heap gives may be the tree's to say. That it cannot be read now is not kept: neither that
 * there is no such node, nor a list in which the heap gives nothing that is known.
 */
START_TEST(a_tree_that_cannot_be_read_now)
{
	static const char name[] = "linux,multimedia@50000000";
	static const int errnums[] = { EMFILE, EIO };
	size_t count, failures = 0;

	fake_string("/", "compatible", "fsl,imx8mm");
	fake_string("/reserved-memory/linux,multimedia@50000000", "compatible", "shared-dma-pool");
	CELLS("/reserved-memory/linux,multimedia@50000000", "reusable", 0);
	fake_text("/dev/dma_heap/linux,multimedia@50000000", "");
	for (unsigned n = 1, failed = 1; failed; n++) {
		int r;

		assert_works(pmem_ctx_new(&ctx));
		fake_fail(n, errnums[_i]);
		r = pmem_heap_count(ctx, &count);
		failed = fake_failed() != NULL;
		fake_fail(0, 0);
		failures += r < 0;
		assert_works(pmem_heap_count(ctx, &count));
		ck_assert_uint_eq(count, 1);
		ck_assert_str_eq(pmem_heap_name(ctx, 0), name);
		ck_assert_msg(pmem_heap_class(ctx, 0) == (PMEM_HEAP_CONTIGUOUS | PMEM_HEAP_CACHED),
			"when call %u failed", n);
		stop();
	}
	ck_assert_uint_gt(failures, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("heaps");
	TCase *tcase = tcase_create("heaps");

	tcase_add_checked_fixture(tcase, fake_start, fake_stop);
	tcase_add_test(tcase, list);
	tcase_add_test(tcase, as_it_was);
	tcase_add_test(tcase, from_threads);
	tcase_add_test(tcase, way_of_a_heap);
	tcase_add_test(tcase, arguments);
	tcase_add_test(tcase, none);
	tcase_add_test(tcase, every_call_failing);
	tcase_add_loop_test(tcase, a_tree_that_cannot_be_read_now, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
