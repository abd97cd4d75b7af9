// SPDX-License-Identifier: GPL-2.0
/* The memory behind a buffer of pmem_dmabuf.ko: contiguous from CMA, or single pages. */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "dmabuf_memory.h"

/* descending, so that no page is followed by its upper neighbour */
static int buffer_compare(const void *a, const void *b)
{
	unsigned long x = page_to_pfn(*(struct page *const *)a);
	unsigned long y = page_to_pfn(*(struct page *const *)b);

	return x < y ? 1 : x > y ? -1 : 0;
}

static void buffer_free_pages(struct buffer *b)
{
	unsigned long i;

	for (i = 0; i < b->count && b->pages[i]; i++)
		__free_page(b->pages[i]);
	kvfree(b->pages);
}

struct page *buffer_page(const struct buffer *b, unsigned long i)
{
	return b->spec.scattered ? b->pages[i] : b->first + i;
}

/* to the device and back, which cleans the caches where the device does not see them */
static void buffer_clean_page(struct page *page)
{
	dma_addr_t dma = dma_map_page(pmem_dmabuf_device(), page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);

	if (!dma_mapping_error(pmem_dmabuf_device(), dma))
		dma_unmap_page(pmem_dmabuf_device(), dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
}

static int buffer_get_pages(struct buffer *b)
{
	unsigned long i;
	/* as ION did, and without waking the OOM killer for the rest */
	if (b->count > totalram_pages() / 2)
		return -ENOMEM;
	b->pages = kvcalloc(b->count, sizeof(*b->pages), GFP_KERNEL);
	if (!b->pages)
		return -ENOMEM;
	for (i = 0; i < b->count; i++) {
		b->pages[i] =
			alloc_page(GFP_HIGHUSER | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
		if (!b->pages[i]) {
			buffer_free_pages(b);
			return -ENOMEM;
		}
		if (b->spec.uncached)
			buffer_clean_page(b->pages[i]);
	}
	sort(b->pages, b->count, sizeof(*b->pages), buffer_compare, NULL);
	return 0;
}

/*
 * On arm CMA may lie in highmem, where dma_alloc_pages gives nothing; memory without a kernel
 * mapping may come from there and be mapped cached to users.
 */
static unsigned long buffer_alloc_attributes(const struct buffer *b)
{
	return b->spec.uncached ? 0 : DMA_ATTR_NO_KERNEL_MAPPING;
}

static int buffer_get_contiguous(struct buffer *b)
{
	struct device *dev = pmem_dmabuf_device();

	if (b->spec.uncached || IS_ENABLED(CONFIG_ARM)) {
		b->cpu = dma_alloc_attrs(dev, b->spec.size, &b->dma, GFP_KERNEL | __GFP_NOWARN,
			buffer_alloc_attributes(b));
		if (b->cpu && !b->spec.uncached)
			b->first = b->cpu; /* no kernel mapping: the first page instead */
		return b->cpu ? 0 : -ENOMEM;
	}
	b->first = dma_alloc_pages(
		dev, b->spec.size, &b->dma, DMA_BIDIRECTIONAL, GFP_KERNEL | __GFP_NOWARN);
	if (!b->first)
		return -ENOMEM;
	/*
	 * The pages of CMA are counted one by one; the block that the page allocator gives when CMA
	 * is used up is not, and a CMA heap would not have it anyway.
	 */
	if (IS_ENABLED(CONFIG_DMA_CMA) && b->count > 1 && page_count(b->first + 1) == 0) {
		dma_free_pages(dev, b->spec.size, b->first, b->dma, DMA_BIDIRECTIONAL);
		return -ENOMEM;
	}
	return 0;
}

void buffer_free(struct buffer *b)
{
	struct device *dev = pmem_dmabuf_device();

	if (b->spec.scattered)
		buffer_free_pages(b);
	else if (b->cpu)
		dma_free_attrs(dev, b->spec.size, b->cpu, b->dma, buffer_alloc_attributes(b));
	else
		dma_free_pages(dev, b->spec.size, b->first, b->dma, DMA_BIDIRECTIONAL);
	kfree(b);
}

int buffer_table(const struct buffer *b, struct sg_table *table)
{
	int ret;

	if (b->spec.scattered)
		return sg_alloc_table_from_pages(
			table, b->pages, b->count, 0, b->spec.size, GFP_KERNEL);
	ret = sg_alloc_table(table, 1, GFP_KERNEL);
	if (ret == 0)
		sg_set_page(table->sgl, pfn_to_page(PHYS_PFN(b->dma)), b->spec.size, 0);
	return ret;
}

void buffer_clean(const struct buffer *b)
{
	unsigned long i;

	for (i = 0; !b->spec.uncached && i < b->count; i++)
		buffer_clean_page(buffer_page(b, i));
}

int buffer_get(struct buffer *b)
{
	return b->spec.scattered ? buffer_get_pages(b) : buffer_get_contiguous(b);
}
