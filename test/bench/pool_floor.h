/* SPDX-License-Identifier: MIT */
/*
 * What cannot be beaten: a free list in the objects, and a stack of pointers beside them. Each thread
 * has its own, of one size; nothing is locked, checked or given back. Functions that are called: floor_*()
 * in the program itself; far_*() are the same in a shared library, as those of every library are, which
 * a processor calls and comes back from much more slowly.
 */
#ifndef BENCH_POOL_FLOOR_H
#define BENCH_POOL_FLOOR_H

#include <stddef.h>
#include <stdint.h>

/* The physical address by a flat table of entries of 2 MiB. */
struct flat {
	uintptr_t base;
	uint64_t *phys;
};

/*
 * fill: begin with these objects. flat_phys: that which an exported function would do. same and nothing do
 * no more than return: what the calls alone cost.
 */
#define FLOOR_FUNCTIONS(of)                                                                        \
	void of##_fill(void **objects, size_t count);                                              \
	void *of##_list_get(void);                                                                 \
	void of##_list_put(void *object);                                                          \
	void *of##_stack_get(void);                                                                \
	void of##_stack_put(void *object);                                                         \
	int of##_flat_phys(const struct flat *flat, const volatile void *pointer, uint64_t *phys); \
	void *of##_same(void *object, uint64_t size, uint64_t align);                              \
	int of##_nothing(void *of, void *object);

FLOOR_FUNCTIONS(floor)
FLOOR_FUNCTIONS(far)

#endif
