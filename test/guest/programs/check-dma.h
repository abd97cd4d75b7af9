/* SPDX-License-Identifier: MIT */
/* One set of checks for every DMA engine: only how bytes get copied differs. */
#ifndef GUEST_CHECK_DMA_H
#define GUEST_CHECK_DMA_H

#include <errno.h>

#include "check_lib.h"

/* What an engine needs; copy moves length bytes between two addresses of its own view. */
struct dma {
	struct pmem_ctx *ctx;
	const char *backend; /* where the buffers come from; NULL: the library chooses */
	struct pmem_device *device_for; /* memory for this device; NULL: for none in particular */
	int (*address)(const struct pmem_region *region, uint64_t *address);
	int (*copy)(struct dma *dma, uint64_t dst, uint64_t src, uint64_t length);
	struct pmem_region *scratch;
	int too_far; /* write one byte more than asked, of another value than is there */
	unsigned copies;
};

static inline int dma_alloc(void *user, uint64_t size, struct pmem_region **out)
{
	struct dma *dma = user;
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = dma->backend,
		.device = dma->device_for };

	return pmem_region_alloc(dma->ctx, size, &opts, out);
}

/* Four bytes that end one past the copy: three that are right and one that is wrong. */
static inline int dma_spoil(struct dma *dma, struct pmem_region *dst, uint64_t end, uint64_t address)
{
	uint64_t scratch;
	int r = pmem_region_cpu_begin(dst, end - 3, 4, PMEM_DIR_READ);

	if (r == 0)
		r = pmem_region_cpu_begin(dma->scratch, 0, 4, PMEM_DIR_WRITE);
	if (r == 0)
		r = dma->address(dma->scratch, &scratch);
	for (uint64_t i = 0; r == 0 && i < 4; i++) {
		uint8_t byte = 0;

		r = pmem_region_read8(dst, end - 3 + i, &byte);
		if (r == 0)
			r = pmem_region_write8(dma->scratch, i, i < 3 ? byte : byte ^ 0xff);
	}
	if (r == 0)
		r = pmem_region_cpu_end(dst, end - 3, 4, PMEM_DIR_READ);
	if (r == 0)
		r = pmem_region_cpu_end(dma->scratch, 0, 4, PMEM_DIR_WRITE);
	return r ? r : dma->copy(dma, address + end - 3, scratch, 4);
}

static inline int dma_run(void *user, struct pmem_region *dst, uint64_t dst_offset,
	struct pmem_region *src, uint64_t src_offset, uint64_t length)
{
	struct dma *dma = user;
	uint64_t to, from;
	int r = dma->address(dst, &to);

	if (r == 0)
		r = dma->address(src, &from);
	if (r == 0)
		r = dma->copy(dma, to + dst_offset, from + src_offset, length);
	if (r == 0 && dma->too_far)
		r = dma_spoil(dma, dst, dst_offset + length, to);
	dma->copies++;
	return r;
}

/* Lengths are multiples of 4: QEMU's BCM2835 engine copies whole words, at any address. */
static inline void dma_check(struct dma *dma)
{
	static const struct {
		const char *name;
		uint64_t size, hole, src_offset;
	} cases[] = {
		{ "aligned", 4096, 0, 0 },
		{ "whole-pages-with-holes", 12288, 4096, 4096 },
		{ "misaligned", 8190, 3, 1 },
		{ "misaligned-the-same", 8190, 5, 5 },
		{ "misaligned-source-only", 4104, 4, 7 },
		{ "across-pages", 20478, 4093, 8185 },
		{ "one-word", 66, 31, 17 },
	};
	int r = dma_alloc(dma, 4096, &dma->scratch);

	CHECK_OK("scratch", r);
	if (r)
		return;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_OK(cases[i].name, pmem_selftest_copy(dma->ctx, cases[i].size, cases[i].hole,
						cases[i].src_offset, dma_alloc, dma_run, dma));
	CHECK("engine-used", dma->copies == sizeof(cases) / sizeof(*cases), "%u copies",
		dma->copies);
	dma->too_far = 1;
	r = pmem_selftest_copy(dma->ctx, 8190, 3, 1, dma_alloc, dma_run, dma);
	check_refused("one-byte-too-far-is-found", r, "mismatch");
	CHECK("one-byte-too-far-errno", r == -EILSEQ, "it is %d", r);
	dma->too_far = 0;
	CHECK_OK("close", pmem_region_close(dma->scratch));
}

#endif
