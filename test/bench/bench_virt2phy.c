/* SPDX-License-Identifier: MIT */
/*
 * From virtual to physical by number of pages: the library's calls beside DPDK's rte_mem_virt2phy, and
 * what both stand on, pread of an open pagemap. ns of CPU for each page, each way once in each round.
 * All answers of a round are compared with each other. Needs CAP_SYS_ADMIN.
 *
 *	bench_virt2phy [rounds]
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "rows.h"
#include "timing.h"

#define PAGES_MAX  65536u
#define SINGLY_MAX 1024u /* one by one: no more of them, for they cost the same each */
#define ROUNDS_MAX 101

static struct pmem_ctx *ctx;
static unsigned char *memory;
static size_t page;
static int pagemap;
static uint64_t (*virt2phy)(const void *);
static uint64_t answers[PAGES_MAX], first[PAGES_MAX];

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "%s: %s\n", what, pmem_error_text(pmem_error_last()));
		exit(1);
	}
}

static size_t by_dpdk(size_t pages)
{
	size_t n = pages < SINGLY_MAX ? pages : SINGLY_MAX;

	for (size_t i = 0; i < n; i++)
		answers[i] = virt2phy(memory + i * page);
	return n;
}

static size_t by_pread(size_t pages)
{
	size_t n = pages < SINGLY_MAX ? pages : SINGLY_MAX;

	for (size_t i = 0; i < n; i++) {
		uintptr_t at = (uintptr_t)memory / page + i;

		must(pread(pagemap, &answers[i], 8, (off_t)(at * 8)) == 8, "pread");
		answers[i] = (answers[i] & PMEM_PAGEMAP_PFN_MASK) * page;
	}
	return n;
}

static size_t by_library(size_t pages)
{
	size_t n = pages < SINGLY_MAX ? pages : SINGLY_MAX;

	for (size_t i = 0; i < n; i++)
		must(pmem_vaddr_phys(ctx, memory + i * page, &answers[i]) == 0, "pmem_vaddr_phys");
	return n;
}

static size_t by_bulk_pread(size_t pages)
{
	must(pread(pagemap, answers, pages * 8, (off_t)((uintptr_t)memory / page * 8)) ==
		(ssize_t)(pages * 8), "pread");
	return 0; /* entries, not addresses: not compared */
}

static size_t by_bulk_library(size_t pages)
{
	must(pmem_vaddr_phys_bulk(ctx, memory, pages, answers) == 0, "pmem_vaddr_phys_bulk");
	return pages;
}

static size_t by_extents(size_t pages)
{
	size_t count;

	must(pmem_vaddr_extents(ctx, memory, pages * page, NULL, 0, &count) == 0, "pmem_vaddr_extents");
	return 0;
}

static struct way {
	const char *name;
	size_t (*run)(size_t pages);
	size_t at_most; /* pages in one run */
	double ns[ROUNDS_MAX];
} ways[] = {
	{ "rte_mem_virt2phy", by_dpdk, SINGLY_MAX, { 0 } },
	{ "pread, each", by_pread, SINGLY_MAX, { 0 } },
	{ "pmem_vaddr_phys", by_library, SINGLY_MAX, { 0 } },
	{ "pread, one for all", by_bulk_pread, PAGES_MAX, { 0 } },
	{ "pmem_vaddr_phys_bulk", by_bulk_library, PAGES_MAX, { 0 } },
	{ "pmem_vaddr_extents", by_extents, PAGES_MAX, { 0 } },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void round_of(size_t pages, int round)
{
	size_t repeat = pages < 64 ? 16 : 1;

	for (size_t w = 0; w < WAYS; w++) {
		size_t known = 0, done = pages < ways[w].at_most ? pages : ways[w].at_most;
		double begin = bench_worked_ns();

		if (!ways[w].run)
			continue;
		for (size_t i = 0; i < repeat; i++)
			known = ways[w].run(pages);
		if (round >= 0)
			ways[w].ns[round] = (bench_worked_ns() - begin) / (double)(done * repeat);
		for (size_t i = 0; i < known; i++) {
			if (answers[i] != first[i]) {
				fprintf(stderr, "%s tells another address\n", ways[w].name);
				exit(1);
			}
		}
	}
}

static void all(const char *kind, int advice, int rounds)
{
	memory = mmap(NULL, PAGES_MAX * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(memory != MAP_FAILED, "mmap");
	madvise(memory, PAGES_MAX * page, advice);
	memset(memory, 1, PAGES_MAX * page);
	must(mlock(memory, PAGES_MAX * page) == 0, "mlock");
	must(pmem_vaddr_phys_bulk(ctx, memory, PAGES_MAX, first) == 0, "pmem_vaddr_phys_bulk");
	printf("%s, ns of CPU for a page:\n", kind);
	for (size_t pages = 1; pages <= PAGES_MAX; pages *= 4) {
		for (int round = -1; round < rounds; round++)
			round_of(pages, round);
		printf("%8zu |", pages);
		for (size_t w = 0; w < WAYS; w++)
			if (ways[w].run)
				printf(" %s %.1f |", ways[w].name,
					bench_row_at(kind, pages, ways[w].name, ways[w].ns, rounds));
		printf("\n");
	}
	munmap(memory, PAGES_MAX * page);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 21;
	void *function = NULL;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
#ifdef BENCH_EAL
	void *handle = dlopen(BENCH_EAL, RTLD_NOW | RTLD_LOCAL);

	function = handle ? dlsym(handle, "rte_mem_virt2phy") : NULL;
#endif
	if (function) {
		memcpy(&virt2phy, &function, sizeof(function));
	} else {
		printf("left out: rte_mem_virt2phy, DPDK is not here\n");
		ways[0].run = NULL;
	}
	page = (size_t)sysconf(_SC_PAGESIZE);
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	must(pagemap >= 0 && pmem_ctx_new(&ctx) == 0, "start");
	all("virt2phy, small pages", MADV_NOHUGEPAGE, rounds);
	all("virt2phy, huge pages", MADV_HUGEPAGE, rounds);
	pmem_ctx_unref(ctx);
	return 0;
}
