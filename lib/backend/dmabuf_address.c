/* SPDX-License-Identifier: MIT */
#include "dmabuf_address.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <string.h>

#include "file.h"
#include "frames.h"
#include "os.h"

/* What a way to ask has to go on, and what it found. */
struct question {
	struct pmem_region *region;
	bool contiguous;
	int keep;
};

/*
 * NXP's kernels: an ioctl of the dma-buf itself. The number carries the size of a long, and the
 * 64-bit kernel does not translate it, so a 32-bit program there must speak 64-bit.
 */
#define NXP_PHYS_64 _IOC(_IOC_WRITE, 'b', 10, 8)
#define NXP_PHYS_32 _IOC(_IOC_WRITE, 'b', 10, 4)

static int ask_nxp(struct question *q)
{
	uint64_t wide = 0;
	uint32_t narrow = 0;
	int r = os->ioctl(q->region->fd, NXP_PHYS_64, &wide);

	if (r < 0 && sizeof(long) == 4) {
		r = os->ioctl(q->region->fd, NXP_PHYS_32, &narrow);
		wide = narrow;
	}
	if (r < 0)
		return r;
	region_set_phys(q->region, wide);
	return 0;
}

/* One device node that converts a dma-buf: open, ask, perhaps keep it open. */
static int ask_device(struct question *q, const char *path, unsigned long request, bool keep)
{
	struct {
		uint32_t fd;
		uint32_t pad;
		uint64_t phys;
	} convert = { .fd = (uint32_t)q->region->fd };
	int fd = file_open(q->region->ctx->root, path, O_RDWR);
	int r;

	if (fd < 0)
		return fd;
	r = os->ioctl(fd, request, &convert);
	if (r >= 0)
		region_set_phys(q->region, convert.phys);
	if (r >= 0 && keep)
		q->keep = fd;
	else
		os->close(fd);
	return r < 0 ? r : 0;
}

/* NXP's Android kernels. */
static int ask_nxp_android(struct question *q)
{
	return ask_device(q, "/dev/dmabuf_imx", _IOC(_IOC_READ | _IOC_WRITE, 'M', 32, 16), false);
}

/* Texas Instruments: the conversion pins the buffer for as long as the file is open. */
static int ask_ti(struct question *q)
{
	return ask_device(q, "/dev/dma-buf-phys", _IOC(_IOC_READ | _IOC_WRITE, 'D', 0, 16), true);
}

/*
 * pagemap shows the frames of CMA heap buffers up to Linux 6.7; later mappings are PFNMAP and read
 * as holes (commit 1c1914d6e8c6). The pages are there already: reading one byte of each maps it.
 */
static int ask_pagemap(struct question *q)
{
	struct pmem_region *region = q->region;
	size_t page = os->page_size();
	size_t count = region->map_length / page;
	struct pages_run *runs;
	size_t run_count;
	int fd, r;

	fd = frames_open(region->ctx->root);
	if (fd < 0)
		return fd;
	for (size_t i = 0; i < count; i++)
		(void)*((const volatile unsigned char *)region->map_base + i * page);
	r = frames_runs(fd, region->ctx->root, region->map_base, count, &runs, &run_count);
	os->close(fd);
	if (r < 0)
		return r;
	region->runs = runs;
	region->run_count = run_count;
	if (run_count == 1)
		region->attrs |= PMEM_REGION_CONTIGUOUS;
	return 0;
}

static const struct {
	const char *name;
	bool first_byte_only; /* tells nothing of a buffer in pieces */
	int (*ask)(struct question *q);
} ways[] = {
	{ "nxp-ioctl", true, ask_nxp },
	{ "dmabuf_imx", true, ask_nxp_android },
	{ "dma-buf-phys", true, ask_ti },
	{ "pagemap", false, ask_pagemap },
};

void dmabuf_find_address(struct pmem_region *region, bool contiguous, const char **way, int *keep)
{
	struct question q = { .region = region, .contiguous = contiguous, .keep = -1 };

	*way = NULL;
	*keep = -1;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (ways[i].first_byte_only && !contiguous)
			continue;
		if (ways[i].ask(&q) == 0) {
			*way = ways[i].name;
			*keep = q.keep;
			return;
		}
	}
	error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "dma-buf address", NULL,
		"vcsm, u-dma-buf, a vendor kernel or the pages backend tell addresses",
		"this kernel has no call that tells where a dma-buf is");
	region_set_unknown(region);
}
