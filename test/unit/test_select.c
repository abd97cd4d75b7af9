/* SPDX-License-Identifier: MIT */
/* lib/backend/choice/select.c over a played table of backends: who serves, and who is blamed. */
#include <errno.h>
#include <string.h>

#include "play.h"
#include "suite.h"

static struct pmem_ctx *ctx;

static void setup(void)
{
	play_start(&ctx);
}

static void teardown(void)
{
	play_stop(ctx);
}

static struct pmem_region *alloc(uint64_t size, uint32_t flags)
{
	return play_take(ctx, size, flags);
}

START_TEST(first_backend_serves)
{
	struct pmem_region *region = alloc(100, 0);
	uint64_t phys;

	ck_assert_str_eq(pmem_region_backend(region), "first");
	ck_assert_uint_eq(pmem_region_size(region), 100);
	ck_assert_uint_eq(pmem_region_attrs(region), play_first.attrs);
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, 0x1000);
	ck_assert_uint_eq(play_first.probes, 0); /* asking is as good */
	ck_assert_uint_eq(play_second.probes, 0);
	ck_assert_uint_eq(play_second.given, 0);
	assert_works(pmem_region_close(region));
}
END_TEST

/* What alloc itself finds is enough: each device is opened once. */
START_TEST(nobody_is_probed)
{
	struct pmem_region *region;

	play_first.probe_errnum = EACCES;
	region = alloc(100, 0);
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(play_first.probes, 0);
	play_first.alloc_errnum = ENOMEM;
	region = alloc(100, 0);
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(play_first.probes + play_second.probes, 0);
}
END_TEST

/* A context may go before its regions. */
START_TEST(closing_in_any_order)
{
	struct pmem_ctx *other;
	struct pmem_region *region;

	assert_works(pmem_ctx_new(&other));
	assert_works(pmem_region_alloc(other, 1, NULL, &region));
	pmem_ctx_unref(other);
	assert_works(pmem_region_close(region));
}
END_TEST

/* Whatever breaks the promise sends the request to the next backend. */
START_TEST(broken_promises_pass_on)
{
	const struct {
		uint32_t attrs;
		bool unknown;
		unsigned pieces;
		uint64_t phys;
		uint32_t allow; /* the flag that accepts it */
	} cases[] = {
		{ .attrs = PMEM_REGION_PINNED | PMEM_REGION_COHERENT | PMEM_REGION_CONTIGUOUS,
			.unknown = true, .allow = PMEM_ALLOC_NO_ADDRESS },
		{ .attrs = PMEM_REGION_PINNED | PMEM_REGION_COHERENT, .pieces = 2,
			.allow = PMEM_ALLOC_SCATTERED },
		{ .attrs = PMEM_REGION_CONTIGUOUS | PMEM_REGION_COHERENT,
			.allow = PMEM_ALLOC_MAY_MOVE },
		{ .attrs = PMEM_REGION_CONTIGUOUS | PMEM_REGION_PINNED | PMEM_REGION_CACHED },
		{ .attrs = play_first.attrs, .phys = 0xfffff000 },
		{ .attrs = play_first.attrs, .phys = 0x1010 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pmem_alloc_opts opts = { .size = sizeof(opts), .max_addr = 0xffffefff };
		struct pmem_region *region;

		play_reset();
		play_first.attrs = cases[i].attrs;
		play_first.unknown = cases[i].unknown;
		play_first.pieces = cases[i].pieces;
		play_first.phys = cases[i].phys;
		assert_works(pmem_region_alloc(ctx, 0x1000, &opts, &region));
		ck_assert_str_eq(pmem_region_backend(region), "second");
		ck_assert_uint_eq(play_first.closes, 1);
		assert_works(pmem_region_close(region));
		if (!cases[i].allow)
			continue;
		opts.flags = cases[i].allow;
		assert_works(pmem_region_alloc(ctx, 0x1000, &opts, &region));
		ck_assert_str_eq(pmem_region_backend(region), "first");
		assert_works(pmem_region_close(region));
	}
}
END_TEST

START_TEST(cache_wishes_and_descriptors)
{
	struct pmem_region *region;

	play_second.attrs &= ~PMEM_REGION_CACHED;
	region = alloc(1, PMEM_ALLOC_UNCACHED);
	ck_assert_str_eq(pmem_region_backend(region), "second");
	assert_works(pmem_region_close(region));
	region = alloc(1, PMEM_ALLOC_CACHED);
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_close(region));
	region = alloc(1, PMEM_ALLOC_DMABUF); /* only the second can export */
	ck_assert_str_eq(pmem_region_backend(region), "second");
	assert_fails(pmem_region_dup_fd(region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(one_backend_by_option_or_environment)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "second" };
	struct pmem_region *region;
	struct pmem_ctx *other;

	assert_works(pmem_region_alloc(ctx, 1, &opts, &region));
	ck_assert_str_eq(pmem_region_backend(region), "second");
	assert_works(pmem_region_close(region));
	fake_env("LIBPMEM_BACKEND", "second");
	assert_works(pmem_ctx_new(&other));
	assert_works(pmem_region_alloc(other, 1, NULL, &region));
	ck_assert_str_eq(pmem_region_backend(region), "second");
	assert_works(pmem_region_close(region));
	opts.backend = "first"; /* the program knows better than the environment */
	assert_works(pmem_region_alloc(other, 1, &opts, &region));
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_close(region));
	pmem_ctx_unref(other);
}
END_TEST

START_TEST(nobody_can)
{
	struct pmem_region *region;
	const char *message;

	play_first.alloc_errnum = EACCES;
	play_second.alloc_errnum = ENOMEM;
	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), ENOMEM, PMEM_CAUSE_BUSY);
	message = pmem_error_message(pmem_error_last());
	ck_assert_ptr_nonnull(strstr(message, "first: first is told to fail"));
	ck_assert_ptr_nonnull(strstr(message, "second: second is told to fail"));
	play_first.map_errnum = EACCES;
	play_second.map_errnum = EPERM;
	assert_fails(pmem_region_map(ctx, 0, 1, 0, &region), EACCES, PMEM_CAUSE_BUSY);
	play_first.import_errnum = EINVAL;
	play_second.import_errnum = EINVAL;
	assert_fails(pmem_region_import(ctx, 0, 0, &region), EINVAL, PMEM_CAUSE_BUSY);
}
END_TEST

/* Who is not here, or not meant, is not to blame; the others' reasons count. */
START_TEST(blame)
{
	const uint32_t little[] = { PMEM_CAUSE_NO_DEVICE, PMEM_CAUSE_OUTSIDE_WINDOW,
		PMEM_CAUSE_UNSUPPORTED };
	struct pmem_region *region;

	play_first.alloc_errnum = play_first.map_errnum = EPERM;
	play_second.alloc_errnum = play_second.map_errnum = ENOENT;
	for (size_t i = 0; i < 3; i++) {
		play_first.cause = PMEM_CAUSE_CAPABILITY;
		play_second.cause = little[i];
		if (little[i] != PMEM_CAUSE_OUTSIDE_WINDOW) /* of memory: its master does not see it */
			assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), EPERM,
				PMEM_CAUSE_CAPABILITY);
		assert_fails(pmem_region_map(ctx, 0, 1, 0, &region), EPERM, PMEM_CAUSE_CAPABILITY);
		play_first.cause = little[i];
		play_second.cause = PMEM_CAUSE_NO_MEMORY;
		assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), ENOENT,
			PMEM_CAUSE_NO_MEMORY);
		assert_fails(pmem_region_map(ctx, 0, 1, 0, &region), ENOENT, PMEM_CAUSE_NO_MEMORY);
	}
}
END_TEST

/* Where there is no device now, there is none in the next call, unless nobody else serves. */
START_TEST(absent_devices_are_asked_last)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "first" };
	struct pmem_region *region;

	play_first.alloc_errnum = ENOENT;
	play_first.cause = PMEM_CAUSE_NO_DEVICE;
	for (int i = 0; i < 3; i++) {
		region = alloc(1, 0);
		ck_assert_str_eq(pmem_region_backend(region), "second");
		assert_works(pmem_region_close(region));
	}
	ck_assert_uint_eq(play_first.asked, 1);
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_uint_eq(play_first.asked, 2); /* by name: always */

	/* Both refusals are told, and the other one's counts. */
	play_second.alloc_errnum = ENOMEM;
	assert_fails(pmem_region_alloc(ctx, 1, NULL, &region), ENOMEM, PMEM_CAUSE_BUSY);
	ck_assert_uint_eq(pmem_error_child_count(pmem_error_last()), 2);
	ck_assert_uint_eq(play_first.asked, 3);

	/* It has come: it serves, and from then on as the first. */
	play_first.alloc_errnum = 0;
	region = alloc(1, 0);
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_close(region));
	play_second.alloc_errnum = 0;
	region = alloc(1, 0);
	ck_assert_str_eq(pmem_region_backend(region), "first");
	assert_works(pmem_region_close(region));
}
END_TEST

/* A heap is named: the error is that of the backend that has it. */
START_TEST(blame_of_a_heap)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .heap = "x" };
	struct pmem_region *region;

	play_first.alloc_errnum = ENOMEM;
	play_first.cause = PMEM_CAUSE_NO_MEMORY;
	play_second.alloc_errnum = ENOENT;
	play_second.cause = PMEM_CAUSE_NOT_FOUND;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	opts.heap = NULL;
	assert_fails(pmem_region_alloc(ctx, 1, &opts, &region), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

START_TEST(close_reports_and_frees)
{
	struct pmem_region *region = alloc(1, 0);

	play_first.close_errnum = EIO;
	assert_fails(pmem_region_close(region), EIO, PMEM_CAUSE_BUSY);
	/* memory: ASan sees it if it were left */
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("select");
	TCase *tc = tcase_create("select");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, first_backend_serves);
	tcase_add_test(tc, nobody_is_probed);
	tcase_add_test(tc, closing_in_any_order);
	tcase_add_test(tc, broken_promises_pass_on);
	tcase_add_test(tc, cache_wishes_and_descriptors);
	tcase_add_test(tc, one_backend_by_option_or_environment);
	tcase_add_test(tc, nobody_can);
	tcase_add_test(tc, blame);
	tcase_add_test(tc, absent_devices_are_asked_last);
	tcase_add_test(tc, blame_of_a_heap);
	tcase_add_test(tc, close_reports_and_frees);
	suite_add_tcase(suite, tc);
	return suite;
}
