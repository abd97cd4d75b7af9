/* SPDX-License-Identifier: MIT */
/* lib/api/vaddr.c, and the descriptor that a context keeps for it. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "counted.h"
#include "pagemap.h"
#include "soc/ctx.h"
#include "suite.h"

/* No test touches this memory: what it is comes from the played pagemap. */
static unsigned char *const at = (unsigned char *)0x10000000;

START_TEST(public_functions)
{
	uint64_t entry = 1, one = 2, many[2];
	struct pmem_ctx *ctx;

	pagemap_play(PAGEMAP_IN_ORDER);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_vaddr_pagemap(ctx, at + 9, &entry));
	ck_assert_uint_eq((entry & PMEM_PAGEMAP_PFN_MASK) * os->page_size(), pagemap_frame_of(at));
	assert_works(pmem_vaddr_phys(ctx, at + 9, &one));
	ck_assert_uint_eq(one, pagemap_frame_of(at) + 9);
	assert_works(pmem_vaddr_phys_bulk(ctx, NULL, 0, &(uint64_t){ 0 })); /* no page, no question */
	assert_works(pmem_vaddr_phys_bulk(ctx, at + 9, 2, many));
	ck_assert_uint_eq(many[1], pagemap_frame_of(at + os->page_size()));
	pmem_ctx_unref(ctx);
}
END_TEST

/* One descriptor for each context, from the first question to the end of the context. */
START_TEST(kept_descriptor)
{
	struct pmem_ctx *ctx, *other;
	uint64_t one, many[2], entry;
	unsigned before;

	pagemap_play(PAGEMAP_IN_ORDER);
	counted_start();
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_ctx_new(&other));
	ck_assert_uint_eq(fake_all_fds(), 0);
	assert_works(pmem_vaddr_phys(ctx, at, &one));
	ck_assert_uint_eq(fake_all_fds(), 1);
	before = counted.calls;
	assert_works(pmem_vaddr_phys(ctx, at, &one));
	ck_assert_uint_eq(counted.calls, before + 2); /* whether it is still that file, and the read */
	assert_works(pmem_vaddr_pagemap(ctx, at, &entry));
	assert_works(pmem_vaddr_phys_bulk(ctx, at, 2, many));
	ck_assert_uint_eq(counted.calls, before + 6);
	assert_works(pmem_vaddr_phys(other, at, &one));
	ck_assert_uint_eq(fake_all_fds(), 2);
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(fake_all_fds(), 1);
	assert_works(pmem_vaddr_phys(other, at, &one));
	pmem_ctx_unref(other);
	ck_assert_uint_eq(fake_all_fds(), 0);
}
END_TEST

/* That it cannot be opened, or shows nothing, is told each time and not remembered. */
START_TEST(descriptor_refused)
{
	struct pmem_ctx *ctx;
	uint64_t one = 77;

	pagemap_play(PAGEMAP_HIDDEN);
	assert_works(pmem_ctx_new(&ctx));
	fake_fail_named("open", EACCES);
	assert_fails(pmem_vaddr_phys(ctx, at, &one), EACCES, PMEM_CAUSE_FILE_MODE);
	fake_fail_named("open", EMFILE);
	assert_fails(pmem_vaddr_phys_bulk(ctx, at, 1, &one), EMFILE, PMEM_CAUSE_LIMIT);
	fake_fail_named(NULL, 0);
	assert_fails(pmem_vaddr_phys(ctx, at, &one), EPERM, PMEM_CAUSE_CAPABILITY);
	assert_fails(pmem_vaddr_phys(ctx, at, &one), EPERM, PMEM_CAUSE_CAPABILITY);
	ck_assert_uint_eq(one, 77);
	pagemap_rule(PAGEMAP_IN_ORDER);
	assert_works(pmem_vaddr_phys(ctx, at, &one));
	ck_assert_uint_eq(one, pagemap_frame_of(at));
	pmem_ctx_unref(ctx);
}
END_TEST

/* The inode number of a descriptor, 0 if it is closed. */
static unsigned long file_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (unsigned long)st.st_ino : 0;
}

#define LIE (PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_EXCLUSIVE | 0x12345)

/* A file at number fd that says of addr what pagemap might. */
static void put_file_at(int fd, const void *addr)
{
	const uint64_t lie = LIE;
	char name[] = "/tmp/vaddr.XXXXXX";
	int file = mkstemp(name);

	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(unlink(name), 0);
	ck_assert_int_eq(pwrite(file, &lie, sizeof(lie),
		(off_t)((uintptr_t)addr / os->page_size() * sizeof(lie))), sizeof(lie));
	ck_assert_int_eq(dup2(file, fd), fd);
	close(file);
}

/*
 * A program that closes all numbers, as daemons do, and then opens files of its own. What is read of
 * those is no address, and they stay open.
 */
START_TEST(descriptor_closed_by_the_program)
{
	struct pmem_ctx *ctx;
	unsigned long theirs;
	uint64_t entry;
	int fd;

	os = &os_linux;
	ck_assert_int_eq(unsetenv("LIBPMEM_ROOT"), 0);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_vaddr_pagemap(ctx, &entry, &entry));
	fd = ctx->pagemap.fd;
	close(fd);
	assert_works(pmem_vaddr_pagemap(ctx, &entry, &entry));
	ck_assert_int_gt(ctx->pagemap.fd, 2);
	fd = ctx->pagemap.fd;
	put_file_at(fd, &entry);
	theirs = file_of(fd);
	assert_works(pmem_vaddr_pagemap(ctx, &entry, &entry));
	ck_assert_uint_ne(entry, LIE);
	ck_assert_int_ne(ctx->pagemap.fd, fd);
	ck_assert_uint_eq(file_of(fd), theirs);
	/* The same number is another file's when the context goes. */
	close(fd);
	fd = ctx->pagemap.fd;
	put_file_at(fd, &entry);
	theirs = file_of(fd);
	errno = 77;
	pmem_ctx_unref(ctx);
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(file_of(fd), theirs);
	close(fd);
}
END_TEST

static int stolen;

/* The number becomes another file's just before it is read; another thread might do that. */
static ssize_t pread_of_stolen(int fd, void *buf, size_t count, uint64_t offset)
{
	if (stolen < 0) {
		stolen = fd;
		put_file_at(fd, (const void *)(uintptr_t)(offset / sizeof(uint64_t) * os->page_size()));
	}
	return os_linux.pread(fd, buf, count, offset);
}

static bool is_lie(uint64_t phys)
{
	return phys / os->page_size() == (LIE & PMEM_PAGEMAP_PFN_MASK);
}

/* Each function looks after it has read, not before: it asks the file that it opens then. */
START_TEST(descriptor_lost_meanwhile)
{
	struct os_calls calls = os_linux;
	uint64_t answer = 0, address = (uintptr_t)&answer;
	struct pmem_extent extent;
	struct pmem_ctx *ctx;
	size_t count;
	int r;

	calls.pread = pread_of_stolen;
	os = &calls;
	ck_assert_int_eq(unsetenv("LIBPMEM_ROOT"), 0);
	assert_works(pmem_ctx_new(&ctx));
	stolen = 0;
	assert_works(pmem_vaddr_pagemap(ctx, &answer, &answer));
	for (int i = 0; i < 5; i++) {
		stolen = -1;
		r = i == 0 ? pmem_vaddr_pagemap(ctx, &answer, &answer) :
			i == 1 ? pmem_vaddr_phys(ctx, &answer, &answer) :
			i == 2 ? pmem_vaddr_phys_bulk(ctx, &answer, 1, &answer) :
			i == 3 ? pmem_vaddr_phys_list(ctx, &address, 1, &answer) :
			pmem_vaddr_extents(ctx, &answer, 8, &extent, 1, &count);
		ck_assert_int_gt(stolen, 2);
		ck_assert(r == 0 || r == -EPERM); /* EPERM: who may not see frames */
		ck_assert_uint_ne(answer, LIE);
		ck_assert(r < 0 || !is_lie(answer));
		ck_assert(i < 4 || r < 0 || !is_lie(extent.phys));
		ck_assert_int_ne(ctx->pagemap.fd, stolen);
		close(stolen);
	}
	pmem_ctx_unref(ctx);
	os = &os_linux;
}
END_TEST

/* Whoever moves the position has what is no pagemap of ours any more; we take another one. */
START_TEST(descriptor_moved)
{
	struct pmem_ctx *ctx;
	uint64_t entry;
	int fd;

	os = &os_linux;
	ck_assert_int_eq(unsetenv("LIBPMEM_ROOT"), 0);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_vaddr_pagemap(ctx, &entry, &entry));
	fd = ctx->pagemap.fd;
	ck_assert_int_ge(lseek(fd, 1, SEEK_CUR), 0);
	assert_works(pmem_vaddr_pagemap(ctx, &entry, &entry));
	ck_assert_int_ne(ctx->pagemap.fd, fd);
	close(fd);
	pmem_ctx_unref(ctx);
}
END_TEST

/*
 * A child has its own: what it inherits shows its parent's pages. It leaves the inherited number
 * alone, which may be another file's by now.
 */
START_TEST(descriptor_of_a_child)
{
	struct pmem_ctx *ctx;
	uint64_t entry;
	int status, fd;
	pid_t child;

	os = &os_linux;
	ck_assert_int_eq(unsetenv("LIBPMEM_ROOT"), 0);
	assert_works(pmem_ctx_new(&ctx));
	assert_works(pmem_vaddr_pagemap(ctx, &entry, &entry));
	fd = ctx->pagemap.fd;
	ck_assert_int_gt(fd, 2);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	child = fork();
	if (child == 0) { /* the inherited one is what it was */
		int bad = pmem_vaddr_pagemap(ctx, &entry, &entry) != 0;

		_exit(bad | (ctx->pagemap.fd == fd ? 2 : 0));
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	child = fork();
	if (child == 0) {
		/* As a daemon does, which then opens its log. */
		int parents = dup(fd), bad = dup2(STDERR_FILENO, fd) != fd, own;
		unsigned long mine = file_of(fd);

		bad |= pmem_vaddr_pagemap(ctx, &entry, &entry) != 0;
		bad |= ctx->pagemap.fd == fd ? 2 : 0;
		bad |= !(entry & PMEM_PAGEMAP_PRESENT) ? 4 : 0;
		own = ctx->pagemap.fd;
		bad |= dup2(parents, own) != own; /* nor is the parent's taken for it under its own number */
		bad |= pmem_vaddr_pagemap(ctx, &entry, &entry) != 0;
		bad |= ctx->pagemap.fd == own ? 16 : 0;
		pmem_ctx_unref(ctx);
		bad |= file_of(fd) != mine ? 8 : 0;
		_exit(bad);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(ctx->pagemap.fd, fd);
	assert_works(pmem_vaddr_pagemap(ctx, &entry, &entry));
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(file_of(fd), 0);
}
END_TEST

static void *ask_often(void *ctx)
{
	uintptr_t bad = 0;
	uint64_t entry;

	for (int i = 0; i < 2000; i++)
		bad += pmem_vaddr_pagemap(ctx, &entry, &entry) != 0 ||
			!(entry & PMEM_PAGEMAP_PRESENT);
	return (void *)bad;
}

START_TEST(descriptor_of_threads)
{
	pthread_t threads[4];
	struct pmem_ctx *ctx;
	int before;

	os = &os_linux;
	ck_assert_int_eq(unsetenv("LIBPMEM_ROOT"), 0);
	assert_works(pmem_ctx_new(&ctx));
	before = dup(0);
	close(before);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, ctx), 0);
	for (int i = 0; i < 4; i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		ck_assert_ptr_null(bad);
	}
	pmem_ctx_unref(ctx);
	ck_assert_int_eq(dup(0), before); /* one was opened, and closed */
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("vaddr");
	TCase *tc = tcase_create("vaddr"), *own = tcase_create("own pages");

	tcase_add_checked_fixture(tc, fake_start, fake_stop);
	tcase_add_test(tc, public_functions);
	tcase_add_test(tc, kept_descriptor);
	tcase_add_test(tc, descriptor_refused);
	tcase_add_test(tc, descriptor_closed_by_the_program);
	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(own, fake_start, fake_stop);
	tcase_add_test(own, descriptor_lost_meanwhile);
	tcase_add_test(own, descriptor_moved);
	tcase_add_test(own, descriptor_of_a_child);
	tcase_add_test(own, descriptor_of_threads);
	tcase_set_tags(own, "pagemap"); /* cmake/stages: not under QEMU's user mode */
	suite_add_tcase(suite, own);
	return suite;
}
