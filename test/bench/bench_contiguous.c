/* SPDX-License-Identifier: MIT */
/*
 * One piece of physical memory by size and by state of the machine's memory: the library's regions
 * beside single ways. 20 tries of each, in turn, each first in its turn, all kept until the size is done; a way that
 * failed five times without a success is not asked any more. Then 64 MiB with PMEM_ALLOC_TRY_HARD. Each try gets, zeroes and checks memory by
 * pagemap; only the library and io_uring's region keep it in place. Wall time. Needs CAP_SYS_ADMIN.
 * MAP_HUGETLB needs a setting (nr_overcommit_hugepages): set for each try, and put back by
 * a process that does nothing else. Never takes the last 4 GiB.
 *
 *	bench_contiguous [GiB to fragment]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* MADV_POPULATE_WRITE */
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "fragmented.h"
#include "mem_region.h"
#include "rows.h"
#include "timing.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define TRIES      20
#define HUGE       ((size_t)2 << 20)
#define SPARE      ((size_t)4 << 30)
#define OVERCOMMIT "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages"

static struct pmem_ctx *ctx;
static int pagemap;
static size_t page;
static long overcommit; /* as it was found; -1: cannot be set */

struct got {
	void *at;
	size_t length;
	struct pmem_region *region;
};

static void set_overcommit(long pages)
{
	int fd = open(OVERCOMMIT, O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		dprintf(fd, "%ld\n", pages);
		close(fd);
	}
}

static bool one_piece(const void *at, size_t length)
{
	static uint64_t entries[16384];
	size_t count = length / page;

	if (count > sizeof(entries) / sizeof(entries[0]) ||
		pread(pagemap, entries, count * 8, (off_t)((uintptr_t)at / page * 8)) !=
			(ssize_t)(count * 8))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!(entries[i] & PMEM_PAGEMAP_PRESENT) ||
			(entries[i] & PMEM_PAGEMAP_PFN_MASK) != (entries[0] & PMEM_PAGEMAP_PFN_MASK) + i)
			return false;
	return true;
}

static bool checked(struct got *got, size_t length)
{
	if (one_piece(got->at, length))
		return true;
	munmap(got->at, got->length);
	got->at = NULL;
	return false;
}

static bool map(struct got *got, size_t length, int flags)
{
	got->length = length;
	got->at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
	if (got->at == MAP_FAILED)
		got->at = NULL;
	return got->at != NULL;
}

static bool by_library(struct got *got, size_t length)
{
	return pmem_region_alloc(ctx, length, NULL, &got->region) == 0;
}

static bool by_trying_hard(struct got *got, size_t length)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_TRY_HARD, .backend = "pages" };

	return pmem_region_alloc(ctx, length, &opts, &got->region) == 0;
}

/* periph's way, for one. */
static bool by_mlock(struct got *got, size_t length)
{
	if (!map(got, length, 0))
		return false;
	mlock(got->at, length);
	memset(got->at, 0, length);
	return checked(got, length);
}

static bool by_hugetlb(struct got *got, size_t length)
{
	if (!map(got, (length + HUGE - 1) & ~(HUGE - 1), MAP_HUGETLB | MAP_POPULATE))
		return false;
	return checked(got, length);
}

static bool by_thp(struct got *got, size_t length)
{
	size_t whole = (length + HUGE - 1) & ~(HUGE - 1);
	char *at;

	if (!map(got, whole + HUGE, 0))
		return false;
	at = (char *)(((uintptr_t)got->at + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
	madvise(at, whole, MADV_HUGEPAGE);
	if (madvise(at, whole, MADV_POPULATE_WRITE) == 0 && one_piece(at, length))
		return true;
	munmap(got->at, got->length);
	got->at = NULL;
	return false;
}

static bool by_ring(struct got *got, size_t length)
{
	struct region_desc desc = { .size = length };
	struct mem_region_reg reg = { .region = (uintptr_t)&desc };
	struct io_uring_params params;
	int ring;

	memset(&params, 0, sizeof(params));
	ring = (int)syscall(SYS_io_uring_setup, 1, &params);
	if (ring < 0)
		return false;
	if (syscall(SYS_io_uring_register, ring, REGISTER_MEM_REGION, &reg, 1) == 0) {
		got->length = length;
		got->at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
			(off_t)desc.mmap_offset);
		if (got->at == MAP_FAILED)
			got->at = NULL;
	}
	close(ring);
	return got->at && checked(got, length);
}

static struct way {
	const char *name;
	bool (*get)(struct got *got, size_t length);
	struct got got[TRIES];
	double us[TRIES], work[TRIES];
	int tries, done;
} ways[] = {
	{ .name = "pmem", .get = by_library },
	{ .name = "mmap + mlock", .get = by_mlock },
	{ .name = "MAP_HUGETLB", .get = by_hugetlb },
	{ .name = "THP", .get = by_thp },
	{ .name = "io_uring region", .get = by_ring },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void try_one(struct way *way, size_t length)
{
	bool set = way->get == by_hugetlb, ok;
	double begin, before;

	if (way->get != by_library && way->done == 0 && way->tries >= 5)
		return;
	if (set)
		set_overcommit(16384);
	before = bench_worked_us();
	begin = bench_now_us();
	ok = way->get(&way->got[way->tries], length);
	way->us[way->tries] = bench_now_us() - begin;
	way->work[way->tries++] = bench_worked_us() - before;
	way->done += ok;
	if (set)
		set_overcommit(overcommit);
}

/* In the order of their median; of what failed, how long that took. */
static void report(const char *table, const char *size, struct way *way)
{
	char note[32];
	double most;

	if (way->tries == 0)
		return;
	qsort(way->us, (size_t)way->tries, sizeof(way->us[0]), bench_by_value);
	most = way->us[way->tries - 1];
	snprintf(note, sizeof(note), "%d of %d", way->done, way->tries);
	bench_row_note(table, size, way->name, way->us[way->tries / 2], way->us[0], most, note);
	printf(" %s %s %.0f (most %.0f) |", way->name, note, way->us[way->tries / 2], most);
	if (way->get == by_library) {
		qsort(way->work, (size_t)way->tries, sizeof(way->work[0]), bench_by_value);
		bench_row_note(table, size, "pmem, of CPU", way->work[way->tries / 2], way->work[0],
			way->work[way->tries - 1], note);
		printf(" of CPU %.0f (most %.0f) |", way->work[way->tries / 2], way->work[way->tries - 1]);
	}
	fflush(stdout);
}

static void one_size(const char *table, const char *name, size_t length)
{
	for (size_t w = 0; w < WAYS; w++) {
		ways[w].tries = ways[w].done = 0;
		memset(ways[w].got, 0, sizeof(ways[w].got));
	}
	for (size_t i = 0; i < TRIES * WAYS; i++) {
		size_t w = (i + i / WAYS) % WAYS;

		if (memory_available() > SPARE + 2 * length && (w != 2 || overcommit >= 0))
			try_one(&ways[w], length);
	}
	printf("%8s |", name);
	for (size_t w = 0; w < WAYS; w++) {
		for (int i = 0; i < ways[w].tries; i++) {
			if (ways[w].got[i].at)
				munmap(ways[w].got[i].at, ways[w].got[i].length);
			pmem_region_close(ways[w].got[i].region);
		}
		report(table, name, &ways[w]);
	}
	printf("\n");
}

/* The only way that changes a setting, for a moment; 20 of them alive. */
static void try_hard(const char *table)
{
	struct way way = { .name = "pmem, TRY_HARD", .get = by_trying_hard };

	if (overcommit < 0)
		return;
	for (int i = 0; i < TRIES && memory_available() > SPARE + ((size_t)1 << 30); i++)
		try_one(&way, (size_t)64 << 20);
	for (int i = 0; i < way.tries; i++)
		pmem_region_close(way.got[i].region);
	printf("%8s |", "64 MiB");
	report(table, "64 MiB", &way);
	printf("\n");
}

/* What is too large: how soon it is refused. */
static void too_large(const char *table, const char *name, size_t length)
{
	struct way way = { .name = "pmem", .get = by_library };

	for (int i = 0; i < 5; i++) {
		try_one(&way, length);
		pmem_region_close(way.got[i].region);
	}
	printf("%8s |", name);
	report(table, name, &way);
	printf("\n");
}

static void one_state(const char *state)
{
	static const struct {
		const char *name;
		size_t kib;
	} sizes[] = { { "16 KiB", 16 }, { "64 KiB", 64 }, { "256 KiB", 256 }, { "1 MiB", 1024 },
		{ "2 MiB", 2048 }, { "4 MiB", 4096 }, { "8 MiB", 8192 }, { "64 MiB", 65536 } };
	char table[64];
	size_t of_2m, of_4m;

	memory_blocks(&of_2m, &of_4m);
	printf("%s: %zu MiB available, free blocks: %zu of 2 MiB, %zu of 4 MiB; us\n", state,
		memory_available() >> 20, of_2m, of_4m);
	snprintf(table, sizeof(table), "contiguous, %s", state);
	bench_row_note("contiguous, blocks", state, "2 MiB", (double)of_2m, (double)of_2m, (double)of_2m, "");
	bench_row_note("contiguous, blocks", state, "4 MiB", (double)of_4m, (double)of_4m, (double)of_4m, "");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		one_size(table, sizes[i].name, sizes[i].kib * 1024);
	too_large(table, "512 MiB", (size_t)512 << 20);
	too_large(table, "16 GiB", (size_t)16 << 30);
	try_hard(table);
}

/* What a virtual machine never touched, its host must find first: milliseconds that are no kernel's here. */
static void warm(void)
{
	size_t length = (size_t)4 << 30;
	void *at = MAP_FAILED;

	if (memory_available() > SPARE + length)
		at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			-1, 0);
	if (at == MAP_FAILED)
		return;
	madvise(at, length, MADV_HUGEPAGE);
	for (size_t i = 0; i < length; i += page)
		((volatile char *)at)[i] = 1;
	munmap(at, length);
}

static int measure(size_t length)
{
	struct fragmented f;
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* If memory runs out after all, then it is this process that ends. */
	if (fd >= 0) {
		dprintf(fd, "1000\n");
		close(fd);
	}
	page = (size_t)sysconf(_SC_PAGESIZE);
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0 || pmem_ctx_new(&ctx) < 0) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		return 1;
	}
	warm();
	one_state("fresh");
	for (int pinned = 0; pinned < 2; pinned++) {
		if (fragmented_make(&f, length, SPARE, pinned))
			one_state(pinned ? "pinned" : "fragmented");
		else
			printf("left out: %s memory, there is too little\n", pinned ? "pinned" : "fragmented");
		fragmented_drop(&f);
	}
	pmem_ctx_unref(ctx);
	return 0;
}

int main(int argc, char **argv)
{
	size_t gib = argc > 1 ? strtoul(argv[1], NULL, 10) : 8;
	FILE *file = fopen(OVERCOMMIT, "re");
	int status = 1;
	pid_t child;

	overcommit = -1;
	if (file) {
		if (fscanf(file, "%ld", &overcommit) != 1 || access(OVERCOMMIT, W_OK) != 0)
			overcommit = -1;
		fclose(file);
	}
	if (overcommit < 0)
		printf("left out: MAP_HUGETLB, %s cannot be set\n", OVERCOMMIT);
	fflush(stdout);
	child = fork();
	if (child == 0)
		return measure(gib << 30);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (overcommit >= 0)
		set_overcommit(overcommit);
	return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
