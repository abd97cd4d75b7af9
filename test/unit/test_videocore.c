/* SPDX-License-Identifier: MIT */
/* The videocore backend over a played firmware. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/backend.h"
#include "suite.h"
#include "vcfw.h"

#define ALLOCATE 0x3000cu
#define LOCK     0x3000du
#define UNLOCK   0x3000eu
#define RELEASE  0x3000fu

static struct pmem_ctx *ctx;
static char logged[4096];

static void listen(void *user, uint32_t level, const char *message)
{
	(void)user;
	(void)level;
	strncat(logged, message, sizeof(logged) - strlen(logged) - 1);
}

static void begin(const char *compatible)
{
	vcfw_begin(compatible, &ctx);
	logged[0] = '\0';
	pmem_ctx_set_log(ctx, listen, NULL);
}

static void setup(void)
{
	begin("brcm,bcm2837");
}

static void teardown(void)
{
	ck_assert_uint_eq(vcfw->live, 0);
	ck_assert_uint_eq(vcfw->bad_release, 0);
	ck_assert_uint_eq(vcfw->behind_back, 0);
	pmem_ctx_unref(ctx); /* not vcfw_end(): an unlock that timed out is tried again, and counted */
	vcfw_stop();
	fake_stop();
}

static int alloc(uint64_t size, const struct pmem_alloc_opts *opts, struct pmem_region **out)
{
	return pmem_region_alloc(ctx, size, opts, out);
}

static const struct os_calls *played;
static unsigned unlocks;

static const int no_answer[2] = { ETIMEDOUT, EPERM }, refusal[2] = { EINVAL, EINVAL }, *unlock_errnums;

static int unlocks_fail(int fd, unsigned long request, void *arg)
{
	if (((const uint32_t *)arg)[2] == UNLOCK && unlocks < 2)
		return -unlock_errnums[unlocks++];
	return played->ioctl(fd, request, arg);
}

static void let_unlocks_fail(struct os_calls *calls, const int errnums[2])
{
	played = os;
	*calls = *os;
	calls->ioctl = unlocks_fail;
	os = calls;
	unlocks = 0;
	unlock_errnums = errnums;
}

/* What is told is the failure that is returned; what is locked still is not released, but kept on record. */
START_TEST(an_unlock_without_an_answer)
{
	struct pmem_region *region;
	struct os_calls calls;

	assert_works(alloc(4096, NULL, &region));
	let_unlocks_fail(&calls, no_answer);
	assert_fails(pmem_region_close(region), ETIMEDOUT, PMEM_CAUSE_TIMEOUT);
	os = played;
	ck_assert_uint_eq(vcfw->releases, 0);
	ck_assert_uint_eq(vcfw_reclaim(ctx, 0), 1);
	ck_assert_uint_eq(vcfw->release_locked, 0);
}
END_TEST

/* It was not locked, although the answer to that was lost: else it would never be released. */
START_TEST(an_unlock_that_is_refused)
{
	struct pmem_region *region;
	struct os_calls calls;

	assert_works(alloc(4096, NULL, &region));
	let_unlocks_fail(&calls, refusal);
	assert_fails(pmem_region_close(region), EINVAL, PMEM_CAUSE_FIRMWARE);
	os = played;
	ck_assert_uint_eq(vcfw->releases, 1);
	ck_assert_uint_eq(vcfw_journals(), 0);
}
END_TEST

START_TEST(memory_is_what_was_asked_for)
{
	struct pmem_region *region;
	uint64_t phys, bus;
	uint32_t word;

	assert_works(alloc(5000, NULL, &region));
	ck_assert_str_eq(pmem_region_backend(region), "videocore");
	ck_assert_uint_eq(pmem_region_size(region), 5000);
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(phys, VCFW_BASE);
	ck_assert_uint_eq(bus, 0xc0000000u | VCFW_BASE);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_DEVICE);
	ck_assert_uint_eq(vcfw->last_flags, 0x4 | 0x10); /* direct, zero */
	ck_assert_uint_eq(vcfw->last_align, (size_t)sysconf(_SC_PAGESIZE));
	ck_assert_uint_eq(vcfw->last_request, sizeof(void *) == 8 ? 0xc0086400 : 0xc0046400);
	assert_works(pmem_region_write32(region, 4996, 0x12345678));
	assert_works(pmem_region_read32(region, 4996, &word));
	ck_assert_uint_eq(word, 0x12345678);
	ck_assert_uint_eq(vcfw_journals(), 1);
	ck_assert_uint_eq(vcfw->live, 1);
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(vcfw->release_locked, 0);
	ck_assert_uint_eq(vcfw_journals(), 0);
}
END_TEST

START_TEST(the_first_pi_goes_through_the_l2)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_NO_ZERO };
	struct pmem_region *region;

	assert_works(alloc(4096, &opts, &region));
	ck_assert_uint_eq(vcfw->last_flags, 0xc | 0x20); /* L1-non-allocating, no init */
	assert_works(pmem_region_close(region));
}
END_TEST

/* Firmware was seen to tell addresses without an alias; they are the CPU's all the same. */
START_TEST(any_alias_is_the_same_memory)
{
	static const uint32_t aliases[] = { 0x40000000, 0x80000000, 0xc0000000 };
	struct pmem_region *region;
	uint64_t phys, bus;

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++) {
		vcfw->bus_alias_override = aliases[i];
		assert_works(alloc(4096, NULL, &region));
		assert_works(pmem_region_phys(region, &phys));
		assert_works(pmem_region_bus(region, &bus));
		ck_assert_uint_eq(phys, VCFW_BASE);
		ck_assert_uint_eq(bus, aliases[i] | VCFW_BASE);
		assert_works(pmem_region_close(region));
	}
}
END_TEST

START_TEST(options_are_kept_or_refused)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .align = 1 << 20 };
	struct pmem_region *first, *region;
	uint64_t phys;

	assert_works(alloc(4096, NULL, &first));
	assert_works(alloc(4096, &opts, &region));
	assert_works(pmem_region_phys(region, &phys));
	ck_assert_uint_eq(phys, VCFW_BASE + (1 << 20));
	assert_works(pmem_region_close(region));
	opts.align = 0;
	opts.max_addr = VCFW_BASE - 1;
	assert_fails(alloc(4096, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	opts.max_addr = VCFW_BASE + 2 * 4096 - 1;
	assert_works(alloc(4096, &opts, &region));
	assert_works(pmem_region_close(region));
	assert_fails(alloc(8192, &opts, &region), ERANGE, PMEM_CAUSE_ADDRESS_LIMIT);
	opts.max_addr = 0;
	opts.flags = PMEM_ALLOC_CACHED;
	assert_fails(alloc(4096, &opts, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	opts.flags = PMEM_ALLOC_DMABUF;
	assert_fails(alloc(4096, &opts, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	opts.flags = 0;
	opts.heap = "linux,cma";
	assert_fails(alloc(4096, &opts, &region), ENOENT, PMEM_CAUSE_NOT_FOUND);
	assert_fails(alloc(0x40001000, NULL, &region), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	assert_works(pmem_region_close(first));
}
END_TEST

/* The firmware's zeroes are enough: /dev/mem is not opened, and may be forbidden. */
START_TEST(memory_that_is_not_mapped)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_NO_MAP };
	static const struct fake_device mem = { .path = "/dev/mem", .open_errnum = EPERM };
	struct pmem_region *region;
	uint64_t phys, bus;
	size_t mapped;

	fake_device(&mem);
	ck_assert_int_lt(alloc(8192, NULL, &region), 0);
	mapped = fake_mapped(); /* a journal, perhaps */
	assert_works(alloc(8192, &opts, &region));
	ck_assert_ptr_null(pmem_region_data(region));
	ck_assert_uint_le(fake_mapped(), mapped + 65536);
	ck_assert_uint_eq(vcfw->last_flags & 0x10, 0x10); /* PROPERTY_FLAG_ZERO */
	assert_works(pmem_region_phys(region, &phys));
	assert_works(pmem_region_bus(region, &bus));
	ck_assert_uint_eq(bus & 0x3fffffff, phys);
	ck_assert_uint_eq(pmem_region_attrs(region), PMEM_REGION_COHERENT | PMEM_REGION_PINNED |
		PMEM_REGION_CONTIGUOUS | PMEM_REGION_UNMAPPED);
	ck_assert_int_lt(pmem_region_fd(region), 0);
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(exhaustion_tells_what_to_do)
{
	struct pmem_region *region;
	const char *text;

	assert_fails(alloc(VCFW_SIZE + 4096, NULL, &region), ENOMEM, PMEM_CAUSE_NO_MEMORY);
	text = pmem_error_text(pmem_error_last());
	ck_assert_ptr_nonnull(strstr(text, "16781312 contiguous bytes"));
	ck_assert_ptr_nonnull(strstr(text, "16 MiB"));
	ck_assert_ptr_nonnull(strstr(text, "960 MiB"));
	ck_assert_ptr_nonnull(strstr(text, "gpu_mem"));
	ck_assert_ptr_nonnull(strstr(text, "physmem gc"));
}
END_TEST

/* Each way to fail, of each message: an error, and nothing that stays taken. */
START_TEST(every_reply_fails_cleanly)
{
	static const uint32_t tags[] = { ALLOCATE, LOCK, UNLOCK, RELEASE };
	struct pmem_region *region;
	size_t count;
	uint64_t bytes;

	for (size_t t = 0; t < ARRAY_SIZE(tags); t++) {
		for (int fault = VCFW_FAIL; fault < VCFW_FAULTS; fault++) {
			bool lost = (fault == VCFW_TIMEOUT || fault == VCFW_GARBAGE) &&
				tags[t] == RELEASE;
			bool unheard = fault == VCFW_TIMEOUT_DONE && tags[t] == ALLOCATE;
			int r;

			if (fault == VCFW_MISALIGNED && tags[t] != LOCK)
				continue;
			vcfw->fault = (enum vcfw_fault)fault;
			vcfw->fault_tag = tags[t];
			r = alloc(8192, NULL, &region);
			if (tags[t] == UNLOCK || tags[t] == RELEASE) {
				ck_assert_int_eq(r, 0);
				r = pmem_region_close(region);
			}
			/* Nothing left to allocate: the dead are looked for, and it is tried again. */
			if (tags[t] == ALLOCATE && r == 0) {
				ck_assert(fault == VCFW_FAIL || fault == VCFW_ENOMEM);
				assert_works(pmem_region_close(region));
				r = -1;
			}
			ck_assert_msg(r < 0, "tag %#x fault %d: no error", tags[t], fault);
			ck_assert_int_eq(vcfw->fault, VCFW_NONE);
			assert_works(pmem_firmware_reclaim(ctx, 0, &count, &bytes));
			/* What the firmware did without a word is known to nobody. */
			ck_assert_msg(vcfw->live == (lost || unheard ? 1 : 0),
				"tag %#x fault %d: %u live", tags[t], fault, vcfw->live);
			memset(vcfw->blocks, 0, sizeof(vcfw->blocks));
			vcfw->live = 0;
			ck_assert_uint_eq(vcfw_journals(), 0);
			ck_assert_uint_eq(vcfw->bad_release, 0);
		}
	}
}
END_TEST

/* A mailbox that nobody serves is of no use: the probe asks what every firmware answers. */
START_TEST(a_probe_asks_the_firmware)
{
	assert_works(backend_videocore.probe(ctx));
	for (int fault = VCFW_FAIL; fault < VCFW_FAULTS; fault++) {
		if (fault == VCFW_MISALIGNED)
			continue;
		vcfw->fault = (enum vcfw_fault)fault;
		vcfw->fault_tag = 1;
		ck_assert_int_lt(backend_videocore.probe(ctx), 0);
		ck_assert_int_eq(vcfw->fault, VCFW_NONE);
	}
	ck_assert_uint_eq(vcfw->allocs, 0);
}
END_TEST

START_TEST(a_failed_release_is_tried_again)
{
	struct pmem_region *kept, *region;
	size_t count;
	uint64_t bytes;

	assert_works(alloc(4096, NULL, &kept));
	assert_works(alloc(4096, NULL, &region));
	vcfw->fault = VCFW_FAIL;
	vcfw->fault_tag = RELEASE;
	assert_fails(pmem_region_close(region), EIO, PMEM_CAUSE_FIRMWARE);
	ck_assert_uint_eq(vcfw->live, 2);
	assert_works(pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &bytes));
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(bytes, 4096);
	ck_assert_uint_eq(vcfw->live, 2);
	assert_works(pmem_firmware_reclaim(ctx, 0, &count, NULL));
	ck_assert_uint_eq(count, 1);
	ck_assert_uint_eq(vcfw->live, 1);
	assert_works(pmem_region_close(kept));
}
END_TEST

static int alloc_and_close(void *user)
{
	struct pmem_region *region;
	int r = alloc(4096, NULL, &region);

	(void)user;
	return r < 0 ? r : pmem_region_close(region);
}

START_TEST(every_system_call_may_fail)
{
	size_t count;

	ck_assert_int_eq(alloc_and_close(NULL), 0); /* the machine is known from here on */
	ck_assert_uint_gt(fake_fail_each(ENOMEM, alloc_and_close, NULL), 20);
	ck_assert_uint_gt(fake_fail_each(EACCES, alloc_and_close, NULL), 20);
	assert_works(pmem_firmware_reclaim(ctx, 0, &count, NULL));
	ck_assert_uint_eq(vcfw->live, 0);
	ck_assert_uint_eq(vcfw_journals(), 0);
}
END_TEST

START_TEST(without_a_journal_it_warns_or_refuses)
{
	struct pmem_firmware_opts firmware = { .size = sizeof(firmware),
		.flags = PMEM_FIRMWARE_MUST_JOURNAL };
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .firmware = &firmware };
	struct pmem_region *region;

	fake_remove("/run");
	fake_text("/run", "a file");
	assert_works(alloc(4096, NULL, &region));
	ck_assert_ptr_nonnull(strstr(logged, "will be lost if this process is killed"));
	assert_works(pmem_region_close(region));
	assert_fails(alloc(4096, &opts, &region), ENOTDIR, PMEM_CAUSE_SYSTEM);
	ck_assert_ptr_nonnull(strstr(pmem_error_text(pmem_error_last()), "LIBPMEM_RUN_DIR"));
	ck_assert_uint_eq(vcfw->live, 0);
	fake_remove("/run");
}
END_TEST

START_TEST(more_regions_than_a_journal_has_room)
{
	enum { COUNT = 200 };
	struct pmem_region *regions[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		assert_works(alloc(4096, NULL, &regions[i]));
	ck_assert_uint_eq(vcfw->live, COUNT);
	ck_assert_uint_eq(vcfw_journals(), 1);
	for (size_t i = 0; i < COUNT; i++)
		assert_works(pmem_region_close(regions[i]));
	ck_assert_uint_eq(vcfw_journals(), 0);
}
END_TEST

static void close_in_child(void *user)
{
	_exit(pmem_region_close(user) != 0 || vcfw->live != 1);
}

START_TEST(a_child_does_not_give_back_its_parents_memory)
{
	struct pmem_region *region;

	assert_works(alloc(4096, NULL, &region));
	ck_assert_int_eq(vcfw_child(close_in_child, region), 0);
	ck_assert_uint_eq(vcfw->live, 1);
	assert_works(pmem_region_write32(region, 0, 1));
	assert_works(pmem_region_close(region));
}
END_TEST

START_TEST(newer_boards_are_refused_with_the_reason)
{
	struct pmem_region *region;

	assert_fails(alloc(4096, NULL, &region), EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_text(pmem_error_last()), "bcm2712"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "dmaheap"));
	ck_assert_uint_eq(vcfw->calls, 0);
}
END_TEST

START_TEST(no_mailbox_is_explained)
{
	/* Without a file that can be opened nothing tells what the default master sees. */
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_NO_MASTER };
	struct pmem_region *region;
	size_t count;

	ck_assert_str_eq(pmem_soc_family(ctx), "bcm2837"); /* before no file can be opened */
	fake_fail_named("open", ENOENT);
	assert_fails(alloc(4096, &opts, &region), ENOENT, PMEM_CAUSE_NO_DEVICE);
	assert_fails(pmem_firmware_reclaim(ctx, 0, &count, NULL), ENODEV, PMEM_CAUSE_NO_DEVICE);
	fake_fail_named("open", EACCES);
	assert_fails(alloc(4096, &opts, &region), EACCES, PMEM_CAUSE_FILE_MODE);
	fake_fail_named("open", EBUSY);
	assert_fails(alloc(4096, &opts, &region), EBUSY, PMEM_CAUSE_BUSY);
	fake_fail_named(NULL, 0);
}
END_TEST

static void setup_2835(void)
{
	begin("brcm,bcm2835");
}

static void setup_2712(void)
{
	begin("brcm,bcm2712");
}

static TCase *with(Suite *suite, const char *name, void (*start)(void))
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, start, teardown);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	return tcase;
}

Suite *test_suite(void)
{
	Suite *suite = suite_create("videocore");
	TCase *pi3 = with(suite, "pi3", setup);

	tcase_add_test(pi3, an_unlock_without_an_answer);
	tcase_add_test(pi3, an_unlock_that_is_refused);
	tcase_add_test(pi3, memory_is_what_was_asked_for);
	tcase_add_test(pi3, any_alias_is_the_same_memory);
	tcase_add_test(pi3, options_are_kept_or_refused);
	tcase_add_test(pi3, memory_that_is_not_mapped);
	tcase_add_test(pi3, exhaustion_tells_what_to_do);
	tcase_add_test(pi3, every_reply_fails_cleanly);
	tcase_add_test(pi3, a_probe_asks_the_firmware);
	tcase_add_test(pi3, a_failed_release_is_tried_again);
	tcase_add_test(pi3, every_system_call_may_fail);
	tcase_add_test(pi3, without_a_journal_it_warns_or_refuses);
	tcase_add_test(pi3, more_regions_than_a_journal_has_room);
	tcase_add_test(pi3, a_child_does_not_give_back_its_parents_memory);
	tcase_add_test(pi3, no_mailbox_is_explained);
	tcase_add_test(with(suite, "pi1", setup_2835), the_first_pi_goes_through_the_l2);
	tcase_add_test(with(suite, "pi5", setup_2712), newer_boards_are_refused_with_the_reason);
	return suite;
}
