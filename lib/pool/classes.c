/* SPDX-License-Identifier: MIT */
#include "pool/classes.h"

#include "base/attr.h"
#include "base/bits.h"

#define TWICE_FROM 27u /* the number of 4 KiB, and of what comes twice from there on */

static uint32_t quarters(unsigned number)
{
	unsigned doubling, quarter;

	if (number < 4)
		return 16 * (number + 1);
	doubling = number / 4 - 1;
	quarter = number % 4 + 1;
	return (64u << doubling) + quarter * (16u << doubling);
}

uint32_t class_size(unsigned number)
{
	if (number < TWICE_FROM)
		return quarters(number);
	return quarters(TWICE_FROM + (number - TWICE_FROM) / 2) +
		((number - TWICE_FROM) & 1 ? CLASS_LINE : 0);
}

uint64_t class_align(uint64_t size)
{
	return size & (0 - size);
}

unsigned class_for(uint64_t size, uint64_t align, bool powers_only)
{
	bool spread = align <= CLASS_LINE && !powers_only;

	if (size > CLASS_MAX)
		return CLASS_NONE;
	for (unsigned number = 0; number < CLASS_COUNT; number++) {
		uint32_t bytes = class_size(number);

		/* The first of the two holds it, so the second does. */
		if (spread && number >= TWICE_FROM && !((number - TWICE_FROM) & 1))
			continue;
		if (bytes >= size && class_align(bytes) >= align &&
			(!powers_only || bits_is_power_of_two(bytes)))
			return number;
	}
	return CLASS_NONE;
}

static void fill(uint16_t *to, unsigned count, unsigned shift, uint64_t align, bool powers_only,
	uint64_t limit)
{
	to[0] = CLASS_PLACE(CLASS_NONE);
	for (unsigned i = 1; i < count; i++) {
		uint64_t size = (uint64_t)i << shift;

		/* The last of a step says what there is for all of it. */
		to[i] = (uint16_t)CLASS_PLACE(size - (1u << shift) < limit ?
			class_for(size, align, powers_only) : CLASS_NONE);
	}
}

void class_table_fill(struct class_table *table, uint64_t align, bool powers_only, uint64_t limit)
{
	fill(table->small, ARRAY_SIZE(table->small), CLASS_SMALL_SHIFT, align, powers_only, limit);
	fill(table->large, ARRAY_SIZE(table->large), CLASS_LARGE_SHIFT, align, powers_only, limit);
}
