/* SPDX-License-Identifier: MIT */
/*
 * What translation and pinning cost, as a ratio to the system calls that they cannot do without:
 * each round runs the bare calls and the library's beside each other, and medians are compared,
 * so that a busy machine disturbs both alike. Needs CAP_SYS_ADMIN.
 *
 *	bench_vaddr [MiB] [rounds]
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "rows.h"
#include "timing.h"

#define ROUNDS_MAX 101

static size_t length, pages, page;
static uint64_t *entries, *phys;
static unsigned char *memory;
static int pagemap;

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "%s: %s\n", what, pmem_error_text(pmem_error_last()));
		exit(1);
	}
}

static void bare_read_at(const void *at, size_t count)
{
	must(pread(pagemap, entries, count * 8, (off_t)((uintptr_t)at / page * 8)) ==
		(ssize_t)(count * 8), "pread");
}

static void bare_bulk(void)
{
	bare_read_at(memory, pages);
}

static struct pmem_ctx *ctx;

static void library_bulk(void)
{
	must(pmem_vaddr_phys_bulk(ctx, memory, pages, phys) == 0, "pmem_vaddr_phys_bulk");
}

static void bare_one(void)
{
	bare_read_at(memory, 1);
}

static void library_one(void)
{
	must(pmem_vaddr_phys(ctx, memory, phys) == 0, "pmem_vaddr_phys");
}

static int ring(void)
{
	struct io_uring_params params;

	memset(&params, 0, sizeof(params));
	return (int)syscall(SYS_io_uring_setup, 1, &params);
}

/* The physical pieces of all of it: of huge pages one entry each would do. */
static void library_extents(void)
{
	size_t count;

	must(pmem_vaddr_extents(ctx, memory, length, NULL, 0, &count) == 0, "pmem_vaddr_extents");
}

/* Bytes that lie anywhere: every third page, and in pairs far apart, in no order. */
#define LIST_MAX 4096
static uint64_t list[LIST_MAX];
static size_t listed;

static void make_list(size_t step)
{
	uint32_t random = 1;

	listed = 0;
	for (size_t i = 0; i < pages && listed < LIST_MAX; i += step)
		list[listed++] = (uintptr_t)memory + i * page + i % 97;
	for (size_t i = listed; i > 1; i--) {
		uint64_t last = list[i - 1];
		size_t other = (random = random * 1103515245u + 12345u) / 65536 % i;

		list[i - 1] = list[other];
		list[other] = last;
	}
}

static int by_place(const void *a, const void *b)
{
	const uintptr_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The better of the two ways by hand: sorted with gaps read through, or one by one. */
static uintptr_t places[LIST_MAX];

static void bare_sorted(void)
{
	for (size_t i = 0; i < listed; i++)
		places[i] = (uintptr_t)list[i];
	qsort(places, listed, sizeof(places[0]), by_place);
	for (size_t i = 0, n; i < listed; i += n) {
		uintptr_t first = places[i] / page;

		for (n = 1; i + n < listed && places[i + n] / page - places[i + n - 1] / page <= 16 &&
			places[i + n] / page - first < 512; n++)
			;
		bare_read_at((const void *)places[i], places[i + n - 1] / page - first + 1);
		for (size_t k = 0; k < n; k++)
			phys[i + k] = entries[places[i + k] / page - first] & PMEM_PAGEMAP_PFN_MASK;
	}
}

static void bare_one_by_one(void)
{
	for (size_t i = 0; i < listed; i++) {
		bare_read_at((const void *)(uintptr_t)list[i], 1);
		phys[i] = entries[0] & PMEM_PAGEMAP_PFN_MASK;
	}
}

static void library_list(void)
{
	must(pmem_vaddr_phys_list(ctx, list, listed, phys) == 0, "pmem_vaddr_phys_list");
}

/* Register and read, then let go: the least that pinned memory with a known place takes. */
static void bare_pin(void)
{
	struct iovec iov = { memory, length };
	int fd = ring();

	must(syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &iov, 1) == 0, "register");
	bare_bulk();
	syscall(SYS_io_uring_register, fd, IORING_UNREGISTER_BUFFERS, NULL, 0);
	close(fd);
}

static void library_pin(void)
{
	struct pmem_region *region;

	must(pmem_region_register(ctx, memory, length, 0, &region) == 0, "pmem_region_register");
	must(pmem_region_close(region) == 0, "pmem_region_close");
}

/* All of a region's life, against memory, pin and two readings by hand. */
static void bare_region(void)
{
	struct iovec iov = { NULL, length };
	int fd = ring();

	iov.iov_base = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(iov.iov_base, length, MADV_HUGEPAGE);
	for (size_t i = 0; i < length; i += page)
		((volatile unsigned char *)iov.iov_base)[i] = 0;
	must(syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &iov, 1) == 0, "register");
	bare_read_at(iov.iov_base, pages);
	syscall(SYS_io_uring_register, fd, IORING_UNREGISTER_BUFFERS, NULL, 0);
	close(fd);
	munmap(iov.iov_base, length);
}

static void library_region(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_SCATTERED,
		.backend = "pages" };
	struct pmem_region *region;

	must(pmem_region_alloc(ctx, length, &opts, &region) == 0, "pmem_region_alloc");
	must(pmem_region_close(region) == 0, "pmem_region_close");
}

static void compare(const char *what, void (*bare)(void), void (*library)(void), int rounds,
	int repeat)
{
	double a[ROUNDS_MAX], b[ROUNDS_MAX];

	bench_in_turn(bench_worked_us, bare, library, rounds, repeat, a, b);
	bench_row("vaddr", what, "bare calls", a, rounds);
	bench_row("vaddr", what, "pmem", b, rounds);
	printf("%-38s bare %9.1f us  library %9.1f us  ratio %.2f\n", what, a[rounds / 2],
		b[rounds / 2], b[rounds / 2] / a[rounds / 2]);
}

static void all(const char *kind, int advice, int rounds)
{
	char what[64];

	memory = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(memory, length, advice);
	memset(memory, 1, length);
	snprintf(what, sizeof(what), "%s: translate %zu pages", kind, pages);
	compare(what, bare_bulk, library_bulk, rounds, 1);
	snprintf(what, sizeof(what), "%s: their pieces", kind);
	compare(what, bare_bulk, library_extents, rounds, 1);
	snprintf(what, sizeof(what), "%s: register, pieces, close", kind);
	compare(what, bare_pin, library_pin, rounds, 1);
	for (size_t step = 3; step <= 300; step *= 10) {
		make_list(step);
		snprintf(what, sizeof(what), "%s: list, every %zuth, sorted", kind, step);
		compare(what, bare_sorted, library_list, rounds, 1);
		snprintf(what, sizeof(what), "%s: list, every %zuth, singly", kind, step);
		compare(what, bare_one_by_one, library_list, rounds, 1);
	}
	munmap(memory, length);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 15;

	length = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) << 20;
	page = (size_t)sysconf(_SC_PAGESIZE);
	pages = length / page;
	if (length == 0 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_vaddr [MiB] [rounds, up to %d]\n", ROUNDS_MAX);
		return 2;
	}
	entries = calloc(pages, sizeof(*entries));
	phys = calloc(pages, sizeof(*phys));
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	must(entries && phys && pagemap >= 0, "start");
	must(pmem_ctx_new(&ctx) == 0, "pmem_ctx_new");
	memory = (unsigned char *)entries;
	compare("one address", bare_one, library_one, rounds, 200);
	all("small pages", MADV_NOHUGEPAGE, rounds);
	all("huge pages", MADV_HUGEPAGE, rounds);
	compare("a scattered region, whole life", bare_region, library_region, rounds, 1);
	pmem_ctx_unref(ctx);
	return 0;
}
