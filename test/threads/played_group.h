/* SPDX-License-Identifier: MIT */
/*
 * A kernel with VFIO groups, played by a table of calls that any thread may use: it knows what is mapped, and ends
 * the test if something is mapped twice, unmapped that is not mapped, or left. Of memory it sees that a byte can be
 * written where a device would. All other calls are the real ones.
 */
#ifndef TEST_PLAYED_GROUP_H
#define TEST_PLAYED_GROUP_H

#include <pmem/pmem.h>

#include <stdbool.h>
#include <stddef.h>

#include "threads_check.h"

#define PAGE    4096u
#define DEVICES 5 /* dev0 to dev4; the last two are of one group */
#define UNSAFE  "dev5" /* without an IOMMU: for the way noiommu */

void group_play(void);
/* Nothing may be mapped, and no device open. */
void group_end(void);
size_t group_mappings(void);

/* Do contexts that this thread makes have the played machine, or the real one? The first, unless it says so. */
extern _Thread_local bool group_is_root;

/* A descriptor that the library takes for a dma-buf's. */
int group_dmabuf(size_t size);

#endif
