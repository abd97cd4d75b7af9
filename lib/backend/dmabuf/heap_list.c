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
#include "soc/soc.h"

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
	char pattern[20];
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
	char directory[20];
	uint32_t request;
} places[] = {
	{ "/dev/dma_heap", DMA_HEAP_IOCTL_ALLOC },
	{ "/dev/rk_dma_heap", RK_DMA_HEAP_IOCTL_ALLOC },
};

static uint32_t by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (fnmatch(rules[i].pattern, name, 0) == 0)
			return rules[i].class;
	}
	return HEAP_UNKNOWN;
}

/*
 * From Linux 6.18 each reusable shared-dma-pool of the device tree is a heap, by the name of its
 * node (drivers/dma-buf/heaps/cma_heap.c): a CMA area, so contiguous and cached. 1, 0 or -errno
 */
static int is_reusable_pool(const struct pmem_ctx *ctx, const char *name)
{
	char node[sizeof("/reserved-memory/") + HEAP_NAME], *data;
	struct pmem_error before;
	size_t size;
	int r;

	if (strchr(name, '/'))
		return 0;
	snprintf(node, sizeof(node), "/reserved-memory/%s", name);
	error_save(&before);
	r = soc_node_property(ctx, node, "compatible", &data, &size);
	if (r == 0) {
		r = strcmp(data, "shared-dma-pool") == 0;
		free(data);
	}
	if (r == 1) {
		r = soc_node_property(ctx, node, "reusable", &data, &size);
		if (r == 0)
			free(data);
		r = r == 0 ? 1 : r;
	}
	error_restore(&before);
	/* A list is kept: that the tree cannot be read just now must not be, as "it says nothing to us". */
	return r == -ENOENT || r == -ENODEV || r == -EACCES || r == -EPERM || r == -ENXIO ? 0 : r;
}

static int class_of(const struct pmem_ctx *ctx, const char *name)
{
	uint32_t class = by_name(name);
	int r = class == HEAP_UNKNOWN ? is_reusable_pool(ctx, name) : 0;

	return r < 0 ? r : (int)(r ? HEAP_CONTIGUOUS : class);
}

/* NAME-uncached is the memory of NAME, uncached, wherever vendors have such heaps. */
int heaps_class(const struct pmem_ctx *ctx, const char *name)
{
	static const char suffix[] = "uncached";
	char base[HEAP_NAME];
	size_t n = strlen(name);
	int class = class_of(ctx, name);

	if (class != (int)HEAP_UNKNOWN || n < sizeof(suffix) || n >= sizeof(base) ||
		strcmp(name + n - (sizeof(suffix) - 1), suffix) != 0)
		return class;
	strlcpy(base, name, n - (sizeof(suffix) - 1)); /* without what joins them */
	class = class_of(ctx, base);
	return class < 0 ? class : (int)((uint32_t)class | HEAP_UNCACHED);
}

struct listing {
	const struct pmem_ctx *ctx;
	struct heap *heaps;
	size_t count;
	size_t place;
};

static int add(void *user, const char *name)
{
	struct listing *l = user;
	struct heap *more = reallocarray(l->heaps, l->count + 1, sizeof(*more));
	struct heap *heap;
	int class;

	if (!more)
		return -ENOMEM;
	l->heaps = more;
	heap = &more[l->count];
	if (strlcpy(heap->name, name, sizeof(heap->name)) >= sizeof(heap->name))
		return 0; /* no driver makes such a name */
	snprintf(heap->path, sizeof(heap->path), "%s/%s", places[l->place].directory, heap->name);
	class = heaps_class(l->ctx, name);
	if (class < 0)
		return class;
	heap->class = (uint32_t)class;
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
	struct listing l = { .ctx = ctx };
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

int heaps_kept(struct pmem_ctx *ctx, const struct heap_list **out)
{
	struct heap_list *list = atomic_load(&ctx->heaps), *before = NULL;
	struct heap *heaps;
	size_t count;
	int r;

	if (list) {
		*out = list;
		return 0;
	}
	r = heaps_list(ctx, &heaps, &count);
	if (r < 0)
		return r;
	list = malloc(sizeof(*list) + count * sizeof(*heaps));
	if (!list) {
		free(heaps);
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "list", places[0].directory, NULL,
			"no memory for a list of heaps");
	}
	list->count = count;
	if (count)
		memcpy(list->heaps, heaps, count * sizeof(*heaps));
	free(heaps);
	/* Another thread may have been faster, and told what is in its list. */
	if (!atomic_compare_exchange_strong(&ctx->heaps, &before, list)) {
		free(list);
		list = before;
	}
	*out = list;
	return 0;
}
