/* SPDX-License-Identifier: MIT */
/*
 * A set of intervals, which may overlap: which one holds this number? O(log n), no allocation:
 * whoever owns what lies there owns the struct interval too. Not locked.
 */
#ifndef BASE_INTERVAL_H
#define BASE_INTERVAL_H

#include <stdint.h>

#include <bsd/sys/tree.h>

struct interval {
	RB_ENTRY(interval) link;
	uint64_t first, last; /* inclusive, so that one may end with the address space */
	uint64_t reach;       /* the greatest last of all below and itself */
};

RB_HEAD(interval_set, interval);

/* first and last are set; the set's until it is removed. */
void interval_insert(struct interval_set *set, struct interval *interval);
void interval_remove(struct interval_set *set, struct interval *interval);

/* One that holds the number, or NULL. */
struct interval *interval_find(const struct interval_set *set, uint64_t number);

#endif
