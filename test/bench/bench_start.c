/* SPDX-License-Identifier: MIT */
/*
 * From exec to the end of a program that asks for one physical address: with the library, as a
 * ratio to one that opens and reads by itself. Both are run beside each other, so that a busy
 * machine disturbs both alike. Needs CAP_SYS_ADMIN.
 *
 *	bench_start BARE LIBRARY [rounds]
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS_MAX 20000

extern char **environ;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double run(char *program)
{
	char *arguments[] = { program, NULL };
	double before = now();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, arguments, environ) != 0 ||
		waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "%s fails\n", program);
		exit(1);
	}
	return now() - before;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	static double bare[ROUNDS_MAX], library[ROUNDS_MAX];
	int rounds = argc > 3 ? atoi(argv[3]) : 2000;

	if (argc < 3 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_start BARE LIBRARY [rounds, up to %d]\n", ROUNDS_MAX);
		return 2;
	}
	for (int i = 0; i < rounds; i++) {
		bare[i] = run(argv[1]);
		library[i] = run(argv[2]);
	}
	qsort(bare, (size_t)rounds, sizeof(bare[0]), by_value);
	qsort(library, (size_t)rounds, sizeof(library[0]), by_value);
	printf("start and first address: bare %.0f us  library %.0f us  ratio %.3f  (fastest tenth %.3f)\n",
		bare[rounds / 2], library[rounds / 2], library[rounds / 2] / bare[rounds / 2],
		library[rounds / 10] / bare[rounds / 10]);
	return 0;
}
