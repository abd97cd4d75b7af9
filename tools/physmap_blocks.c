/* SPDX-License-Identifier: MIT */
/* From places to the blocks of a drawing: memory is cut by its use, devices are put together. */
#include "physmap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SMALL (4ull << 20)  /* reserved memory below this is told in the block around it */
#define APART (16ull << 20) /* devices that are nearer to each other are one block */

void human_size(char *text, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	uint64_t tenths, whole = bytes;
	unsigned unit = 0;

	while (whole >= 1024 && unit < 6) {
		whole /= 1024;
		unit++;
	}
	tenths = unit ? (bytes >> (10 * (unit - 1))) % 1024 * 10 / 1024 : 0;
	if (tenths && whole < 100)
		(void)snprintf(text, size, "%" PRIu64 ".%" PRIu64 " %s", whole, tenths, units[unit]);
	else
		(void)snprintf(text, size, "%" PRIu64 " %s", whole, units[unit]);
}

/* Is it a block of its own where it is? The higher, the rather. */
static int weight(const struct place *place)
{
	bool small = place->last - place->first < SMALL - 1;

	if (place->disabled)
		return 0;
	switch (place->kind) {
	case PLACE_RAM:
		return 1;
	case PLACE_RESERVED:
		return small ? 0 : 2;
	case PLACE_CMA:
		return small ? 0 : 3;
	default:
		return 0;
	}
}

static struct block *new_block(struct drawing *drawing, uint64_t first, uint64_t last,
	enum place_kind kind, const char *name)
{
	struct block *block;

	drawing->blocks = need(reallocarray(drawing->blocks, drawing->count + 1,
		sizeof(*drawing->blocks)));
	block = &drawing->blocks[drawing->count++];
	*block = (struct block){ .first = first, .last = last, .kind = kind, .name = name };
	return block;
}

/* The weightiest place that holds the address; NULL: none does. *end: the last byte for which that is so. */
static const struct place *top(const struct place_list *list, uint64_t at, uint64_t *end)
{
	const struct place *best = NULL;

	*end = UINT64_MAX;
	for (size_t i = 0; i < list->count; i++) {
		const struct place *place = &list->at[i];

		if (!weight(place) || place->last < at)
			continue;
		if (place->first > at) {
			if (place->first - 1 < *end)
				*end = place->first - 1;
			continue;
		}
		if (place->last < *end)
			*end = place->last;
		if (!best || weight(place) > weight(best))
			best = place;
	}
	return best;
}

static void add_memory(const struct place_list *list, struct drawing *drawing)
{
	const struct place *last = NULL;
	uint64_t at = 0, end;

	for (;; at = end + 1) {
		const struct place *place = top(list, at, &end);
		const char *name = place && place->kind != PLACE_RAM && strcasecmp(place->name, "reserved") != 0 ?
			place->name : "";

		if (place && last == place && drawing->blocks[drawing->count - 1].last + 1 == at)
			drawing->blocks[drawing->count - 1].last = end;
		else if (place)
			(void)new_block(drawing, at, end, place->kind, name);
		last = place;
		if (end == UINT64_MAX)
			break;
	}
}

static struct block *around(struct drawing *drawing, size_t count, uint64_t at)
{
	for (size_t i = 0; i < count; i++) {
		if (at >= drawing->blocks[i].first && at <= drawing->blocks[i].last)
			return &drawing->blocks[i];
	}
	return NULL;
}

static void put_inside(struct block *block, const struct place *place)
{
	block->inside = need(reallocarray(block->inside, block->count + 1, sizeof(place))); /* NOLINT(bugprone-sizeof-expression): of a pointer */
	block->inside[block->count++] = place;
}

/* Memory between two devices keeps them apart. */
static bool joins(struct drawing *drawing, size_t memory, const struct block *block,
	const struct place *place)
{
	if (place->first > block->last && place->first - block->last > APART)
		return false;
	for (size_t i = 0; i < memory; i++) {
		if (drawing->blocks[i].first > block->last && drawing->blocks[i].first < place->first)
			return false;
	}
	return true;
}

static bool is_device(const struct place *place)
{
	return !place->disabled && (place->kind == PLACE_DEVICE || place->kind == PLACE_PCI ||
		(place->kind == PLACE_RESERVED && !weight(place)));
}

/* Places come by address, so a device belongs to the block before it, or begins one. */
static void add_rest(const struct place_list *list, struct drawing *drawing)
{
	size_t memory = drawing->count;
	struct block *last = NULL;

	for (size_t i = 0; i < list->count; i++) {
		const struct place *place = &list->at[i];
		struct block *block = around(drawing, memory, place->first);

		if (weight(place) || place->disabled || place->kind == PLACE_WINDOW)
			continue;
		if (block) {
			put_inside(block, place);
		} else if (is_device(place)) {
			if (!last || !joins(drawing, memory, last, place))
				last = new_block(drawing, place->first, place->last, PLACE_RESERVED, "");
			if (place->kind != PLACE_RESERVED)
				last->kind = PLACE_DEVICE;
			if (place->last > last->last)
				last->last = place->last;
			put_inside(last, place);
		}
	}
}

static int compare(const void *left, const void *right)
{
	const struct block *a = left, *b = right;

	return a->first < b->first ? -1 : a->first > b->first;
}

void make_blocks(const struct place_list *list, struct drawing *drawing)
{
	add_memory(list, drawing);
	add_rest(list, drawing);
	if (drawing->count)
		qsort(drawing->blocks, drawing->count, sizeof(*drawing->blocks), compare);
}

void free_blocks(struct drawing *drawing)
{
	for (size_t i = 0; i < drawing->count; i++)
		free(drawing->blocks[i].inside);
	free(drawing->blocks);
}

/* The kind of the block says so already, or another one of that name was told. */
static bool is_told(const struct block *block, size_t i)
{
	if (block->kind == PLACE_RESERVED && !strcasecmp(block->inside[i]->name, "reserved"))
		return true;
	for (size_t j = 0; j < i; j++) {
		if (!strcmp(block->inside[j]->name, block->inside[i]->name))
			return true;
	}
	return false;
}

char *names_inside(const struct block *block, size_t room, bool all)
{
	size_t used = 0, left = 0, length;
	char *text = need(calloc(1, 1)), more[32];

	for (size_t i = 0; i < block->count; i++)
		left += !is_told(block, i);
	for (size_t i = 0; i < block->count; i++) {
		char *name;

		if (is_told(block, i))
			continue;
		name = escaped(block->inside[i]->name);
		length = strlen(name);
		(void)snprintf(more, sizeof(more), "%s%zu more", used ? ", and " : "", left);
		if (!all && used + length + 2 + strlen(more) > room) {
			free(name);
			text = need(realloc(text, used + sizeof(more)));
			(void)memcpy(text + used, more, sizeof(more));
			break;
		}
		text = need(realloc(text, used + length + 3));
		used += (size_t)sprintf(text + used, "%s%s", used ? ", " : "", name);
		left--;
		free(name);
	}
	return text;
}
