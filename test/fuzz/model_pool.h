/* SPDX-License-Identifier: MIT */
/*
 * A pool told to do whatever comes: sizes, alignments, frees of objects and of what is none, regions that
 * come and go. A model knows what lives; no memory is behind the pointers.
 */
#ifndef FUZZ_MODEL_POOL_H
#define FUZZ_MODEL_POOL_H

#include <errno.h>
#include <stdlib.h>

#include "fuzz.h"
#include "pool/objects.h"

#define LIVE    256
#define REGIONS 8

static struct pool pool;
static struct {
	uintptr_t pointer;
	uint64_t size;
	uint64_t align;
} live[LIVE];
static struct {
	uintptr_t base;
	uint64_t bytes, bus;
} regions[REGIONS];
static char owners[REGIONS];
static uint64_t boundary, least;

static uint64_t some_size(void)
{
	uint64_t size = 1 + fuzz_next() % (1ull << fuzz_below(22));

	return boundary && size > boundary ? 1 + size % boundary : size;
}

static void add_region(void)
{
	size_t i = fuzz_below(REGIONS);
	int r;

	if (regions[i].bytes)
		return;
	/* Places of their own; the last is far from the others. Some addresses end with 4 GiB. */
	regions[i].base = ((uintptr_t)1 << 30) + ((uintptr_t)i << 24) + 4096 * fuzz_below(64) +
		(i + 1 == REGIONS && sizeof(uintptr_t) > 4 ? (uintptr_t)1 << (sizeof(uintptr_t) * 5) : 0);
	regions[i].bytes = 4096 * (1 + fuzz_below(fuzz_below(2) ? 8 : 2048));
	regions[i].bus = ((uint64_t)i << 32) - 4096 * fuzz_below(1024) + (1ull << 33);
	pool_lock(&pool);
	r = store_add(&pool.store, regions[i].base, regions[i].bytes, regions[i].bus ^ 1ull << 40,
		regions[i].bus, &owners[i], 0);
	pool_unlock(&pool);
	MUST(r == 0);
}

static void remove_region(void)
{
	size_t i = fuzz_below(REGIONS);
	bool used = false;

	if (!regions[i].bytes)
		return;
	for (size_t k = 0; k < LIVE; k++)
		used |= live[k].size && live[k].pointer - regions[i].base < regions[i].bytes;
	pool_tidy(&pool);
	pool_lock(&pool);
	MUST(store_idle(&pool.store, &owners[i]) == !used);
	if (!used) {
		store_remove(&pool.store, &owners[i]);
		regions[i].bytes = 0;
	}
	pool_unlock(&pool);
}

static void check(size_t k)
{
	uintptr_t p = live[k].pointer;
	size_t i = 0;
	uint64_t bus;

	while (i < REGIONS && p - regions[i].base >= regions[i].bytes)
		i++;
	MUST(i < REGIONS);
	MUST(p - regions[i].base + live[k].size <= regions[i].bytes);
	bus = regions[i].bus + (p - regions[i].base);
	MUST(bus % (live[k].align > least ? live[k].align : least) == 0);
	MUST(!boundary || bus / boundary == (bus + live[k].size - 1) / boundary);
	for (size_t j = 0; j < LIVE; j++)
		MUST(j == k || !live[j].size || live[j].pointer + live[j].size <= p ||
			p + live[k].size <= live[j].pointer);
}

static void take(size_t k)
{
	uint64_t bytes, size = some_size(), align = fuzz_below(3) ? 0 : 1ull << fuzz_below(20);
	void *pointer;
	int r = 0;

	if (!(align ? pool_take_aligned(&pool, size, align, &pointer) :
		pool_take_of(&pool, &pool.store.classes, size, &pointer)))
		r = pool_take(&pool, size, align, &pointer, &bytes);
	MUST(r == 0 || r == POOL_FULL);
	if (r == POOL_FULL)
		return;
	live[k].pointer = (uintptr_t)pointer;
	live[k].size = size;
	live[k].align = align;
	check(k);
}

static int give(uintptr_t pointer)
{
	return pool_give_quick(&pool, pointer) ? 0 : pool_give(&pool, pointer);
}

static void give_wrong(size_t k)
{
	uintptr_t p = fuzz_below(2) ? live[k].pointer + fuzz_below(70000) - 35000 :
		regions[fuzz_below(REGIONS)].base + (uintptr_t)fuzz_next() % (9u << 20);
	int r;

	for (size_t j = 0; j < LIVE; j++)
		if (live[j].size && live[j].pointer == p)
			return;
	r = give(p);
	MUST(r == -ENOENT || r == -EINVAL || r == -EALREADY);
}

static void one_life(void)
{
	struct pool_numbers numbers;

	boundary = fuzz_below(3) ? 0 : 1ull << (6 + fuzz_below(28));
	least = 16u << fuzz_below(5);
	if (boundary && boundary < least)
		boundary = least;
	MUST(pool_begin(&pool, least, boundary, fuzz_below(4) != 0) == 0);
	for (int step = 0; step < 2000 && fuzz_more(); step++) {
		size_t k = fuzz_below(LIVE);

		switch (fuzz_below(16)) {
		case 0:
			add_region();
			break;
		case 1:
			if (fuzz_below(4) == 0)
				remove_region();
			break;
		case 2:
			give_wrong(k);
			break;
		default:
			if (!live[k].size) {
				take(k);
			} else {
				MUST(give(live[k].pointer) == 0);
				live[k].size = 0;
			}
		}
	}
	for (size_t k = 0; k < LIVE; k++) {
		MUST(!live[k].size || give(live[k].pointer) == 0);
		live[k].size = 0;
	}
	pool_tidy(&pool);
	pool_count(&pool, &numbers);
	MUST(numbers.objects == 0 && numbers.object_bytes == 0 && numbers.cached == 0);
	MUST(numbers.free_bytes == numbers.bytes);
	for (size_t i = 0; i < REGIONS; i++)
		regions[i].bytes = 0;
	pool_end(&pool);
}

#endif
