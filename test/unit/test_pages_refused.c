/* SPDX-License-Identifier: MIT */
/* Memory of plain Linux: each refusal, and nothing left behind. */
#include "played_pages.h"

START_TEST(test_nothing_contiguous)
{
	fake_text(THP, "2097152\n");
	fake_dir(POOLS "hugepages-2048kB");
	vm.region = true;
	pagemap_rule(PAGEMAP_APART);
	refused(request(64 * KIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "io_uring region: it came in 16 pieces");
	ck_assert_ptr_nonnull(strstr(message(), "large folio: "));
	ck_assert_ptr_nonnull(strstr(message(), "transparent huge page: "));
	ck_assert_ptr_nonnull(strstr(message(), "collapse: "));
	ck_assert_ptr_nonnull(strstr(message(), "hugetlb: "));
	ck_assert_ptr_nonnull(strstr(message(), "several pages: "));
}
END_TEST

START_TEST(test_limit)
{
	struct pages_request want = request(64 * KIB);

	vm.region = true;
	want.max_addr = MIB - 1;
	refused(want, ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "below 0xfffff");
	want.scattered = true;
	refused(want, ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "above 0xfffff");
	want.max_addr = UINT64_MAX - 1;
	assert_works(take(want));
	give_back();
}
END_TEST

START_TEST(test_alignment_out_of_reach)
{
	struct pages_request want = request(os->page_size());

	pagemap_rule(PAGEMAP_ODD);
	fake_text("/proc/meminfo", "MemAvailable: 64 kB\n");
	want.align = MIB;
	refused(want, ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "not a multiple of 0x100000");
}
END_TEST

/* Up to 1 MiB it is not asked what is left, unless little was when it was asked last. */
START_TEST(test_little_counts_where_little_is_left)
{
	for (int little = 1; little >= 0; little--) {
		fake_text("/proc/meminfo", little ? "MemAvailable: 60000 kB\n" : "MemAvailable: 200000 kB\n");
		assert_works(take(request(2 * MIB)));
		give_back();
		fake_text("/proc/meminfo", "MemAvailable: 64 kB\n");
		if (little)
			refused(request(128 * KIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "bytes are too many for");
		else
			assert_works(take(request(128 * KIB)));
	}
	give_back();
}
END_TEST

/* Only ENOMEM may come of too many mappings, and that need not. */
START_TEST(test_a_page_that_cannot_be_put_in_its_place)
{
	const struct pmem_error *e;

	pagemap_rule(PAGEMAP_BACKWARDS);
	fake_fail_named("mremap", ENOMEM);
	refused(request(64 * KIB), ENOMEM, PMEM_CAUSE_LIMIT, "no room for one more mapping");
	e = pmem_error_last();
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(e), "/proc/PID/maps"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(e), "sysctl vm.max_map_count"));
	fake_fail_named("mremap", EFAULT);
	refused(request(64 * KIB), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "cannot be moved to its place");
	ck_assert_ptr_null(strstr(pmem_error_text(pmem_error_last()), "max_map_count"));
	fake_fail_named(NULL, 0);
}
END_TEST

START_TEST(test_pages_that_move)
{
	struct pages_request want = request(os->page_size());

	pagemap_rule(PAGEMAP_MOVING);
	refused(want, EAGAIN, PMEM_CAUSE_MOVED, "io_uring");
	want.scattered = true;
	refused(want, EAGAIN, PMEM_CAUSE_MOVED, "io_uring");
}
END_TEST

START_TEST(test_without_capability)
{
	struct pages_request want = request(64 * KIB);

	pagemap_rule(PAGEMAP_HIDDEN);
	refused(want, EPERM, PMEM_CAUSE_CAPABILITY, "setcap");
	want.need_address = false;
	refused(want, EPERM, PMEM_CAUSE_CAPABILITY, "PMEM_ALLOC_SCATTERED");
	want.scattered = true;
	assert_works(take(want));
	ck_assert_ptr_null(block.runs);
	ck_assert_int_eq(block.pin.class, PIN_IO_URING);
	give_back();
	want.max_addr = MIB;
	refused(want, EPERM, PMEM_CAUSE_CAPABILITY, "setcap");
	want = request(os->page_size());
	want.need_address = false;
	assert_works(take(want));
	give_back();
}
END_TEST

START_TEST(test_nothing_pins)
{
	struct pages_request want = request(os->page_size());

	vm.ring_errnum = ENOSYS;
	fake_fail_named("pipe", EMFILE);
	refused(want, ENOSYS, PMEM_CAUSE_NOT_PINNED, "no io_uring; vmsplice: ");
	ck_assert_uint_eq(pmem_error_child_count(pmem_error_last()), 2);
	ck_assert_str_eq(pmem_error_message(pmem_error_child(pmem_error_last(), 0)),
		"this kernel has no io_uring");
	want.may_move = true;
	gives(want, PIN_NONE);
	give_back();
	fake_fail_named(NULL, 0);
	want.may_move = false;
	gives(want, PIN_VMSPLICE);
	give_back();
}
END_TEST

/* Words that only the authors of this library understand. */
static void plain_words(const struct pmem_error *e)
{
	static const char *const ours[] = { "put into", "registered", "the ring", "a ring", "a pin ",
		"dumpable, so", "the entry of", "takes no page", "cannot be joined" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		ck_assert_msg(!strstr(pmem_error_text(e), ours[i]), "%s", pmem_error_text(e));
	ck_assert_str_ne(pmem_error_hint(e), "");
	for (size_t i = 0; i < pmem_error_child_count(e); i++)
		plain_words(pmem_error_child(e, i));
}

/* gVisor and its like: it says what that means for the program, and where to go. */
START_TEST(test_a_sandbox)
{
	struct pages_request want = request(os->page_size());

	vm.ring_errnum = ENOSYS;
	fake_fail_named("vmsplice", ENOSYS);
	assert_fails(pages_usable(&ctx), ENOSYS, PMEM_CAUSE_NOT_PINNED);
	plain_words(pmem_error_last());
	refused(want, ENOSYS, PMEM_CAUSE_NOT_PINNED, "may move while a device uses it");
	plain_words(pmem_error_last());
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "sandbox"));
	ck_assert_ptr_nonnull(strstr(message(), "this kernel has no io_uring"));
	ck_assert_ptr_nonnull(strstr(message(), "this kernel has no vmsplice"));
	want.may_move = true;
	gives(want, PIN_NONE);
	give_back();
	frames_forget(&ctx);
	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(pages_usable(&ctx), EPERM, PMEM_CAUSE_CAPABILITY);
	plain_words(pmem_error_last());
}
END_TEST

/* Whatever each call says, people are told in their words. */
START_TEST(test_words_of_each_refusal)
{
	static const char *const calls[] = { "io_uring_setup", "io_uring_register", "vmsplice", "pipe" };
	static const int errnums[] = { ENOSYS, EPERM, ENOMEM, EMFILE, EFAULT, EINVAL };
	struct pages_request want = request(os->page_size());

	for (size_t i = 0; i < sizeof(errnums) / sizeof(errnums[0]); i++) {
		for (size_t k = 0; k < sizeof(calls) / sizeof(calls[0]); k++) {
			vm.ring_errnum = k >= 2 ? errnums[i] : 0;
			fake_fail_named(calls[k], errnums[i]);
			if (take(want) == 0) { /* the other way served */
				give_back();
				continue;
			}
			ck_assert_uint_eq(pmem_error_child_count(pmem_error_last()), 2);
			plain_words(pmem_error_last());
		}
	}
}
END_TEST

START_TEST(test_scattered)
{
	struct pages_request want = request(64 * KIB);

	want.scattered = true;
	pagemap_rule(PAGEMAP_BACKWARDS);
	assert_works(take(want));
	ck_assert_uint_eq(block.run_count, 64 * KIB / os->page_size());
	ck_assert_uint_eq(block.length, 64 * KIB);
	give_back();
	pagemap_rule(PAGEMAP_IN_ORDER);
	assert_works(take(want));
	ck_assert_uint_eq(block.run_count, 1);
	give_back();
}
END_TEST

START_TEST(test_more_than_there_is)
{
	struct pages_request want = request(32 * MIB);

	refused(want, ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "");
	want.scattered = true;
	refused(want, ENOMEM, PMEM_CAUSE_NO_MEMORY, "available");
	refused(request(1ull << 62), ENOMEM, PMEM_CAUSE_NO_MEMORY, "more than this program");
}
END_TEST

START_TEST(test_usable)
{
	assert_works(pages_usable(&ctx));
	frames_forget(&ctx);
	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(pages_usable(&ctx), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_uint_eq(fake_fds(), 0);
}
END_TEST

START_TEST(test_giving_back_tells_its_error)
{
	gives(request(os->page_size()), PIN_IO_URING);
	fake_fail_named("munmap", EINVAL);
	assert_fails(pages_give(&block), EINVAL, PMEM_CAUSE_SYSTEM);
	ck_assert_uint_eq(fake_fds(), 0);
	fake_fail_named(NULL, 0);
}
END_TEST

static int take_and_give(void *user)
{
	const struct pages_request *want = user;
	int r = take(*want);

	return r < 0 ? r : pages_give(&block);
}

START_TEST(test_each_call_fails)
{
	struct pages_request want = request(64 * KIB);

	ck_assert_uint_ge(fake_fail_each(EIO, take_and_give, &want), 10);
	vm.region = true;
	ck_assert_uint_ge(fake_fail_each(ENOMEM, take_and_give, &want), 8);
	want.scattered = true;
	ck_assert_uint_ge(fake_fail_each(EPERM, take_and_give, &want), 8);
	want.may_move = true;
	ck_assert_uint_ge(fake_fail_each(EPERM, take_and_give, &want), 8);
	want = request(os->page_size());
	ck_assert_uint_ge(fake_fail_each(EMFILE, take_and_give, &want), 8);
}
END_TEST

START_TEST(test_each_call_of_the_long_ways_fails)
{
	struct pages_request want = request(64 * KIB);

	fake_text("/proc/meminfo", "MemAvailable: 1024 kB\n");
	pagemap_rule(PAGEMAP_BACKWARDS);
	ck_assert_uint_ge(fake_fail_each(EIO, take_and_give, &want), 30);
	fake_text(THP, "65536\n");
	pagemap_rule(PAGEMAP_BLOCKS);
	want.size = 128 * KIB;
	ck_assert_uint_ge(fake_fail_each(ENOMEM, take_and_give, &want), 15);
	pagemap_rule(PAGEMAP_APART);
	fake_dir(POOLS "hugepages-2048kB");
	ck_assert_uint_ge(fake_fail_each(EINTR, take_and_give, &want), 15);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("pages_refused");
	TCase *tc = tcase_create("pages_refused");

	tcase_set_timeout(tc, 30);
	tcase_add_checked_fixture(tc, setup, stop);
	tcase_add_test(tc, test_nothing_contiguous);
	tcase_add_test(tc, test_limit);
	tcase_add_test(tc, test_alignment_out_of_reach);
	tcase_add_test(tc, test_little_counts_where_little_is_left);
	tcase_add_test(tc, test_a_page_that_cannot_be_put_in_its_place);
	tcase_add_test(tc, test_pages_that_move);
	tcase_add_test(tc, test_without_capability);
	tcase_add_test(tc, test_nothing_pins);
	tcase_add_test(tc, test_a_sandbox);
	tcase_add_test(tc, test_words_of_each_refusal);
	tcase_add_test(tc, test_scattered);
	tcase_add_test(tc, test_more_than_there_is);
	tcase_add_test(tc, test_usable);
	tcase_add_test(tc, test_giving_back_tells_its_error);
	tcase_add_test(tc, test_each_call_fails);
	tcase_add_test(tc, test_each_call_of_the_long_ways_fails);
	suite_add_tcase(suite, tc);
	return suite;
}
