/* SPDX-License-Identifier: MIT */
#include "dmabuf/dmabuf_address.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>
#include <pmem/dmabuf.h>
#include <pmem/vaddr.h>

#include "base/bits.h"
#include "dmabuf/vcsm.h"
#include "os/again.h"
#include "os/file.h"
#include "os/os.h"
#include "pages/frames.h"
#include "soc/soc.h"

/*
 * NXP's kernels: an ioctl of the dma-buf itself. The number carries the size of a long, and the
 * 64-bit kernel does not translate it, so a 32-bit program there must speak 64-bit.
 */
#define NXP_PHYS_64 _IOC(_IOC_WRITE, 'b', 10, 8)
#define NXP_PHYS_32 _IOC(_IOC_WRITE, 'b', 10, 4)

int dmabuf_nxp_address(int fd, uint64_t *phys)
{
	uint64_t wide = 0;
	uint32_t narrow = 0;
	int r = ioctl_again(fd, NXP_PHYS_64, &wide);

	if (r < 0 && sizeof(long) == 4) {
		r = ioctl_again(fd, NXP_PHYS_32, &narrow);
		wide = narrow;
	}
	if (r < 0)
		return r;
	*phys = wide;
	return 0;
}

static int ask_nxp(struct pmem_region *region, struct dmabuf_answer *answer)
{
	uint64_t phys;
	int r = dmabuf_nxp_address(region->fd, &phys);

	if (r < 0)
		return r;
	region_set_phys(region, phys);
	answer->flushes = true; /* it maps the buffer for a device and unmaps it again */
	return 0;
}

/* The struct of the two drivers below, and the older one of NXP's in 32-bit programs. */
struct convert {
	uint32_t fd;
	uint32_t pad;
	uint64_t phys;
};

struct convert_old {
	int32_t fd;
	uint32_t phys;
};

#define IMX_PHYS     _IOC(_IOC_READ | _IOC_WRITE, 'M', 32, sizeof(struct convert))
#define IMX_PHYS_OLD _IOC(_IOC_READ | _IOC_WRITE, 'M', 32, sizeof(struct convert_old))
#define TI_CONVERT   _IOC(_IOC_READ | _IOC_WRITE, 'D', 0, sizeof(struct convert))

/* NXP's Android kernels. */
static int ask_nxp_android(struct pmem_region *region, struct dmabuf_answer *answer)
{
	struct convert now = { .fd = (uint32_t)region->fd };
	struct convert_old old = { .fd = region->fd };
	int fd = file_open(region->ctx->root, "/dev/dmabuf_imx", O_RDWR);
	int r;

	(void)answer;
	if (fd < 0)
		return fd;
	r = ioctl_again(fd, IMX_PHYS, &now);
	if (r == -ENOTTY && sizeof(long) == 4) {
		r = ioctl_again(fd, IMX_PHYS_OLD, &old);
		now.phys = old.phys;
	}
	os->close(fd);
	if (r < 0)
		return r;
	region_set_phys(region, now.phys);
	return 0;
}

/*
 * Texas Instruments: the conversion attaches the buffer to a device and so pins it, for as long as
 * the file is open. A buffer in pieces is refused.
 */
static int ask_ti(struct pmem_region *region, struct dmabuf_answer *answer)
{
	struct convert convert = { .fd = (uint32_t)region->fd };
	int fd = file_open(region->ctx->root, "/dev/dma-buf-phys", O_RDWR);
	int r;

	if (fd < 0)
		return fd;
	r = ioctl_again(fd, TI_CONVERT, &convert);
	if (r < 0) {
		os->close(fd);
		return r;
	}
	region_set_phys(region, convert.phys);
	answer->keep = fd;
	answer->attached = true;
	return 0;
}

/* Raspberry Pi 0 to 4: the driver attaches the buffer for as long as its descriptor is open. */
static int ask_vcsm(struct pmem_region *region, struct dmabuf_answer *answer)
{
	uint64_t bus, phys;
	int hold, r;

	if (soc_family(region->ctx)->videocore == SOC_VIDEOCORE_NONE)
		return -EOPNOTSUPP;
	r = vcsm_import_address(region->ctx, region->fd, &bus, &hold);
	if (r < 0)
		return r;
	r = vcsm_phys(bus, &phys);
	if (r < 0) {
		os->close(hold);
		return r;
	}
	region_set_phys(region, phys);
	answer->keep = hold;
	answer->attached = true;
	return 0;
}

/* The pages are there, and reading maps them. */
static void touch(const struct pmem_region *region, size_t from, size_t to)
{
	for (size_t at = from; at < to; at += os->page_size())
		(void)*((const volatile unsigned char *)region->map_base + at);
}

/*
 * Is there an entry for the first page? pagemap shows the frames of CMA heap buffers up to Linux
 * 6.7; later mappings are PFNMAP and read as holes (commit 1c1914d6e8c6). The functions of
 * frames.h would look for the reason in smaps, which is as long as the program has mappings. -ENXIO
 * without an error of the thread: set_unknown() makes the one that counts.
 */
static int is_shown(int fd, const struct pmem_region *region)
{
	uint64_t entry = 0;
	int r;

	touch(region, 0, 1);
	r = frames_entries(fd, region->map_base, 1, &entry);
	if (r < 0)
		return r;
	return entry & (PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_SWAPPED) ? 0 : -ENXIO;
}

/* The frames of the whole mapping, twice: what moves meanwhile is not to be believed. */
static int read_frames(int fd, struct pmem_region *region)
{
	size_t pages = region->map_length / os->page_size(), count, count_again;
	const char *root = region->ctx->root;
	struct pages_run *runs, *again;
	int r;

	touch(region, 0, region->map_length);
	r = frames_runs(fd, root, region->map_base, pages, &runs, &count);
	if (r < 0)
		return r;
	r = frames_runs(fd, root, region->map_base, pages, &again, &count_again);
	if (r < 0) {
		free(runs);
		return r;
	}
	if (count != count_again || memcmp(runs, again, count * sizeof(*runs)) != 0)
		r = error_set(EAGAIN, PMEM_CAUSE_MOVED, "read", "/proc/self/pagemap", NULL,
			"the pages moved between two looks at them");
	free(again);
	if (r < 0) {
		free(runs);
		return r;
	}
	region->runs = runs;
	region->run_count = count;
	if (count == 1)
		region->attrs |= PMEM_REGION_CONTIGUOUS;
	return 0;
}

static int ask_pagemap(struct pmem_region *region, struct dmabuf_answer *answer)
{
	int fd = frames_kept(region->ctx);
	int r;

	(void)answer;
	if (fd < 0)
		return fd;
	r = is_shown(fd, region);
	if (r == 0)
		r = read_frames(fd, region);
	return r;
}

#define DMABUF_MAPPED (1u << 31) /* besides what callers know */

static const struct {
	char name[16];
	uint32_t way;
	uint32_t needs; /* DMABUF_CONTIGUOUS: it does not tell whether the rest follows */
	int (*ask)(struct pmem_region *region, struct dmabuf_answer *answer);
} ways[] = {
	{ "nxp-ioctl", PMEM_WAY_NXP_IOCTL, DMABUF_CONTIGUOUS, ask_nxp },
	{ "dmabuf_imx", PMEM_WAY_DMABUF_IMX, DMABUF_CONTIGUOUS, ask_nxp_android },
	{ "dma-buf-phys", PMEM_WAY_DMA_BUF_PHYS, 0, ask_ti },
	{ "vcsm", PMEM_WAY_VCSM, 0, ask_vcsm },
	/* the last, for its error tells most */
	{ "pagemap", PMEM_WAY_PAGEMAP, DMABUF_STAYS | DMABUF_MAPPED, ask_pagemap },
};

static void add_name(char *list, size_t size, const char *name)
{
	if (list[0])
		strlcat(list, ", ", size);
	strlcat(list, name, size);
}

static const char *why_unasked(uint32_t known)
{
	if (!(known & DMABUF_STAYS))
		return " could tell, but its maker is not known to keep it in place and in one "
		       "piece";
	if (!(known & DMABUF_CONTIGUOUS))
		return " could tell of one piece only, which it is not known to be";
	return " could tell, but it is not mapped";
}

/* What was asked in vain, and what was not asked, and why: nothing else is said of this kernel. */
static void set_unknown(struct pmem_region *region, uint32_t known)
{
	char asked[96] = "", unasked[96] = "";

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (ways[i].needs & ~known)
			add_name(unasked, sizeof(unasked), ways[i].name);
		else
			add_name(asked, sizeof(asked), ways[i].name);
	}
	error_set(ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN, "dma-buf address", NULL,
		"the backends vcsm, videocore, udmabuf and pages know addresses; so does a "
		"vendor's kernel, or for a CMA heap one before 6.8",
		"none of %s tells where it is%s%s%s", asked, unasked[0] ? "; " : "", unasked,
		unasked[0] ? why_unasked(known) : "");
	region_set_unknown(region);
}

/* What a call told as the place of all of it: a dma-buf has whole pages, and no memory goes on at 0. */
static bool is_a_place(const struct pmem_region *region)
{
	const struct pages_run *run = region->runs;
	uint64_t last;

	return region->run_count != 1 ||
		((run->phys & (os->page_size() - 1)) == 0 && bits_add(run->phys, run->length - 1, &last));
}

/* A way that has told nonsense is as one that does not tell. */
static void forget(struct pmem_region *region, struct dmabuf_answer *answer)
{
	if (region->runs != &region->one_run)
		free(region->runs);
	region->runs = NULL;
	region->run_count = 0;
	region->attrs &= ~PMEM_REGION_CONTIGUOUS;
	if (answer->keep >= 0)
		os->close(answer->keep);
	*answer = (struct dmabuf_answer){ .name = "none", .keep = -1 };
}

/* Neither the address is needed, nor what some ways bring with it: somebody who cleans caches. */
static bool is_for_nothing(const struct pmem_region *region, uint32_t known)
{
	return (known & DMABUF_UNASKED) && ((region->attrs & PMEM_REGION_UNMAPPED) ||
		region_coherent(region));
}

static void ask(struct pmem_region *region, uint32_t known, struct dmabuf_answer *answer)
{
	const struct pmem_error *e;
	int r = -ENOTTY;

	*answer = (struct dmabuf_answer){ .name = "none", .keep = -1 };
	if (is_for_nothing(region, known))
		return;
	if (!(region->attrs & PMEM_REGION_UNMAPPED) && !(known & DMABUF_UNASKED))
		known |= DMABUF_MAPPED;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		if (ways[i].needs & ~known)
			continue;
		r = ways[i].ask(region, answer);
		if (r == 0 && !is_a_place(region)) {
			forget(region, answer);
			r = -ENXIO;
		}
		if (r == 0) {
			answer->way = ways[i].way;
			answer->name = ways[i].name;
			return;
		}
	}
	e = error_last();
	if (known & DMABUF_UNASKED)
		return;
	if (r == -EPERM && (known & DMABUF_STAYS) && e->cause == PMEM_CAUSE_CAPABILITY)
		region_set_unknown(region); /* the kernel knows, and would tell root */
	else
		set_unknown(region, known);
}

/* What a heap is called or says of itself counts for less than the frames that were seen. */
void dmabuf_find_address(struct pmem_region *region, uint32_t known, struct dmabuf_answer *answer)
{
	ask(region, known, answer);
	if ((known & DMABUF_CONTIGUOUS) && region->run_count <= 1)
		region->attrs |= PMEM_REGION_CONTIGUOUS;
}
