/* SPDX-License-Identifier: MIT */
/*
 * In whatever moment a program forks, its child has no descriptor that holds a lock: the lock is the open file's, and
 * would stay for as long as the child lives, also when the parent is killed. Each call that locks forks here.
 */
#ifndef TEST_FORKS_AT_LOCKS_H
#define TEST_FORKS_AT_LOCKS_H

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suite.h"

static const struct os_calls *below_forks;
static struct os_calls forking_calls;
static unsigned forks_at_locks;

static void assert_no_child_has(int fd)
{
	int status = -1;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0)
		_exit(fcntl(fd, F_GETFD) >= 0);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(status == 0, "a child has the descriptor");
}

static int forking_flock(int fd, int operation)
{
	int r = below_forks->flock(fd, operation);

	if (r == 0 && (operation & LOCK_EX)) {
		assert_no_child_has(fd);
		forks_at_locks++;
	}
	return r;
}

static void fork_at_locks(void)
{
	below_forks = os;
	forking_calls = *os;
	forking_calls.flock = forking_flock;
	os = &forking_calls;
	forks_at_locks = 0;
}

static void fork_no_more(void)
{
	os = below_forks;
}

#endif
