/* SPDX-License-Identifier: MIT */
/* A region in a process that was forked from the one that made it. */
#ifndef CONTRACT_CHILD_H
#define CONTRACT_CHILD_H

#include "machine.h"

/* Forks a child that forgets the region, and looks whether it did no more than that. */
void child_forgets(enum way way, struct pmem_region *region);

#endif
