/* SPDX-License-Identifier: MIT */
/*
 * What a contiguous region with its address costs, all its life (alloc, phys, close), as a ratio to the
 * bare calls that it cannot do without: a ring, its memory region, the mapping, one read of a pagemap
 * that is open, and the undoing. Both run beside each other in each round, and of each the round is taken
 * that nine tenths are slower than, so that a busy machine says little. Needs CAP_SYS_ADMIN and Linux 6.14.
 *
 *	bench_alloc [rounds]
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "mem_region.h"
#include "rows.h"
#include "timing.h"

#define ROUNDS_MAX 1001
#define REPEAT     20

static struct pmem_ctx *ctx;
static int pagemap;
static size_t length, page;
static uint64_t entries[512];

static void must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

static void bare(void)
{
	struct region_desc desc = { .size = length };
	struct mem_region_reg reg = { .region = (uintptr_t)&desc };
	struct io_uring_params params;
	size_t count = length / page;
	void *memory;
	int ring;

	memset(&params, 0, sizeof(params));
	ring = (int)syscall(SYS_io_uring_setup, 1, &params);
	must(ring >= 0, "io_uring_setup");
	must(syscall(SYS_io_uring_register, ring, REGISTER_MEM_REGION, &reg, 1) == 0,
		"io_uring_register");
	memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		(off_t)desc.mmap_offset);
	must(memory != MAP_FAILED, "mmap");
	close(ring);
	must(pread(pagemap, entries, count * 8, (off_t)((uintptr_t)memory / page * 8)) ==
		(ssize_t)(count * 8), "pread");
	for (size_t i = 1; i < count; i++)
		must(entries[i] == entries[0] + i, "contiguous");
	munmap(memory, length);
}

static void library(void)
{
	struct pmem_region *region;
	uint64_t phys;

	if (pmem_region_alloc(ctx, length, NULL, &region) < 0 ||
		pmem_region_phys(region, &phys) < 0 || pmem_region_close(region) < 0) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		exit(1);
	}
}

static double time_of(void (*run)(void))
{
	double t = bench_now_us();

	for (int n = 0; n < REPEAT; n++)
		run();
	return (bench_now_us() - t) / REPEAT;
}

static void compare(int rounds)
{
	static double a[ROUNDS_MAX], b[ROUNDS_MAX];
	char what[24];

	bare();
	library();
	for (int i = 0; i < rounds; i++) {
		a[i] = time_of(bare);
		b[i] = time_of(library);
	}
	snprintf(what, sizeof(what), "%zu KiB", length / 1024);
	bench_row("alloc", what, "bare calls", a, rounds);
	bench_row("alloc", what, "pmem", b, rounds);
	printf("%5zu KiB  bare %7.2f us  library %7.2f us  ratio %.2f\n", length / 1024,
		a[rounds / 10], b[rounds / 10], b[rounds / 10] / a[rounds / 10]);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 4, 16, 64, 256, 2048 };
	int rounds = argc > 1 ? atoi(argv[1]) : 201;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_alloc [rounds, up to %d]\n", ROUNDS_MAX);
		return 2;
	}
	page = (size_t)sysconf(_SC_PAGESIZE);
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	must(pagemap >= 0, "open pagemap");
	must(pmem_ctx_new(&ctx) == 0, "pmem_ctx_new");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		length = sizes[i] * 1024;
		if (length >= page && length / page <= sizeof(entries) / sizeof(entries[0]))
			compare(rounds);
	}
	pmem_ctx_unref(ctx);
	return 0;
}
