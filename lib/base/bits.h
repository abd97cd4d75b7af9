/* SPDX-License-Identifier: MIT */
/* Arithmetic on addresses that says when it overflows. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdbool.h>
#include <stdint.h>

/* a + b in *sum; false if it does not fit. */
static inline bool bits_add(uint64_t a, uint64_t b, uint64_t *sum)
{
	return !__builtin_add_overflow(a, b, sum);
}

static inline bool bits_is_power_of_two(uint64_t v)
{
	return v != 0 && (v & (v - 1)) == 0;
}

/* v rounded down to a multiple of align, a power of two. */
static inline uint64_t bits_align_down(uint64_t v, uint64_t align)
{
	return v & ~(align - 1);
}

/* v rounded up to a multiple of align, a power of two; false if it does not fit. */
static inline bool bits_align_up(uint64_t v, uint64_t align, uint64_t *out)
{
	if (!bits_add(v, align - 1, out))
		return false;
	*out &= ~(align - 1);
	return true;
}

/* Is [offset, offset + size) inside [0, limit)? */
static inline bool bits_inside(uint64_t offset, uint64_t size, uint64_t limit)
{
	return offset <= limit && size <= limit - offset;
}

#endif
