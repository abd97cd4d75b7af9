/* SPDX-License-Identifier: MIT */
/* Memory of one NUMA node. Both set the thread's error. */
#ifndef PAGES_NODE_H
#define PAGES_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "os/os.h"

/*
 * From now on this thread's memory is of that node, if it has some: other nodes help out, where a strict
 * policy would have the kernel's killer end a program of that node. node_check() tells.
 * -ENOENT there is no such node (NOT_FOUND); -EOPNOTSUPP a kernel without NUMA
 */
int node_prefer(uint32_t node, struct os_numa *was);
/* Is all of it there? -ENOMEM (NO_MEMORY) the node had too little left. */
int node_check(uint32_t node, const void *addr, size_t length);

#endif
