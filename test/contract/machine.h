/* SPDX-License-Identifier: MIT */
/* One entry of the table on its played machine, and the ways to a region there. */
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

#include "contract.h"

/* The entry under test; each test runs in a process of its own. */
extern const struct pmem_backend_ops *ops;
extern const struct contract_fixture *fixture;
extern struct pmem_ctx *ctx;
extern int foreign_fd; /* a dma-buf made elsewhere; -1: none */

enum way { WAY_MAP, WAY_MAKE, WAY_ALLOC, WAY_IMPORT, WAYS };

extern const char *const way_names[];

/* How many entries there are to test: those of the table, and the template. */
int machine_count(void);
/* Entry i of them, on a machine that has it or has not; fails if it has no fixture. */
void machine_start(int i, bool usable);
void machine_stop(void);

/* Does the backend have that way, how large are its regions, and one of them. */
bool way_exists(enum way way);
uint64_t way_size(enum way way);
int way_make(enum way way, uint32_t flags, struct pmem_region *region);

/* The end of a region, as lib/api/region.c does it. */
int machine_close(struct pmem_region *region);

/* No mapping, and no more descriptors than fds. */
void nothing_is_left(size_t fds, const char *after);

#endif
