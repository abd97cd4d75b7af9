/* SPDX-License-Identifier: MIT */
/* Where a pool's memory comes from and goes to; threads, and children. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "played_pool.h"

START_TEST(borrowed)
{
	struct pmem_region *region, *unmapped, *readonly, *tiny;
	uint64_t bytes = 5, count = 0;
	void *p = NULL;

	begin((struct pmem_pool_opts){ .flags = PMEM_POOL_NO_GROW });
	assert_fails(try(pool, 1, 0, &p), ENOMEM, PMEM_CAUSE_LIMIT);
	region = play_take(ctx, 16384, 0);
	tiny = play_take(ctx, 4095, 0);
	assert_works(pmem_region_map(ctx, 0x5000, 4096, PMEM_MAP_READONLY, &readonly));
	play_first.attrs |= PMEM_REGION_UNMAPPED;
	unmapped = play_take(ctx, 16384, PMEM_ALLOC_NO_MAP);
	assert_fails(pmem_pool_add_region(pool, unmapped), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	assert_fails(pmem_pool_add_region(pool, readonly), EACCES, PMEM_CAUSE_READONLY);
	assert_fails(pmem_pool_add_region(pool, tiny), EINVAL, PMEM_CAUSE_BOUNDS);
	assert_works(pmem_pool_add_region(pool, region));
	assert_fails(pmem_pool_add_region(pool, region), EEXIST, PMEM_CAUSE_BUSY);
	ck_assert_uint_eq(stats().regions, 1);
	ck_assert_uint_eq(stats().bytes, 16384);
	while (try(pool, 64, 0, &p) == 0)
		count++;
	ck_assert_uint_eq(count, 256); /* nothing of it is lost */
	assert_fails(try(pool, 64, 0, &p), ENOMEM, PMEM_CAUSE_LIMIT);
	assert_works(pmem_pool_trim(pool, &bytes));
	ck_assert_uint_eq(bytes, 0);
	assert_works(pmem_pool_close(pool));
	pool = NULL;
	memset(pmem_region_data(region), 1, 16384);
	assert_works(pmem_region_close(region));
	assert_works(pmem_region_close(unmapped));
	assert_works(pmem_region_close(readonly));
	assert_works(pmem_region_close(tiny));
}
END_TEST

START_TEST(limited)
{
	void *p = NULL;
	int r = 0;

	begin((struct pmem_pool_opts){ .grow = MIB, .max = 3 * MIB, .flags = PMEM_POOL_NO_CACHE });
	for (int i = 0; i < 3; i++)
		take(MIB, 0);
	assert_fails(try(pool, 1, 0, &p), ENOMEM, PMEM_CAUSE_LIMIT);
	ck_assert_uint_eq(play_first.given, 3);
	assert_works(pmem_pool_close(pool));
	begin((struct pmem_pool_opts){ .grow = MIB, .max = MIB + MIB / 2 });
	while (r == 0)
		r = try(pool, 65536, 65536, &p);
	ck_assert_msg(stats().objects == 24, "%s", pmem_error_text(pmem_error_last())); /* the last half, too */
	ck_assert_uint_eq(stats().bytes, MIB + MIB / 2);
}
END_TEST

START_TEST(refusals_of_regions)
{
	void *p = NULL;

	begin((struct pmem_pool_opts){ .flags = 0 });
	play_first.alloc_errnum = play_second.alloc_errnum = EPERM;
	assert_fails(try(pool, 1, 0, &p), EPERM, PMEM_CAUSE_BUSY);
	play_first.asked = 0;
	play_first.alloc_errnum = play_second.alloc_errnum = ENOMEM;
	assert_fails(try(pool, 1, 0, &p), ENOMEM, PMEM_CAUSE_BUSY);
	ck_assert_uint_eq(play_first.asked, 2); /* a small one was tried as well */
	play_first.alloc_errnum = 0;
	take(1, 0);
	play_first.close_errnum = EIO;
	assert_fails(pmem_pool_close(pool), EIO, PMEM_CAUSE_BUSY);
	play_first.close_errnum = 0;
	begin((struct pmem_pool_opts){ .flags = 0 });
	assert_works(pmem_pool_free(pool, take(1, 0)));
	play_first.close_errnum = EIO;
	assert_fails(pmem_pool_trim(pool, &(uint64_t){ 0 }), EIO, PMEM_CAUSE_BUSY);
	play_first.close_errnum = 0;
	ck_assert_uint_eq(stats().regions, 0);
}
END_TEST

/* Of what fails while its regions are closed a pool tells the first, whole, whatever works or fails after it. */
START_TEST(first_failure_of_several)
{
	struct pmem_pool *gone;

	begin((struct pmem_pool_opts){ .grow = MIB });
	for (int i = 0; i < 5; i++)
		take(MIB, 0);
	ck_assert_uint_eq(play_first.given, 5);
	play_first.close_errnums[1] = EIO;
	play_first.close_errnums[3] = EPERM;
	gone = pool;
	pool = NULL;
	assert_fails(pmem_pool_close(gone), EIO, PMEM_CAUSE_BUSY);
	ck_assert_str_eq(pmem_error_operation(pmem_error_last()), "close");
	ck_assert_str_eq(pmem_error_message(pmem_error_last()), "first is told to fail");
}
END_TEST

/* Pieces of a quarter each: an object is in one of them; a region without room for it does not stay. */
START_TEST(pieces)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc),
		.flags = PMEM_ALLOC_SCATTERED };
	struct pmem_region *region;
	uint64_t phys, end, offset;
	void *p = NULL;

	play_first.pieces = 4;
	play_first.attrs &= ~PMEM_REGION_CONTIGUOUS;
	begin((struct pmem_pool_opts){ .grow = MIB, .alloc = &alloc });
	for (int i = 0; i < 40; i++) {
		p = take(50000, 0);
		assert_works(pmem_pool_phys(pool, p, &phys));
		assert_works(pmem_pool_phys(pool, (char *)p + 49999, &end));
		ck_assert_uint_eq(end, phys + 49999);
		assert_works(pmem_pool_region(pool, p, &region, &offset));
		assert_works(pmem_region_extent(region, offset, &end, NULL));
		ck_assert_uint_eq(end, phys);
	}
	ck_assert_uint_eq(stats().regions, 3); /* four objects in each piece */
	assert_fails(try(pool, MIB / 2, 0, &p), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(stats().regions, 3);
	ck_assert_uint_eq(play_first.given, play_first.closes + 3);
}
END_TEST

/* Of memory in single pages whatever fits into one is had, though sizes are rounded up. */
START_TEST(single_pages)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .flags = PMEM_ALLOC_SCATTERED };
	static const uint64_t sizes[] = { 1, 100, 3000, 3600, 4000, 4096 };
	struct pmem_pool_opts opts = { .grow = 65536, .alloc = &alloc, .max = 65536, .flags = PMEM_POOL_NO_CACHE };
	void *p = NULL;

	play_first.pieces = 16;
	play_first.attrs &= ~PMEM_REGION_CONTIGUOUS;
	begin(opts);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_works(pmem_pool_free(pool, take(sizes[i], 0)));
		assert_works(pmem_pool_free(pool, take(sizes[i], 4096)));
	}
	assert_works(pmem_pool_trim(pool, NULL));
	for (int i = 0; i < 16; i++)
		take(4096, 0);
	ck_assert_uint_eq(stats().object_bytes, 65536);
	assert_fails(try(pool, 1, 0, &p), ENOMEM, PMEM_CAUSE_LIMIT);
	assert_works(pmem_pool_close(pool));
	opts.max = 0;
	begin(opts);
	assert_fails(try(pool, 4097, 0, &p), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_ptr_nonnull(strstr(pmem_error_message(pmem_error_last()), "0x1001 bytes"));
}
END_TEST

/* A page that is all the pool may have holds an object of a page. */
START_TEST(last_page)
{
	void *p = NULL;

	begin((struct pmem_pool_opts){ .max = 4096 });
	take(4096, 0);
	ck_assert_uint_eq(stats().bytes, 4096);
	assert_fails(try(pool, 1, 0, &p), ENOMEM, PMEM_CAUSE_LIMIT);
}
END_TEST

START_TEST(no_address)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc),
		.flags = PMEM_ALLOC_NO_ADDRESS };
	uint64_t address = 5;
	char *p;

	play_first.unknown = true;
	begin((struct pmem_pool_opts){ .alloc = &alloc });
	p = take(100, 1024);
	ck_assert_uint_eq((uintptr_t)p % 1024, 0);
	assert_fails(pmem_pool_phys(pool, p, &address), ENXIO, PMEM_CAUSE_UNSUPPORTED);
	/* Why depends on the machine: on Arm it is the device tree that is missing. */
	ck_assert_int_eq(pmem_pool_bus(pool, p, &address), -ENXIO);
	ck_assert_uint_eq(address, 5);
	assert_works(pmem_pool_free(pool, p));
}
END_TEST

START_TEST(trimmed)
{
	uint64_t bytes = 0;
	void *p[200];

	begin((struct pmem_pool_opts){ .grow = MIB });
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 200; i++)
			p[i] = take(65536, 65536);
		ck_assert_uint_eq(stats().regions, 13);
		for (int i = 1; i < 200; i++)
			assert_works(pmem_pool_free(pool, p[i]));
		assert_works(pmem_pool_trim(pool, &bytes));
		ck_assert_uint_eq(bytes, 12 * MIB);
		memset(p[0], 1, 65536);
		ck_assert_uint_eq(stats().object_bytes, 65536);
		assert_works(pmem_pool_free(pool, p[0]));
	}
	assert_works(pmem_pool_trim(pool, &bytes));
	ck_assert_uint_eq(bytes, MIB);
	ck_assert_uint_eq(stats().regions, 0);
	ck_assert_uint_eq(play_first.given, play_first.closes);
}
END_TEST

#define LIVE 262144

/* As many as that: all apart, each known, none lost. */
START_TEST(live)
{
	static uint64_t *p[LIVE];

	begin((struct pmem_pool_opts){ .grow = 8 * MIB });
	for (uint64_t i = 0; i < LIVE; i++) {
		if (try(pool, 64, 0, (void **)&p[i]) < 0)
			ck_abort_msg("%s", pmem_error_text(pmem_error_last()));
		*p[i] = i;
	}
	ck_assert_uint_eq(stats().objects, LIVE);
	ck_assert_uint_eq(stats().object_bytes, LIVE * 64);
	for (uint64_t i = 0, k = 0; i < LIVE; i++, k = (k + 99991) % LIVE) {
		if (*p[k] != k || pmem_pool_free(pool, p[k]) < 0)
			ck_abort_msg("object %llu is gone", (unsigned long long)k);
	}
	ck_assert_uint_eq(stats().objects, 0);
	assert_works(pmem_pool_trim(pool, NULL));
	ck_assert_uint_eq(stats().bytes, 0);
}
END_TEST

static void *use_and_end(void *freed)
{
	void *p[100];

	for (int i = 0; i < 100; i++)
		p[i] = take(64, 0);
	for (int i = 0; i < 100; i++)
		assert_works(pmem_pool_free(pool, p[i]));
	assert_works(pmem_pool_free(pool, freed)); /* another thread's */
	ck_assert_uint_ge(stats().cached, 101);
	ck_assert_uint_eq(stats().threads, 2);
	return NULL;
}

START_TEST(threads)
{
	pthread_t thread;
	uint64_t kept;
	void *p;

	begin((struct pmem_pool_opts){ .flags = 0 });
	p = take(64, 0);
	kept = stats().cached;
	ck_assert_uint_gt(kept, 0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(pthread_create(&thread, NULL, use_and_end, p), 0);
		ck_assert_int_eq(pthread_join(thread, NULL), 0);
		ck_assert_uint_eq(stats().cached, kept); /* what it kept went back */
		ck_assert_uint_eq(stats().threads, 1);
		ck_assert_uint_eq(stats().objects, 0);
		p = take(64, 0);
		kept = stats().cached;
	}
	assert_works(pmem_pool_close(pool));
	begin((struct pmem_pool_opts){ .flags = PMEM_POOL_NO_CACHE });
	assert_works(pmem_pool_free(pool, take(64, 0)));
	ck_assert_uint_eq(stats().cached, 0);
	ck_assert_uint_eq(stats().threads, 0);
}
END_TEST

/* A kernel that cannot wipe pages: threads keep nothing, and a child is known all the same. */
START_TEST(forked)
{
	uint64_t phys, mine;
	void *p, *q = NULL;
	pid_t child;
	int status;

	if (_i)
		fake_fail_named("madvise", EINVAL);
	begin((struct pmem_pool_opts){ .flags = 0 });
	fake_fail_named(NULL, 0);
	p = take(64, 0);
	ck_assert_uint_eq(stats().threads, !_i);
	assert_works(pmem_pool_phys(pool, p, &mine));
	child = fork();
	if (child == 0) {
		bool right = try(pool, 64, 0, &q) == -ENOENT &&
			pmem_pool_free(pool, p) == -ENOENT && pmem_pool_trim(pool, NULL) == -ENOENT &&
			pmem_pool_phys(pool, p, &phys) == 0 && phys == mine &&
			pmem_error_cause(pmem_error_last()) == PMEM_CAUSE_NOT_FOUND;
		struct pmem_pool *own;

		right = right && pmem_pool_new(ctx, NULL, &own) == 0 &&
			try(own, 64, 0, &q) == 0 && pmem_pool_free(own, q) == 0 &&
			pmem_pool_close(own) == 0 && pmem_pool_close(pool) == 0;
		_exit(right ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	assert_works(pmem_pool_free(pool, p));
	ck_assert_ptr_eq(take(64, 0), p);
}
END_TEST

START_TEST(large_pages)
{
	fake_page_size(_i ? 65536 : 16384);
	begin((struct pmem_pool_opts){ .flags = 0 });
	for (int i = 0; i < 100; i++)
		assert_works(pmem_pool_free(pool, take(64u << i % 12, 0)));
	assert_works(pmem_pool_trim(pool, NULL));
	ck_assert_uint_eq(stats().bytes, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pool_life");
	TCase *tc = tcase_create("pool_life"), *forks = tcase_create("forks");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, borrowed);
	tcase_add_test(tc, limited);
	tcase_add_test(tc, refusals_of_regions);
	tcase_add_test(tc, first_failure_of_several);
	tcase_add_test(tc, pieces);
	tcase_add_test(tc, single_pages);
	tcase_add_test(tc, last_page);
	tcase_add_test(tc, no_address);
	tcase_add_test(tc, trimmed);
	tcase_add_test(tc, live);
	tcase_add_test(tc, threads);
	tcase_add_loop_test(tc, large_pages, 0, 2);
	suite_add_tcase(suite, tc);
	tcase_set_tags(forks, "wipeonfork"); /* cmake/stages: not under QEMU's user mode */
	tcase_add_checked_fixture(forks, setup, teardown);
	tcase_add_loop_test(forks, forked, 0, 2);
	suite_add_tcase(suite, forks);
	return suite;
}
