/* SPDX-License-Identifier: MIT */
/* Frames by pagemap: every kind of entry, and every refusal with its own words. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pages/frames.h"
#include "pagemap.h"
#include "suite.h"

#define PAGES 5000

/* No test touches this memory: what it is comes from the played pagemap. */
static unsigned char *const at = (unsigned char *)0x10000000;

static uint64_t phys[PAGES];

static int translate(const void *addr, size_t count)
{
	int fd = frames_open(fake_root()), r;

	if (fd < 0)
		return fd;
	r = frames_phys(fd, fake_root(), addr, count, phys);
	os->close(fd);
	return r;
}

static const char *message(void)
{
	return pmem_error_message(pmem_error_last());
}

static size_t page(void)
{
	return os->page_size();
}

START_TEST(test_bulk)
{
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(translate(at + 5, PAGES));
	for (size_t i = 0; i < PAGES; i++)
		ck_assert_uint_eq(phys[i], pagemap_frame_of(at + i * page()));
	ck_assert_uint_le(pagemap_reads(), 3); /* in bulk, not one by one */
}
END_TEST

START_TEST(test_short_reads)
{
	pagemap_play(PAGEMAP_IN_ORDER);
	pagemap_chunk(8 * 7);
	assert_works(translate(at, 1000));
	for (size_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(phys[i], pagemap_frame_of(at + i * page()));
}
END_TEST

START_TEST(test_runs)
{
	struct pages_run *runs;
	size_t count;
	int fd;

	pagemap_play(PAGEMAP_IN_ORDER);
	/* A stranger in the middle makes three runs of one. */
	pagemap_entry(at + 600 * page(), PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_FILE | 7, 0);
	fd = frames_open(fake_root());
	assert_works(frames_runs(fd, fake_root(), at, 2000, &runs, &count));
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(runs[0].length, 600 * page());
	ck_assert_uint_eq(runs[1].phys, 7 * page());
	ck_assert_uint_eq(runs[1].length, page());
	ck_assert_uint_eq(runs[2].phys, pagemap_frame_of(at + 601 * page()));
	ck_assert_uint_eq(runs[2].length, 1399 * page());
	free(runs);
	os->close(fd);
}
END_TEST

START_TEST(test_large_pages_of_the_kernel)
{
	fake_page_size(65536);
	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(translate(at + 70000, 2));
	ck_assert_uint_eq(phys[0], pagemap_frame_of(at + 65536));
	ck_assert_uint_eq(phys[1], phys[0] + 65536);
}
END_TEST

START_TEST(test_migration_is_waited_for)
{
	pagemap_play(PAGEMAP_IN_ORDER);
	pagemap_entry(at + page(), PMEM_PAGEMAP_SWAPPED | 0x1234, 5);
	assert_works(translate(at, 3));
	ck_assert_uint_eq(phys[1], pagemap_frame_of(at + page()));
}
END_TEST

START_TEST(test_swapped)
{
	pagemap_play(PAGEMAP_IN_ORDER);
	pagemap_entry(at + 2 * page(), PMEM_PAGEMAP_SWAPPED | 0x1234, 0);
	assert_fails(translate(at, 3), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(message(), "page 2"));
	ck_assert_ptr_nonnull(strstr(message(), "swap"));
}
END_TEST

static void hole(const char *smaps, const char *expected)
{
	if (smaps)
		fake_text("/proc/self/smaps", smaps);
	pagemap_play(PAGEMAP_IN_ORDER);
	pagemap_entry(at, 0, 0);
	assert_fails(translate(at, 1), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_msg(strstr(message(), expected) != NULL, "%s", message());
}

START_TEST(test_untouched)
{
	hole("00001000-00002000 rw-p 00000000 00:00 0 \nSize: 4 kB\nVmFlags: rd wr pf\n"
	     "10000000-10010000 rw-p 00000000 00:00 0 \nSize: 64 kB\nVmFlags: rd wr mr dc\n",
		"not been touched");
}
END_TEST

START_TEST(test_device_mapping)
{
	hole("10000000-10010000 rw-s fe200000 00:05 7 /dev/mem\nSize: 64 kB\n"
	     "VmFlags: rd wr sh io pf dd\n", "device mapping (/dev/mem)");
}
END_TEST

START_TEST(test_unmapped)
{
	hole("00001000-00002000 rw-p 00000000 00:00 0 \nVmFlags: rd wr\n", "not mapped");
}
END_TEST

START_TEST(test_hole_of_unknown_kind)
{
	hole(NULL, "never touched, or belongs to a device");
}
END_TEST

static ssize_t zero_page_flags(void *user, int fd, void *buf, size_t count, uint64_t offset)
{
	uint64_t flags = offset == 77 * 8 ? 1ull << 24 : 0;

	(void)user;
	(void)fd;
	ck_assert_uint_eq(count, 8);
	memcpy(buf, &flags, 8);
	return 8;
}

static const struct fake_device kpageflags = { .path = "/proc/kpageflags",
	.pread = zero_page_flags };

START_TEST(test_zero_page)
{
	fake_device(&kpageflags);
	pagemap_play(PAGEMAP_IN_ORDER);
	pagemap_entry(at, PMEM_PAGEMAP_PRESENT | 78, 0);
	pagemap_entry(at + page(), PMEM_PAGEMAP_PRESENT | 77, 0);
	assert_works(translate(at, 1)); /* shared after a fork, but a frame of its own */
	ck_assert_uint_eq(phys[0], 78 * page());
	assert_fails(translate(at, 2), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(message(), "page of zeros"));
}
END_TEST

/* A kernel that hides frames, while the page that is asked to find out is being moved. */
static struct {
	uint64_t page; /* the one whose address is wanted */
	unsigned moving, reads;
} unsure;

static ssize_t unsure_pread(void *user, int fd, void *buf, size_t count, uint64_t offset)
{
	uint64_t entry = PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_EXCLUSIVE;

	(void)user;
	(void)fd;
	ck_assert_uint_eq(count, 8);
	if (offset / 8 != unsure.page && unsure.reads++ < unsure.moving)
		entry = PMEM_PAGEMAP_SWAPPED;
	memcpy(buf, &entry, 8);
	return 8;
}

static const struct fake_device unsure_pagemap = { .path = "/proc/self/pagemap",
	.pread = unsure_pread };

START_TEST(test_hidden_while_moving)
{
	uint64_t found = 77;
	struct pmem_ctx *ctx;
	void *wanted = malloc(1); /* not on the stack, which is what is asked to find out */

	fake_device(&unsure_pagemap);
	assert_works(pmem_ctx_new(&ctx));
	unsure.page = (uintptr_t)wanted / os->page_size();
	unsure.moving = 3;
	unsure.reads = 0;
	assert_fails(pmem_vaddr_phys(ctx, wanted, &found), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_uint_eq(found, 77);
	unsure.moving = UINT32_MAX;
	assert_fails(pmem_vaddr_phys(ctx, wanted, &found), EAGAIN, PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_uint_eq(found, 77);
	pmem_ctx_unref(ctx);
	free(wanted);
}
END_TEST

START_TEST(test_hidden)
{
	pagemap_play(PAGEMAP_HIDDEN);
	assert_fails(translate(at, 4), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_ptr_nonnull(strstr(message(), "CAP_SYS_ADMIN"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "setcap"));
}
END_TEST

START_TEST(test_frame_zero_is_legal)
{
	pagemap_play(PAGEMAP_IN_ORDER);
	pagemap_entry(at, PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_EXCLUSIVE, 0);
	assert_works(translate(at, 1));
	ck_assert_uint_eq(phys[0], 0);
}
END_TEST

START_TEST(test_open_refusals)
{
	assert_fails(translate(at, 1), ENOENT, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(message(), "not mounted"));
	fake_dir("/proc/self");
	assert_fails(translate(at, 1), ENOENT, PMEM_CAUSE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "CONFIG_PROC_PAGE_MONITOR"));
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "sandbox"));
	ck_assert_ptr_nonnull(strstr(message(), "physical address"));
	fake_fail_named("open", EPERM);
	assert_fails(translate(at, 1), EPERM, PMEM_CAUSE_CAPABILITY);
	fake_fail_named("open", EACCES);
	assert_fails(translate(at, 1), EACCES, PMEM_CAUSE_FILE_MODE);
	ck_assert_ptr_nonnull(strstr(pmem_error_hint(pmem_error_last()), "PR_SET_DUMPABLE"));
	ck_assert_ptr_nonnull(strstr(message(), "changed its user or gained privileges"));
	fake_fail_named("open", EMFILE);
	assert_fails(translate(at, 1), EMFILE, PMEM_CAUSE_LIMIT);
}
END_TEST

START_TEST(test_end_of_address_space)
{
	fake_text("/proc/self/pagemap", "");
	assert_fails(translate(at, 1), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
}
END_TEST

static int translate_some(void *user)
{
	(void)user;
	return translate(at, PAGES);
}

START_TEST(test_each_call_fails)
{
	fake_device(&kpageflags);
	pagemap_play(PAGEMAP_IN_ORDER);
	pagemap_entry(at, PMEM_PAGEMAP_PRESENT | 78, 0);
	ck_assert_uint_ge(fake_fail_each(EIO, translate_some, NULL), 4);
}
END_TEST

/* The real pagemap, without rights or with them: never a wrong answer. */
START_TEST(test_real_pagemap)
{
	uint64_t own = 0;
	int fd, r;

	fake_link("/proc/self/pagemap", "/proc/self/pagemap");
	fake_link("/proc/self/smaps", "/proc/self/smaps");
	fake_link("/proc/kpageflags", "/proc/kpageflags");
	fd = frames_open(fake_root());
	ck_assert_int_ge(fd, 0);
	r = frames_phys(fd, fake_root(), (const void *)&own, 1, &own);
	if (r < 0)
		ck_assert_uint_eq(pmem_error_cause(pmem_error_last()), PMEM_CAUSE_CAPABILITY);
	else
		ck_assert_uint_ne(own, 0);
	os->close(fd);
}
END_TEST

START_TEST(test_real_traps)
{
	size_t length = 3 * page();
	volatile unsigned char *p;
	uint64_t got;
	void *out;
	int fd;

	fake_link("/proc/self/pagemap", "/proc/self/pagemap");
	fake_link("/proc/self/smaps", "/proc/self/smaps");
	fake_link("/proc/kpageflags", "/proc/kpageflags");
	/* Where the kernel puts no mapping by itself: what is given up there stays free, also while smaps
	 * is read into a buffer that the C library maps. */
	assert_works(os->mmap((void *)0x30000000, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0, &out));
	p = out;
	fd = frames_open(fake_root());
	assert_fails(frames_phys(fd, fake_root(), out, 1, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(message(), "not been touched"));
	if (frames_visible(fd) == 0) {
		ck_assert_uint_eq(p[page()], 0); /* read only: the page of zeros */
		assert_fails(frames_phys(fd, fake_root(), (unsigned char *)out + page(), 1, &got),
			ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
		ck_assert_ptr_nonnull(strstr(message(), "page of zeros"));
		p[2 * page()] = 1;
		assert_works(frames_phys(fd, fake_root(), (unsigned char *)out + 2 * page(), 1, &got));
	}
	os->close(fd);
	os->munmap(out, length);
	fd = frames_open(fake_root());
	assert_fails(frames_phys(fd, fake_root(), out, 1, &got), ENXIO,
		PMEM_CAUSE_ADDRESS_UNKNOWN);
	ck_assert_ptr_nonnull(strstr(message(), "not mapped"));
	os->close(fd);
}
END_TEST

/* Whether frames are shown is looked at until they are, and then no more: also by another context. */
START_TEST(test_shown)
{
	struct pmem_ctx *ctx, *other;
	unsigned reads;

	pagemap_play(PAGEMAP_HIDDEN);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_ctx_new(&other));
	fake_count_opens(true);
	assert_fails(frames_shown(ctx), EPERM, PMEM_CAUSE_CAPABILITY);
	pagemap_rule(PAGEMAP_IN_ORDER);
	ck_assert_int_eq(frames_shown(ctx), ctx->pagemap.fd);
	reads = pagemap_reads();
	ck_assert_int_eq(frames_shown(ctx), ctx->pagemap.fd);
	ck_assert_uint_eq(pagemap_reads(), reads);
	ck_assert_uint_eq(fake_opens("/proc/self/pagemap"), 1);
	pagemap_rule(PAGEMAP_HIDDEN);
	assert_fails(frames_shown(other), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_uint_eq(fake_opens("/proc/self/pagemap"), 2);
	pmem_ctx_unref(ctx);
	pmem_ctx_unref(other);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("frames");
	TCase *tc = tcase_create("frames");

	tcase_add_checked_fixture(tc, fake_start, fake_stop);
	tcase_add_test(tc, test_bulk);
	tcase_add_test(tc, test_short_reads);
	tcase_add_test(tc, test_runs);
	tcase_add_test(tc, test_large_pages_of_the_kernel);
	tcase_add_test(tc, test_migration_is_waited_for);
	tcase_add_test(tc, test_swapped);
	tcase_add_test(tc, test_untouched);
	tcase_add_test(tc, test_device_mapping);
	tcase_add_test(tc, test_unmapped);
	tcase_add_test(tc, test_hole_of_unknown_kind);
	tcase_add_test(tc, test_zero_page);
	tcase_add_test(tc, test_hidden);
	tcase_add_test(tc, test_hidden_while_moving);
	tcase_add_test(tc, test_shown);
	tcase_add_test(tc, test_frame_zero_is_legal);
	tcase_add_test(tc, test_open_refusals);
	tcase_add_test(tc, test_end_of_address_space);
	tcase_add_test(tc, test_each_call_fails);
	tcase_add_test(tc, test_real_pagemap);
	tcase_add_test(tc, test_real_traps);
	suite_add_tcase(suite, tc);
	return suite;
}
