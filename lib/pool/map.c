/* SPDX-License-Identifier: MIT */
#include "pool/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The widest window: 256 GiB. What it needs for each page is memory that is reserved; only that for
 * pages in use is touched.
 */
#define PAGES_MAX   ((uintptr_t)1 << (sizeof(uintptr_t) > 4 ? 26 : 20))
#define ENTRIES_MAX (PAGES_MAX / 4)
/* Of a pool with one piece. */
#define ALONE_MAX   ((uintptr_t)1024)
/* Added to both sides, at least: what is given back and taken anew mostly comes near. */
#define MORE_MIN    ((uintptr_t)128)
#define SHIFT_MAX   (sizeof(uintptr_t) * 8 - 1)

struct map map_of_nothing;

static unsigned low_bit(uintptr_t v)
{
	return v ? (unsigned)__builtin_ctzll((unsigned long long)v) : (unsigned)SHIFT_MAX;
}

static void set_entry(uint64_t *entry, uint64_t value)
{
#if UINTPTR_MAX > UINT32_MAX
	__atomic_store_n(entry, value, __ATOMIC_RELAXED);
#else
	*entry = value;
#endif
}

static void set(struct map *map, const struct piece *piece, struct piece *value)
{
	uint64_t phys = piece->phys, bus = piece->bus, base = piece->area.base;
	uintptr_t i = (piece->area.base - map->base) >> map->shift;
	uintptr_t end = (piece->area.base + (uintptr_t)(piece->bytes - 1) - map->base) >> map->shift;

	for (; i <= end; i++) {
		set_entry(&map->phys[i], value && phys != PIECE_UNKNOWN ? (phys - base) + 1 : 0);
		set_entry(&map->bus[i], value && bus != PIECE_UNKNOWN ? (bus - base) + 1 : 0);
		atomic_store_explicit(&map->pieces[i], value, memory_order_release);
	}
}

static bool has_room(const struct map *map, const struct piece *piece)
{
	uintptr_t offset = piece->area.base - map->base;
	uintptr_t length = (uintptr_t)piece->bytes, mask = ((uintptr_t)1 << map->shift) - 1;

	if (map->entries == 1)
		return offset == 0 && length == map->length;
	return offset < map->length && length <= map->length - offset && !(offset & mask) &&
		!(length & mask);
}

/* The window of all its pieces, and the largest entry that begins and ends with each of them. */
static bool plan(struct map *map, const struct piece *pieces, unsigned window)
{
	uintptr_t low = UINTPTR_MAX, last = 0, edges = 0, entries, count = 0;

	for (const struct piece *p = pieces; p; p = p->next) {
		uintptr_t end = p->area.base + (uintptr_t)(p->bytes - 1);

		if (p->window != window)
			continue;
		low = p->area.base < low ? p->area.base : low;
		last = end > last ? end : last;
		count++;
	}
	for (const struct piece *p = pieces; p; p = p->next)
		edges |= p->window == window ? (p->area.base - low) | (uintptr_t)p->bytes : 0;
	map->base = low;
	map->length = last - low + 1;
	map->shift = (uint32_t)low_bit(edges);
	entries = ((last - low) >> map->shift) + 1;
	if (count == 1 && entries > ALONE_MAX) { /* then one will do, whatever the length */
		map->shift = (uint32_t)SHIFT_MAX;
		entries = 1;
	}
	map->entries = entries;
	return entries <= ENTRIES_MAX && (map->length - 1) >> MAP_PAGE_SHIFT < PAGES_MAX;
}

/* Room on both sides, where the address space has it: memory is mapped upwards or downwards. */
static void widen(struct map *map)
{
	uintptr_t more = map->entries < ENTRIES_MAX / 3 ? map->entries : 0;
	uintptr_t bytes;

	if (map->shift == SHIFT_MAX)
		return;
	more = more < MORE_MIN ? MORE_MIN : more;
	if (more > (PAGES_MAX << (MAP_PAGE_SHIFT - 2)) >> map->shift)
		return;
	bytes = more << map->shift;
	if ((map->length + 2 * bytes) >> MAP_PAGE_SHIFT > PAGES_MAX)
		return;
	if (bytes < map->base) {
		map->base -= bytes;
		map->length += bytes;
		map->entries += more;
	}
	if (bytes <= UINTPTR_MAX - (map->base + map->length)) {
		map->length += bytes;
		map->entries += more;
	}
}

static struct map *make(const struct piece *pieces, unsigned window, int *r)
{
	struct map planned, *map;
	size_t n;

	memset(&planned, 0, sizeof(planned));
	if (!plan(&planned, pieces, window)) {
		*r = -ERANGE;
		return NULL;
	}
	widen(&planned);
	while (planned.mask < (planned.length - 1) >> MAP_PAGE_SHIFT)
		planned.mask = 2 * planned.mask + 1;
	n = (size_t)planned.entries;
	/* One large piece: of pages that are not touched the kernel gives none. */
	map = calloc(1, sizeof(*map) + sizeof(map->slabs[0]) * (size_t)planned.mask);
	if (!map)
		return NULL;
	*map = planned;
	map->phys = calloc(n, 2 * sizeof(uint64_t) + sizeof(map->pieces[0]));
	if (!map->phys) {
		free(map);
		return NULL;
	}
	map->bus = map->phys + n;
	map->pieces = (_Atomic(struct piece *) *)(uintptr_t)(map->bus + n);
	return map;
}

static void copy_slabs(struct map *to, const struct map *from, const struct piece *piece)
{
	uintptr_t page = piece->area.base >> MAP_PAGE_SHIFT;

	for (uint64_t i = 0; i < piece->bytes >> MAP_PAGE_SHIFT; i++, page++)
		atomic_store_explicit(&to->slabs[page & to->mask], atomic_load_explicit(
			&from->slabs[page & from->mask], memory_order_relaxed), memory_order_relaxed);
}

void map_note(struct map *map, uintptr_t pointer, uint64_t bytes, struct slab *slab)
{
	uintptr_t page = pointer >> MAP_PAGE_SHIFT;

	for (uint64_t i = 0; i < bytes >> MAP_PAGE_SHIFT; i++, page++)
		atomic_store_explicit(&map->slabs[page & map->mask], slab, memory_order_relaxed);
}

struct map *map_with(struct map *map, struct piece *pieces, struct piece *added, int *r)
{
	struct map *made;

	if (has_room(map, added)) {
		set(map, added, added);
		return map;
	}
	made = make(pieces, added->window, r);
	if (!made)
		return NULL;
	for (struct piece *p = pieces; p; p = p->next) {
		if (p->window != added->window)
			continue;
		set(made, p, p);
		if (p != added)
			copy_slabs(made, map, p);
	}
	made->older = map;
	return made;
}

void map_without(struct map *map, const struct piece *piece)
{
	for (; map != &map_of_nothing; map = map->older) {
		if (map_find(map, piece->area.base) == piece)
			set(map, piece, NULL);
	}
}

void map_free(struct map *map)
{
	while (map != &map_of_nothing) {
		struct map *older = map->older;

		free(map->phys);
		free(map);
		map = older;
	}
}
