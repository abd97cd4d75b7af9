/* SPDX-License-Identifier: MIT */
/*
 * Crash safety: processes that die at every step, and reapers that do. The played firmware counts what was released twice or behind a living owner's back.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "videocore/owner.h"
#include "suite.h"
#include "vcfw.h"

#define DEATHS 100

static struct pmem_ctx *ctx;
static int living[2]; /* a pipe: what children of the dead wait for */

static void setup(void)
{
	vcfw_begin("brcm,bcm2837", &ctx);
}

static void teardown(void)
{
	vcfw_end(ctx);
}

static struct pmem_region *alloc(uint32_t flags, uint32_t channels)
{
	struct pmem_firmware_opts firmware = {
		.size = sizeof(firmware), .flags = flags, .dma_channels = channels
	};
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .firmware = &firmware };
	struct pmem_region *region;

	assert_works(pmem_region_alloc(ctx, 4096, &opts, &region));
	return region;
}

static size_t reclaim(uint32_t flags)
{
	return vcfw_reclaim(ctx, flags);
}

/* --- death ------------------------------------------------------------------------------- */

static void use_memory(void *user)
{
	struct pmem_region *a = alloc(0, 0), *b = alloc(0, 0);

	(void)user;
	pmem_region_close(a);
	pmem_region_close(b);
}

/* Before and after each message of allocate, lock, unlock, release, of two regions. */
START_TEST(death_at_every_message_loses_nothing)
{
	unsigned deaths = 0;

	for (unsigned n = 1; n <= 30; n++) {
		for (int after = 0; after < 2; after++) {
			int status;

			vcfw->die_before = after ? 0 : n;
			vcfw->die_after = after ? n : 0;
			status = vcfw_child(use_memory, NULL);
			vcfw->die_before = vcfw->die_after = 0;
			deaths += WIFSIGNALED(status) != 0;
			reclaim(0);
			ck_assert_msg(vcfw->live == 0, "message %u: %u left", n, vcfw->live);
			ck_assert_uint_eq(vcfw_journals(), 0);
			ck_assert_uint_eq(vcfw->bad_release, 0);
		}
	}
	ck_assert_uint_ge(deaths, 16);
	ck_assert_uint_eq(vcfw->allocs, vcfw->releases);
}
END_TEST

/* --- at any moment, while a child lives on --- */

static const struct os_calls *calm;
static struct os_calls deadly;
static volatile sig_atomic_t in_message, dying;

/* The firmware does a message whole, or not at all. */
static void die(int sig)
{
	(void)sig;
	if (!in_message)
		kill(getpid(), SIGKILL);
	dying = 1;
}

static int message(int fd, unsigned long request, void *arg)
{
	int r;

	in_message = 1;
	r = calm->ioctl(fd, request, arg);
	in_message = 0;
	if (dying)
		kill(getpid(), SIGKILL);
	return r;
}

/* The pipe ends with the child. */
static int lock_and_fork(int fd, int operation)
{
	int r = calm->flock(fd, operation);
	char byte;

	if (r == 0 && (operation & LOCK_EX) && fork() == 0) {
		close(living[1]);
		(void)!read(living[0], &byte, 1);
		_exit(0);
	}
	return r;
}

static void use_and_die(void *user)
{
	const unsigned *us = user;

	close(living[1]);
	calm = os;
	deadly = *os;
	deadly.ioctl = message;
	deadly.flock = lock_and_fork;
	os = &deadly;
	signal(SIGALRM, die);
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_usec = (suseconds_t)*us }, NULL);
	for (;;)
		use_memory(NULL);
}

START_TEST(death_at_any_moment_loses_nothing)
{
	unsigned seed = 1;

	for (unsigned n = 0; n < DEATHS; n++) {
		unsigned us = 1 + (unsigned)rand_r(&seed) % 3000;

		ck_assert_int_eq(pipe(living), 0);
		ck_assert(WIFSIGNALED(vcfw_child(use_and_die, &us)));
		/* A child that was just forked has yet to close what it has: the first thing that it does. */
		for (unsigned tries = 0; tries < 500 && (tries == 0 || vcfw_journals()); tries++) {
			usleep(tries ? 10000 : 0);
			reclaim(0);
		}
		ck_assert_msg(vcfw->live == 0 && vcfw_journals() == 0, "death %u: %u left", n, vcfw->live);
		close(living[0]);
		close(living[1]);
	}
	ck_assert_uint_eq(vcfw->allocs, vcfw->releases);
}
END_TEST

/* The same when a released number is at once somebody else's: that one must not be hit. */
START_TEST(a_number_given_to_another_is_not_released)
{
	vcfw->reuse = true;
	for (unsigned n = 1; n <= 16; n++) {
		struct pmem_region *mine;

		vcfw->die_after = n;
		vcfw_child(use_memory, NULL);
		vcfw->die_after = 0;
		mine = alloc(0, 0); /* reaps first; may be given a number that the dead one had */
		reclaim(0);
		ck_assert_uint_eq(vcfw->live, 1);
		assert_works(pmem_region_close(mine));
		ck_assert_uint_eq(vcfw->live, 0);
	}
}
END_TEST

static void hold_three(void *user)
{
	alloc(0, 0);
	alloc(0, 0);
	alloc(user ? PMEM_FIRMWARE_NO_RECLAIM : 0, 0);
}

static void take_three(void *user)
{
	hold_three(user);
	kill(getpid(), SIGKILL);
}

/* Two that die, one while the other lives: a journal of each is left. */
static void take_six(void *user)
{
	hold_three(user);
	vcfw_child(take_three, user);
	kill(getpid(), SIGKILL);
}

static void reap(void *user)
{
	(void)user;
	reclaim(0);
}

START_TEST(a_dying_reaper_releases_nothing_twice)
{
	for (unsigned n = 1; n <= 8; n++) {
		vcfw_child(take_three, NULL);
		ck_assert_uint_eq(vcfw->live, 3);
		vcfw->die_after = n;
		vcfw_child(reap, NULL);
		vcfw->die_after = 0;
		vcfw->die_before = n;
		vcfw_child(reap, NULL);
		vcfw->die_before = 0;
		reclaim(0);
		ck_assert_uint_eq(vcfw->live, 0);
		ck_assert_uint_eq(vcfw_journals(), 0);
	}
	ck_assert_uint_eq(vcfw->releases, 24);
}
END_TEST

START_TEST(the_next_one_that_needs_memory_reaps)
{
	struct pmem_region *region;

	vcfw_child(take_three, NULL);
	region = alloc(0, 0);
	ck_assert_uint_eq(vcfw->live, 1);
	assert_works(pmem_region_close(region));
}
END_TEST

static const struct os_calls *played;
static unsigned messages;

#define HANGS 4

static int hangs(int fd, unsigned long request, void *arg)
{
	(void)fd;
	(void)request;
	(void)arg;
	messages++;
	return -ETIMEDOUT;
}

/* A firmware that hangs takes a second for each message: none of the records is worth more of them. */
START_TEST(a_firmware_that_hangs_is_not_asked_for_each)
{
	static const struct {
		void (*dead)(void *user); /* a process, or two; NULL: this one, which could not give back */
		bool used;                /* it has other firmware memory */
		unsigned count;
	} cases[HANGS] = { { NULL, false, 3 }, { NULL, true, 3 }, { take_three, false, 3 }, { take_six, false, 6 } };
	struct pmem_region *regions[3], *other = NULL;
	struct os_calls calls;

	played = os;
	calls = *os;
	calls.ioctl = hangs;
	if (cases[_i].dead)
		vcfw_child(cases[_i].dead, NULL);
	if (cases[_i].used)
		other = alloc(0, 0);
	for (size_t i = 0; i < 3 && !cases[_i].dead; i++)
		regions[i] = alloc(0, 0);
	os = &calls;
	for (size_t i = 0; i < 3 && !cases[_i].dead; i++)
		assert_fails(pmem_region_close(regions[i]), ETIMEDOUT, PMEM_CAUSE_TIMEOUT);
	messages = 0;
	assert_fails(pmem_firmware_reclaim(ctx, 0, NULL, NULL), ETIMEDOUT, PMEM_CAUSE_TIMEOUT);
	ck_assert_uint_le(messages, 2);
	os = played;
	ck_assert_uint_eq(reclaim(0), cases[_i].count);
	assert_works(pmem_region_close(other));
	ck_assert_uint_eq(vcfw->live, 0);
	ck_assert_uint_eq(vcfw_journals(), 0);
}
END_TEST

static unsigned listed;

static int many_names(const char *path, os_list_fn *fn, void *user)
{
	char name[64];
	int r = 0;

	(void)path;
	for (unsigned i = 1; r == 0 && i <= 20000; i++, listed++) {
		snprintf(name, sizeof(name), "%u-00000000.journal", i);
		r = fn(user, name);
	}
	return 0;
}

/* Nor does it take for ever where somebody has filled the folder. */
START_TEST(a_folder_of_many_is_not_read_to_the_end)
{
	struct os_calls calls = *os;

	assert_works(pmem_region_close(alloc(0, 0))); /* makes the folder */
	played = os;
	calls.list = many_names;
	os = &calls;
	listed = 0;
	ck_assert_uint_eq(reclaim(0), 0);
	os = played;
	ck_assert_uint_gt(listed, 1000);
	ck_assert_uint_lt(listed, 5000);
}
END_TEST

START_TEST(a_dry_run_changes_nothing)
{
	uint64_t bytes;
	size_t count;

	vcfw_child(take_three, NULL);
	assert_works(pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &bytes));
	ck_assert_uint_eq(count, 3);
	ck_assert_uint_eq(bytes, 3 * 4096);
	ck_assert_uint_eq(vcfw->live, 3);
	ck_assert_uint_eq(reclaim(0), 3);
}
END_TEST

START_TEST(exempt_memory_stays)
{
	vcfw_child(take_three, &ctx);
	ck_assert_uint_eq(reclaim(PMEM_RECLAIM_DRY_RUN), 2);
	ck_assert_uint_eq(reclaim(0), 2);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_uint_eq(vcfw->live, 1);
	ck_assert_uint_eq(vcfw_journals(), 1);
}
END_TEST

/* --- the living ----------------------------------------------------------------------------- */

START_TEST(a_living_process_is_not_touched)
{
	struct pmem_region *region = alloc(0, 0);

	ck_assert_int_eq(vcfw_child(reap, NULL), 0);
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_uint_eq(vcfw->live, 1);
	assert_works(pmem_region_close(region));
}
END_TEST

/* A daemon that closes all descriptors loses its lock; the pid and its start still tell. */
START_TEST(a_living_process_without_its_lock_is_not_touched)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		vcfw_process(getpid(), 'S', 1, 4711);
		alloc(0, 0);
		for (int fd = 3; fd < 64; fd++)
			os_linux.close(fd);
		raise(SIGSTOP);
		_exit(1);
	}
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_uint_eq(reclaim(0), 0);
	ck_assert_uint_eq(vcfw->live, 1);
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_uint_eq(reclaim(0), 1);
}
END_TEST

/* Another process has the pid now: started at another time. */
START_TEST(a_recycled_pid_is_not_the_owner)
{
	struct process_id self;

	assert_works(process_self(ctx, &self));
	ck_assert(process_lives(ctx, self.pid, self.start));
	ck_assert(!process_lives(ctx, self.pid, self.start + 1));
	ck_assert(!process_lives(ctx, 0, 0));
	ck_assert(!process_lives(ctx, UINT32_MAX, 0)); /* kill(-1) would mean everybody */
	vcfw_process((int)self.pid, 'Z', 1, self.start);
	ck_assert(!process_lives(ctx, self.pid, self.start));
	vcfw_process((int)self.pid, 'Z', 2, self.start); /* its other threads go on */
	ck_assert(process_lives(ctx, self.pid, self.start));
	vcfw_no_process((int)self.pid); /* hidden from us, and the kernel says it is there */
	ck_assert(process_lives(ctx, self.pid, self.start));
}
END_TEST

/* --- DMA ----------------------------------------------------------------------------------- */

static void take_with_channels(void *user)
{
	alloc(0, 1u << 5 | 1u << 9);
	(void)user;
	kill(getpid(), SIGKILL);
}

static uint32_t control(unsigned channel, const uint32_t *set)
{
	char path[512];
	uint32_t word = 0;
	off_t at = 0x3f007000 + 0x100 * (off_t)channel;
	int fd;

	snprintf(path, sizeof(path), "%s/dev/mem", fake_root());
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (set)
		ck_assert_int_eq(pwrite(fd, set, 4, at), 4);
	ck_assert_int_eq(pread(fd, &word, 4, at), 4);
	close(fd);
	return word;
}

START_TEST(dma_is_stopped_before_its_memory_goes)
{
	static const uint32_t active = 0x00000041;

	vcfw_child(take_with_channels, NULL);
	for (unsigned n = 0; n < 15; n++)
		control(n, &active);
	ck_assert_uint_eq(reclaim(PMEM_RECLAIM_DRY_RUN), 1);
	ck_assert_uint_eq(control(5, NULL), active);
	ck_assert_uint_eq(reclaim(0), 1);
	for (unsigned n = 0; n < 15; n++)
		ck_assert_uint_eq(control(n, NULL), n == 5 || n == 9 ? 1u << 31 : active);
}
END_TEST

START_TEST(memory_under_dma_that_cannot_be_stopped_stays)
{
	size_t count = 77;

	vcfw_child(take_with_channels, NULL);
	fake_remove("/dev/mem");
	assert_fails(pmem_firmware_reclaim(ctx, 0, &count, NULL), ENOENT, PMEM_CAUSE_NO_DEVICE);
	ck_assert_uint_eq(count, 77); /* written on success only */
	ck_assert_uint_eq(vcfw->live, 1);
	fake_sparse("/dev/mem", 1ull << 30);
	ck_assert_uint_eq(reclaim(0), 1);
}
END_TEST

START_TEST(channels_that_nobody_can_stop_are_refused_at_once)
{
	struct pmem_firmware_opts firmware = { .size = sizeof(firmware), .dma_channels = 1u << 15 };
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .firmware = &firmware };
	struct pmem_region *region;

	assert_fails(pmem_region_alloc(ctx, 4096, &opts, &region), EOPNOTSUPP,
		PMEM_CAUSE_UNSUPPORTED);
	ck_assert_uint_eq(vcfw->allocs, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("reclaim");
	TCase *tcase = tcase_create("reclaim");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, death_at_every_message_loses_nothing);
	tcase_add_test(tcase, death_at_any_moment_loses_nothing);
	tcase_add_test(tcase, a_number_given_to_another_is_not_released);
	tcase_add_test(tcase, a_dying_reaper_releases_nothing_twice);
	tcase_add_test(tcase, the_next_one_that_needs_memory_reaps);
	tcase_add_test(tcase, a_dry_run_changes_nothing);
	tcase_add_test(tcase, a_folder_of_many_is_not_read_to_the_end);
	tcase_add_loop_test(tcase, a_firmware_that_hangs_is_not_asked_for_each, 0, HANGS);
	tcase_add_test(tcase, exempt_memory_stays);
	tcase_add_test(tcase, a_living_process_is_not_touched);
	tcase_add_test(tcase, a_living_process_without_its_lock_is_not_touched);
	tcase_add_test(tcase, a_recycled_pid_is_not_the_owner);
	tcase_add_test(tcase, dma_is_stopped_before_its_memory_goes);
	tcase_add_test(tcase, memory_under_dma_that_cannot_be_stopped_stays);
	tcase_add_test(tcase, channels_that_nobody_can_stop_are_refused_at_once);
	suite_add_tcase(suite, tcase);
	return suite;
}
