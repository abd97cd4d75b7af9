/* SPDX-License-Identifier: MIT */
/*
 * Which memory stays where it is: the library's regions, of each kind, the memory of a pool, and memory of the
 * program's own that it registered; beside what programs use that have no such library. Twenty rounds each of
 * compaction, of one more page of 1 GiB (which the kernel makes by moving others), and of a fork after which the parent writes.
 * Memory is fragmented first, and before each compaction again: where there is nothing to move, "0 moved" says nothing.
 * Needs root. The pool of 1 GiB pages is put back after each round.
 *
 *	bench_stay [rounds]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "../stress/fragment.h"
#include "rows.h"

#define MIB     ((size_t)1 << 20)
#define BASE    (2048 * MIB)
#define SPARE   (2048 * MIB) /* what is left to others */
#define GIGA    "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
#define PAGES   4096         /* of each kind, at most */
#define PIECES  64

static struct pmem_ctx *ctx;
static struct pmem_pool *pool;
static size_t page;

static struct kind {
	const char *name;
	size_t size;         /* of a piece */
	int pieces;
	uint32_t flags;      /* of a region */
	enum { REGION, POOL, REGISTERED, MAPPED, MLOCKED, MEMFD } how;
	unsigned char *at[PIECES];
	struct pmem_region *regions[PIECES];
	uint64_t *frames;
	int rounds_moved;
	double moved[100];   /* pages of all, in each round */
} kinds[] = {
	/* First, and before memory is fragmented: to find a row the library goes through all that is free. */
	{ .name = "pmem: 8 MiB", .size = 8 * MIB, .pieces = 1 },
	{ .name = "pmem: 64 KiB", .size = 64 << 10, .pieces = 64 },
	{ .name = "pmem: 2 MiB", .size = 2 * MIB, .pieces = 4 },
	{ .name = "pmem: small pages", .size = MIB, .pieces = 8, .flags = PMEM_ALLOC_SCATTERED },
	{ .name = "pmem: pool", .size = 64 << 10, .pieces = 64, .how = POOL },
	{ .name = "pmem: registered", .size = 4 * MIB, .pieces = 2, .how = REGISTERED },
	{ .name = "mmap", .size = 4 * MIB, .pieces = 4, .how = MAPPED },
	{ .name = "mmap + mlock", .size = 4 * MIB, .pieces = 4, .how = MLOCKED },
	{ .name = "memfd + mlock", .size = 4 * MIB, .pieces = 4, .how = MEMFD },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool fails(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, pmem_error_text(pmem_error_last()));
	return false;
}

static unsigned char *map(const struct kind *k)
{
	int fd = k->how == MEMFD ? memfd_create("bench", 0) : -1;
	void *at;

	if (fd >= 0 && ftruncate(fd, (off_t)k->size) < 0)
		return NULL;
	at = mmap(NULL, k->size, PROT_READ | PROT_WRITE, fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		return NULL;
	madvise(at, k->size, MADV_NOHUGEPAGE);
	if (k->how == MLOCKED || k->how == MEMFD)
		mlock(at, k->size);
	memset(at, 1, k->size);
	return at;
}

static bool take_piece(struct kind *k, int i)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = k->flags, .backend = "pages" };

	if (k->how == REGION) {
		if (pmem_region_alloc(ctx, k->size, &opts, &k->regions[i]) < 0)
			return fails(k->name);
		k->at[i] = pmem_region_data(k->regions[i]);
	} else if (k->how == POOL) {
		k->at[i] = pmem_pool_alloc(pool, k->size, 0);
	} else {
		k->at[i] = map(k);
	}
	if (!k->at[i])
		return fails(k->name);
	if (k->how == REGISTERED && pmem_region_register(ctx, k->at[i], k->size, 0, &k->regions[i]) < 0)
		return fails(k->name);
	memset(k->at[i], 1, k->size);
	return true;
}

static bool take(struct kind *k)
{
	k->frames = calloc(PAGES, sizeof(*k->frames));
	for (int i = 0; i < k->pieces; i++)
		if (!k->frames || !take_piece(k, i))
			return false;
	return true;
}

static void drop(struct kind *k)
{
	for (int i = 0; i < k->pieces; i++) {
		pmem_region_close(k->regions[i]);
		if (k->how == POOL)
			pmem_pool_free(pool, k->at[i]);
		else if (k->how != REGION && k->at[i])
			munmap(k->at[i], k->size);
		k->regions[i] = NULL;
		k->at[i] = NULL;
	}
	free(k->frames);
	k->frames = NULL;
}

/* Where its pages are now; how many are not where they were. */
static size_t look(struct kind *k)
{
	size_t each = k->size / page, moved = 0;
	uint64_t now[PAGES];

	for (int i = 0; i < k->pieces; i++) {
		uint64_t *was = k->frames + (size_t)i * each;

		if (pmem_vaddr_phys_bulk(ctx, k->at[i], each, now) < 0) {
			fails("translate");
			exit(1);
		}
		for (size_t n = 0; n < each; n++) {
			moved += was[n] != now[n];
			was[n] = now[n];
		}
	}
	return moved;
}

static void write_all(struct kind *k, int value)
{
	for (int i = 0; i < k->pieces; i++)
		for (size_t n = 0; n < k->size; n += page)
			k->at[i][n] = (unsigned char)value;
}

/* Fresh holes, and pages of what is not pinned that fell into them. */
static void compaction(int round)
{
	struct fragment more;

	(void)round;
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].how >= MAPPED)
			drop(&kinds[i]);
	if (!fragment_make(&more, BASE / 8))
		exit(1);
	for (size_t i = 0; i < KINDS; i++) {
		if (kinds[i].how >= MAPPED && !take(&kinds[i]))
			exit(1);
		look(&kinds[i]);
	}
	fragment_compact();
	fragment_drop(&more);
}

static long giga_pages(long set)
{
	FILE *file = fopen(GIGA, set < 0 ? "re" : "we");
	long n = -1;

	if (file && set < 0 && fscanf(file, "%ld", &n) != 1)
		n = -1;
	if (file && set >= 0)
		fprintf(file, "%ld\n", set);
	if (file)
		fclose(file);
	return n;
}

static void giga(int round)
{
	long before = giga_pages(-1);

	(void)round;
	if (before < 0)
		return;
	giga_pages(before + 1);
	giga_pages(before);
}

static void fork_and_write(int round)
{
	int gate[2];
	pid_t child;
	char c;

	if (pipe(gate) < 0)
		return;
	child = fork();
	if (child == 0) { /* keeps its share of the pages until the parent has written */
		close(gate[1]);
		_exit(read(gate[0], &c, 1) != 0);
	}
	close(gate[0]);
	for (size_t i = 0; i < KINDS; i++)
		write_all(&kinds[i], round);
	close(gate[1]);
	if (child > 0)
		waitpid(child, NULL, 0);
}

static void run(const char *event, void (*happens)(int round), int rounds)
{
	for (size_t i = 0; i < KINDS; i++) {
		kinds[i].rounds_moved = 0;
		look(&kinds[i]);
	}
	for (int round = 0; round < rounds; round++) {
		happens(round);
		for (size_t i = 0; i < KINDS; i++) {
			kinds[i].moved[round] = (double)look(&kinds[i]);
			kinds[i].rounds_moved += kinds[i].moved[round] > 0;
		}
	}
	for (size_t i = 0; i < KINDS; i++) {
		struct kind *k = &kinds[i];
		char note[32];

		qsort(k->moved, (size_t)rounds, sizeof(k->moved[0]), bench_by_value);
		snprintf(note, sizeof(note), "%d of %d", k->rounds_moved, rounds);
		bench_row_note("stay", k->name, event, k->moved[rounds / 2], k->moved[0], k->moved[rounds - 1], note);
		printf("%-18s | %-16s | in %s rounds, of %zu pages: median %.0f, most %.0f\n", event, k->name, note,
			(size_t)k->pieces * k->size / page, k->moved[rounds / 2], k->moved[rounds - 1]);
	}
}

int main(int argc, char **argv)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages" };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };
	int rounds = argc > 1 ? atoi(argv[1]) : 20;
	struct fragment base;

	page = (size_t)sysconf(_SC_PAGESIZE);
	if (rounds < 1 || rounds > 100 || page != 4096) {
		fprintf(stderr, "usage: bench_stay [rounds, up to 100]; with pages of 4 KiB\n");
		return 2;
	}
	if (access("/proc/sys/vm/compact_memory", W_OK) != 0 || fragment_available() < BASE + SPARE) {
		printf("left out: what stays in place, it needs root and %zu MiB\n", (BASE + SPARE) / MIB);
		return 0;
	}
	if (pmem_ctx_new(&ctx) < 0 || pmem_pool_new(ctx, &opts, &pool) < 0)
		return !fails("start");
	if (!take(&kinds[0]) || !fragment_make(&base, BASE))
		return 1;
	for (size_t i = 1; i < KINDS; i++)
		if (!take(&kinds[i]))
			return 1;
	run("compaction", compaction, rounds);
	if (access(GIGA, W_OK) == 0)
		run("1 GiB pages", giga, rounds);
	else
		printf("left out: 1 GiB pages, %s cannot be set\n", GIGA);
	run("fork and write", fork_and_write, rounds);
	for (size_t i = 0; i < KINDS; i++)
		drop(&kinds[i]);
	fragment_drop(&base);
	pmem_pool_close(pool);
	pmem_ctx_unref(ctx);
	return 0;
}
