/* SPDX-License-Identifier: MIT */
/* lib/api/selftest.c: good engines pass at every size, each kind of bad engine is caught. */
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

/* An engine with faults to switch on. */
struct engine {
	int extra_after;   /* bytes copied past the end; negative: missing */
	int extra_before;  /* bytes copied before the start */
	bool swap;         /* exchange two bytes */
	bool spoil_source; /* write into the source */
	int result;
	unsigned allocs;
	unsigned fail_alloc; /* which one fails; 0: none */
	uint64_t give;       /* bytes to give instead of what was asked; 0: as asked */
};

static int engine_copy(void *user, struct pmem_region *dst, uint64_t dst_offset,
	struct pmem_region *src, uint64_t src_offset, uint64_t length)
{
	struct engine *e = user;
	unsigned char *to = (unsigned char *)pmem_region_data(dst) + dst_offset;
	unsigned char *from = (unsigned char *)pmem_region_data(src) + src_offset;

	memmove(to - e->extra_before, from - e->extra_before,
		(size_t)((int64_t)length + e->extra_before + e->extra_after));
	if (e->swap)
		to[length / 2] ^= 0x80;
	if (e->spoil_source)
		from[0] ^= 1;
	return e->result;
}

static int engine_alloc(void *user, uint64_t size, struct pmem_region **out)
{
	struct engine *e = user;

	if (++e->allocs == e->fail_alloc)
		return -ENOSPC;
	return pmem_region_alloc(ctx, e->give ? e->give : size, NULL, out);
}

START_TEST(every_size_and_hole)
{
	struct engine e = { .result = 0 };

	for (uint64_t size = 1; size < 70; size++) {
		for (uint64_t hole = 0; 2 * hole < size; hole++) {
			for (uint64_t from = 0; from <= 2 * hole; from++) {
				assert_works(pmem_selftest_copy(ctx, size, hole, from, NULL,
					engine_copy, &e));
				assert_works(pmem_selftest_copy(ctx, size, hole, from, NULL, NULL,
					NULL));
			}
		}
	}
	assert_works(pmem_selftest_copy(ctx, 1 << 20, 4097, 3, NULL, engine_copy, &e));
	assert_works(pmem_selftest_copy(NULL, 100, 1, 0, engine_alloc, engine_copy, &e));
	ck_assert_uint_eq(e.allocs, 2);
}
END_TEST

/* One byte too far, too few or wrong must be seen at every size: no chance, no luck. */
START_TEST(bad_engines_are_caught)
{
	const struct engine bad[] = {
		{ .extra_after = 1 },
		{ .extra_after = -1 },
		{ .extra_before = 1 },
		{ .extra_before = -1 },
		{ .swap = true },
		{ .spoil_source = true },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (unsigned round = 0; round < 600; round++) {
			struct engine e = bad[i];
			uint64_t size = 3 + round % 50;

			assert_fails(pmem_selftest_copy(ctx, size, 1, 1, NULL, engine_copy, &e),
				EILSEQ, PMEM_CAUSE_MISMATCH);
		}
	}
}
END_TEST

START_TEST(the_message_tells_where_and_what)
{
	struct engine e = { .extra_after = 1 };
	const char *message;

	assert_fails(pmem_selftest_copy(ctx, 64, 8, 0, NULL, engine_copy, &e), EILSEQ,
		PMEM_CAUSE_MISMATCH);
	message = pmem_error_message(pmem_error_last());
	ck_assert_ptr_nonnull(strstr(message, "1 of 64 bytes are wrong"));
	ck_assert_ptr_nonnull(strstr(message, "offset 0x38 in the hole after the destination"));
	ck_assert_ptr_nonnull(strstr(message, "expected "));
	ck_assert_ptr_nonnull(strstr(message, "found "));
	e = (struct engine){ .extra_before = 1 };
	assert_fails(pmem_selftest_copy(ctx, 64, 8, 1, NULL, engine_copy, &e), EILSEQ,
		PMEM_CAUSE_MISMATCH);
	ck_assert_ptr_nonnull(
		strstr(pmem_error_message(pmem_error_last()), "in the hole before the destination"));
	e = (struct engine){ .spoil_source = true };
	assert_fails(pmem_selftest_copy(ctx, 64, 0, 0, NULL, engine_copy, &e), EILSEQ,
		PMEM_CAUSE_MISMATCH);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "in the source"));
}
END_TEST

START_TEST(impossible_arguments)
{
	assert_fails(pmem_selftest_copy(NULL, 1, 0, 0, NULL, NULL, NULL), EINVAL,
		PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_selftest_copy(ctx, 0, 0, 0, NULL, NULL, NULL), EINVAL,
		PMEM_CAUSE_ZERO_SIZE);
	assert_fails(pmem_selftest_copy(ctx, UINT64_MAX, 0, 0, NULL, NULL, NULL), EOVERFLOW,
		PMEM_CAUSE_WRAPS);
	assert_fails(pmem_selftest_copy(ctx, SIZE_MAX / 4 + 1, SIZE_MAX, 0, NULL, NULL, NULL), EOVERFLOW,
		PMEM_CAUSE_WRAPS);
	assert_fails(pmem_selftest_copy(ctx, SIZE_MAX / 4, SIZE_MAX, 0, NULL, NULL, NULL), EINVAL,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_selftest_copy(ctx, 16, 8, 0, NULL, NULL, NULL), EINVAL,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_selftest_copy(ctx, 16, UINT64_MAX, 0, NULL, NULL, NULL), EINVAL,
		PMEM_CAUSE_BOUNDS);
	assert_fails(pmem_selftest_copy(ctx, 16, 2, 5, NULL, NULL, NULL), EINVAL,
		PMEM_CAUSE_BOUNDS);
}
END_TEST

static int same_alloc(void *user, uint64_t size, struct pmem_region **out)
{
	struct pmem_region **one = user;
	int r = *one ? 0 : pmem_region_alloc(ctx, size, NULL, one);

	*out = *one;
	return r;
}

/* A program that has one buffer: that is no copy, and the region is closed once. */
START_TEST(one_region_for_both)
{
	struct pmem_region *one = NULL;

	assert_fails(pmem_selftest_copy(ctx, 16, 0, 0, same_alloc, NULL, &one), EPROTO,
		PMEM_CAUSE_WRONG_KIND);
	ck_assert_ptr_nonnull(one);
}
END_TEST

START_TEST(callbacks_that_fail)
{
	struct engine e = { .fail_alloc = 2 };

	assert_fails(pmem_selftest_copy(ctx, 16, 0, 0, engine_alloc, engine_copy, &e), ENOSPC,
		PMEM_CAUSE_SYSTEM);
	e = (struct engine){ .result = -ETIMEDOUT };
	assert_fails(pmem_selftest_copy(ctx, 16, 0, 0, engine_alloc, engine_copy, &e), ETIMEDOUT,
		PMEM_CAUSE_SYSTEM);
	e = (struct engine){ .result = 1 };
	assert_fails(pmem_selftest_copy(ctx, 16, 0, 0, engine_alloc, engine_copy, &e), EPROTO,
		PMEM_CAUSE_SYSTEM);
	e = (struct engine){ .give = 8 };
	assert_fails(pmem_selftest_copy(ctx, 16, 0, 0, engine_alloc, engine_copy, &e), EPROTO,
		PMEM_CAUSE_BOUNDS);
	play_first.close_errnum = EIO;
	assert_fails(pmem_selftest_copy(ctx, 16, 0, 0, NULL, NULL, NULL), EIO, PMEM_CAUSE_BUSY);
}
END_TEST

/* Around the engine the caches are handled, for memory that needs it. */
START_TEST(memory_that_is_not_mapped)
{
	struct engine e = { .result = 0 };

	play_first.attrs |= PMEM_REGION_UNMAPPED;
	assert_fails(pmem_selftest_copy(ctx, 4096, 16, 0, engine_alloc, engine_copy, &e), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_selftest_copy(ctx, 4096, 16, 0, NULL, NULL, NULL), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
}
END_TEST

START_TEST(caches_are_handled)
{
	struct engine e = { .result = 0 };

	play_first.attrs &= ~PMEM_REGION_COHERENT;
	play_first.attrs |= PMEM_REGION_NEEDS_SYNC;
	assert_works(pmem_selftest_copy(ctx, 16, 0, 0, NULL, engine_copy, &e));
	ck_assert_uint_ge(fake_cache_calls(), 4);
	fake_coherency(-EOPNOTSUPP, -EOPNOTSUPP);
	assert_fails(pmem_selftest_copy(ctx, 16, 0, 0, NULL, engine_copy, &e), EOPNOTSUPP,
		PMEM_CAUSE_NOT_COHERENT);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("selftest");
	TCase *tc = tcase_create("selftest");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, every_size_and_hole);
	tcase_add_test(tc, bad_engines_are_caught);
	tcase_add_test(tc, the_message_tells_where_and_what);
	tcase_add_test(tc, impossible_arguments);
	tcase_add_test(tc, callbacks_that_fail);
	tcase_add_test(tc, one_region_for_both);
	tcase_add_test(tc, memory_that_is_not_mapped);
	tcase_add_test(tc, caches_are_handled);
	suite_add_tcase(suite, tc);
	return suite;
}
