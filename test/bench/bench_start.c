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

#include "rows.h"
#include "timing.h"

#define ROUNDS_MAX  20000
#define DPDK_ROUNDS 15 /* EAL takes so much longer */

extern char **environ;

/* us; negative: it fails */
static double run(char *program, char **environment)
{
	char *arguments[] = { program, NULL };
	double before = bench_now_us();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, arguments, environment) != 0 ||
		waitpid(pid, &status, 0) != pid || status != 0)
		return -1;
	return bench_now_us() - before;
}

/*
 * The library is in no folder that the loader knows: it would look for it in 30 places. One that is installed it
 * finds in its cache, as it does the others here; so it is told where this one is.
 */
static char found[] = "LD_PRELOAD=" BENCH_LIBRARY;
static char *with_library[256] = { found };

int main(int argc, char **argv)
{
	static double bare[ROUNDS_MAX], library[ROUNDS_MAX], dpdk[DPDK_ROUNDS + 1];
	int n = 0;
	int rounds = argc > 3 ? atoi(argv[3]) : 2000;

	if (argc < 3 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_start BARE LIBRARY [rounds, up to %d]\n", ROUNDS_MAX);
		return 2;
	}
	for (int i = 0; environ[i] && i < 254; i++)
		with_library[i + 1] = environ[i];
	for (int i = 0; i < rounds; i++) {
		bare[i] = run(argv[1], environ);
		library[i] = run(argv[2], with_library);
		if (bare[i] < 0 || library[i] < 0) {
			fprintf(stderr, "%s fails\n", argv[bare[i] < 0 ? 1 : 2]);
			return 1;
		}
#ifdef BENCH_START_DPDK
		if (i % (rounds / DPDK_ROUNDS + 1) == 0) {
			char program[] = BENCH_START_DPDK;

			if (n >= 0)
				dpdk[n] = run(program, environ);
			n = n < 0 || dpdk[n] < 0 ? -1 : n + 1;
		}
#endif
	}
	bench_row("start", "first address", "bare calls", bare, rounds);
	bench_row("start", "first address", "pmem", library, rounds);
	printf("start and first address: bare %.0f us  library %.0f us  ratio %.3f  (fastest tenth %.3f)\n",
		bare[rounds / 2], library[rounds / 2], library[rounds / 2] / bare[rounds / 2],
		library[rounds / 10] / bare[rounds / 10]);
	if (n > 0)
		printf("the same by rte_eal_init: %.0f us\n",
			bench_row("start", "first address", "rte_eal_init", dpdk, n));
	else
		printf("left out: rte_eal_init, DPDK is not here or does not start\n");
	return 0;
}
