/* SPDX-License-Identifier: MIT */
/* Rows of huge pages that nobody writes to: a played free list, tmpfs and /proc/kpageflags. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>

#include "forks_at_locks.h"
#include "played_pages.h"

#define SHMEM  "/sys/kernel/mm/transparent_hugepage/shmem_enabled"
#define UNIT   (64 * KIB)
#define FRAMES 100 /* of the played machine */
#define PAGES  (3 * FRAMES) /* that the file may have */
#define PUNCH  3   /* FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE */
#define NONE   SIZE_MAX

/* The kernel's list of free huge pages: what was given back last comes first. */
static size_t free_list[FRAMES], free_count;
static size_t file[PAGES];   /* which frame each page of the file has */
static bool ours[FRAMES];
static size_t held, held_most, taken, steal_at; /* after so many pages somebody takes the next */
static int file_fd;
static unsigned signals, since_signal; /* that undo a call, before each one that works; 0: none */
static bool locked;                   /* by another program, for ever */
static bool forking;
static unsigned pauses;
static size_t punch_at; /* the mapping that fails, and leaves a hole */
static struct { unsigned char *at; size_t frame; } mapped[FRAMES];
static size_t mapped_count;
static struct os_calls calls, below;

static int played_huge_file(void)
{
	for (size_t i = 0; i < PAGES; i++)
		file[i] = NONE;
	file_fd = below.memfd_create("tmpfs", 0);
	return file_fd;
}

static int take_units(size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++, taken++) {
		if (taken == steal_at && free_count)
			free_count--;
		if (free_count == 0)
			return -ENOMEM;
		ck_assert_uint_eq(file[i], NONE);
		file[i] = free_list[--free_count];
		ours[file[i]] = true;
		held++;
	}
	if (held > held_most)
		held_most = held;
	return 0;
}

static void give_units(size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++) {
		if (file[i] == NONE)
			continue;
		ours[file[i]] = false;
		free_list[free_count++] = file[i];
		file[i] = NONE;
		held--;
	}
}

static int played_fallocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	ck_assert_int_eq(fd, file_fd);
	if (forking)
		assert_no_child_has(fd);
	ck_assert_uint_eq(offset % UNIT, 0);
	ck_assert_uint_eq(length % UNIT, 0);
	ck_assert_uint_le((offset + length) / UNIT, PAGES);
	if (mode == 0 && signals && (length > UNIT || since_signal++ % (signals + 1) < signals))
		return -EINTR;
	if (mode == 0)
		return take_units((size_t)(offset / UNIT), (size_t)(length / UNIT));
	ck_assert_int_eq(mode, PUNCH);
	give_units((size_t)(offset / UNIT), (size_t)(length / UNIT));
	return 0;
}

static int played_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
	void **out)
{
	if (fd < 0 || fd != file_fd)
		return below.mmap(hint, length, prot, flags, fd, offset, out);
	ck_assert(flags & MAP_FIXED);
	if (mapped_count == punch_at) {
		/* The kernel has taken away what was there, and fails then: test_hole.c. */
		ck_assert_int_eq(os_linux.munmap(hint, length), 0);
		punch_at = NONE;
		return -ENOMEM;
	}
	ck_assert_uint_eq(length, UNIT);
	mapped[mapped_count].at = hint;
	mapped[mapped_count++].frame = file[offset / UNIT];
	return below.mmap(hint, length, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0, out);
}

/* A mapping keeps the file, with all that it has. */
static int played_close(int fd)
{
	if (fd == file_fd && mapped_count == 0)
		give_units(0, PAGES);
	return below.close(fd);
}

/* Huge, of a tmpfs, not filled, the first page of it; or what others have. */
static ssize_t played_flags(void *user, int fd, void *buf, size_t count, uint64_t offset)
{
	size_t page = (size_t)(offset / 8), frame = page / (UNIT / 4096);
	uint64_t entry = frame % 2 || frame == 64 ? 1u << 10 : 1u << 22 | 1u << 15 | 1u << 14 | 1u << 3;

	(void)user;
	(void)fd;
	ck_assert_uint_eq(count, 8);
	if (frame >= FRAMES)
		return 0;
	if (ours[frame])
		entry = page % (UNIT / 4096) ? 1u << 22 | 1u << 16 | 1u << 14 :
			1u << 22 | 1u << 15 | 1u << 14;
	memcpy(buf, &entry, 8);
	return 8;
}

static int played_flock(void *user, int fd, int operation)
{
	(void)user;
	(void)fd;
	return locked && operation != LOCK_UN ? -EWOULDBLOCK : 0;
}

static const struct fake_device flags_file = { .path = "/proc/kpageflags", .pread = played_flags,
	.flock = played_flock };

static void free_frames(const size_t *frames, size_t count)
{
	char text[80];

	free_count = 0;
	for (size_t i = count; i-- > 0;)
		free_list[free_count++] = frames[i];
	snprintf(text, sizeof(text), "Node 0, zone Normal 90 90 90 90 %zu 0 0 0 0 0 0\n", count);
	fake_text("/proc/buddyinfo", text);
}
#define FREE(...) free_frames((const size_t[]){ __VA_ARGS__ }, \
	sizeof((const size_t[]){ __VA_ARGS__ }) / sizeof(size_t))

static void sieve_setup(void)
{
	setup();
	fake_text(THP, "65536\n");
	fake_text(SHMEM, "always within_size advise [never] deny force\n");
	fake_device(&flags_file);
	below = *os;
	calls = *os;
	calls.huge_file = played_huge_file;
	calls.fallocate = played_fallocate;
	calls.mmap = played_mmap;
	calls.close = played_close;
	os = &calls;
	for (size_t i = 0; i < PAGES; i++)
		file[i] = NONE;
	for (size_t i = 0; i < FRAMES; i++)
		ours[i] = false;
	held = held_most = taken = mapped_count = 0;
	steal_at = punch_at = NONE;
	file_fd = -1;
	signals = since_signal = 0;
	locked = false;
	if (os->page_size() != 4096)
		exit(77);
}

static void maps(size_t first, size_t count)
{
	ck_assert_uint_eq(mapped_count, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_ptr_eq(mapped[i].at, (unsigned char *)block.data + i * UNIT);
		ck_assert_uint_eq(mapped[i].frame, first + i);
	}
	ck_assert_uint_eq(held, count); /* the others went back */
}

START_TEST(test_a_row)
{
	FREE(9, 2, 50, 7, 20, 8, 3, 51, 30, 40);
	gives(request(3 * UNIT), PIN_IO_URING);
	maps(7, 3);
	ck_assert_uint_eq(block.length, 3 * UNIT);
	give_back();
}
END_TEST

/* Nor what the file has: it would be the child's for as long as that lives. */
START_TEST(test_children_hold_nothing)
{
	FREE(9, 2, 50, 7, 20, 8, 3, 51, 30, 40);
	fork_at_locks();
	forking = true;
	gives(request(3 * UNIT), PIN_IO_URING);
	forking = false;
	ck_assert_uint_ge(forks_at_locks, 1);
	fork_no_more();
	maps(7, 3);
	give_back();
}
END_TEST

/* More than are given back at once, and the row among all of them: only what has to be is taken again. */
START_TEST(test_many)
{
	size_t all[FRAMES];

	for (size_t i = 0; i < FRAMES; i++)
		all[i] = i * 37 % FRAMES;
	fake_text("/proc/meminfo", "MemAvailable: 60000 kB\n");
	free_frames(all, FRAMES);
	gives(request(3 * UNIT), PIN_IO_URING);
	maps(mapped[0].frame, 3);
	ck_assert_uint_eq(held_most, FRAMES);
	give_back();
}
END_TEST

/* A timer that ticks faster than a call of many ends, and now and then while one page is taken. */
START_TEST(test_signals)
{
	FREE(9, 2, 50, 7, 20, 8, 3, 51, 30, 40);
	signals = 3;
	gives(request(3 * UNIT), PIN_IO_URING);
	maps(7, 3);
	give_back();
	FREE(9, 2, 50, 7, 20, 8);
	held = 0; /* those were the region's */
	signals = 1000; /* nothing comes: an end all the same */
	pagemap_rule(PAGEMAP_APART);
	refused(request(3 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "huge pages of a file: ");
	ck_assert_uint_eq(held, 0);
}
END_TEST

/* By the child of one that was killed: other ways have time left, and nothing was taken. */
START_TEST(test_locked_for_ever)
{
	FREE(9, 2, 50, 7, 20, 8);
	pagemap_rule(PAGEMAP_APART);
	locked = true;
	refused(request(3 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "another program looks for huge pages");
	ck_assert_ptr_nonnull(strstr(message(), "several huge pages: "));
	ck_assert_uint_eq(taken, 0);
}
END_TEST

static void pause_without_time(unsigned ms)
{
	(void)ms;
	pauses++;
}

static uint64_t clock_backwards(void)
{
	return 1000000000 - (uint64_t)pauses * 1000;
}

/* A clock that stands still, or is set back, keeps nobody waiting: pauses are counted, too. */
START_TEST(test_clocks_that_lie)
{
	FREE(9, 2, 50, 7, 20, 8);
	pagemap_rule(PAGEMAP_APART);
	locked = true;
	calls.pause_ms = pause_without_time;
	for (int backwards = 0; backwards < 2; backwards++) {
		pauses = 0;
		if (backwards)
			calls.now_us = calls.worked_us = clock_backwards;
		refused(request(3 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "another program looks for huge pages");
		ck_assert_uint_ge(pauses, 15); /* half of the time, in milliseconds */
		ck_assert_uint_le(pauses, 100);
	}
}
END_TEST

START_TEST(test_hole)
{
	FREE(9, 2, 50, 7, 20, 8, 3, 51, 30, 40);
	punch_at = 1;
	(void)take(request(3 * UNIT)); /* by another way perhaps */
	ck_assert_uint_eq(punch_at, NONE);
	if (block.data)
		give_back();
}
END_TEST

START_TEST(test_part_of_a_page)
{
	FREE(60, 12, 70, 11, 80, 90);
	gives(request(UNIT + 4096), PIN_IO_URING);
	maps(11, 2);
	give_back();
}
END_TEST

/* As asked, of two rows; what pagemap then says of it is played, and not looked at here. */
START_TEST(test_aligned_and_below)
{
	struct pages_request want = request(2 * UNIT);

	want.align = 2 * UNIT;
	want.max_addr = 60 * UNIT;
	FREE(5, 6, 40, 41, 70, 71, 33);
	pagemap_rule(PAGEMAP_ODD);
	take(want);
	ck_assert_uint_ge(mapped_count, 2);
	ck_assert_uint_eq(mapped[0].frame, 40);
	ck_assert_uint_eq(mapped[1].frame, 41);
	mapped_count = 0;
	want.max_addr = 30 * UNIT;
	FREE(5, 6, 40, 41, 70, 71, 33);
	refused(want, ERANGE, PMEM_CAUSE_ADDRESS_LIMIT, "in a row, as asked for, among 7 that were taken, but 2 above the limit");
	ck_assert_uint_eq(mapped_count, 0);
}
END_TEST

/* Never more than an eighth of what is available, in three steps, nor than is free in such blocks. */
START_TEST(test_share)
{
	size_t all[FRAMES];

	for (size_t i = 0; i < FRAMES; i++)
		all[i] = i * 37 % FRAMES;
	pagemap_rule(PAGEMAP_APART);
	free_frames(all, FRAMES);
	refused(request(5 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "no 5 pieces of 65536 bytes in a row, as asked");
	ck_assert_uint_eq(held_most, 7 * MIB / 8 / UNIT);
	ck_assert_uint_eq(held, 0);
	held_most = 0;
	free_frames(all, 6);
	refused(request(5 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "no 5 pieces of 65536 bytes in a row");
	ck_assert_uint_eq(held_most, 6);
	held_most = 0;
	refused(request(7 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "more than are free, or than an eighth");
	ck_assert_uint_eq(held_most, 0);
}
END_TEST

/* More than may be taken at once: said so, and nothing else is tried that would take it at random, */
START_TEST(test_said_at_once)
{
	struct pages_request want = request(24 * MIB);

	FREE(1, 2, 3);
	pagemap_rule(PAGEMAP_APART);
	fake_text("/proc/meminfo", "MemAvailable: 60000 kB\n");
	refused(want, ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "384 huge pages are more than");
	ck_assert_ptr_null(strstr(message(), "several"));
	ck_assert_int_eq(file_fd, -1);
	want.wait_ms = 1; /* but if the caller wants to wait */
	refused(want, ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "several huge pages");
}
END_TEST

/* While all is given back and taken again. */
START_TEST(test_somebody_else)
{
	FREE(9, 2, 50, 7, 20, 8);
	pagemap_rule(PAGEMAP_APART);
	steal_at = 6;
	refused(request(3 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "in a row");
	ck_assert_uint_eq(mapped_count, 0);
	ck_assert_uint_eq(held, 0);
}
END_TEST

/* Nor is all of the machine taken to find it again: as much as before, and a little more. */
START_TEST(test_not_all_for_one)
{
	size_t all[FRAMES] = { 7, 8, 2, 50, 20, 30, 40, 60, 62, 64, 66, 70, 72, 9 };
	const size_t most = 14;

	for (size_t i = most; i < FRAMES; i++)
		all[i] = 99 - i % 10; /* who they are is no matter */
	free_frames(all, FRAMES);
	pagemap_rule(PAGEMAP_APART);
	steal_at = most;
	refused(request(3 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "somebody else took one of 3");
	ck_assert_uint_ge(held_most, most);
	ck_assert_uint_le(held_most, most + most / 8 + 8);
	ck_assert_uint_eq(held, 0);
}
END_TEST

/* What is told of another process's page is found out when the frames are read. */
START_TEST(test_not_in_one_piece)
{
	FREE(9, 2, 50, 7, 20, 8);
	pagemap_rule(PAGEMAP_APART);
	refused(request(3 * UNIT), ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "huge pages of a file: it came in");
	ck_assert_uint_eq(mapped_count, 3);
}
END_TEST

START_TEST(test_switched_off)
{
	FREE(7, 8, 9);
	fake_text(SHMEM, "always within_size advise never [deny] force\n");
	assert_works(take(request(3 * UNIT))); /* by another way */
	ck_assert_int_eq(file_fd, -1);
	give_back();
	fake_text(SHMEM, "always within_size advise [never] deny force\n");
	calls.huge_file = below.huge_file;
	assert_works(take(request(3 * UNIT)));
	ck_assert_uint_eq(mapped_count, 0);
	give_back();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("sieve");
	TCase *tc = tcase_create("sieve");

	tcase_add_checked_fixture(tc, sieve_setup, stop);
	tcase_add_test(tc, test_a_row);
	tcase_add_test(tc, test_children_hold_nothing);
	tcase_add_test(tc, test_many);
	tcase_add_test(tc, test_signals);
	tcase_add_test(tc, test_locked_for_ever);
	tcase_add_test(tc, test_clocks_that_lie);
	tcase_add_test(tc, test_hole);
	tcase_add_test(tc, test_part_of_a_page);
	tcase_add_test(tc, test_aligned_and_below);
	tcase_add_test(tc, test_share);
	tcase_add_test(tc, test_said_at_once);
	tcase_add_test(tc, test_somebody_else);
	tcase_add_test(tc, test_not_all_for_one);
	tcase_add_test(tc, test_not_in_one_piece);
	tcase_add_test(tc, test_switched_off);
	suite_add_tcase(suite, tc);
	return suite;
}
