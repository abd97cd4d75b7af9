/* SPDX-License-Identifier: MIT */
/*
 * A process that makes the machine what it was: when all others have ended, in whatever way, kill -9 of all of them too.
 * It waits for the end of a pipe that each of them has open, in a session of its own, so that no terminal and no test
 * driver ends it with the others.
 */
#include "keeper.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int alive[2]; /* [1] is open in all the others */
static int answer[2];

static int undo_all(const struct disturbance *const *all, size_t count)
{
	int first = 0;

	for (size_t i = count; i-- > 0;) {
		int r = all[i]->undo ? all[i]->undo() : 0;

		if (r) {
			dprintf(2, "soak: not undone: %s: %s\n", all[i]->name, strerror(-r));
			first = first ? first : r;
		}
	}
	return first;
}

static void keep(const struct disturbance *const *all, size_t count)
{
	char byte;
	int r;

	close(alive[1]);
	close(answer[0]);
	setsid();
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_IGN);
	while (read(alive[0], &byte, 1) > 0)
		;
	r = undo_all(all, count);
	byte = r == 0;
	_exit(write(answer[1], &byte, 1) == 1 && r == 0 ? 0 : 1);
}

bool keeper_start(const struct disturbance *const *all, size_t count)
{
	pid_t between;

	if (pipe(alive) < 0 || pipe(answer) < 0)
		return false;
	between = fork();
	if (between == 0) {
		if (fork() == 0)
			keep(all, count);
		_exit(0);
	}
	close(alive[0]);
	close(answer[1]);
	return between > 0 && waitpid(between, NULL, 0) == between;
}

bool keeper_end(void)
{
	char byte = 0;

	close(alive[1]);
	return read(answer[0], &byte, 1) == 1 && byte == 1;
}
