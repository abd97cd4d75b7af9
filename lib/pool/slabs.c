/* SPDX-License-Identifier: MIT */
#include "pool/slabs.h"

#include <errno.h>
#include <stdlib.h>

#include "base/bits.h"

#define UNIT        4096u
#define UNITS_MAX   65536u     /* before a unit becomes larger */
#define UNIT_MAX    65536u
#define SLAB_BYTES  65536u     /* or eight objects */

void store_init(struct store *store, uint64_t align, uint64_t boundary)
{
	*store = (struct store){ .align = align, .boundary = boundary };
	store->powers_only = boundary && boundary < STORE_CUT;
	class_table_fill(&store->classes, align, store->powers_only,
		boundary ? boundary : UINT64_MAX);
	/* Sizes are rounded up to the alignment before they are looked up there: see pool_take_quick(). */
	class_table_fill(&store->aligned, align > 2 * CLASS_LINE ? align : 2 * CLASS_LINE,
		store->powers_only, boundary ? boundary : UINT64_MAX);
	for (unsigned w = 0; w < STORE_WINDOWS; w++)
		atomic_init(&store->maps[w], &map_of_nothing);
}

struct slab *store_slab(const struct store *store, uintptr_t pointer)
{
	struct slab *slab = NULL;

	for (unsigned w = 0; w < STORE_WINDOWS && !slab; w++)
		slab = map_slab(atomic_load_explicit(&store->maps[w], memory_order_acquire), pointer);
	return slab;
}

struct piece *store_piece(const struct store *store, uintptr_t pointer)
{
	struct piece *piece = NULL;

	for (unsigned w = 0; w < STORE_WINDOWS && !piece; w++)
		piece = map_find(atomic_load_explicit(&store->maps[w], memory_order_acquire), pointer);
	return piece;
}

static void free_pieces(struct piece *pieces)
{
	while (pieces) {
		struct piece *next = pieces->next;

		free(pieces->area.tags);
		free(pieces);
		pieces = next;
	}
}

/* Slabs know what is taken of a piece: each begins a run. */
static void free_slabs(const struct store *store, const struct piece *pieces)
{
	for (; pieces; pieces = pieces->next) {
		for (uint32_t i = 0; i < pieces->area.units; i += pieces->area.tags[i].length) {
			if (!pieces->area.tags[i].free)
				free(store_slab(store, span_pointer(&pieces->area.tags[i]))->block);
		}
	}
}

void store_free(struct store *store)
{
	free_slabs(store, store->pieces);
	for (unsigned w = 0; w < STORE_WINDOWS; w++)
		map_free(atomic_load(&store->maps[w]));
	free_pieces(store->pieces);
	free_pieces(store->unused_pieces);
	for (unsigned c = 0; c <= CLASS_COUNT; c++) {
		while (store->unused[c]) {
			struct slab *next = store->unused[c]->next;

			free(store->unused[c]->block);
			store->unused[c] = next;
		}
	}
}

/* A piece of that many units: one that was removed, which somebody may still look at, or a new one. */
static struct piece *new_piece(struct store *store, uint32_t units)
{
	struct piece **at = &store->unused_pieces, *piece;

	for (; *at; at = &(*at)->next) {
		piece = *at;
		if (piece->area.units == units) {
			*at = piece->next;
			return piece;
		}
	}
	piece = calloc(1, sizeof(*piece));
	if (!piece)
		return NULL;
	piece->area.units = units;
	piece->area.tags = calloc(units, sizeof(piece->area.tags[0]));
	if (piece->area.tags)
		return piece;
	free_pieces(piece);
	return NULL;
}

static void drop(struct store *store, struct piece *piece)
{
	piece->next = store->unused_pieces;
	store->unused_pieces = piece;
}

static uint64_t moved(uint64_t address, uint64_t by)
{
	return address == PIECE_UNKNOWN ? address : address + by;
}

/* One piece: [skip, skip + bytes) of what store_add() was given. -EINVAL: less than a unit. */
static int add_piece(struct store *store, const struct piece *whole, uint64_t skip, uint64_t bytes)
{
	uint64_t address = whole->area.address + skip, start, units;
	struct piece *piece;
	struct map *map;
	uint32_t shift = 12;
	int r;

	while (bytes >> shift > UNITS_MAX && 1u << shift < UNIT_MAX)
		shift++;
	start = (0 - address) & ((1ull << shift) - 1);
	/* Whole pages, for the pointer too: it is the same within pages, but where somebody told an
	 * address that cannot be. */
	if ((whole->area.base + (uintptr_t)skip + (uintptr_t)start) % UNIT)
		return -EINVAL;
	units = bytes > start ? (bytes - start) >> shift : 0;
	if (units == 0)
		return -EINVAL;
	if (units >= 1u << 27)
		return -ERANGE;
	skip += start;
	piece = new_piece(store, (uint32_t)units);
	if (!piece)
		return -ENOMEM;
	piece->area.base = whole->area.base + (uintptr_t)skip;
	piece->area.address = address + start;
	piece->area.shift = shift;
	piece->bytes = units << shift;
	piece->phys = moved(whole->phys, skip);
	piece->bus = moved(whole->bus, skip);
	piece->owner = whole->owner;
	piece->offset = whole->offset + skip;
	piece->next = store->pieces;
	piece->window = 0;
	do {
		r = -ENOMEM;
		map = map_with(atomic_load(&store->maps[piece->window]), piece, piece, &r);
	} while (!map && r == -ERANGE && ++piece->window < STORE_WINDOWS);
	if (!map) {
		drop(store, piece);
		return r;
	}
	store->pieces = piece;
	store->bytes += piece->bytes;
	spans_add(&store->spans, &piece->area);
	atomic_store_explicit(&store->maps[piece->window], map, memory_order_release);
	return 0;
}

/* Bytes to the next place that nothing may cross, in either address. */
static uint64_t to_boundary(const struct store *store, const struct piece *whole, uint64_t skip)
{
	uint64_t mask = store->boundary - 1, by_phys, by_bus;

	if (!store->boundary || store->powers_only)
		return UINT64_MAX;
	by_bus = store->boundary - ((whole->area.address + skip) & mask);
	if (whole->phys == PIECE_UNKNOWN)
		return by_bus;
	by_phys = store->boundary - ((whole->phys + skip) & mask);
	return by_phys < by_bus ? by_phys : by_bus;
}

int store_add(struct store *store, uintptr_t base, uint64_t bytes, uint64_t phys, uint64_t bus,
	void *owner, uint64_t offset)
{
	const struct piece whole = { .area = { .base = base,
		.address = bus != PIECE_UNKNOWN ? bus : phys != PIECE_UNKNOWN ? phys : base },
		.phys = phys, .bus = bus, .owner = owner, .offset = offset };
	int r = -EINVAL;

	for (uint64_t skip = 0; skip < bytes;) {
		uint64_t length = to_boundary(store, &whole, skip);
		int one;

		if (length > bytes - skip)
			length = bytes - skip;
		one = add_piece(store, &whole, skip, length);
		if (one < 0 && one != -EINVAL)
			return one;
		r = one == 0 ? 0 : r;
		skip += length;
	}
	return r;
}

bool store_idle(const struct store *store, const void *owner)
{
	for (const struct piece *p = store->pieces; p; p = p->next) {
		if (p->owner == owner && !spans_whole(&p->area))
			return false;
	}
	return true;
}

void store_remove(struct store *store, const void *owner)
{
	for (struct piece **at = &store->pieces; *at;) {
		struct piece *piece = *at;

		if (piece->owner != owner) {
			at = &piece->next;
			continue;
		}
		map_without(atomic_load(&store->maps[piece->window]), piece);
		spans_remove(&store->spans, &piece->area);
		store->bytes -= piece->bytes;
		*at = piece->next;
		drop(store, piece);
	}
}

unsigned store_class(const struct store *store, uint64_t size, uint64_t align)
{
	return class_for(size, align > store->align ? align : store->align, store->powers_only);
}

uint64_t store_large(const struct store *store, uint64_t size)
{
	if (store->powers_only && !bits_is_power_of_two(size))
		return 2ull << (63 - __builtin_clzll(size));
	return size;
}

static void unlink_slab(struct store *store, struct slab *slab)
{
	if (slab->next)
		slab->next->prev = slab->prev;
	if (slab->prev)
		slab->prev->next = slab->next;
	else
		store->partial[slab->class] = slab->next;
}

static void link_slab(struct store *store, struct slab *slab)
{
	struct slab **head = &store->partial[slab->class];

	slab->prev = NULL;
	slab->next = *head;
	if (*head)
		(*head)->prev = slab;
	*head = slab;
}

/* One that is not in use, or a new one, with room for the objects. */
static struct slab *new_slab(struct store *store, unsigned class, uint32_t count, uint32_t capacity)
{
	struct slab *slab = store->unused[class];
	size_t bytes;
	void *block;

	if (slab) {
		store->unused[class] = slab->next;
		return slab;
	}
	if (capacity < count)
		capacity = count;
	bytes = offsetof(struct slab, states) +
		capacity * (sizeof(slab->states[0]) + sizeof(slab->stack[0]));
	block = calloc(1, bytes + SLAB_LINE);
	if (!block)
		return NULL;
	slab = (struct slab *)(((uintptr_t)block + SLAB_LINE - 1) & ~(uintptr_t)(SLAB_LINE - 1));
	slab->block = block;
	slab->capacity = capacity;
	slab->stack = (uint16_t *)(uintptr_t)(slab->states + capacity);
	return slab;
}

static void note(struct store *store, struct slab *slab, struct slab *value)
{
	const struct piece *piece = (const struct piece *)(const void *)slab->span->area;

	/* Of a large object only the first page: it may have very many. */
	map_note(atomic_load(&store->maps[piece->window]), slab->base, slab->class == CLASS_NONE ?
		1u << MAP_PAGE_SHIFT : span_bytes(slab->span), value);
}

static void begin(struct store *store, struct slab *slab, struct span_tag *span, unsigned class, uint32_t count,
	uint32_t inverse)
{
	slab->span = span;
	slab->base = span_pointer(span);
	slab->class = class;
	slab->count = count;
	slab->form = slab_form(inverse, (uint16_t)count, (uint16_t)CLASS_PLACE(class));
	slab->fresh = slab->depth = 0;
	note(store, slab, slab);
}

/* A slab of fewer objects, down to one, is better than none. */
static struct slab *make_slab(struct store *store, unsigned class, int *r)
{
	uint32_t size = class_size(class), want = SLAB_BYTES / size < 8 ? 8 : SLAB_BYTES / size;
	struct span_tag *span = NULL;
	struct slab *slab;
	uint64_t fit;

	for (uint32_t n = want; n && !span; n /= 2)
		span = spans_take(&store->spans, (uint64_t)n * size, class_align(size));
	if (!span)
		return NULL;
	fit = span_bytes(span) / size;
	if (fit > want)
		fit = want;
	slab = new_slab(store, class, (uint32_t)fit, want);
	if (!slab) {
		spans_give(&store->spans, span);
		*r = -ENOMEM;
		return NULL;
	}
	begin(store, slab, span, class, (uint32_t)fit,
		(uint32_t)((1ull << 32) / size + !!((1ull << 32) % size)));
	link_slab(store, slab);
	store->empty[class]++;
	return slab;
}

static bool is_empty(const struct slab *slab)
{
	return slab->depth == slab->fresh;
}

size_t store_take(struct store *store, unsigned class, struct object *objects, size_t count,
	int *r)
{
	uint32_t size = class_size(class);
	size_t n = 0;

	while (n < count) {
		struct slab *slab = store->partial[class];
		uint32_t i;

		if (!slab)
			slab = make_slab(store, class, r);
		if (!slab)
			break;
		store->empty[class] -= is_empty(slab);
		i = slab->depth ? slab->stack[--slab->depth] : slab->fresh++;
		if (!slab->depth && slab->fresh == slab->count)
			unlink_slab(store, slab);
		objects[n].pointer = slab->base + (uintptr_t)i * size;
		objects[n++].state = &slab->states[i];
	}
	store->objects += n;
	store->object_bytes += (uint64_t)n * size;
	return n;
}

bool store_take_large(struct store *store, uint64_t bytes, uint64_t align, struct object *object, int *r)
{
	struct span_tag *span;
	struct slab *slab;

	if (store->powers_only && align < bytes)
		align = bytes; /* a power of two: whoever begins at a multiple of it crosses none */
	if (align < store->align)
		align = store->align;
	span = spans_take(&store->spans, bytes, align);
	if (!span)
		return false;
	slab = new_slab(store, CLASS_NONE, 1, 1);
	if (!slab) {
		spans_give(&store->spans, span);
		*r = -ENOMEM;
		return false;
	}
	begin(store, slab, span, CLASS_NONE, 1, 0);
	object->pointer = slab->base;
	object->state = slab->states;
	store->objects++;
	store->object_bytes += span_bytes(span);
	return true;
}

static void retire(struct store *store, struct slab *slab)
{
	note(store, slab, NULL);
	spans_give(&store->spans, slab->span);
	slab->next = store->unused[slab->class];
	store->unused[slab->class] = slab;
}

static void drop_empty(struct store *store, struct slab *slab)
{
	unlink_slab(store, slab);
	store->empty[slab->class]--;
	retire(store, slab);
}

void store_give(struct store *store, const struct object *object)
{
	struct slab *slab = store_slab(store, object->pointer);

	store->objects--;
	if (slab->class == CLASS_NONE) {
		store->object_bytes -= span_bytes(slab->span);
		retire(store, slab);
		return;
	}
	store->object_bytes -= class_size(slab->class);
	if (!slab->depth && slab->fresh == slab->count)
		link_slab(store, slab);
	slab->stack[slab->depth++] = (uint16_t)(object->state - slab->states);
	if (is_empty(slab) && store->empty[slab->class]++)
		drop_empty(store, slab);
}

void store_tidy(struct store *store)
{
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		struct slab *next;

		for (struct slab *slab = store->partial[c]; slab; slab = next) {
			next = slab->next;
			if (is_empty(slab))
				drop_empty(store, slab);
		}
	}
}
