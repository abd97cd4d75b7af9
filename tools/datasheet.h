/* SPDX-License-Identifier: MIT */
/* Addresses of devices as their bus has them, and datasheets: 0x7e200000 on each Raspberry Pi. */
#ifndef PHYSMEM_DATASHEET_H
#define PHYSMEM_DATASHEET_H

#include "physmem.h"

/* name receives the path of the device that has it. false: none has. */
bool datasheet_to_phys(struct pmem_ctx *ctx, uint64_t address, uint64_t *phys, char *name, size_t size);

#endif
