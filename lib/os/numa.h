/* SPDX-License-Identifier: MIT */
/* From which node of the machine memory comes: see os.h. */
#ifndef OS_NUMA_H
#define OS_NUMA_H

#include "os/os.h"

int numa_prefer(uint32_t node, struct os_numa *was);
int numa_restore(const struct os_numa *was);
int numa_page_nodes(const void *const *pages, size_t count, int *nodes);

#endif
