/* SPDX-License-Identifier: MIT */
/*
 * The bytes of one input, taken from its beginning. After the last there are zeroes: every input is a whole one,
 * and a longer one says more.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "must.h"

/* What a target is: libFuzzer, AFL++ and replay.c call it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint64_t in_number(struct input *in, unsigned bytes)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < bytes && in->left; i++, in->at++, in->left--)
		n |= (uint64_t)*in->at << (8 * i);
	return n;
}

static inline uint8_t in_byte(struct input *in)
{
	return (uint8_t)in_number(in, 1);
}

/* Below limit, of as few bytes as that needs. */
static inline uint64_t in_below(struct input *in, uint64_t limit)
{
	return in_number(in, limit <= 256 ? 1 : limit <= 65536 ? 2 : 8) % limit;
}

/* An address or size: any number, mostly near the ends of something. */
static inline uint64_t in_place(struct input *in)
{
	uint8_t kind = in_byte(in);

	switch (kind & 7) {
	case 0:
		return in_number(in, 8);
	case 1:
		return 0 - in_number(in, 2);
	case 2:
		return (1ull << (kind >> 3)) + in_number(in, 1);
	case 3:
		return (1ull << (32 + (kind >> 3))) - in_number(in, 1);
	case 4:
		return in_number(in, 2) << 12;
	case 5:
		return in_number(in, 4);
	default:
		return in_number(in, 1);
	}
}

/* At most size bytes, fewer at the end of the input. */
static inline const uint8_t *in_bytes(struct input *in, size_t *size)
{
	const uint8_t *at = in->at;

	if (*size > in->left)
		*size = in->left;
	in->at += *size;
	in->left -= *size;
	return at;
}

/* A word of a list, or one that the input spells. */
#define IN_WORD_MAX 48
static inline const char *in_word(struct input *in, const char *const *words, size_t count,
	char own[IN_WORD_MAX])
{
	uint8_t which = in_byte(in);
	size_t size = which & 31;

	if (which < 224)
		return words[which % count];
	memcpy(own, in_bytes(in, &size), size);
	own[size] = '\0';
	return own;
}

#endif
