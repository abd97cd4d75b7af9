/* SPDX-License-Identifier: MIT */
/* From what people call a node to its path. */
#ifndef SOC_FIND_H
#define SOC_FIND_H

#include <stdbool.h>

#include "dt/dt.h"

/*
 * name: path, "&label" (__symbols__), alias (/aliases), else compatible. nth counts matches of a
 * compatible: the available nodes first, then the others, each in the order of dt_walk(); the
 * other forms have match 0 only. -ENOENT
 */
int find_node(const struct dt *dt, const char *name, unsigned nth, char *node);

/* Is this node the one? 1 yes, 0 no, -errno */
typedef int find_test_fn(void *user, const char *node);
/*
 * The first node whose compatible is among the words of the list (base/word_list.h) and which is
 * available and passes the test (NULL: any does); an earlier word is preferred. -ENOENT
 */
int find_first_of(const struct dt *dt, const char *compatibles, find_test_fn *test, void *user,
	char *node);

/* The node with that phandle. -ENOENT */
int find_phandle(const struct dt *dt, uint32_t phandle, char *node);

/* Is there an alias or "&label" of that name? Where it leads, whether or not there is a node. */
bool find_link(const struct dt *dt, const char *name, char *target);

#endif
