/* SPDX-License-Identifier: MIT */
/*
 * Every device that gives dma-bufs, or tells where they are, each as far as the library asks it: dma-heaps, ION of three
 * ages, udmabuf, vcsm-cma, u-dma-buf, and the calls of vendors. What each says is damaged as the input wants.
 */
#ifndef FUZZ_BUFFERS_H
#define FUZZ_BUFFERS_H

#include "answers.h"

/* Those that the bits of machine ask for, in an answers_start(). */
#define BUFFERS_HEAPS   (1u << 0)
#define BUFFERS_ION     (1u << 1)
#define BUFFERS_UDMABUF (1u << 2)
#define BUFFERS_VCSM    (1u << 3)
#define BUFFERS_KMOD    (1u << 4)
#define BUFFERS_TELLERS (1u << 5) /* of addresses: NXP's and TI's devices */
#define BUFFERS_LEGACY  (1u << 6) /* ION gives handles */
#define BUFFERS_MAD     (1u << 7) /* descriptors are damaged as well */
void buffers_start(struct input *in, uint32_t machine);

/* A dma-buf that somebody else made. */
int buffers_foreign(void);

/* Names of heaps and buffers, for opts.heap. */
extern const char *const buffers_names[];
#define BUFFERS_NAMES 12

#endif
