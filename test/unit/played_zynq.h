/* SPDX-License-Identifier: MIT */
/* A played Zynq with one u-dma-buf, for the suites of udmabuf-kmod: included by one file of a program. */
#ifndef TEST_PLAYED_ZYNQ_H
#define TEST_PLAYED_ZYNQ_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "played_kmod.h"
#include "suite.h"

#define CACHED_SYNCED (PMEM_REGION_CACHED | PMEM_REGION_NEEDS_SYNC | PMEM_REGION_PINNED | \
	PMEM_REGION_CONTIGUOUS)
#define BASE 0x10000000u

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static struct played_buffer *buffer;

static void setup(void)
{
	fake_start();
	fake_string("/", "compatible", "xlnx,zynq-7000");
	fake_string("/cpus/cpu@0", "compatible", "arm,cortex-a9");
	assert_works(pmem_ctx_new(&ctx));
	buffer = played_buffer("udmabuf0", 1 << 20, BASE);
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
	for (size_t i = 0; i < played_kmod.count; i++)
		ck_assert_int_eq(played_kmod.buffers[i].holder, -1);
	played_kmod_stop();
}

static inline int alloc_in(const char *heap, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .heap = heap,
		.backend = "udmabuf-kmod" };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static inline int alloc(uint64_t size, uint32_t flags)
{
	return alloc_in(NULL, size, flags);
}

static inline void sync_is(uint64_t offset, uint64_t length, uint32_t direction, bool begin, uint64_t command)
{
	unsigned before = buffer->ioctl_syncs;

	assert_works(begin ? pmem_region_cpu_begin(region, offset, length, direction) :
			     pmem_region_cpu_end(region, offset, length, direction));
	ck_assert_uint_eq(buffer->ioctl_syncs, before + 1);
	ck_assert(buffer->last_for_cpu == begin);
	ck_assert_msg(buffer->last_command == command, "0x%llx, not 0x%llx",
		(unsigned long long)buffer->last_command, (unsigned long long)command);
}

static inline uint64_t phys(void)
{
	uint64_t at = 0;

	assert_works(pmem_region_phys(region, &at));
	return at;
}

#endif
