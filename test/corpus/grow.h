/* SPDX-License-Identifier: MIT */
/* A blob's nodes and properties as the directories and files that the kernel would show. */
#ifndef TEST_GROW_H
#define TEST_GROW_H

#include <stdbool.h>

/*
 * Write the tree below root/proc/device-tree, with all its properties or only those that the
 * library may ask for. The directory root exists. 0 or -1
 */
int grow_tree(const void *blob, const char *root, bool all);
/* Remove everything below root. */
void grow_remove(const char *root);

#endif
