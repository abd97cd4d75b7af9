/* SPDX-License-Identifier: MIT */
/*
 * Areas of one pool may have units of different sizes, so lists are by bytes: the length of a run
 * in the smallest unit there is.
 */
#include "pool/spans.h"

#define UNIT_SHIFT 12
/* Runs looked at in a list that is not sure to fit, before giving up. */
#define LOOKS 16

/* The list that a run of so many small units is in: level by the highest bit, part by the two below. */
static void list_of(uint64_t small, unsigned *level, unsigned *part)
{
	unsigned high = 63u - (unsigned)__builtin_clzll(small);

	*level = high < SPAN_LEVELS ? high : SPAN_LEVELS - 1;
	*part = high < SPAN_LEVELS ? (unsigned)((small << 2 >> high) & 3) : SPAN_PARTS - 1;
}

static uint64_t small_units(const struct span_tag *tag)
{
	return span_bytes(tag) >> UNIT_SHIFT;
}

static void set(struct span_tag *first, uint32_t length, uint32_t is_free)
{
	struct span_tag *last = first + (length - 1);

	first->length = last->length = length;
	first->free = last->free = is_free;
}

static void link_free(struct spans *spans, struct span_tag *tag)
{
	struct span_tag **head;
	unsigned level, part;

	list_of(small_units(tag), &level, &part);
	head = &spans->free[level][part];
	tag->prev = NULL;
	tag->next = *head;
	if (*head)
		(*head)->prev = tag;
	*head = tag;
	spans->levels |= 1u << level;
	spans->parts[level] |= (uint8_t)(1u << part);
	spans->free_bytes += span_bytes(tag);
}

static void unlink_free(struct spans *spans, struct span_tag *tag)
{
	unsigned level, part;

	list_of(small_units(tag), &level, &part);
	if (tag->next)
		tag->next->prev = tag->prev;
	if (tag->prev)
		tag->prev->next = tag->next;
	else
		spans->free[level][part] = tag->next;
	if (!spans->free[level][part])
		spans->parts[level] &= (uint8_t)~(1u << part);
	if (!spans->parts[level])
		spans->levels &= ~(1u << level);
	spans->free_bytes -= span_bytes(tag);
}

void spans_add(struct spans *spans, struct area *area)
{
	for (uint32_t i = 0; i < area->units; i++)
		area->tags[i].area = area;
	set(area->tags, area->units, 1);
	link_free(spans, area->tags);
}

bool spans_whole(const struct area *area)
{
	return area->tags[0].free && area->tags[0].length == area->units;
}

void spans_remove(struct spans *spans, struct area *area)
{
	unlink_free(spans, area->tags);
}

/* Units before the first aligned one in the run; false: what is left is too short. */
static bool fits(const struct span_tag *tag, uint64_t bytes, uint64_t align, uint32_t *before)
{
	uint64_t skip = (0 - span_address(tag)) & (align - 1), size = span_bytes(tag);

	*before = (uint32_t)(skip >> tag->area->shift);
	/* An address that is not a multiple of the unit has no run at a larger multiple. */
	if (((uint64_t)*before << tag->area->shift) != skip)
		return false;
	return skip <= size && bytes <= size - skip;
}

/* The first run of the list, or of a higher one. */
static struct span_tag *from(struct spans *spans, unsigned level, unsigned part)
{
	unsigned parts = spans->parts[level] & (0xfu << part) & 0xfu;
	uint32_t levels;

	if (!parts) {
		levels = level + 1 < SPAN_LEVELS ? spans->levels & (~0u << (level + 1)) : 0;
		if (!levels)
			return NULL;
		level = (unsigned)__builtin_ctz(levels);
		parts = spans->parts[level];
	}
	return spans->free[level][__builtin_ctz(parts)];
}

/* A run of any of the lists that may hold one which fits, looked at one by one. */
static struct span_tag *search(struct spans *spans, uint64_t bytes, uint64_t align,
	uint32_t *before)
{
	unsigned level, part, looks = 0;

	list_of((bytes + (1u << UNIT_SHIFT) - 1) >> UNIT_SHIFT, &level, &part);
	for (; level < SPAN_LEVELS; level++, part = 0) {
		for (; part < SPAN_PARTS; part++) {
			struct span_tag *tag = spans->free[level][part];

			for (; tag; tag = tag->next) {
				if (fits(tag, bytes, align, before))
					return tag;
				if (++looks == LOOKS)
					return NULL;
			}
		}
	}
	return NULL;
}

static struct span_tag *find(struct spans *spans, uint64_t bytes, uint64_t align,
	uint32_t *before)
{
	const uint64_t unit = 1u << UNIT_SHIFT;
	/* Long enough wherever it begins, and one list up, where all are at least as long. */
	uint64_t small = (bytes + (align > unit ? align - unit : 0) + unit - 1) >> UNIT_SHIFT;
	unsigned level, part, high = 63u - (unsigned)__builtin_clzll(small);
	struct span_tag *tag;

	small += (1ull << (high > 2 ? high - 2 : 0)) - 1;
	list_of(small, &level, &part);
	tag = from(spans, level, part);
	if (tag && fits(tag, bytes, align, before))
		return tag;
	return search(spans, bytes, align, before);
}

struct span_tag *spans_take(struct spans *spans, uint64_t bytes, uint64_t align)
{
	struct span_tag *tag;
	uint32_t before, units;

	if (bytes == 0 || bytes > UINT64_MAX / 4 || align > UINT64_MAX / 4)
		return NULL;
	tag = find(spans, bytes, align, &before);
	if (!tag)
		return NULL;
	units = (uint32_t)((bytes + (1ull << tag->area->shift) - 1) >> tag->area->shift);
	/* What begins aligned and ends with a unit of the area may be longer than the run by less than
	 * that: fits() has seen bytes, so units are there. */
	unlink_free(spans, tag);
	if (before) {
		struct span_tag *rest = tag + before;
		uint32_t length = tag->length - before;

		set(tag, before, 1);
		link_free(spans, tag);
		tag = rest;
		tag->length = length;
	}
	if (tag->length > units) {
		struct span_tag *rest = tag + units;

		set(rest, tag->length - units, 1);
		link_free(spans, rest);
	}
	set(tag, units, 0);
	return tag;
}

void spans_give(struct spans *spans, struct span_tag *first)
{
	struct area *area = first->area;
	uint32_t length = first->length, at = span_index(first);

	if (at + length < area->units && area->tags[at + length].free) {
		unlink_free(spans, &area->tags[at + length]);
		length += area->tags[at + length].length;
	}
	if (at && area->tags[at - 1].free) {
		struct span_tag *before = first - area->tags[at - 1].length;

		unlink_free(spans, before);
		length += before->length;
		first = before;
	}
	set(first, length, 1);
	link_free(spans, first);
}
