/* SPDX-License-Identifier: MIT */
/*
 * A storm of signals, each with a handler that restarts nothing, over the real calls of lib/os: those that wait go on
 * waiting, and no layer above is told. What tells -EINTR is what os.h says.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

#define EVERY_US 1000
#define SIGNALS  5

static volatile sig_atomic_t signals;
static char path[64];

static void on_signal(int number)
{
	(void)number;
	signals++;
}

static void storm(bool on)
{
	const struct sigaction action = { .sa_handler = on_signal };
	const struct itimerval timer = { { 0, on ? EVERY_US : 0 }, { 0, on ? EVERY_US : 0 } };

	signals = 0;
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* A child that does it after the parent has met enough signals, however slow this machine is. */
static pid_t later(void (*what)(int fd), int fd)
{
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		usleep(20 * SIGNALS * EVERY_US);
		what(fd);
		_exit(0);
	}
	return child;
}

static void end(pid_t child)
{
	unsigned met = (unsigned)signals;

	storm(false);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_uint_ge(met, SIGNALS);
}

static void write_one(int fd)
{
	ck_assert_int_eq((int)write(fd, "a", 1), 1);
}

static void unlock(int fd)
{
	flock(fd, LOCK_UN);
}

/* It stays open: who opened to write only would have met a reader that was interrupted and begins anew. */
static void open_other(int fd)
{
	fd = open(path, O_RDWR | O_CLOEXEC);
	while (fd >= 0)
		pause();
}

START_TEST(reading)
{
	int fds[2];
	char byte = 0;
	pid_t child;

	ck_assert_int_eq(os_linux.pipe(fds), 0);
	fcntl(fds[0], F_SETFL, 0); /* one that waits */
	child = later(write_one, fds[1]);
	storm(true);
	ck_assert_int_eq((int)os_linux.read(fds[0], &byte, 1), 1);
	end(child);
	ck_assert_int_eq(byte, 'a');
}
END_TEST

START_TEST(locking)
{
	int holder, fd;
	pid_t child;

	snprintf(path, sizeof(path), "/tmp/faults-signals-%d", (int)getpid());
	holder = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	fd = os_linux.open(path, O_RDWR, 0);
	ck_assert(holder >= 0 && fd >= 0);
	unlink(path);
	ck_assert_int_eq(flock(holder, LOCK_EX), 0);
	child = later(unlock, holder);
	storm(true);
	ck_assert_int_eq(os_linux.flock(fd, LOCK_EX), 0);
	end(child);
}
END_TEST

START_TEST(opening)
{
	pid_t child;
	int fd;

	snprintf(path, sizeof(path), "/tmp/faults-signals-%d", (int)getpid());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	child = later(open_other, -1);
	storm(true);
	fd = os_linux.open(path, O_RDONLY, 0);
	end(child);
	unlink(path);
	ck_assert_int_ge(fd, 3);
}
END_TEST

/* A program waits there for its device, and wants to know. */
START_TEST(waiting)
{
	int fd = os_linux.eventfd();

	ck_assert_int_ge(fd, 0);
	storm(true);
	ck_assert_int_eq(os_linux.wait_readable(fd, -1), -EINTR);
	storm(false);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("signals");
	TCase *tc = tcase_create("storm");

	tcase_add_test(tc, reading);
	tcase_add_test(tc, locking);
	tcase_add_test(tc, opening);
	tcase_add_test(tc, waiting);
	suite_add_tcase(suite, tc);
	return suite;
}
