/* SPDX-License-Identifier: MIT */
/*
 * What cannot be beaten: a free list in the objects, and a stack of pointers beside them. Each thread
 * has its own, of one size; nothing is locked, checked or given back. Functions that are called, as
 * those of a library are.
 */
#ifndef BENCH_POOL_FLOOR_H
#define BENCH_POOL_FLOOR_H

#include <stddef.h>
#include <stdint.h>

/* Begin with these objects. */
void floor_fill(void **objects, size_t count);

void *floor_list_get(void);
void floor_list_put(void *object);
void *floor_stack_get(void);
void floor_stack_put(void *object);

/* The physical address by a flat table of entries of 2 MiB: that which an exported function would do. */
struct flat {
	uintptr_t base;
	uint64_t *phys;
};
int flat_phys(const struct flat *flat, const volatile void *pointer, uint64_t *phys);

#endif
