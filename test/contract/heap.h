/* SPDX-License-Identifier: MIT */
/*
 * The heap of the library under test: in its objects, and nowhere else, malloc() and its like are
 * renamed to heap_malloc() and its like (CMakeLists.txt). What is allocated while the heap is armed
 * is counted, and one allocation can be made to fail.
 */
#ifndef TEST_HEAP_H
#define TEST_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* From now on count; the nth allocation fails (1 is the next; 0: none). */
void heap_arm(unsigned nth);
/* The same, but all those after it fail, too. */
void heap_arm_for_good(unsigned nth);
/* How many allocations there were since it was armed. */
unsigned heap_asked(void);
/* From now on what is freed must be what was allocated while armed, and not freed since: else it aborts. */
void heap_strict(bool on);
/* Stop. Was an allocation made to fail? */
bool heap_disarm(void);
/* Blocks allocated while armed and not freed since. */
size_t heap_live(void);

#endif
