/* SPDX-License-Identifier: MIT */
/* Huge pages that the kernel makes on request: pools as files, and what of them is put back. */
#include <errno.h>

#include "pagemap.h"
#include "os/inherit.h"
#include "played_reserve.h"
#include "vm.h"

/* An end in order, or that of one who is killed and followed by another. */
static void leave(struct reserve *reserve, bool dead)
{
	if (!dead) {
		assert_works(reserve_end(reserve));
		return;
	}
	ck_assert_int_eq(inherit_close(reserve->fd), 0);
	assert_works(reserve_reap(ctx));
}

START_TEST(test_whole)
{
	struct reserve reserve;
	bool parts = true;

	assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
	ck_assert(!parts);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	ck_assert_str_eq(record(), BOOT "\n1073741824 0 1\n");
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* Of three pages of the small pool one is somebody's surplus: two are put back. */
START_TEST(test_parts)
{
	struct reserve reserve;
	bool parts = false;

	fake_text(LARGE "demote", "");
	fake_text(LARGE "demote_size", "");
	assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
	ck_assert(parts);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 515);
	ck_assert_str_eq(record(), BOOT "\n1073741824 0 1\n2097152 2 512\n");
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 2);
}
END_TEST

/* Linux before 5.16 cannot take it apart: then it is taken whole. */
START_TEST(test_no_parts)
{
	struct reserve reserve;
	bool parts = true;

	assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
	ck_assert(!parts);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 1);
	assert_works(reserve_end(&reserve));
	fake_text(LARGE "demote", "");
	fake_text(LARGE "demote_size", "");
	parts = undivided = true;
	assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
	ck_assert(!parts);
	assert_works(reserve_end(&reserve));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

START_TEST(test_no_room)
{
	struct reserve reserve;
	bool parts;

	stingy = true;
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

START_TEST(test_refused)
{
	struct reserve reserve;
	bool parts;

	fake_fail_named("openat", EACCES);
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), EACCES, PMEM_CAUSE_CAPABILITY);
	fake_fail_named(NULL, 0);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

/* What an administrator, or another program, does to the pools meanwhile stays done. */
START_TEST(test_changed_meanwhile)
{
	struct reserve reserve;
	bool parts;

	for (int dead = 0; dead < 2; dead++) {
		static const unsigned long large[][2] = { { 1, 0 }, { 20, 19 }, { 0, 0 } },
			small[][2] = { { 515, 2 }, { 615, 102 }, { 100, 100 }, { 0, 0 } };

		for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
			set(LARGE "nr_hugepages", 0);
			assert_works(reserve_begin(ctx, GIB, 0, &reserve, &parts));
			set(LARGE "nr_hugepages", large[i][0]);
			leave(&reserve, dead);
			ck_assert_uint_eq(number(LARGE "nr_hugepages"), large[i][1]);
		}
		fake_text(LARGE "demote", "");
		fake_text(LARGE "demote_size", "");
		for (size_t i = 0; i < ARRAY_SIZE(small); i++) {
			set(LARGE "nr_hugepages", 0);
			set(SMALL "nr_hugepages", 3);
			assert_works(reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts));
			set(SMALL "nr_hugepages", small[i][0]);
			leave(&reserve, dead);
			ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
			ck_assert_uint_eq(number(SMALL "nr_hugepages"), small[i][1]);
		}
		ck_assert_str_eq(record(), "");
	}
}
END_TEST

/* What was somebody's surplus is made a page of the pool first; then the kernel has no room. */
START_TEST(test_surplus_meanwhile)
{
	struct reserve reserve;
	bool parts;

	set(LARGE "nr_hugepages", 3);
	set(LARGE "surplus_hugepages", 2);
	takes_surplus = stingy = true;
	assert_fails(reserve_begin(ctx, GIB, 0, &reserve, &parts), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 3);
	ck_assert_uint_eq(number(LARGE "surplus_hugepages"), 2);
	ck_assert_str_eq(record(), "");
}
END_TEST

static int once(void *user)
{
	struct reserve reserve;
	bool parts;
	int r = reserve_begin(ctx, GIB, 2 * MIB, &reserve, &parts);

	(void)user;
	return r < 0 ? r : reserve_end(&reserve);
}

START_TEST(test_each_call_fails)
{
	fake_text(LARGE "demote", "");
	fake_text(LARGE "demote_size", "");
	ck_assert_uint_ge(fake_fail_each(EIO, once, NULL), 10);
	assert_works(reserve_reap(ctx));
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
}
END_TEST

/* --- by the public function ---------------------------------------------------------------------- */

static int alloc(uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = "pages" };
	struct pmem_region *region;
	int r = pmem_region_alloc(ctx, size, &opts, &region);

	return r < 0 ? r : pmem_region_close(region);
}

static void vm_setup(void)
{
	setup();
	pagemap_play(PAGEMAP_APART);
	vm_play();
	calls = *os;
	calls.write = played_write;
	os = &calls;
	fake_text("/proc/meminfo", "MemAvailable: 8388608 kB\n");
}

/* Nothing is changed unless the caller says so. */
START_TEST(test_only_if_asked)
{
	assert_fails(alloc(8 * MIB, 0), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(compacted, 0);
	ck_assert_str_eq(record(), "");
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	assert_fails(alloc(8 * MIB, PMEM_ALLOC_TRY_HARD), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS);
	ck_assert_uint_eq(compacted, 1);
	ck_assert_uint_eq(number(LARGE "nr_hugepages"), 0);
	ck_assert_uint_eq(number(SMALL "nr_hugepages"), 3);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reserve");
	TCase *pools = tcase_create("pools"), *public = tcase_create("public");

	tcase_add_checked_fixture(pools, setup, teardown);
	tcase_add_test(pools, test_whole);
	tcase_add_test(pools, test_parts);
	tcase_add_test(pools, test_no_parts);
	tcase_add_test(pools, test_no_room);
	tcase_add_test(pools, test_refused);
	tcase_add_test(pools, test_changed_meanwhile);
	tcase_add_test(pools, test_surplus_meanwhile);
	tcase_add_test(pools, test_each_call_fails);
	suite_add_tcase(suite, pools);
	tcase_add_checked_fixture(public, vm_setup, teardown);
	tcase_add_test(public, test_only_if_asked);
	suite_add_tcase(suite, public);
	return suite;
}
