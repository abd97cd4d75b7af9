/* SPDX-License-Identifier: MIT */
/*
 * For one file of tests, whose program is linked with the library of test/contract/heap.h: there
 * malloc() and its like have other names. This heap may be used by threads.
 */
#ifndef TEST_COUNTED_HEAP_H
#define TEST_COUNTED_HEAP_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stringlist.h>

static _Atomic long live;          /* blocks of the library */
static _Atomic unsigned countdown; /* the allocation that fails, 1 is the next; 0: none */

void *heap_malloc(size_t size);
void *heap_calloc(size_t count, size_t size);
void *heap_realloc(void *p, size_t size);
void *heap_reallocarray(void *p, size_t count, size_t size);
char *heap_strdup(const char *s);
char *heap_strndup(const char *s, size_t n);
void heap_free(void *p);
void heap_sl_free(StringList *list, int all);

static void *counted(void *p)
{
	live += p != NULL;
	return p;
}

static bool told_to_fail(void)
{
	if (!countdown || --countdown)
		return false;
	errno = ENOMEM;
	return true;
}

void *heap_malloc(size_t size)
{
	return told_to_fail() ? NULL : counted(malloc(size));
}

void *heap_calloc(size_t count, size_t size)
{
	return told_to_fail() ? NULL : counted(calloc(count, size));
}

void *heap_realloc(void *p, size_t size)
{
	return p ? realloc(p, size) : heap_malloc(size);
}

void *heap_reallocarray(void *p, size_t count, size_t size)
{
	return heap_realloc(p, count * size);
}

char *heap_strdup(const char *s)
{
	return told_to_fail() ? NULL : counted(strdup(s));
}

char *heap_strndup(const char *s, size_t n)
{
	return told_to_fail() ? NULL : counted(strndup(s, n));
}

void heap_free(void *p)
{
	live -= p != NULL;
	free(p);
}

void heap_sl_free(StringList *list, int all)
{
	for (size_t i = 0; all && i < list->sl_cur; i++)
		heap_free(list->sl_str[i]);
	sl_free(list, 0);
}

#endif
