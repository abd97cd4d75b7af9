/* SPDX-License-Identifier: MIT */
#include "heap.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/stringlist.h>

void *heap_malloc(size_t size);
void *heap_calloc(size_t count, size_t size);
void *heap_realloc(void *p, size_t size);
void *heap_reallocarray(void *p, size_t count, size_t size);
char *heap_strdup(const char *s);
char *heap_strndup(const char *s, size_t n);
void heap_free(void *p);
void heap_sl_free(StringList *list, int all);

#define MAX_LIVE 4096

static struct {
	bool armed;
	bool failed;
	bool for_good;
	bool strict;
	unsigned countdown, asked;
	uintptr_t live[MAX_LIVE];
	size_t count;
} heap;

void heap_arm(unsigned nth)
{
	heap.armed = true;
	heap.failed = heap.for_good = false;
	heap.countdown = nth;
	heap.asked = 0;
}

void heap_arm_for_good(unsigned nth)
{
	heap_arm(nth);
	heap.for_good = true;
}

void heap_strict(bool on)
{
	heap.strict = on;
}

unsigned heap_asked(void)
{
	return heap.asked;
}

bool heap_disarm(void)
{
	heap.armed = false;
	return heap.failed;
}

size_t heap_live(void)
{
	return heap.count;
}

static bool refuse(void)
{
	heap.asked += heap.armed;
	if (!heap.armed || heap.countdown == 0 || --heap.countdown > 0)
		return false;
	heap.failed = true;
	heap.countdown = heap.for_good;
	errno = ENOMEM;
	return true;
}

static void *note(void *p)
{
	if (heap.armed && p) {
		if (heap.count == MAX_LIVE)
			abort();
		heap.live[heap.count++] = (uintptr_t)p;
	}
	return p;
}

static void forget(uintptr_t p)
{
	for (size_t i = 0; i < heap.count; i++) {
		if (heap.live[i] == p) {
			heap.live[i] = heap.live[--heap.count];
			return;
		}
	}
	if (p && heap.strict) {
		fprintf(stderr, "what is freed was not allocated by the library, or is free already\n");
		abort();
	}
}

void *heap_malloc(size_t size)
{
	return refuse() ? NULL : note(malloc(size));
}

void *heap_calloc(size_t count, size_t size)
{
	size_t total;
	void *p;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	p = heap_malloc(total);
	return p ? memset(p, 0, total) : NULL;
}

void *heap_realloc(void *p, size_t size)
{
	void *q;

	if (refuse())
		return NULL;
	forget((uintptr_t)p); /* realloc() of a few bytes does not fail by itself */
	q = realloc(p, size);
	if (!q)
		abort();
	return note(q);
}

void *heap_reallocarray(void *p, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total)) {
		errno = ENOMEM;
		return NULL;
	}
	return heap_realloc(p, total);
}

char *heap_strndup(const char *s, size_t n)
{
	size_t length = strnlen(s, n);
	char *p = heap_malloc(length + 1);

	if (!p)
		return NULL;
	memcpy(p, s, length);
	p[length] = '\0';
	return p;
}

char *heap_strdup(const char *s)
{
	return heap_strndup(s, strlen(s));
}

void heap_free(void *p)
{
	forget((uintptr_t)p);
	free(p);
}

/* libbsd frees the strings of a list by itself, out of our sight. */
void heap_sl_free(StringList *list, int all)
{
	for (size_t i = 0; all && i < list->sl_cur; i++)
		heap_free(list->sl_str[i]);
	sl_free(list, 0);
}
