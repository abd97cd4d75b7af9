/* SPDX-License-Identifier: MIT */
/*
 * What contexts share: the machine and what was read of its tree. Threads make and free contexts
 * without end, so that the last one of a machine goes while another thread asks for the same machine,
 * and the first questions come from many at once; children are forked in the middle of it and go on
 * with what they inherited. Every answer is compared with what the tree says. The tree
 * is of the test's making. Public functions only.
 *
 *	machines [seconds]
 */
#include <pmem/pmem.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 4
#define NODES   40

static atomic_bool stop;
static atomic_ulong rounds;
static atomic_uint threads_begun;

#define CHECK(condition)                                                              \
	do {                                                                          \
		if (!(condition)) {                                                   \
			fprintf(stderr, "line %d: %s: %s\n", __LINE__, #condition,    \
				pmem_error_text(pmem_error_last()));                  \
			_exit(1);                                                     \
		}                                                                     \
	} while (0)

static char base[64];

static void node(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", base, path);
	CHECK(mkdir(full, 0755) == 0);
}

static void property(const char *path, const char *name, const void *data, size_t size)
{
	char full[256];
	FILE *f;

	snprintf(full, sizeof(full), "%s%s/%s", base, path, name);
	f = fopen(full, "w");
	CHECK(f != NULL && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

#define TEXT(path, name, text) property(path, name, text, sizeof(text))
#define CELLS(path, name, ...) \
	property(path, name, (const unsigned char[]){ __VA_ARGS__ }, \
		sizeof((const unsigned char[]){ __VA_ARGS__ }))

/* Two buses with a window each, and many nodes to walk over. */
static void make_tree(void)
{
	snprintf(base, sizeof(base), "/tmp/machines.XXXXXX");
	CHECK(mkdtemp(base) != NULL);
	TEXT("", "compatible", "raspberrypi,3-model-b\0brcm,bcm2837");
	TEXT("", "model", "Raspberry Pi 3 Model B");
	CELLS("", "#address-cells", 0, 0, 0, 1);
	CELLS("", "#size-cells", 0, 0, 0, 1);
	node("/soc");
	TEXT("/soc", "compatible", "simple-bus");
	CELLS("/soc", "#address-cells", 0, 0, 0, 1);
	CELLS("/soc", "#size-cells", 0, 0, 0, 1);
	CELLS("/soc", "ranges", 0x7e, 0, 0, 0, 0x3f, 0, 0, 0, 1, 0, 0, 0);
	CELLS("/soc", "dma-ranges", 0xc0, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0, 0, 0);
	node("/aliases");
	TEXT("/aliases", "gpio", "/soc/gpio@7e200000");
	node("/soc/gpio@7e200000");
	TEXT("/soc/gpio@7e200000", "compatible", "brcm,bcm2835-gpio");
	CELLS("/soc/gpio@7e200000", "gpio-controller");
	CELLS("/soc/gpio@7e200000", "#gpio-cells", 0, 0, 0, 2);
	CELLS("/soc/gpio@7e200000", "reg", 0x7e, 0x20, 0, 0, 0, 0, 0, 0xb4);
	for (int i = 0; i < NODES; i++) {
		char path[64], text[64];
		int n;

		snprintf(path, sizeof(path), "/soc/part@7e30%d000", i);
		node(path);
		n = snprintf(text, sizeof(text), "test,part-%d", i);
		property(path, "compatible", text, (size_t)n + 1);
		CELLS(path, "reg", 0x7e, 0x30, 0, (unsigned char)i, 0, 0, 0, 4);
	}
}

/* What one context says; the order of the questions differs from thread to thread. */
static void ask(struct pmem_ctx *ctx, unsigned seed)
{
	uint64_t phys, size, bus;
	char name[64], path[256];
	int part = (int)(seed / 4 % NODES);

	switch (seed % 4) {
	case 0:
		CHECK(pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &bus) == 0 && bus == 0xc0001000);
		break;
	case 1:
		CHECK(pmem_soc_gpio(ctx, &phys, &size) == 0 && phys == 0x3f200000 && size == 0xb4);
		break;
	case 2:
		snprintf(name, sizeof(name), "test,part-%d", part);
		CHECK(pmem_soc_node(ctx, name, 0, &phys, &size) == 0);
		CHECK(phys == 0x3f300000 + (unsigned)part && size == 4);
		break;
	default:
		CHECK(pmem_soc_node_path(ctx, "gpio", 0, path, sizeof(path)) == 0);
		CHECK(strcmp(path, "/soc/gpio@7e200000") == 0);
		CHECK(pmem_soc_node_path(ctx, "test,no-such", 0, path, sizeof(path)) == -ENOENT);
		break;
	}
	CHECK(strcmp(pmem_soc_model(ctx), "Raspberry Pi 3 Model B") == 0);
	CHECK(strcmp(pmem_soc_compatible(ctx, 1), "brcm,bcm2837") == 0);
	(void)pmem_heap_count(ctx, &(size_t){ 0 });
}

/*
 * The context keeps a descriptor of pagemap: of this process, whoever opened one before it was forked.
 * A page may move between two looks, but not each time.
 */
static void where(struct pmem_ctx *ctx)
{
	uint64_t said, seen = 0;
	volatile char here = 1;
	int fd;

	for (int i = 0; i < 100; i++) {
		if (pmem_vaddr_pagemap(ctx, (const void *)(uintptr_t)&here, &said) < 0)
			return; /* no such file: a sandbox */
		fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
		CHECK(fd >= 0);
		CHECK(pread(fd, &seen, sizeof(seen), (off_t)((uintptr_t)&here /
			pmem_soc_page_size(ctx) * sizeof(seen))) == sizeof(seen));
		close(fd);
		if (said == seen)
			return;
		here = 1;
	}
	fprintf(stderr, "pagemap entry 0x%llx, told was 0x%llx\n", (unsigned long long)seen,
		(unsigned long long)said);
	_exit(1);
}

static void *work(void *shared)
{
	unsigned seed = atomic_fetch_add(&threads_begun, 1) * 7919u;

	while (!stop) {
		struct pmem_ctx *ctx, *second = NULL;

		CHECK(pmem_ctx_new(&ctx) == 0);
		ask(ctx, seed++);
		where(seed % 2 ? ctx : shared);
		if (seed % 3 == 0) {
			CHECK(pmem_ctx_new(&second) == 0);
			pmem_ctx_unref(ctx);
			ctx = second;
			ask(ctx, seed++);
		}
		pmem_ctx_unref(ctx);
		atomic_fetch_add(&rounds, 1);
	}
	return NULL;
}

/* With threads of its own, which meet what the parent's threads left half done. */
static void *child_work(void *inherited)
{
	struct pmem_ctx *ctx;

	for (unsigned i = 0; i < 8; i++) {
		ask(inherited, i);
		where(inherited);
		CHECK(pmem_ctx_new(&ctx) == 0);
		ask(ctx, i + 1);
		pmem_ctx_unref(ctx);
	}
	return NULL;
}

static void child(struct pmem_ctx *inherited, struct pmem_ctx *shared)
{
	pthread_t threads[2];

	alarm(60); /* far more than it needs, and less than for ever */
	where(shared);
	for (int i = 0; i < 2; i++)
		CHECK(pthread_create(&threads[i], NULL, child_work, inherited) == 0);
	for (int i = 0; i < 2; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	pmem_ctx_unref(inherited);
	pmem_ctx_unref(shared);
	_exit(0);
}

/*
 * Of the contexts that a child inherits one is fresh, nobody or one thread has asked it, and the other
 * is in use by all threads.
 */
static void fork_one(unsigned long n, struct pmem_ctx *shared)
{
	struct pmem_ctx *ctx;
	int status;
	pid_t pid;

	CHECK(pmem_ctx_new(&ctx) == 0);
	if (n % 2)
		ask(ctx, (unsigned)n);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0)
		child(ctx, shared);
	pmem_ctx_unref(ctx);
	while (waitpid(pid, &status, 0) < 0)
		CHECK(errno == EINTR);
	if (status != 0) {
		fprintf(stderr, "child %lu ended with status 0x%x\n", n, status);
		_exit(1);
	}
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 3);
	bool forks = !getenv("MACHINES_WITHOUT_FORK");
	pthread_t threads[THREADS];
	struct pmem_ctx *shared;
	unsigned long n = 0;
	char command[96];

	make_tree();
	CHECK(setenv("LIBPMEM_DEVICE_TREE", base, 1) == 0);
	CHECK(pmem_ctx_new(&shared) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, work, shared) == 0);
	while (time(NULL) < end) {
		if (forks)
			fork_one(n++, shared);
		else
			sleep(1);
	}
	stop = 1;
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	pmem_ctx_unref(shared);
	snprintf(command, sizeof(command), "rm -r %s", base);
	CHECK(system(command) == 0);
	printf("%lu contexts, %lu children\n", (unsigned long)rounds, n);
	return 0;
}
