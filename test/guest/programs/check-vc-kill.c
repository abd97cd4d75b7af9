/* SPDX-License-Identifier: MIT */
/*
 * Processes that take 4 MiB of firmware memory and are killed with SIGKILL at a random moment,
 * three at a time, each reaping after the dead and beside the living. The module
 * counts what is held, released twice, and released while its owner lived.
 */
#include <signal.h>
#include <time.h>

#include "vc.h"

#define CHILDREN 3
#define SIZE     (4u << 20)

/* Take, use and give back until killed; leaves only with what went wrong. */
static void live(uint32_t mark)
{
	struct pmem_region *region;
	uint32_t first, last;

	if (pmem_ctx_new(&ctx))
		_exit(2);
	for (;; mark++) {
		if (vc_alloc(SIZE, PMEM_FIRMWARE_MUST_JOURNAL, 0, &region)) {
			printf("child: %s\n", why());
			_exit(3);
		}
		pmem_region_write32(region, 0, mark);
		pmem_region_write32(region, SIZE - 4, ~mark);
		usleep((useconds_t)(random() % 20000));
		pmem_region_read32(region, 0, &first);
		pmem_region_read32(region, SIZE - 4, &last);
		if (first != mark || last != ~mark)
			_exit(4); /* somebody else has this memory too */
		if (pmem_region_close(region)) {
			printf("child: %s\n", why());
			_exit(5);
		}
	}
}

static pid_t start(uint32_t mark)
{
	pid_t pid = fork();

	if (pid == 0)
		live(mark);
	return pid;
}

/* Pieces of memory whose owner is gone. */
static unsigned orphans(void)
{
	FILE *f = fopen(VCIO_PROC, "re");
	char line[256];
	unsigned n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += strstr(line, "alive:0") != NULL;
	if (f)
		fclose(f);
	return n;
}

static void wait_a_moment(void)
{
	struct timespec t = { .tv_nsec = (long)(random() % 40) * 1000000 + random() % 1000000 };

	nanosleep(&t, NULL);
}

/* usage: check-vc-kill KILLS */
int main(int argc, char **argv)
{
	const unsigned kills = argc == 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	pid_t children[CHILDREN];
	struct pmem_region *region;
	unsigned held = 0, wrong = 0;
	size_t count = 0;
	long long allocs = vc_count("allocs"), releases = vc_count("releases");

	vc_begin();
	srandom(4711);
	for (unsigned i = 0; i < CHILDREN; i++)
		children[i] = start(i << 24);
	for (unsigned i = 0; i < kills; i++) {
		unsigned n = (unsigned)random() % CHILDREN;
		int status;

		wait_a_moment();
		kill(children[n], SIGKILL);
		waitpid(children[n], &status, 0);
		wrong += !WIFSIGNALED(status);
		if (!WIFSIGNALED(status))
			printf("kill %u: child left with %d\n", i, WEXITSTATUS(status));
		held += orphans() > 0;
		children[n] = start(i << 8 | n << 24);
	}
	for (unsigned i = 0; i < CHILDREN; i++) {
		kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	printf("%u kills, %u left memory without an owner; %lld allocations, %lld live at the end\n",
		kills, held, vc_count("allocs") - allocs, vc_count("live"));
	CHECK("children", wrong == 0, "%u children failed", wrong);
	CHECK("some-died-holding", held > kills / 10, "only %u kills hit a holder of memory", held);
	CHECK_EQ("context", pmem_ctx_new(&ctx), 0);
	CHECK("gc", pmem_firmware_reclaim(ctx, 0, &count, NULL) == 0, "%s", why());
	vc_check_clean("after-gc");
	CHECK_EQ("one-more", vc_alloc(SIZE, 0, 0, &region), 0);
	CHECK_EQ("close", pmem_region_close(region), 0);
	vc_check_clean("end");
	allocs = vc_count("allocs") - allocs;
	releases = vc_count("releases") - releases;
	CHECK("every-allocation-came-back", allocs == releases, "%lld allocations, %lld releases",
		allocs, releases);
	pmem_ctx_unref(ctx);
	return check_end();
}
