/* SPDX-License-Identifier: MIT */
/* Texts that are lists of words: "vcsm dmaheap pages". They need no pointers, as arrays would. */
#ifndef BASE_WORD_LIST_H
#define BASE_WORD_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A word inside of a text, not NUL ended. */
struct word {
	const char *text;
	size_t length;
};

/* The next word of *list, which moves behind it; any of the bytes of blanks parts words. */
bool word_next(const char **list, const char *blanks, struct word *word);
/* Letter case counts not. */
bool word_is(struct word word, const char *text);
bool words_have(const char *list, const char *blanks, const char *text);

#endif
