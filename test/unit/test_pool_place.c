/* SPDX-License-Identifier: MIT */
/*
 * lib/pool: where objects are placed, compared with a list of all that live. No memory is behind the
 * pointers: whoever touched it would fault.
 */
#include <errno.h>
#include <stdlib.h>

#include "must.h"
#include "pool/objects.h"
#include "pool/slabs.h"
#include "suite.h"

static uint64_t state;

static uint64_t next(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return state >> 17;
}

static size_t below(size_t limit)
{
	return (size_t)(next() % limit);
}

/* --- sizes --------------------------------------------------------------------------------- */

START_TEST(sizes)
{
	for (unsigned c = 0; c + 1 < CLASS_COUNT; c++)
		MUST(class_size(c) < class_size(c + 1));
	MUST(class_size(0) == 16);
	MUST(class_size(CLASS_COUNT - 1) == CLASS_MAX + CLASS_LINE);
	for (uint64_t align = 16; align <= 65536; align *= 2) {
		for (uint64_t size = 1; size <= CLASS_MAX; size += 1 + size / 7) {
			unsigned c = class_for(size, align, false), p = class_for(size, align, true);

			MUST(c < CLASS_COUNT);
			MUST(class_size(c) >= size);
			MUST(class_size(c) % align == 0);
			MUST(p < CLASS_COUNT);
			MUST((class_size(p) & (class_size(p) - 1)) == 0);
			/* At most a quarter more than was asked for, but for what alignment needs. */
			if (size > 4 * align)
				MUST(class_size(c) <= size + size / 4 + CLASS_LINE);
		}
	}
	MUST(class_for(CLASS_MAX + 1, 16, false) == CLASS_NONE);
	MUST(class_for(1, 2 * CLASS_MAX, false) == CLASS_NONE);
}
END_TEST

/* The tables say what the search does; rounded up to an alignment, every size gets one that has it. */
START_TEST(tables)
{
	static struct class_table table;

	for (uint64_t align = 16; align <= 8192; align *= 2) {
		class_table_fill(&table, align, false, UINT64_MAX);
		for (uint64_t size = 1; size <= CLASS_MAX; size++) {
			uintptr_t place = class_look_up(&table, size);

			MUST(place < CLASS_PLACE(CLASS_NONE));
			MUST(class_size((unsigned)(place / 32)) >= size);
			MUST(class_size((unsigned)(place / 32)) % align == 0);
		}
	}
	class_table_fill(&table, 2 * CLASS_LINE, false, UINT64_MAX);
	for (uint64_t align = 2 * CLASS_LINE; align <= CLASS_MAX; align *= 2) {
		for (uint64_t size = align; size <= CLASS_MAX; size += align)
			MUST((class_size((unsigned)(class_look_up(&table, size) / 32)) % align) == 0);
	}
	MUST(class_look_up(&table, 0) == CLASS_PLACE(CLASS_NONE));
	MUST(class_look_up(&table, CLASS_MAX + 1) == CLASS_PLACE(CLASS_NONE));
	class_table_fill(&table, 64, true, 4096);
	MUST(class_size((unsigned)(class_look_up(&table, 4095) / 32)) == 4096);
	MUST(class_look_up(&table, 4097) == CLASS_PLACE(CLASS_NONE));
	class_table_fill(&table, 16, true, 64);
	MUST(class_size((unsigned)(class_look_up(&table, 64) / 32)) == 64);
	MUST(class_look_up(&table, 65) == CLASS_PLACE(CLASS_NONE));
}
END_TEST

/* --- runs ---------------------------------------------------------------------------------- */

#define AREAS 5
#define RUNS  400

START_TEST(runs)
{
	static const uint32_t units[AREAS] = { 1, 7, 512, 1000, 4096 };
	static const uint32_t shifts[AREAS] = { 12, 12, 12, 14, 16 };
	static struct spans spans;
	static struct area areas[AREAS];
	struct span_tag *live[RUNS] = { NULL };
	uint64_t bytes[RUNS] = { 0 }, all = 0, taken = 0;

	state = (uint64_t)_i;
	for (int i = 0; i < AREAS; i++) {
		areas[i] = (struct area){ .base = (uintptr_t)(i + 1) << 28, .shift = shifts[i],
			.address = ((uint64_t)(i + 1) << 33) + ((uint64_t)i << 16), .units = units[i],
			.tags = calloc(units[i], sizeof(struct span_tag)) };
		spans_add(&spans, &areas[i]);
		all += (uint64_t)units[i] << shifts[i];
	}
	MUST(spans.free_bytes == all);
	for (int step = 0; step < 20000; step++) {
		size_t k = below(RUNS);

		if (live[k]) {
			taken -= span_bytes(live[k]);
			spans_give(&spans, live[k]);
			live[k] = NULL;
		} else {
			uint64_t align = 1ull << next() % 22;

			bytes[k] = 1 + next() % (1ull << (8 + next() % 14));
			live[k] = spans_take(&spans, bytes[k], align);
			if (!live[k])
				continue;
			MUST(span_address(live[k]) % align == 0);
			MUST(span_bytes(live[k]) >= bytes[k]);
			MUST(span_bytes(live[k]) < bytes[k] +
				(1ull << live[k]->area->shift));
			MUST(span_index(live[k]) + live[k]->length <= live[k]->area->units);
			taken += span_bytes(live[k]);
			for (size_t j = 0; j < RUNS; j++)
				MUST(j == k || !live[j] || live[j]->area != live[k]->area ||
					span_index(live[j]) + live[j]->length <= span_index(live[k]) ||
					span_index(live[k]) + live[k]->length <= span_index(live[j]));
		}
		MUST(spans.free_bytes == all - taken);
	}
	for (size_t k = 0; k < RUNS; k++)
		if (live[k])
			spans_give(&spans, live[k]);
	for (int i = 0; i < AREAS; i++) {
		MUST(spans_whole(&areas[i]));
		spans_remove(&spans, &areas[i]);
		free(areas[i].tags);
	}
	MUST(spans.free_bytes == 0);
	MUST(spans.levels == 0);
}
END_TEST

/* What fits exactly is found, though no longer run is there. */
START_TEST(exact)
{
	struct span_tag tags[16];
	struct area area = { .base = 0x10000, .address = 0x10000, .shift = 12, .units = 16,
		.tags = tags };
	struct spans spans = { .levels = 0 };
	struct span_tag *tag;

	spans_add(&spans, &area);
	tag = spans_take(&spans, 65536, 65536);
	MUST(tag == tags);
	MUST(!spans_take(&spans, 1, 1));
	spans_give(&spans, tag);
	MUST(!spans_take(&spans, 65537, 1));
	MUST(!spans_take(&spans, 0, 1));
	MUST(!spans_take(&spans, UINT64_MAX, 1));
	MUST(!spans_take(&spans, 1, 1ull << 40));
	MUST(spans_whole(&area));
}
END_TEST

/* --- objects --------------------------------------------------------------------------------- */

#define OBJECTS 600

static struct store store;
static char third; /* an owner */
static struct live {
	struct object object;
	uint64_t size;
} objects[OBJECTS];

static bool take_one(struct live *live, uint64_t size, uint64_t align)
{
	unsigned class = store_class(&store, size, align);
	int r = 0;

	live->size = size;
	if (class == CLASS_NONE)
		return store_take_large(&store, store_large(&store, size), align, &live->object, &r);
	return store_take(&store, class, &live->object, 1, &r) == 1;
}

/* One address of the pointer, by the map; PIECE_UNKNOWN. */
static uint64_t address_of(uintptr_t pointer, bool bus)
{
	const struct map *map = atomic_load(&store.maps[0]);
	uint64_t entry;
	uintptr_t i;

	MUST(map_index(map, pointer, &i));
	entry = map_entry(bus ? &map->bus[i] : &map->phys[i]);
	return entry ? entry - 1 + pointer : PIECE_UNKNOWN;
}

static void check_object(const struct live *live, uint64_t align, uint64_t boundary)
{
	uintptr_t p = live->object.pointer;
	const struct piece *piece = map_find(atomic_load(&store.maps[0]), p);
	struct slab *slab = map_slab(atomic_load(&store.maps[0]), p);
	uint64_t phys = address_of(p, false), bus = address_of(p, true);

	MUST(piece);
	MUST(map_find(atomic_load(&store.maps[0]), p + (uintptr_t)live->size - 1) == piece);
	MUST(phys == piece->phys + (p - piece->area.base));
	MUST(bus == piece->bus + (p - piece->area.base));
	MUST(bus % align == 0);
	if (boundary) {
		MUST(bus / boundary == (bus + live->size - 1) / boundary);
		MUST(phys / boundary == (phys + live->size - 1) / boundary);
	}
	MUST(slab);
	MUST(slab_state(slab, slab->form, p) == live->object.state);
	for (size_t i = 0; i < OBJECTS; i++) {
		const struct live *o = &objects[i];

		MUST(o == live || !o->size || o->object.pointer + o->size <= p ||
			p + live->size <= o->object.pointer);
	}
}

/* Each with another least alignment and boundary. */
static const struct {
	uint64_t align, boundary;
} kinds[] = { { 16, 0 }, { 64, 0 }, { 64, 4096 }, { 256, 65536 }, { 64, 2u << 20 }, { 64, 1ull << 32 },
	{ 4096, 4096 }, { 16, 128 } };

/* Pieces as they come: large and small, near and far, one that a boundary of 4 GiB cuts. */
static void add_pieces(void)
{
	const uintptr_t base = 0x40000000;

	MUST(store_add(&store, base, 2u << 20, 0x123400000, 0x23400000, &store, 0) == 0);
	MUST(store_add(&store, base + (8u << 20), 4u << 20, 0xffe00000, 0x3ffe00000, &state,
		0) == 0);
	MUST(store_add(&store, base + (3u << 20), 20480, 0x7000, 0xc0007000, &third, 0) == 0);
	MUST(store_add(&store, base - (1u << 20), 65536 + 1234, 0x5550000, 0x95550000,
		&objects, 4096) == 0);
	MUST(store_add(&store, base + (4u << 20), 4095, 0x9000, 0x9000, &store, 0) == -EINVAL);
}

static void remove_pieces(void)
{
	const void *owners[] = { &store, &state, &third, &objects };

	for (int i = 0; i < 4; i++) {
		MUST(store_idle(&store, owners[i]));
		store_remove(&store, owners[i]);
	}
	MUST(!store.pieces);
	MUST(store.bytes == 0);
	MUST(store.spans.free_bytes == 0);
}

START_TEST(placed)
{
	uint64_t least = kinds[_i].align, boundary = kinds[_i].boundary, count = 0, got = 0;

	state = (uint64_t)_i + 77;
	store_init(&store, least, boundary);
	add_pieces();
	for (int step = 0; step < 20000; step++) {
		struct live *live = &objects[below(OBJECTS)];
		uint64_t align = next() % 4 ? 1 : 1ull << next() % 17, size;

		if (live->size) {
			store_give(&store, &live->object);
			live->size = 0;
			count--;
			continue;
		}
		size = 1 + next() % (1ull << (next() % 100 ? 4 + next() % 11 : 14 + next() % 7));
		if (boundary && size > boundary)
			size = boundary;
		if (!take_one(live, size, align)) {
			live->size = 0;
			continue;
		}
		count++;
		got++;
		check_object(live, align > least ? align : least, boundary);
		MUST(store.objects == count);
	}
	MUST(got > 3000);
	for (size_t i = 0; i < OBJECTS; i++) {
		if (objects[i].size)
			store_give(&store, &objects[i].object);
		objects[i].size = 0;
	}
	MUST(store.objects == 0);
	MUST(store.object_bytes == 0);
	store_tidy(&store);
	MUST(store.spans.free_bytes == store.bytes);
	for (const struct piece *piece = store.pieces; piece; piece = piece->next) {
		for (uint64_t at = 0; at < piece->bytes; at += 4096)
			MUST(!store_slab(&store, piece->area.base + (uintptr_t)at));
	}
	remove_pieces();
	add_pieces();
	remove_pieces();
	store_free(&store);
}
END_TEST

/* Every pointer of the window but those to objects' first bytes is told from them. */
START_TEST(other_pointers)
{
	const uintptr_t base = 0x40000000;
	static struct object all[8192];
	size_t n;
	int r = 0;

	store_init(&store, 16, 0);
	MUST(store_add(&store, base, 256u << 10, 0x100000, PIECE_UNKNOWN, &store, 0) == 0);
	n = store_take(&store, class_for((uint64_t)_i, 16, false), all, 8192, &r);
	MUST(n > 0);
	MUST(r == 0);
	for (size_t i = 0; i < n; i++)
		atomic_store(all[i].state, all[i].pointer);
	for (uintptr_t p = base - 100; p < base + (256u << 10) + 100; p++) {
		struct slab *slab = map_slab(atomic_load(&store.maps[0]), p);
		_Atomic uintptr_t *found = slab ? slab_state(slab, slab->form, p) : NULL;

		if (found && atomic_load(found) == p) {
			MUST(n > 0);
			n--;
		}
	}
	MUST(n == 0);
	store_free(&store);
}
END_TEST

/* --- pieces ---------------------------------------------------------------------------------- */

/* Pages that lie anywhere: each is found, and nothing between them. */
START_TEST(scattered)
{
	const uintptr_t base = 0x7f0000000000 & UINTPTR_MAX;

	store_init(&store, 64, 0);
	for (uintptr_t i = 0; i < 500; i++)
		MUST(store_add(&store, base + (i * 7 % 500) * 8192, 4096, (i * 3 % 500) << 16,
			PIECE_UNKNOWN, &store, i * 4096) == 0);
	for (uintptr_t i = 0; i < 500; i++) {
		uintptr_t p = base + (i * 7 % 500) * 8192;

		MUST((map_find(atomic_load(&store.maps[0]), p + 4095)->offset) == i * 4096);
		MUST(address_of(p + 5, false) == ((i * 3 % 500) << 16) + 5);
		MUST(!map_find(atomic_load(&store.maps[0]), p + 4096));
	}
	store_free(&store);
}
END_TEST

START_TEST(refused)
{
	const uintptr_t base = 0x40000000;

	store_init(&store, 64, 0);
	MUST(store_add(&store, base, 8192, 0x100000, PIECE_UNKNOWN, &store, 0) == 0);
	/* An address that the pointer cannot have, though somebody said so. */
	MUST(store_add(&store, base + 8192, 8192, 0x100010, PIECE_UNKNOWN, &state, 0) == -EINVAL);
	MUST(store_add(&store, base + 8192, 0, 0, PIECE_UNKNOWN, &state, 0) == -EINVAL);
	MUST(store.bytes == 8192);
	store_free(&store);
}
END_TEST

/* One slab of a size stays when all is given back, so that the next one is quick; others do not. */
START_TEST(one_stays)
{
	struct object few[64];
	int r = 0;

	store_init(&store, 4096, 0);
	MUST(store_add(&store, 1u << 24, 1u << 20, 0, PIECE_UNKNOWN, &store, 0) == 0);
	MUST(store_take(&store, class_for(4096, 4096, false), few, 64, &r) == 64);
	for (int i = 0; i < 64; i++)
		store_give(&store, &few[i]);
	MUST(store.bytes - store.spans.free_bytes == 65536);
	store_free(&store);
}
END_TEST

/* Where nothing may cross 256 KiB, a large object is at a multiple of its size, wherever memory begins. */
START_TEST(large_ones_cross_nothing)
{
	struct object object;
	int r = 0;

	store_init(&store, 4096, 1u << 18);
	MUST(store_add(&store, 1u << 24, 1u << 20, 0x10000, PIECE_UNKNOWN, &store, 0) == 0);
	for (int i = 0; i < 3; i++) {
		MUST(store_take_large(&store, 1u << 17, 1, &object, &r));
		MUST((object.pointer - (1u << 24) + 0x10000) % (1u << 17) == 0);
	}
	store_free(&store);
}
END_TEST

#if UINTPTR_MAX > UINT32_MAX
/* Further apart than a table is wide: in others, of which there are a few. */
START_TEST(far)
{
	const uintptr_t base = 0x40000000, step = (uintptr_t)1 << 40;
	struct object object[STORE_WINDOWS][2];
	int r = 0;

	store_init(&store, 4096, 0);
	for (uintptr_t w = 0; w < STORE_WINDOWS; w++) {
		MUST(store_add(&store, base + w * step, 8192, 0x100000 + w * 8192, PIECE_UNKNOWN, &store,
			w) == 0);
		MUST(store_take(&store, class_for(4096, 4096, false), object[w], 2, &r) == 2);
		MUST(store_piece(&store, object[w][0].pointer)->offset == w);
	}
	MUST(store_add(&store, base + STORE_WINDOWS * step, 8192, 0, PIECE_UNKNOWN, &state, 0) ==
		-ERANGE);
	for (uintptr_t w = 0; w < STORE_WINDOWS; w++) {
		for (int i = 0; i < 2; i++) {
			struct slab *slab = store_slab(&store, object[w][i].pointer);

			MUST(slab_state(slab, slab->form, object[w][i].pointer) == object[w][i].state);
			store_give(&store, &object[w][i]);
		}
	}
	store_tidy(&store);
	MUST(store.spans.free_bytes == store.bytes);
	store_remove(&store, &store);
	MUST(!store_piece(&store, base + step));
	store_free(&store);
}
END_TEST
#endif

#if UINTPTR_MAX > UINT32_MAX
/* Where the arithmetic takes NULL for the first object, which is free and noted as 0: it is given back to nobody. */
START_TEST(null)
{
	struct pool pool;
	uint64_t bytes;
	void *p;

	MUST(pool_begin(&pool, 64, 0, true) == 0);
	pool_lock(&pool);
	MUST(store_add(&pool.store, (uintptr_t)1 << 38, 1u << 20, PIECE_UNKNOWN, PIECE_UNKNOWN, &pool, 0) == 0);
	pool_unlock(&pool);
	MUST(pool_take(&pool, 64, 0, &p, &bytes) == 0);
	MUST((uintptr_t)p > (uintptr_t)1 << 38); /* so the first of all is free */
	MUST(!pool_give_quick(&pool, 0));
	MUST(pool_give_quick(&pool, (uintptr_t)p));
	pool_end(&pool);
}
END_TEST
#endif

Suite *test_suite(void)
{
	Suite *suite = suite_create("pool_place");
	TCase *tc = tcase_create("place");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, sizes);
	tcase_add_test(tc, tables);
	tcase_add_loop_test(tc, runs, 0, 4);
	tcase_add_test(tc, exact);
	tcase_add_loop_test(tc, placed, 0, (int)ARRAY_SIZE(kinds));
	tcase_add_loop_test(tc, other_pointers, 60, 65);
	tcase_add_loop_test(tc, other_pointers, 4080, 4100);
	tcase_add_test(tc, scattered);
	tcase_add_test(tc, refused);
	tcase_add_test(tc, one_stays);
	tcase_add_test(tc, large_ones_cross_nothing);
#if UINTPTR_MAX > UINT32_MAX
	tcase_add_test(tc, far);
	tcase_add_test(tc, null);
#endif
	suite_add_tcase(suite, tc);
	return suite;
}
