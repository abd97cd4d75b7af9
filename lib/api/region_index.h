/* SPDX-License-Identifier: MIT */
/*
 * The living regions of a context, to be found by pointer and by physical address. A child has
 * none of its parent's: it begins with an empty index.
 */
#ifndef LIB_REGION_INDEX_H
#define LIB_REGION_INDEX_H

#include "backend/backing.h"

/* At the birth of a region. -ENOMEM, error set. */
int region_index_add(struct pmem_region *region);
/* Before its death; safe if it was not added, or by another process. */
void region_index_remove(struct pmem_region *region);
#endif
