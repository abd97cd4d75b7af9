/* SPDX-License-Identifier: MIT */
/*
 * The three ABIs of /dev/ion. Numbers and layouts: drivers/staging/android/uapi/ion.h of Linux 4.9
 * (handles), 4.12 to 5.10 (descriptors), and Android's 5.4 with modular heaps, which is the second
 * with a version call. The request numbers carry the size of the struct, and that of a long in the
 * first ABI, so a 32-bit program has numbers of its own that a 64-bit kernel translates.
 */
#ifndef BACKEND_ION_ABI_H
#define BACKEND_ION_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "soc/ctx.h"

enum ion_abi {
	ION_LEGACY,  /* ALLOC gives a handle, SHARE makes a dma-buf of it */
	ION_MODERN,  /* ALLOC gives a dma-buf */
	ION_MODULAR, /* the same, and says its version */
};

/* Heap types (enum ion_heap_type); larger numbers are a vendor's. */
#define ION_TYPE_SYSTEM        0
#define ION_TYPE_SYSTEM_CONTIG 1
#define ION_TYPE_CARVEOUT      2
#define ION_TYPE_CHUNK         3
#define ION_TYPE_DMA           4
#define ION_TYPE_UNKNOWN       UINT32_MAX /* this kernel does not tell */

#define ION_FLAG_CACHED 1u

struct ion_heap {
	char name[32];
	uint32_t type; /* ION_TYPE_* */
	uint32_t id;   /* the bit of the mask */
};

/* How much ALLOC and SHARE got; give it to ion_drop_handle() in any case. */
struct ion_buffer {
	int fd;     /* the dma-buf */
	int handle; /* legacy only; -1: none */
};

/*
 * Which ABI the open /dev/ion speaks, told without allocating: FREE of no handle is unknown to the
 * newer ones. A negative errno if it cannot be told. Sets the error.
 */
int ion_abi(int ion);

/* The heaps, by query; -ENOTTY if this kernel has no query. *heaps is freed by the caller. */
int ion_heaps(int ion, struct ion_heap **heaps, size_t *count);

/*
 * length bytes of the heaps in mask. A plain -errno: ENODEV no such heap, ENOMEM. In the legacy
 * ABI the handle is still held.
 */
int ion_alloc(int ion, enum ion_abi abi, uint64_t length, uint32_t mask, uint32_t flags,
	struct ion_buffer *buffer);

/* The handle is needed no more: the dma-buf keeps the memory. */
void ion_drop_handle(int ion, struct ion_buffer *buffer);

/*
 * The physical address, by the call of the SoC's vendor, if it has one that is known here.
 * proof: the buffer is not known to be in one piece, so only a call that refuses others will do.
 * A plain -errno: ENOTTY no such call; what the vendor's driver said.
 */
int ion_address(const struct pmem_ctx *ctx, int ion, const struct ion_buffer *buffer,
	uint64_t length, bool proof, uint64_t *phys);

#endif
