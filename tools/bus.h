/* SPDX-License-Identifier: MIT */
/* Addresses of datasheets, 0x7e200000 on each Raspberry Pi: the device tree's own translation. */
#ifndef PHYSMEM_BUS_H
#define PHYSMEM_BUS_H

#include "address.h"

#include "physmem.h"

struct bus_search {
	uint64_t address, phys;
	char found[ADDRESS_MAX]; /* a bus that has the address, at phys */
	char other[ADDRESS_MAX]; /* one that has it elsewhere; "" */
};

/* The buses that have the address; of those below each other the upper ones. false: none has. */
bool bus_find(struct pmem_ctx *ctx, struct bus_search *search, uint64_t address);

/* The sentence that two have it. */
#define BUS_AMBIGUOUS_MAX (2 * ADDRESS_MAX + 64)
void bus_ambiguous(const struct bus_search *search, char text[BUS_AMBIGUOUS_MAX]);

/* The path of the device on a bus that is there; "": none is. */
void bus_device(struct pmem_ctx *ctx, uint64_t phys, char *name, size_t size);

/* By the ranges of that bus, or, if NULL, of the one that has the address. 0 or an exit code. */
int bus_to_phys(struct pmem_ctx *ctx, const char *bus, uint64_t address, uint64_t *phys);

#endif
