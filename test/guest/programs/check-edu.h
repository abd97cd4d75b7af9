/* SPDX-License-Identifier: MIT */
/*
 * QEMU's edu PCI device (docs/specs/edu of QEMU): a DMA engine that copies between memory and 4096
 * bytes of its own, and a register that makes it interrupt. It takes 100 ms for each transfer.
 */
#ifndef GUEST_CHECK_EDU_H
#define GUEST_CHECK_EDU_H

#include <time.h>

#include "check-dma.h"

#define EDU_ID         0xedu      /* the low byte of register 0 */
#define EDU_RAISE      0x60u
#define EDU_STATUS     0x24u
#define EDU_ACK        0x64u
#define EDU_FROM       0x80u
#define EDU_TO         0x88u
#define EDU_COUNT      0x90u
#define EDU_COMMAND    0x98u
#define EDU_START      1u
#define EDU_OUT        2u         /* from the device to memory */
#define EDU_OWN        0x40000u   /* where its own bytes are, for its engine */
#define EDU_OWN_BYTES  4092u      /* of 4096: the device refuses to go to the very end */

struct edu {
	struct dma dma;
	struct pmem_device *device; /* check-vfio's */
	struct pmem_region *registers;
};

static inline void edu_sleep(long milliseconds)
{
	nanosleep(&(struct timespec){ .tv_sec = milliseconds / 1000,
			  .tv_nsec = milliseconds % 1000 * 1000000 },
		NULL);
}

static inline int edu_transfer(struct edu *edu, uint64_t from, uint64_t to, uint64_t count, uint32_t out)
{
	uint32_t command = 0;
	int r = pmem_region_write64(edu->registers, EDU_FROM, from);

	if (r == 0)
		r = pmem_region_write64(edu->registers, EDU_TO, to);
	if (r == 0)
		r = pmem_region_write64(edu->registers, EDU_COUNT, count);
	pmem_io_wmb();
	if (r == 0)
		r = pmem_region_write32(edu->registers, EDU_COMMAND, EDU_START | out);
	for (int i = 0; r == 0 && i < 3000; i++) {
		r = pmem_region_read32(edu->registers, EDU_COMMAND, &command);
		if (r == 0 && !(command & EDU_START)) {
			pmem_io_rmb();
			return 0;
		}
		edu_sleep(2);
	}
	return r ? r : -ETIMEDOUT;
}

/* Bytes of memory to the device's own, and the other way round. */
static inline int edu_load(struct edu *edu, uint64_t bus, uint64_t count)
{
	return edu_transfer(edu, bus, EDU_OWN, count, 0);
}

static inline int edu_store(struct edu *edu, uint64_t bus, uint64_t count)
{
	return edu_transfer(edu, EDU_OWN, bus, count, EDU_OUT);
}

static inline int edu_copy(struct dma *dma, uint64_t dst, uint64_t src, uint64_t length)
{
	struct edu *edu = (struct edu *)dma;

	for (uint64_t done = 0; done < length;) {
		uint64_t count = length - done < EDU_OWN_BYTES ? length - done : EDU_OWN_BYTES;
		int r = edu_load(edu, src + done, count);

		if (r == 0)
			r = edu_store(edu, dst + done, count);
		if (r)
			return r;
		done += count;
	}
	return 0;
}

#endif
