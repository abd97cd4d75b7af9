/* SPDX-License-Identifier: MIT */
/*
 * What grows and what does not: a pair of free and alloc, and a look-up from pointer to physical address,
 * by objects alive (any of them in random order); pmem_region_find() by regions. Beside them glibc,
 * mimalloc and jemalloc. ns of CPU, interleaved, medians. Objects are of 256
 * bytes, so that memory stays small.
 *
 *	bench_growth [rounds]
 */
#include <dlfcn.h>
#include <stdint.h>
#include <unistd.h>

#include <pmem/pmem.h>

#include "rows.h"
#include "timing.h"

#define OBJECTS     262144u
#define REGIONS     4096u
#define SIZE        256
#define COUNT       100000u /* of one round */
#define ROUNDS_MAX  101

static struct pmem_ctx *ctx;
static struct pmem_pool *pool;
static void *objects[OBJECTS];
static uint64_t sum; /* so that nothing is left out */

static void *(*get)(size_t);
static void (*put)(void *);

static void must(int ok)
{
	if (!ok) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		exit(1);
	}
}

static void *pool_get(size_t size)
{
	void *object = pmem_pool_alloc(pool, size, 0);

	must(object != NULL);
	return object;
}

static void pool_put(void *object)
{
	must(pmem_pool_free(pool, object) == 0);
}

static struct peer {
	const char *name, *library, *get_name, *put_name;
	void *(*get)(size_t);
	void (*put)(void *);
	void **live;
	double ns[ROUNDS_MAX];
} peers[] = {
	{ .name = "pmem_pool", .get = pool_get, .put = pool_put },
	{ .name = "malloc", .get = malloc, .put = free },
	{ .name = "mimalloc", .library = "libmimalloc.so.2", .get_name = "mi_malloc", .put_name = "mi_free" },
	{ .name = "jemalloc", .library = "libjemalloc.so.2", .get_name = "malloc", .put_name = "free" },
};
#define PEERS (sizeof(peers) / sizeof(peers[0]))

static void load(struct peer *peer)
{
	void *handle = dlopen(peer->library, RTLD_NOW | RTLD_LOCAL);
	void *from = handle ? dlsym(handle, peer->get_name) : NULL;
	void *to = handle ? dlsym(handle, peer->put_name) : NULL;

	if (from && to) {
		memcpy(&peer->get, &from, sizeof(from));
		memcpy(&peer->put, &to, sizeof(to));
	} else {
		printf("left out: %s\n", peer->name);
	}
}

static uint32_t next(uint32_t *random, uint32_t below)
{
	*random = *random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)*random * below >> 32);
}

static double pairs(void **live, uint32_t count)
{
	uint32_t random = 7;
	double begin = bench_worked_ns();

	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t k = next(&random, count);

		put(live[k]);
		live[k] = get(SIZE);
		*(volatile uint64_t *)live[k] = 1;
	}
	return (bench_worked_ns() - begin) / COUNT;
}

/* The same objects are asked for by all: loop alone, and with the look-up. */
static double lookups(uint32_t count, int ask)
{
	uint32_t random = 7;
	uint64_t phys = 0, all = 0;
	double begin = bench_worked_ns();

	for (uint32_t i = 0; i < COUNT; i++) {
		const void *object = objects[next(&random, count)];

		if (ask)
			pmem_pool_phys(pool, object, &phys);
		else
			phys = (uintptr_t)object;
		all += phys;
	}
	sum += all;
	return (bench_worked_ns() - begin) / COUNT;
}

static void by_objects(int rounds)
{
	static double alone[ROUNDS_MAX], asked[ROUNDS_MAX];
	uint32_t made = 0;

	for (uint32_t count = 1024; count <= OBJECTS; count *= 4) {
		printf("%7u objects alive:", count);
		for (size_t p = 0; p < PEERS; p++)
			for (uint32_t i = made; peers[p].get && i < count; i++)
				peers[p].live[i] = peers[p].get(SIZE);
		made = count;
		for (int round = -1; round < rounds; round++) {
			for (size_t p = 0; p < PEERS; p++) {
				double t;

				if (!peers[p].get)
					continue;
				get = peers[p].get;
				put = peers[p].put;
				t = pairs(peers[p].live, count);
				if (round >= 0)
					peers[p].ns[round] = t;
			}
			lookups(count, 0); /* the others have filled the caches */
			if (round >= 0) {
				alone[round] = lookups(count, 0);
				asked[round] = lookups(count, 1);
			}
		}
		for (size_t p = 0; p < PEERS; p++)
			if (peers[p].get)
				printf(" %s %.1f", peers[p].name, bench_row_at("growth, pairs", count,
					peers[p].name, peers[p].ns, rounds));
		printf("; look-up %.1f", bench_row_at("growth, look-up", count, "pmem_pool_phys", asked, rounds));
		printf(" (loop alone %.1f)\n",
			bench_row_at("growth, look-up", count, "loop alone", alone, rounds));
	}
}

static double find(char **places, uint32_t count)
{
	struct pmem_region *region;
	uint32_t random = 7;
	double begin = bench_worked_ns();

	for (uint32_t i = 0; i < COUNT; i++)
		must(pmem_region_find(ctx, places[next(&random, count)] + 8, &region, NULL) == 0);
	return (bench_worked_ns() - begin) / COUNT;
}

static void by_regions(int rounds)
{
	static struct pmem_region *regions[REGIONS];
	static const struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages" };
	static double ns[ROUNDS_MAX];
	static char *places[REGIONS];
	uint32_t made = 0;

	for (uint32_t count = 1; count <= REGIONS; count *= 4) {
		for (; made < count; made++) {
			must(pmem_region_alloc(ctx, 4096, &opts, &regions[made]) == 0);
			places[made] = (char *)(uintptr_t)pmem_region_data(regions[made]);
		}
		for (int round = -1; round < rounds; round++)
			ns[round < 0 ? 0 : round] = find(places, count);
		printf("%7u regions: pmem_region_find %.1f\n", count,
			bench_row_at("growth, regions", count, "pmem_region_find", ns, rounds));
	}
	while (made > 0)
		must(pmem_region_close(regions[--made]) == 0);
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 15;

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	/* jemalloc wants more of the memory that a program sets aside for libraries' own threads' data. */
	if (!getenv("GLIBC_TUNABLES")) {
		setenv("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=65536", 1);
		execv("/proc/self/exe", argv);
	}
	must(pmem_ctx_new(&ctx) == 0 && pmem_pool_new(ctx, NULL, &pool) == 0);
	for (size_t p = 0; p < PEERS; p++) {
		if (peers[p].library)
			load(&peers[p]);
		peers[p].live = p == 0 ? objects : calloc(OBJECTS, sizeof(void *));
	}
	by_objects(rounds);
	must(pmem_pool_close(pool) == 0);
	by_regions(rounds);
	pmem_ctx_unref(ctx);
	return sum == 1;
}
