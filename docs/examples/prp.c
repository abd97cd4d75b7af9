/* SPDX-License-Identifier: MIT */
/*
 * A buffer as an NVMe controller must be told of it (NVM Express Base Specification, "Physical
 * Region Page Entry and List"): PRP1 is the address of its first byte; PRP2 that of a list of all
 * further pages, 512 to a page, whose last place is the address of the next page of the list where
 * there is one. So the memory may be scattered. The list is checked by walking it as the controller
 * would, by addresses alone. They are physical: right for a PC, unless an IOMMU stands before the
 * controller (pmem_region_bus() then fails with -ENXIO, and VFIO is the way).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pmem/pmem.h>

#define PAGE    4096u /* the controller's; the CPU's may be larger */
#define ENTRIES (PAGE / 8)
#define OFFSET  0x204u /* of the data in the first page */
#define BYTES   (3u << 20)
#define PAGES   ((OFFSET + BYTES + PAGE - 1) / PAGE)
#define LISTS   ((PAGES - 2 + ENTRIES - 2) / (ENTRIES - 1))

/* Where the data of each page begins: all pieces, cut at the controller's pages. */
static int find_pages(const struct pmem_region *buffer, uint64_t pages[PAGES])
{
	struct pmem_extent *e;
	size_t count, n = 0;
	int r = pmem_region_extents(buffer, OFFSET, BYTES, PMEM_EXTENTS_PHYS, NULL, 0, &count);

	if (r < 0)
		return r;
	e = calloc(count, sizeof(*e));
	if (!e)
		return -ENOMEM;
	r = pmem_region_extents(buffer, OFFSET, BYTES, PMEM_EXTENTS_PHYS, e, count, &count);
	for (size_t i = 0; r == 0 && i < count; i++) {
		const uint64_t end = e[i].phys + e[i].length;

		for (uint64_t at = e[i].phys; at < end && n < PAGES; at = (at | (PAGE - 1)) + 1)
			pages[n++] = at;
	}
	free(e);
	if (r == 0)
		printf("%u bytes in %zu pieces, %zu pages\n", BYTES, count, n);
	return r;
}

static int build(struct pmem_region *lists, const uint64_t pages[PAGES], uint64_t *prp2)
{
	uint64_t slot = 0, next;
	int r = pmem_region_extent(lists, 0, prp2, NULL);

	for (size_t i = 1; r == 0 && i < PAGES; i++) {
		if (slot % ENTRIES == ENTRIES - 1 && i < PAGES - 1) { /* a full page: chain */
			r = pmem_region_extent(lists, (slot + 1) * 8, &next, NULL);
			if (r == 0)
				r = pmem_region_write64(lists, slot++ * 8, next);
		}
		if (r == 0)
			r = pmem_region_write64(lists, slot++ * 8, pages[i]);
	}
	return r;
}

/* What the controller reads at an address, which must be one of ours. */
static int fetch(struct pmem_ctx *ctx, uint64_t address, uint64_t *value)
{
	struct pmem_region *region;
	uint64_t offset;
	int r = pmem_region_find_phys(ctx, address, &region, &offset);

	return r ? r : pmem_region_read64(region, offset, value);
}

/* Each address that the controller meets must be that of the next page of the data. */
static int walk(
	struct pmem_ctx *ctx, const struct pmem_region *buffer, uint64_t prp1, uint64_t prp2)
{
	uint64_t address = prp1, list = prp2, at = OFFSET, offset;
	struct pmem_region *region;
	int r = 0;

	for (size_t i = 0; r == 0 && i < PAGES; i++) {
		if (i > 0 && i < PAGES - 1 && list % PAGE == PAGE - 8)
			r = fetch(ctx, list, &list);
		if (i > 0 && r == 0)
			r = fetch(ctx, list, &address);
		list += i > 0 ? 8 : 0;
		if (r == 0)
			r = pmem_region_find_phys(ctx, address, &region, &offset);
		if (r == 0 && (region != buffer || offset != at))
			r = -EFAULT;
		at = (at | (PAGE - 1)) + 1;
	}
	return r;
}

static int check(struct pmem_ctx *ctx, struct pmem_region *buffer, struct pmem_region *lists)
{
	uint64_t pages[PAGES], prp2;
	int r = find_pages(buffer, pages);

	if (r == 0)
		r = pmem_region_cpu_begin(lists, 0, PMEM_TO_END, PMEM_DIR_BOTH);
	if (r == 0)
		r = build(lists, pages, &prp2);
	if (r == 0)
		r = walk(ctx, buffer, pages[0], prp2);
	if (r == 0)
		r = pmem_region_cpu_end(lists, 0, PMEM_TO_END, PMEM_DIR_BOTH);
	if (r == 0)
		printf("PRP1 0x%" PRIx64 ", PRP2 0x%" PRIx64 ", %u list pages: right\n", pages[0],
			prp2, LISTS);
	return r;
}

int main(void)
{
	/* A PCI device is not in the device tree, so it cannot be the option master. */
	struct pmem_alloc_opts opts = { .size = sizeof(opts),
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_MASTER };
	struct pmem_region *buffer = NULL, *lists = NULL;
	struct pmem_ctx *ctx = NULL;
	int r = pmem_ctx_new(&ctx);

	if (r == 0)
		r = pmem_region_alloc(ctx, OFFSET + BYTES, &opts, &buffer);
	if (r == 0)
		r = pmem_region_alloc(ctx, (uint64_t)LISTS * PAGE, &opts, &lists);
	if (r == 0)
		r = check(ctx, buffer, lists);
	if (r < 0) /* the library's reason, or this program's own */
		fprintf(stderr, "%s\n",
			r == pmem_error_code(pmem_error_last()) ? pmem_error_text(pmem_error_last())
								: strerror(-r));
	pmem_region_close(lists);
	pmem_region_close(buffer);
	pmem_ctx_unref(ctx);
	return r < 0;
}
