/* SPDX-License-Identifier: MIT */
/*
 * Threads that use one context at the same time, in each way that the headers allow: the thread
 * sanitizer watches. It runs on the real machine; where an allocation is refused, each thread
 * must see its own reason. Public functions only.
 */
#include <pmem/pmem.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threads_check.h"

#define THREADS 6
#define ROUNDS  12
#define SIZE    (3 * 4096)

static struct pmem_ctx *shared;
static struct pmem_region *common; /* one region that all threads read, or NULL */
static pthread_barrier_t start;
static atomic_int allocated, refused, logged;

static void count_log(void *user, uint32_t level, const char *message)
{
	(void)level;
	CHECK(user == &logged && message[0] != '\0');
	atomic_fetch_add(&logged, 1);
}

/* Facts are looked up lazily: the first question of several threads at once is the hard one. */
static void ask(struct pmem_ctx *ctx)
{
	uint64_t out;
	char path[256];

	CHECK(pmem_soc_family(ctx)[0] != '\0');
	CHECK(pmem_soc_model(ctx) != NULL && pmem_soc_vendor(ctx) != NULL);
	CHECK(pmem_soc_page_size(ctx) >= 4096);
	(void)pmem_soc_node_path(ctx, "/no-such-node", 0, path, sizeof(path));
	(void)pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &out);
	for (size_t i = 0; i < pmem_backend_count(ctx); i++) {
		struct pmem_error *why = NULL;
		int r = pmem_backend_status(ctx, i, &why);

		CHECK(r <= 0 && (r == 0) == (why == NULL));
		pmem_error_free(why);
	}
}

/* The error belongs to the thread: what the others provoke meanwhile must not be seen. */
static void provoke(struct pmem_ctx *ctx, unsigned long number)
{
	struct pmem_region *region;
	char name[32], message[512];

	snprintf(name, sizeof(name), "/thread-%lu", number);
	CHECK(pmem_region_map_node(ctx, name, 0, 0, &region) < 0);
	strncpy(message, pmem_error_text(pmem_error_last()), sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	sched_yield();
	CHECK(strncmp(message, pmem_error_text(pmem_error_last()), sizeof(message) - 1) == 0);
}

static void use_memory(struct pmem_ctx *ctx, unsigned char mark)
{
	struct pmem_region *region;
	unsigned char *data;
	uint64_t phys;

	if (pmem_region_alloc(ctx, SIZE, NULL, &region) < 0) {
		CHECK(pmem_error_cause(pmem_error_last()) != PMEM_CAUSE_NONE);
		atomic_fetch_add(&refused, 1);
		return;
	}
	data = pmem_region_data(region);
	CHECK(pmem_region_phys(region, &phys) == 0);
	CHECK(pmem_region_cpu_begin(region, 0, SIZE, PMEM_DIR_BOTH) == 0);
	memset(data, mark, SIZE);
	sched_yield();
	for (size_t i = 0; i < SIZE; i++)
		CHECK(data[i] == mark);
	CHECK(pmem_region_cpu_end(region, 0, SIZE, PMEM_DIR_BOTH) == 0);
	CHECK(pmem_region_close(region) == 0);
	atomic_fetch_add(&allocated, 1);
}

static void read_common(void)
{
	uint32_t value;
	uint64_t phys;

	if (!common)
		return;
	CHECK(pmem_region_read32(common, 4, &value) == 0 && value == 0x600df00d);
	CHECK(pmem_region_phys(common, &phys) == 0);
	CHECK(pmem_region_at(common, 4, 4, 4) != NULL);
}

static void *work(void *argument)
{
	unsigned long number = (unsigned long)(uintptr_t)argument;
	struct pmem_ctx *ctx;

	pthread_barrier_wait(&start);
	ctx = pmem_ctx_ref(shared);
	for (int round = 0; round < ROUNDS; round++) {
		ask(ctx);
		provoke(ctx, number);
		use_memory(ctx, (unsigned char)(number * 16 + (unsigned long)round));
		read_common();
	}
	pmem_ctx_unref(ctx);
	return NULL;
}

int main(void)
{
	pthread_t threads[THREADS];

	CHECK(pmem_ctx_new(&shared) == 0);
	CHECK(pmem_ctx_set_log(shared, count_log, &logged) == 0);
	CHECK(pthread_barrier_init(&start, NULL, THREADS) == 0);
	if (getenv("THREADS_COMMON")) {
		if (pmem_region_alloc(shared, SIZE, NULL, &common) < 0) {
			printf("SKIP: %s\n", pmem_error_text(pmem_error_last()));
			return 77;
		}
		CHECK(pmem_region_write32(common, 4, 0x600df00d) == 0);
	}
	for (uintptr_t i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(pmem_region_close(common) == 0);
	pmem_ctx_unref(shared);
	printf("%d allocations, %d refusals, %d log messages\n", allocated, refused, logged);
	CHECK(allocated + refused == THREADS * ROUNDS);
	return 0;
}
