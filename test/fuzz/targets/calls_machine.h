/* SPDX-License-Identifier: MIT */
/*
 * The machine of target_calls.c: a sane one, of which only calls fail. Each page has a frame, and each frame one page;
 * an IOMMU knows what its devices see, and memory that they see is not unmapped.
 */
#ifndef FUZZ_CALLS_MACHINE_H
#define FUZZ_CALLS_MACHINE_H

#include "answers.h"

#define MACHINE_DEVICES 4
#define MACHINE_MEMORY  65536       /* of /dev/mem, from 0 on, and of the file /regs */
#define MACHINE_UART    0xfe201000u /* of the node /soc/serial@fe201000 */

/* In an answers_start(). broken: in what pieces frames come. */
void machine_start(uint64_t broken);
/* A dma-buf that somebody else made. */
int machine_dmabuf(void);
/* Does a device see this byte of memory at bus? */
bool machine_sees(uint64_t bus, const void *byte);
bool machine_sees_any(const void *byte);

#endif
