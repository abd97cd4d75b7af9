/* SPDX-License-Identifier: MIT */
/*
 * What does not grow: from a pointer to its physical address, with 64, 16,384 and 262,144 objects of 4
 * KiB, beside a flat table of 2 MiB entries; and a pair of free and alloc with 1,024 and with 262,144
 * objects alive. CPU time, interleaved, medians; needs 1 GiB of memory and its addresses.
 *
 *	bench_pool_ask [rounds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pmem/pmem.h>

#include "pool_floor.h"
#include "rows.h"
#include "timing.h"

#define OBJECTS    262144u
#define LOOKUPS    262144u
#define PAIRS      100000u
#define ROUNDS_MAX 101

static struct pmem_ctx *ctx;
static struct pmem_pool *pool;
static void **objects;
static uint32_t *order; /* random, below the number of objects */
static struct flat flat;
static uint64_t sum;    /* so that nothing is left out */

static void must(int ok)
{
	if (!ok) {
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
		exit(1);
	}
}

static void shuffle(uint32_t below)
{
	uint32_t random = 1;

	for (uint32_t i = 0; i < LOOKUPS; i++) {
		random = random * 1664525u + 1013904223u;
		order[i] = (uint32_t)((uint64_t)random * below >> 32);
	}
}

/* The loops: each asks for one after the other, or (dep) waits for the one before. */
#define LOOP(name, ASK)                                                                 \
	static double name(int dep)                                                     \
	{                                                                               \
		double begin = bench_worked_ns();                                       \
		uint64_t phys = 0, all = 0;                                             \
		uint32_t wait = 0;                                                      \
		if (dep) {                                                              \
			for (uint32_t i = 0; i < LOOKUPS; i++) {                        \
				const char *p = (const char *)objects[order[i + wait]]; \
				ASK;                                                    \
				all += phys;                                            \
				wait = (uint32_t)(phys >> 63);                          \
			}                                                               \
		} else {                                                                \
			for (uint32_t i = 0; i < LOOKUPS; i++) {                        \
				const char *p = (const char *)objects[order[i]];        \
				ASK;                                                    \
				all += phys;                                            \
			}                                                               \
		}                                                                       \
		sum += all;                                                             \
		return (bench_worked_ns() - begin) / LOOKUPS;                           \
	}

LOOP(ask_nothing, phys = (uintptr_t)p)
LOOP(ask_flat, phys = flat.phys[((uintptr_t)p - flat.base) >> 21] + ((uintptr_t)p & 0x1fffff))
LOOP(ask_flat_call, floor_flat_phys(&flat, p, &phys))
LOOP(ask_flat_far, far_flat_phys(&flat, p, &phys))
LOOP(ask_pool, pmem_pool_phys(pool, p, &phys))

static double (*const asks[])(int) = { ask_nothing, ask_flat, ask_flat_call, ask_flat_far,
	ask_pool };
static const char *const ask_names[] = { "loop alone", "flat table, inlined", "flat table, called",
	"flat table, in a library", "pmem_pool_phys" };
enum { NOTHING, INLINED, CALLED, FAR, POOL };
#define ASKS (sizeof(asks) / sizeof(asks[0]))

static void lookups(int rounds)
{
	static const uint32_t sets[] = { 64, 16384, OBJECTS };
	static double ns[ASKS][ROUNDS_MAX];

	printf("pointer to physical address: ns for one, independent / each after the other\n"
		"objects |  nothing | flat, inlined | flat, called | in a library | pmem_pool_phys | / in a library | / called | / inlined\n");
	for (size_t s = 0; s < 3; s++) {
		double m[2][ASKS];

		shuffle(sets[s]);
		for (int dep = 0; dep < 2; dep++) {
			for (int round = -1; round < rounds; round++)
				for (size_t a = 0; a < ASKS; a++) {
					double t = asks[a](dep);

					if (round >= 0)
						ns[a][round] = t;
				}
			for (size_t a = 0; a < ASKS; a++)
				m[dep][a] = bench_row_at(dep ? "look-up, dependent" : "look-up",
					sets[s], ask_names[a], ns[a], rounds);
		}
		printf("%7u |", sets[s]);
		for (size_t a = 0; a < ASKS; a++)
			printf(" %5.2f / %5.2f |", m[0][a], m[1][a]);
		for (size_t a = FAR; a >= INLINED; a--)
			printf(" %4.2f / %4.2f |", m[0][POOL] / m[0][a], m[1][POOL] / m[1][a]);
		printf("\n");
	}
}

/* Pairs on any of the first count objects. */
static double pairs(uint32_t count)
{
	uint32_t random = 7;
	double begin = bench_worked_ns();

	for (uint32_t i = 0; i < PAIRS; i++) {
		uint32_t k;

		random = random * 1664525u + 1013904223u;
		k = (uint32_t)((uint64_t)random * count >> 32);
		must(pmem_pool_free(pool, objects[k]) == 0);
		objects[k] = pmem_pool_alloc(pool, 4096, 4096);
		must(objects[k] != NULL);
	}
	return (bench_worked_ns() - begin) / PAIRS;
}

/* Alive: so many; used: any of the first 1,024, or any of all. */
static void alive(uint32_t count, int rounds, double *few, double *any)
{
	static double ns[2][ROUNDS_MAX];

	for (int round = -1; round < rounds; round++) {
		double a = pairs(1024), b = pairs(count);

		if (round >= 0) {
			ns[0][round] = a;
			ns[1][round] = b;
		}
	}
	*few = bench_row_at("alive", count, "any of 1,024 of them", ns[0], rounds);
	*any = bench_row_at("alive", count, "any of them", ns[1], rounds);
}

static void fill(uint32_t from, uint32_t to)
{
	double begin = bench_worked_ns(), took;

	for (uint32_t i = from; i < to; i++) {
		objects[i] = pmem_pool_alloc(pool, 4096, 4096);
		must(objects[i] != NULL);
	}
	took = bench_worked_ns() - begin;
	printf("from %u to %u objects of 4 KiB, aligned: %.0f ns for each, with the regions they need\n",
		from, to, took / (to - from));
}

static void make_flat(void)
{
	uintptr_t low = UINTPTR_MAX, high = 0;
	size_t entries;

	for (uint32_t i = 0; i < OBJECTS; i++) {
		low = (uintptr_t)objects[i] < low ? (uintptr_t)objects[i] : low;
		high = (uintptr_t)objects[i] > high ? (uintptr_t)objects[i] : high;
	}
	flat.base = low & ~(uintptr_t)0x1fffff;
	entries = ((high - flat.base) >> 21) + 1;
	flat.phys = calloc(entries, sizeof(*flat.phys));
	for (uint32_t i = 0; i < OBJECTS; i++) {
		uint64_t phys;

		must(pmem_pool_phys(pool, objects[i], &phys) == 0);
		flat.phys[((uintptr_t)objects[i] - flat.base) >> 21] =
			phys - ((uintptr_t)objects[i] & 0x1fffff);
	}
	printf("%zu entries of 2 MiB for 1 GiB\n", entries);
}

int main(int argc, char **argv)
{
	static const struct pmem_alloc_opts alloc = { .size = sizeof(alloc),
		.flags = PMEM_ALLOC_SCATTERED, .align = 2u << 20 };
	static const struct pmem_pool_opts opts = { .size = sizeof(opts), .grow = 2u << 20,
		.alloc = &alloc };
	int rounds = argc > 1 ? atoi(argv[1]) : 15;
	double few[2], any[2];

	if (rounds < 1 || rounds > ROUNDS_MAX)
		return 2;
	objects = calloc(OBJECTS, sizeof(*objects));
	order = calloc(LOOKUPS + 1, sizeof(*order));
	must(objects && order && pmem_ctx_new(&ctx) == 0 && pmem_pool_new(ctx, &opts, &pool) == 0);
	fill(0, 1024);
	alive(1024, rounds, &few[0], &any[0]);
	fill(1024, OBJECTS);
	alive(OBJECTS, rounds, &few[1], &any[1]);
	printf("free and alloc of any of 1,024: %.1f ns with 1,024 alive, %.1f with 262,144: %.2f\n"
		"free and alloc of any of all:   %.1f ns with 1,024 alive, %.1f with 262,144: %.2f\n",
		few[0], few[1], few[1] / few[0], any[0], any[1], any[1] / any[0]);
	make_flat();
	lookups(rounds);
	must(pmem_pool_close(pool) == 0);
	pmem_ctx_unref(ctx);
	return sum == 1;
}
