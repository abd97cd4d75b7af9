/* SPDX-License-Identifier: MIT */
/*
 * A child of a program with threads: it never waits for a lock that a thread of the parent held
 * when fork() copied it, and what it closes of its parent's leaves the parent's as it was. Runs on
 * the real machine. Public functions only.
 */
#include <pmem/pmem.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threads_check.h"

#define THREADS 4
#define FORKS   400
#define SIZE    (4 * 4096)

static atomic_bool stop;

/* What takes locks of the library: a session, what is learnt of the machine, kept descriptors. */
static void use(struct pmem_ctx *ctx)
{
	size_t count;
	uint64_t value;

	(void)pmem_firmware_reclaim(ctx, PMEM_RECLAIM_DRY_RUN, &count, &value);
	(void)pmem_firmware_get(ctx, PMEM_FACT_REVISION, &value);
	(void)pmem_soc_gpio(ctx, &value, NULL);
	(void)pmem_heap_count(ctx, &count);
	(void)pmem_vaddr_pagemap(ctx, &count, &value);
	CHECK(pmem_soc_family(ctx) != NULL);
}

static void *work(void *common)
{
	while (!stop) {
		struct pmem_ctx *ctx;

		CHECK(pmem_ctx_new(&ctx) == 0);
		use(ctx);
		pmem_ctx_unref(ctx);
		use(common);
	}
	return NULL;
}

static int wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		CHECK(errno == EINTR);
	return status;
}

/* Of its own, and the one that all threads of the parent were using. */
static void child_with_contexts(struct pmem_ctx *common)
{
	static const struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages",
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE };
	struct pmem_region *region;
	struct pmem_error *error;
	struct pmem_ctx *ctx;

	alarm(20); /* far more than the child needs, and less than for ever */
	CHECK(pmem_ctx_error(common, &error) == -ENOENT); /* what failed in the parent */
	CHECK(pmem_ctx_new(&ctx) == 0);
	use(ctx);
	pmem_ctx_unref(ctx);
	use(common);
	CHECK(pmem_region_alloc(common, SIZE, &opts, &region) == 0);
	CHECK(pmem_region_close(region) == 0);
	pmem_ctx_unref(common);
	_exit(0);
}

static void no_lock_is_inherited(void)
{
	pthread_t threads[THREADS];
	struct pmem_ctx *common;

	CHECK(pmem_ctx_new(&common) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, work, common) == 0);
	for (int i = 0; i < FORKS; i++) {
		pid_t child = fork();
		int status;

		CHECK(child >= 0);
		if (child == 0)
			child_with_contexts(common);
		status = wait_for(child);
		if (status != 0) {
			fprintf(stderr, "child %d of %d ended with status 0x%x\n", i, FORKS, status);
			exit(1);
		}
	}
	stop = 1;
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	pmem_ctx_unref(common);
}

/* Ask the kernel to move every page that nothing holds. */
static void compact(void)
{
	FILE *f = fopen("/proc/sys/vm/compact_memory", "w");

	if (!f)
		return;
	fputs("1", f);
	fclose(f);
}

/* Lines of a ring's fdinfo that tell of registered buffers; -1: no ring with any. */
static long registered(void)
{
	long most = -1;

	for (int fd = 3; fd < 256; fd++) {
		char path[64], line[256];
		FILE *f;
		long n;

		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
		f = fopen(path, "r");
		while (f && fgets(line, sizeof(line), f)) {
			if (sscanf(line, "UserBufs: %ld", &n) == 1 && n > most)
				most = n;
		}
		if (f)
			fclose(f);
	}
	return most;
}

static int a_child_closes(void)
{
	static const struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED, .backend = "pages" };
	struct pmem_region *region;
	struct pmem_ctx *ctx;
	long before;
	pid_t child;

	CHECK(pmem_ctx_new(&ctx) == 0);
	if (pmem_region_alloc(ctx, SIZE, &opts, &region) < 0) {
		printf("SKIP: %s\n", pmem_error_text(pmem_error_last()));
		pmem_ctx_unref(ctx);
		return 77;
	}
	before = registered();
	memset(pmem_region_data(region), 0x5a, SIZE);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		CHECK(pmem_region_close(region) == 0);
		pmem_ctx_unref(ctx);
		_exit(0);
	}
	CHECK(wait_for(child) == 0);
	printf("registered before %ld, after %ld\n", before, registered());
	CHECK(registered() == before);
	compact();
	for (size_t i = 0; i < SIZE; i++)
		CHECK(((unsigned char *)pmem_region_data(region))[i] == 0x5a);
	CHECK(pmem_region_close(region) == 0);
	pmem_ctx_unref(ctx);
	if (before < 1) {
		printf("SKIP: the kernel's fdinfo shows no registered buffers\n");
		return 77;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "close") == 0)
		return a_child_closes();
	no_lock_is_inherited();
	return 0;
}
