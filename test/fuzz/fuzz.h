/* SPDX-License-Identifier: MIT */
/*
 * Random input, the same in every run. LIBPMEM_FUZZ_RUNS asks for more of it than the few
 * seconds that a test may take, LIBPMEM_FUZZ_SEED for other input.
 */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "must.h"

#ifdef FUZZ_FROM_INPUT
#include "targets/input.h"

/* Of a target, which is told what to do by a fuzzer and not by a generator. */
static struct input fuzz_input;

static inline uint64_t fuzz_next(void)
{
	return in_number(&fuzz_input, 8);
}

static inline size_t fuzz_below(size_t limit)
{
	return (size_t)in_below(&fuzz_input, limit);
}

/* Is there any more to do? */
static inline bool fuzz_more(void)
{
	return fuzz_input.left > 0;
}
#else
static uint64_t fuzz_state;

static inline uint64_t fuzz_number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

/* How many inputs to try; begins the sequence. */
static inline uint64_t fuzz_begin(uint64_t runs)
{
	fuzz_state = fuzz_number("LIBPMEM_FUZZ_SEED", 0x9e3779b97f4a7c15ull);
	return fuzz_number("LIBPMEM_FUZZ_RUNS", runs);
}

/* splitmix64, https://prng.di.unimi.it/ */
static inline uint64_t fuzz_next(void)
{
	uint64_t z = fuzz_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static inline size_t fuzz_below(size_t limit)
{
	return (size_t)(fuzz_next() % limit);
}

static inline bool fuzz_more(void)
{
	return true;
}

/* A word that finds mistakes more often than others do. */
static inline uint32_t fuzz_word(void)
{
	static const uint32_t words[] = { 0, 1, 3, 4, 8, 12, 28, 36, 0x7fffffff, 0x80000000,
		0x80000001, 0x80000004, 0xfffffffc, 0xffffffff, 0x3000c, 0x3000d, 0x3000e, 0x3000f };
	size_t i = fuzz_below(2 * sizeof(words) / sizeof(words[0]));

	return i < sizeof(words) / sizeof(words[0]) ? words[i] : (uint32_t)fuzz_next();
}

/* Change one thing: a bit, a byte, or an aligned word. */
static inline void fuzz_mutate(void *data, size_t size)
{
	unsigned char *bytes = data;
	size_t at = fuzz_below(size);

	switch (fuzz_below(3)) {
	case 0:
		bytes[at] ^= (unsigned char)(1u << fuzz_below(8));
		break;
	case 1:
		bytes[at] = (unsigned char)fuzz_next();
		break;
	default:
		if (size >= 4)
			((uint32_t *)data)[fuzz_below(size / 4)] = fuzz_word();
	}
}
#endif

#endif
