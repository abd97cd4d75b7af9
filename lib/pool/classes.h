/* SPDX-License-Identifier: MIT */
/*
 * Sizes of objects: four to each doubling, from 16 bytes to 64 KiB, so at most a fifth of an object
 * is not used. The lowest bit of a size is the alignment that all objects of it have. Arithmetic only.
 *
 * From 4 KiB on there is each size once more with a cache line added. Objects at multiples of a page
 * have their first bytes in the same few lines of a cache, and drive each other out of it; so those get
 * the larger size which nobody wants aligned.
 */
#ifndef POOL_CLASSES_H
#define POOL_CLASSES_H

#include <stdbool.h>
#include <stdint.h>

#define CLASS_COUNT 61u
#define CLASS_MAX   65536u    /* bytes that the largest holds */
#define CLASS_NONE  CLASS_COUNT
#define CLASS_LINE  64u       /* bytes: more than that is wanted aligned */

/* Steps of the two tables that a size is looked up in. */
#define CLASS_SMALL_MAX   4096u
#define CLASS_SMALL_SHIFT 4
#define CLASS_LARGE_SHIFT 10

/* Where that of a class is in what is kept for each, of 32 bytes: a multiplication less. */
#define CLASS_PLACE(number) ((number) * 32u)

/* Of each size the CLASS_PLACE() of its class. */
struct class_table {
	uint16_t small[(CLASS_SMALL_MAX >> CLASS_SMALL_SHIFT) + 1];
	uint16_t large[(CLASS_MAX >> CLASS_LARGE_SHIFT) + 1];
};

uint32_t class_size(unsigned number);
/* The lowest bit of a size, not 0. */
uint64_t class_align(uint64_t size);
/* The best that holds size bytes at a multiple of align; CLASS_NONE: none does. */
unsigned class_for(uint64_t size, uint64_t align, bool powers_only);
/* Answers of class_for() for every size up to limit; CLASS_NONE for others, and for 0. */
void class_table_fill(struct class_table *table, uint64_t align, bool powers_only, uint64_t limit);

static inline uintptr_t class_look_up(const struct class_table *table, uint64_t size)
{
	if (__builtin_expect(size <= CLASS_SMALL_MAX, 1))
		return table->small[(size + (1u << CLASS_SMALL_SHIFT) - 1) >> CLASS_SMALL_SHIFT];
	if (size <= CLASS_MAX)
		return table->large[(size + (1u << CLASS_LARGE_SHIFT) - 1) >> CLASS_LARGE_SHIFT];
	return CLASS_PLACE(CLASS_NONE);
}

#endif
