/* SPDX-License-Identifier: MIT */
#include "dmabuf/heap_list.h"

#include <errno.h>
#include <fnmatch.h>
#include <linux/dma-heap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/error.h"
#include "os/file.h"
#include "os/os.h"

/* Rockchip's small SoCs have a heap device of their own: the same struct, magic 'R'. */
#define RK_DMA_HEAP_IOCTL_ALLOC _IOWR('R', 0x0, struct dma_heap_allocation_data)

/*
 * What a heap gives, by its name; the first rule that matches counts. Mainline: "system", and for
 * the default CMA area "reserved" or the node's name until 6.16, "default_cma_region" from 6.17
 * (Documentation/userspace-api/dma-buf-heaps.rst). The others are vendors': NXP, Rockchip,
 * MediaTek, Qualcomm, Texas Instruments. "vidbuf_cached" of Raspberry Pi OS is a link to either
 * kind and therefore matches nothing.
 */
static const struct {
	const char *pattern;
	uint32_t class;
} rules[] = {
	{ "*secure*", HEAP_SECURE },
	{ "*svp*", HEAP_SECURE },
	{ "*prot*", HEAP_SECURE },
	{ "system_cc_*", HEAP_SYSTEM },
	{ "qcom,system", HEAP_SYSTEM },
	{ "qcom,qseecom*", HEAP_CONTIGUOUS },
	{ "system*uncached*", HEAP_SYSTEM | HEAP_UNCACHED },
	{ "system*", HEAP_SYSTEM },
	{ "mtk_mm*uncached", HEAP_SYSTEM | HEAP_UNCACHED },
	{ "mtk_mm*", HEAP_SYSTEM },
	{ "*cma*uncached*", HEAP_CONTIGUOUS | HEAP_UNCACHED },
	{ "linux,cma", HEAP_CONTIGUOUS },
	{ "default_cma_region", HEAP_CONTIGUOUS },
	{ "reserved", HEAP_CONTIGUOUS },
	{ "default-pool", HEAP_CONTIGUOUS },
	{ "cma*", HEAP_CONTIGUOUS },
	{ "*dma-heap-cma", HEAP_CONTIGUOUS },
	{ "carveout*", HEAP_CONTIGUOUS },
};

/* Where heaps are, and the request that allocates there. */
static const struct {
	const char *directory;
	uint32_t request;
} places[] = {
	{ "/dev/dma_heap", DMA_HEAP_IOCTL_ALLOC },
	{ "/dev/rk_dma_heap", RK_DMA_HEAP_IOCTL_ALLOC },
};

uint32_t heaps_class(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (fnmatch(rules[i].pattern, name, 0) == 0)
			return rules[i].class;
	}
	return HEAP_UNKNOWN;
}

struct listing {
	struct heap *heaps;
	size_t count;
	size_t place;
};

static int add(void *user, const char *name)
{
	struct listing *l = user;
	struct heap *more = reallocarray(l->heaps, l->count + 1, sizeof(*more));
	struct heap *heap;

	if (!more)
		return -ENOMEM;
	l->heaps = more;
	heap = &more[l->count];
	if (strlcpy(heap->name, name, sizeof(heap->name)) >= sizeof(heap->name))
		return 0; /* no driver makes such a name */
	snprintf(heap->path, sizeof(heap->path), "%s/%s", places[l->place].directory, heap->name);
	heap->class = heaps_class(name);
	heap->request = places[l->place].request;
	l->count++;
	return 0;
}

/* Contiguous before unknown before scattered; then by name, so that the choice is stable. */
static int compare(const void *a, const void *b)
{
	const struct heap *x = a, *y = b;
	uint32_t mask = HEAP_CONTIGUOUS | HEAP_UNKNOWN;

	if ((x->class & mask) != (y->class & mask)) {
		if ((x->class ^ y->class) & HEAP_CONTIGUOUS)
			return x->class & HEAP_CONTIGUOUS ? -1 : 1;
		return x->class & HEAP_UNKNOWN ? -1 : 1;
	}
	return strcmp(x->name, y->name);
}

int heaps_list(struct pmem_ctx *ctx, struct heap **heaps, size_t *count)
{
	struct listing l = { .count = 0 };
	char path[PATH_MAX];
	bool found = false;

	for (l.place = 0; l.place < ARRAY_SIZE(places); l.place++) {
		int r = file_path(path, ctx->root, places[l.place].directory);

		if (r == 0)
			r = os->list(path, add, &l);
		if (r == 0)
			found = true;
		else if (r != -ENOENT) {
			free(l.heaps);
			return error_set(-r,
				r == -EACCES ? PMEM_CAUSE_FILE_MODE : PMEM_CAUSE_SYSTEM, "list",
				places[l.place].directory, NULL, "the heaps cannot be listed");
		}
	}
	if (!found)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "list", places[0].directory,
			"the kernel needs CONFIG_DMABUF_HEAPS (Linux 5.6 and later)",
			"this kernel has no dma-heaps");
	if (l.count)
		qsort(l.heaps, l.count, sizeof(*l.heaps), compare);
	*heaps = l.heaps;
	*count = l.count;
	return 0;
}
