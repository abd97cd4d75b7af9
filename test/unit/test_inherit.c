/* SPDX-License-Identifier: MIT */
/*
 * lib/os/inherit.c: what a child must not have, and whose a number is by now. The kernel is the real one: which file
 * a number is, only it can tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/inherit.h"
#include "suite.h"

/* More than one chunk has. */
#define MANY 70

/* Files of three kinds: a node, one of a file system, and one that shares its inode with all others of its kind. */
static int opened(int kind)
{
	return kind == 0 ? os_linux.open("/dev/null", O_RDWR, 0) :
	       kind == 1 ? os_linux.open("/proc/self/status", O_RDONLY, 0) :
			   os_linux.eventfd();
}
#define KINDS 3

/* What a program opens under the number: the same kind, where that is another file. */
static int another(int kind)
{
	return kind == 0 ? open("/dev/zero", O_RDWR) :
	       kind == 1 ? open("/proc/self/maps", O_RDONLY) :
			   eventfd(7, 0);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* In a child, whose errno is its parent's: is it open there? */
static bool child_has(int fd)
{
	int status = -1;
	pid_t child;

	errno = ECHILD;
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(errno != ECHILD ? 2 : is_open(fd));
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 2);
	return WEXITSTATUS(status);
}

/* The program closes a number that is not its own, and has a file of its own there then. */
static void take_over(int fd, int mine)
{
	ck_assert_int_ge(mine, 0);
	ck_assert_int_eq(dup2(mine, fd), fd);
	close(mine);
}

START_TEST(test_child_has_none)
{
	int fd = inherit_never(opened(_i)), other = opened(_i);

	ck_assert_int_gt(fd, 2);
	ck_assert(inherit_holds(fd));
	ck_assert(!inherit_holds(other));
	ck_assert(!child_has(fd));
	ck_assert(child_has(other));
	ck_assert(is_open(fd)); /* the parent's stays */
	ck_assert_int_eq(inherit_close(fd), 0);
	ck_assert(!is_open(fd));
	close(other);
	/* The same file once more, and not the library's. */
	ck_assert_int_eq(opened(_i), fd);
	ck_assert(!inherit_holds(fd));
	ck_assert(child_has(fd));
	close(fd);
	ck_assert_int_eq(inherit_never(-EMFILE), -EMFILE);
	ck_assert_int_eq(inherit_close(-1), 0);
}
END_TEST

START_TEST(test_somebody_elses)
{
	int fd = inherit_never(opened(_i));

	ck_assert_int_gt(fd, 2);
	take_over(fd, another(_i));
	ck_assert(!inherit_holds(fd));
	ck_assert(child_has(fd)); /* it is not ours to close there */
	ck_assert_int_eq(inherit_close(fd), -EBADF);
	ck_assert(is_open(fd)); /* nor here */
	ck_assert(child_has(fd));
	close(fd);
}
END_TEST

/* The same, of all files without an inode: a timer, and an event of the library that is another. */
START_TEST(test_without_inode)
{
	int fd = inherit_never(os_linux.eventfd()), second = inherit_never(os_linux.eventfd());

	take_over(fd, timerfd_create(CLOCK_MONOTONIC, 0));
	ck_assert(child_has(fd));
	ck_assert_int_eq(dup2(second, fd), fd);
	ck_assert(!inherit_holds(fd));
	ck_assert(child_has(fd));
	ck_assert(!child_has(second));
	ck_assert_int_eq(inherit_close(fd), -EBADF);
	close(fd);
	ck_assert_int_eq(inherit_close(second), 0);
	/* A signal that the program itself wants of a file that it lends stays as it is. */
	fd = os_linux.eventfd();
	ck_assert_int_eq(fcntl(fd, F_SETSIG, 12), 0);
	ck_assert_int_eq(inherit_never(fd), fd);
	ck_assert_int_eq(fcntl(fd, F_GETSIG), 12);
	ck_assert(!child_has(fd));
	ck_assert_int_eq(inherit_close(fd), 0);
}
END_TEST

/* What can send signals has no mark: a program may wait for uio's so. */
START_TEST(test_no_mark)
{
	int fd = inherit_never(opened(_i));

	ck_assert_int_eq(fcntl(fd, F_GETSIG), 0);
	ck_assert_int_eq(fcntl(fd, F_SETSIG, 12), 0);
	ck_assert(inherit_holds(fd));
	ck_assert_int_eq(inherit_close(fd), 0);
}
END_TEST

/* A number that came twice, since the program closed the first without a word. */
START_TEST(test_twice)
{
	int fd = inherit_never(opened(2)), again;

	close(fd);
	ck_assert(!child_has(fd));
	again = inherit_never(opened(2));
	ck_assert_int_eq(again, fd);
	ck_assert(inherit_holds(fd));
	ck_assert_int_eq(inherit_close(fd), 0);
	ck_assert(!is_open(fd));
	ck_assert_int_eq(inherit_close(fd), -EBADF);
}
END_TEST

/* All numbers in a row are looked at in one child; and slots are used again. */
START_TEST(test_many)
{
	int fds[MANY], status = -1;
	pid_t child;

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			if (round == 1)
				ck_assert_int_eq(inherit_close(fds[i]), 0);
			fds[i] = inherit_never(opened(i % KINDS));
			ck_assert_int_gt(fds[i], 2);
		}
	child = fork();
	if (child == 0) {
		for (int i = 0; i < MANY; i++)
			if (is_open(fds[i]))
				_exit(1);
		/* Its own are its own. */
		fds[0] = inherit_never(opened(0));
		_exit(fds[0] < 0 || !inherit_holds(fds[0]) || inherit_close(fds[0]) != 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(inherit_close(fds[i]), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("inherit");
	TCase *tc = tcase_create("inherit");

	tcase_add_loop_test(tc, test_child_has_none, 0, KINDS);
	tcase_add_loop_test(tc, test_somebody_elses, 0, KINDS);
	tcase_add_test(tc, test_without_inode);
	tcase_add_loop_test(tc, test_no_mark, 0, 2);
	tcase_add_test(tc, test_twice);
	tcase_add_test(tc, test_many);
	suite_add_tcase(suite, tc);
	return suite;
}
