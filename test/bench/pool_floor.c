/* SPDX-License-Identifier: MIT */
#include "pool_floor.h"

#define MOST 2048

struct link {
	struct link *next;
};

static _Thread_local struct link *list;
static _Thread_local void *stack[MOST];
static _Thread_local size_t depth;

void floor_fill(void **objects, size_t count)
{
	list = NULL;
	depth = 0;
	for (size_t i = 0; i < count && i < MOST; i++) {
		floor_list_put(objects[i]);
		floor_stack_put(objects[i]);
	}
}

void *floor_list_get(void)
{
	struct link *first = list;

	list = first->next;
	return first;
}

void floor_list_put(void *object)
{
	struct link *first = object;

	first->next = list;
	list = first;
}

void *floor_stack_get(void)
{
	return stack[--depth];
}

void floor_stack_put(void *object)
{
	stack[depth++] = object;
}

int flat_phys(const struct flat *flat, const volatile void *pointer, uint64_t *phys)
{
	uintptr_t p = (uintptr_t)pointer;

	*phys = flat->phys[(p - flat->base) >> 21] + (p & ((1u << 21) - 1));
	return 0;
}
