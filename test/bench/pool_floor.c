/* SPDX-License-Identifier: MIT */
#include "pool_floor.h"

/* In the library: far_. What is of a thread is found as quickly as a library can. */
#ifdef FLOOR_FAR
#define OF(name) far_##name
#pragma GCC visibility push(default)
#else
#define OF(name) floor_##name
#endif

#define MOST 2048

struct link {
	struct link *next;
};

static _Thread_local struct link *list;
static _Thread_local void *stack[MOST];
static _Thread_local size_t depth;

void OF(fill)(void **objects, size_t count)
{
	list = NULL;
	depth = 0;
	for (size_t i = 0; i < count && i < MOST; i++) {
		OF(list_put)(objects[i]);
		OF(stack_put)(objects[i]);
	}
}

void *OF(list_get)(void)
{
	struct link *first = list;

	list = first->next;
	return first;
}

void OF(list_put)(void *object)
{
	struct link *first = object;

	first->next = list;
	list = first;
}

void *OF(stack_get)(void)
{
	return stack[--depth];
}

void OF(stack_put)(void *object)
{
	stack[depth++] = object;
}

int OF(flat_phys)(const struct flat *flat, const volatile void *pointer, uint64_t *phys)
{
	uintptr_t p = (uintptr_t)pointer;

	*phys = flat->phys[(p - flat->base) >> 21] + (p & ((1u << 21) - 1));
	return 0;
}

void *OF(same)(void *object, uint64_t size, uint64_t align)
{
	(void)size;
	(void)align;
	return object;
}

int OF(nothing)(void *of, void *object)
{
	(void)of;
	(void)object;
	return 0;
}
