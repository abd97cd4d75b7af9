/* SPDX-License-Identifier: MIT */
/*
 * What a dma-buf costs, as a ratio to the system calls that it cannot do without: alone, beside
 * thousands of others, and from many threads. Each round runs the bare calls and the library's
 * beside each other, and medians are compared. The system heap, or else udmabuf.
 *
 *	bench_dmabuf [others] [rounds]
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* memfd_create() */
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "rows.h"
#include "timing.h"

#define HEAP       "/dev/dma_heap/system"
#define UDMABUF    "/dev/udmabuf"
#define SIZE       65536u
#define ROUNDS_MAX 101
#define THREADS    100
#define EACH       2 /* buffers of a thread */

static struct pmem_ctx *ctx;
static bool heap; /* else udmabuf */

struct buffer {
	int fd;
	void *data;
};

static void must(int ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "%s: %s, %s\n", what, strerror(errno),
			pmem_error_text(pmem_error_last()));
		exit(1);
	}
}

static int bare_heap(void)
{
	struct dma_heap_allocation_data data = { .len = SIZE, .fd_flags = O_RDWR | O_CLOEXEC };
	int fd = open(HEAP, O_RDONLY | O_CLOEXEC);

	must(fd >= 0 && ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &data) == 0, HEAP);
	close(fd);
	return (int)data.fd;
}

static int bare_udmabuf(void)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = SIZE };
	int fd = open(UDMABUF, O_RDWR | O_CLOEXEC), memfd, buffer;

	memfd = memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	must(fd >= 0 && memfd >= 0 && ftruncate(memfd, SIZE) == 0, UDMABUF);
	must(fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK) == 0, "F_ADD_SEALS");
	create.memfd = (uint32_t)memfd;
	buffer = ioctl(fd, UDMABUF_CREATE, &create);
	must(buffer >= 0, "UDMABUF_CREATE");
	close(memfd);
	close(fd);
	return buffer;
}

static void bare_get(struct buffer *buffer)
{
	buffer->fd = heap ? bare_heap() : bare_udmabuf();
	buffer->data = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, buffer->fd, 0);
	must(buffer->data != MAP_FAILED, "mmap");
}

static void bare_put(struct buffer *buffer)
{
	munmap(buffer->data, SIZE);
	close(buffer->fd);
}

static void library_get(struct pmem_region **region)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .heap = heap ? "system" : NULL,
		.backend = heap ? "dmaheap" : "udmabuf",
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS };

	must(pmem_region_alloc(ctx, SIZE, &opts, region) == 0, "pmem_region_alloc");
}

static void bare_one(void)
{
	struct buffer buffer;

	bare_get(&buffer);
	bare_put(&buffer);
}

static void library_one(void)
{
	struct pmem_region *region;

	library_get(&region);
	must(pmem_region_close(region) == 0, "pmem_region_close");
}

/* Somebody else's buffer. */
static struct buffer foreign;

static void bare_import(void)
{
	struct buffer buffer = { .fd = fcntl(foreign.fd, F_DUPFD_CLOEXEC, 3) };
	off_t size = lseek(buffer.fd, 0, SEEK_END);

	buffer.data = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, buffer.fd, 0);
	must(buffer.data != MAP_FAILED, "mmap");
	bare_put(&buffer);
}

static void library_import(void)
{
	struct pmem_region *region;

	must(pmem_region_import(ctx, foreign.fd, 0, &region) == 0, "pmem_region_import");
	must(pmem_region_close(region) == 0, "pmem_region_close");
}

static pthread_barrier_t start;

static void *bare_thread(void *user)
{
	struct buffer buffers[EACH];

	(void)user;
	pthread_barrier_wait(&start);
	for (int i = 0; i < EACH; i++)
		bare_get(&buffers[i]);
	for (int i = 0; i < EACH; i++)
		bare_put(&buffers[i]);
	return NULL;
}

static void *library_thread(void *user)
{
	struct pmem_region *regions[EACH];

	(void)user;
	pthread_barrier_wait(&start);
	for (int i = 0; i < EACH; i++)
		library_get(&regions[i]);
	for (int i = 0; i < EACH; i++)
		must(pmem_region_close(regions[i]) == 0, "pmem_region_close");
	return NULL;
}

static void all_threads(void *(*body)(void *))
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&start, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		must(pthread_create(&threads[i], NULL, body, NULL) == 0, "pthread_create");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
}

static void bare_threads(void)
{
	all_threads(bare_thread);
}

static void library_threads(void)
{
	all_threads(library_thread);
}

static void compare(const char *what, void (*bare)(void), void (*library)(void), int rounds,
	int repeat)
{
	double a[ROUNDS_MAX], b[ROUNDS_MAX];

	bench_in_turn(bench_now_us, bare, library, rounds, repeat, a, b);
	qsort(a, (size_t)rounds, sizeof(a[0]), bench_by_value);
	qsort(b, (size_t)rounds, sizeof(b[0]), bench_by_value);
	printf("%-38s bare %9.1f us  library %9.1f us  ratio %.2f\n", what, a[rounds / 2],
		b[rounds / 2], b[rounds / 2] / a[rounds / 2]);
}

/* As many as the limit of open files lets the two rounds have beside them. */
static size_t others(size_t wanted)
{
	struct rlimit limit = { wanted + 1000, wanted + 1000 };

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0) { /* not root */
		getrlimit(RLIMIT_NOFILE, &limit);
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (wanted + 1000 > limit.rlim_cur)
		wanted = limit.rlim_cur > 1000 ? (size_t)limit.rlim_cur - 1000 : 0;
	return wanted;
}

static void beside_many(size_t count, int rounds)
{
	struct pmem_region **many = calloc(count, sizeof(struct pmem_region *));
	char what[64];
	double t = bench_now_us(), bare;
	struct buffer *buffers = calloc(count, sizeof(*buffers));

	must(many && buffers, "calloc");
	for (size_t i = 0; i < count; i++)
		bare_get(&buffers[i]);
	for (size_t i = 0; i < count; i++)
		bare_put(&buffers[i]);
	bare = bench_now_us() - t;
	t = bench_now_us();
	for (size_t i = 0; i < count; i++)
		library_get(&many[i]);
	snprintf(what, sizeof(what), "one more beside %zu", count);
	t = bench_now_us() - t;
	compare(what, bare_one, library_one, rounds, 50);
	snprintf(what, sizeof(what), "import beside %zu", count);
	compare(what, bare_import, library_import, rounds, 50);
	t -= bench_now_us();
	for (size_t i = 0; i < count; i++)
		must(pmem_region_close(many[i]) == 0, "pmem_region_close");
	t += bench_now_us();
	printf("%zu at once %26s bare %9.1f us  library %9.1f us  ratio %.2f\n", count, "", bare, t,
		t / bare);
	free(many);
	free(buffers);
}

int main(int argc, char **argv)
{
	size_t count = others(argc > 1 ? strtoul(argv[1], NULL, 10) : 8192);
	int rounds = argc > 2 ? atoi(argv[2]) : 15;

	if (rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_dmabuf [others] [rounds, up to %d]\n", ROUNDS_MAX);
		return 2;
	}
	heap = access(HEAP, R_OK) == 0;
	if (!heap && access(UDMABUF, R_OK | W_OK) != 0) {
		printf("nothing measured: dma-bufs (the guest x86-dmabuf measures them), there is neither %s nor %s for this program\n", HEAP,
			UDMABUF);
		return 0;
	}
	must(pmem_ctx_new(&ctx) == 0, "pmem_ctx_new");
	bare_get(&foreign);
	compare("one buffer", bare_one, library_one, rounds, 50);
	compare("import", bare_import, library_import, rounds, 50);
	compare("200 buffers in 100 threads", bare_threads, library_threads, rounds, 1);
	if (count)
		beside_many(count, rounds);
	bare_put(&foreign);
	pmem_ctx_unref(ctx);
	return 0;
}
