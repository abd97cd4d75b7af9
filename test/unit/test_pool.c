/* SPDX-License-Identifier: MIT */
/* What pools hand out, take and refuse. */
#include "played_pool.h"

START_TEST(objects)
{
	struct pmem_region *region;
	uint64_t phys, bus, offset;
	char *p[3];

	play_first.tells_bus = true;
	begin((struct pmem_pool_opts){ .flags = 0 });
	ck_assert_uint_eq(play_first.given, 0); /* not before it is needed */
	p[0] = take(1, 0);
	p[1] = take(5000, 4096);
	p[2] = take(300000, 0);
	ck_assert_uint_eq(play_first.given, 1);
	for (int i = 0; i < 3; i++) {
		assert_works(pmem_pool_region(pool, p[i], &region, &offset));
		ck_assert_ptr_eq((char *)pmem_region_data(region) + offset, p[i]);
		ck_assert_uint_eq(pmem_region_size(region), 2 * MIB);
		assert_works(pmem_pool_phys(pool, p[i] + 7, &phys));
		ck_assert_uint_eq(phys, play_first.phys + offset + 7);
		assert_works(pmem_pool_bus(pool, p[i], &bus));
		ck_assert_uint_eq(bus, play_first.phys + offset + 0xc0000000);
		ck_assert_uint_eq(bus % (i == 1 ? 4096 : 64), 0);
		memset(p[i], i, i == 0 ? 1 : i == 1 ? 5000 : 300000);
	}
	assert_works(pmem_pool_region(pool, p[0], &region, NULL));
	for (int i = 0; i < 3; i++)
		assert_works(pmem_pool_free(pool, p[i]));
	assert_works(pmem_pool_free(pool, NULL));
	ck_assert_uint_eq(stats().objects, 0);
}
END_TEST

START_TEST(refused)
{
	struct pmem_pool_counts small = { .size = 8 };
	struct pmem_region *region = NULL;
	void *object = &object;
	uint64_t number = 5;

	assert_fails(pmem_pool_new(NULL, NULL, &pool), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_new(ctx, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	begin((struct pmem_pool_opts){ .boundary = 4096 });
	assert_fails(try(NULL, 1, 0, &object), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	for (int twice = 0; twice < 2; twice++) { /* before and after the thread has something */
		assert_fails(try(pool, 0, 0, &object), EINVAL, PMEM_CAUSE_ZERO_SIZE);
		assert_fails(try(pool, 1, 3, &object), EINVAL, PMEM_CAUSE_ALIGNMENT);
		assert_fails(try(pool, 1, 1ull << 31, &object), EINVAL,
			PMEM_CAUSE_ALIGNMENT);
		assert_fails(try(pool, 4097, 0, &object), EINVAL, PMEM_CAUSE_ALIGNMENT);
		assert_fails(try(pool, UINT64_MAX, 64, &object), EINVAL,
			PMEM_CAUSE_ALIGNMENT);
		ck_assert_ptr_eq(object, &object);
		assert_works(pmem_pool_free(pool, take(4096, 0)));
	}
	assert_fails(pmem_pool_free(NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_phys(NULL, &number, &number), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_phys(pool, &number, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_bus(pool, &number, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_phys(pool, &number, &number), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_pool_region(pool, &number, &region, &number), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(pmem_pool_region(pool, &number, NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	ck_assert_uint_eq(number, 5);
	assert_fails(pmem_pool_trim(NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_stats(NULL, &small), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_add_region(NULL, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_stats(pool, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_fails(pmem_pool_stats(pool, &small), EINVAL, PMEM_CAUSE_OPTIONS);
	assert_fails(pmem_pool_add_region(pool, NULL), EINVAL, PMEM_CAUSE_NULL_ARGUMENT);
	assert_works(pmem_pool_close(NULL));
}
END_TEST

START_TEST(options)
{
	static const struct pmem_alloc_opts no_map = { .size = sizeof(no_map),
		.flags = PMEM_ALLOC_NO_MAP }, nobody = { .size = sizeof(nobody), .backend = "nobody" },
		flags = { .size = sizeof(flags), .flags = 1u << 31 };
	static const struct {
		struct pmem_pool_opts opts;
		int errnum;
		uint32_t cause;
	} bad[] = {
		{ { .size = 4 }, EINVAL, PMEM_CAUSE_OPTIONS },
		{ { .flags = 1u << 31 }, EINVAL, PMEM_CAUSE_FLAGS },
		{ { .align = 48 }, EINVAL, PMEM_CAUSE_ALIGNMENT },
		{ { .align = 1ull << 31 }, EINVAL, PMEM_CAUSE_ALIGNMENT },
		{ { .boundary = 5000 }, EINVAL, PMEM_CAUSE_ALIGNMENT },
		{ { .boundary = 32 }, EINVAL, PMEM_CAUSE_ALIGNMENT },
		{ { .align = 4096, .boundary = 2048 }, EINVAL, PMEM_CAUSE_ALIGNMENT },
		{ { .reserved = &ctx }, EINVAL, PMEM_CAUSE_OPTIONS },
		{ { .alloc = &no_map }, EINVAL, PMEM_CAUSE_FLAGS },
		{ { .alloc = &flags }, EINVAL, PMEM_CAUSE_FLAGS },
		{ { .grow = UINT64_MAX }, EOVERFLOW, PMEM_CAUSE_WRAPS },
	};
	struct {
		struct pmem_pool_opts opts;
		uint64_t later;
	} newer = { { .size = sizeof(newer) }, 1 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct pmem_pool_opts opts = bad[i].opts;

		opts.size = opts.size ? opts.size : sizeof(opts);
		assert_fails(pmem_pool_new(ctx, &opts, &pool), bad[i].errnum, bad[i].cause);
		ck_assert_ptr_null(pool);
	}
	assert_fails(pmem_pool_new(ctx, &newer.opts, &pool), E2BIG, PMEM_CAUSE_OPTIONS);
	newer.later = 0;
	newer.opts.alloc = &nobody; /* who that is, is asked when a region is needed */
	assert_works(pmem_pool_new(ctx, &newer.opts, &pool));
	assert_fails(try(pool, 1, 0, &(void *){ NULL }), ENOENT, PMEM_CAUSE_NOT_FOUND);
}
END_TEST

/* Texts of the options are copied. */
START_TEST(options_are_kept)
{
	char *name = strdup("second");
	struct pmem_alloc_opts *alloc = calloc(1, sizeof(*alloc));

	alloc->size = sizeof(*alloc);
	alloc->backend = name;
	alloc->name = name;
	begin((struct pmem_pool_opts){ .alloc = alloc });
	memset(name, 'x', 6);
	free(name);
	free(alloc);
	take(1, 0);
	ck_assert_uint_eq(play_second.given, 1);
	ck_assert_uint_eq(play_first.given, 0);
}
END_TEST

/* Freed by whatever is no object's pointer, and twice: with the thread's own objects and without. */
START_TEST(wrong_pointers)
{
	struct pmem_pool_opts opts = { .flags = _i ? PMEM_POOL_NO_CACHE : 0 };
	static const uint64_t sizes[] = { 1, 64, 100, 4096, 65536, 300000 };
	struct pmem_pool *other;
	void *foreign = NULL;
	int local = 0;

	begin(opts);
	assert_works(pmem_pool_new(ctx, NULL, &other));
	assert_works(try(other, 64, 0, &foreign));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *keep = take(sizes[i], 0), *p = take(sizes[i], 0);
		uint64_t before = stats().objects;

		assert_fails(pmem_pool_free(pool, &local), ENOENT, PMEM_CAUSE_NOT_FOUND);
		assert_fails(pmem_pool_free(pool, (void *)1), ENOENT, PMEM_CAUSE_NOT_FOUND);
		assert_fails(pmem_pool_free(pool, (void *)UINTPTR_MAX), ENOENT, PMEM_CAUSE_NOT_FOUND);
		assert_fails(pmem_pool_free(pool, foreign), ENOENT, PMEM_CAUSE_NOT_FOUND);
		assert_fails(pmem_pool_free(pool, p + 1), EINVAL, PMEM_CAUSE_WRONG_KIND);
		assert_fails(pmem_pool_free(pool, p + 32), EINVAL, PMEM_CAUSE_WRONG_KIND);
		/* Far away, where the table of pages begins anew, and where the lower half is the same. */
		for (unsigned bit = 30; bit < 8 * sizeof(p); bit++)
			assert_fails(pmem_pool_free(pool, (void *)((uintptr_t)p ^ (uintptr_t)1 << bit)), ENOENT,
				PMEM_CAUSE_NOT_FOUND);
		assert_works(pmem_pool_free(pool, NULL));
		ck_assert_uint_eq(stats().objects, before);
		assert_works(pmem_pool_free(pool, p));
		assert_fails(pmem_pool_free(pool, p), sizes[i] > 65536 ? ENOENT : EALREADY,
			PMEM_CAUSE_NOT_FOUND);
		assert_fails(pmem_pool_free(pool, p + 1), ENOENT, PMEM_CAUSE_NOT_FOUND);
		ck_assert_uint_eq(stats().objects, before - 1);
		assert_works(pmem_pool_free(pool, keep));
	}
	assert_works(pmem_pool_trim(pool, NULL));
	assert_fails(pmem_pool_free(pool, foreign), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_works(pmem_pool_close(other));
}
END_TEST

/* What is written beyond an object does not reach what the pool knows. */
START_TEST(overflow)
{
	struct pmem_region *region;
	char *p[64];

	begin((struct pmem_pool_opts){ .flags = 0 });
	for (int i = 0; i < 64; i++)
		p[i] = take(64, 0);
	assert_works(pmem_pool_region(pool, p[0], &region, NULL));
	memset(pmem_region_data(region), 0xff, 2 * MIB);
	for (int i = 0; i < 64; i++)
		assert_works(pmem_pool_free(pool, p[i]));
	for (int i = 0; i < 64; i++)
		assert_works(pmem_pool_free(pool, take(64, 0)));
	assert_works(pmem_pool_trim(pool, NULL));
	ck_assert_uint_eq(stats().bytes, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pool");
	TCase *tc = tcase_create("pool");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, objects);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, options);
	tcase_add_test(tc, options_are_kept);
	tcase_add_loop_test(tc, wrong_pointers, 0, 2);
	tcase_add_test(tc, overflow);
	suite_add_tcase(suite, tc);
	return suite;
}
