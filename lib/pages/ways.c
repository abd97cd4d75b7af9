/* SPDX-License-Identifier: MIT */
/* The ways to a block that the kernel itself makes contiguous, or may. */
#include <errno.h>
#include <sys/mman.h>

#include "base/error.h"
#include "os/buddy.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/hugetlb.h"
#include "pages/migrate.h"
#include "pages/returning.h"
#include "pages/ways.h"
#include "pages/uring.h"

/* Linux 6.1 (include/uapi/asm-generic/mman-common.h); older C libraries lack it. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* No processor's huge page has fewer: what is smaller need not be asked about. */
#define THP_PAGES_MIN 256

size_t ways_natural(const struct taking *t)
{
	uint64_t need = t->size > t->want->align ? t->size : t->want->align;
	uint64_t block = t->page;

	while (block < need)
		block <<= 1;
	return block > SIZE_MAX / 4 ? SIZE_MAX / 4 : (size_t)block;
}

/* Mapped memory becomes the block once every page has its frame. */
static int populated(void *addr, size_t length, struct pages_block *block)
{
	int r = area_populate(addr, length);

	if (r < 0) {
		os->munmap(addr, length);
		return r;
	}
	*block = (struct pages_block){ .data = addr, .length = length };
	return 0;
}

int way_page(const struct taking *t, struct pages_block *block)
{
	void *addr;
	int r;

	if (t->size != t->page)
		return WAY_NOT_FOR_THIS; /* larger than a page */
	r = area_map(t->root, t->page, t->page, false, &addr);
	return r < 0 ? r : populated(addr, t->page, block);
}

int way_folio(const struct taking *t, struct pages_block *block)
{
	size_t length = ways_natural(t), thp = area_thp_size(t->root);
	void *addr;
	int r;

	if (t->size == t->page || length > t->page << WAYS_LARGEST_ORDER || (thp && length >= thp))
		return WAY_NOT_FOR_THIS; /* no folio of that size */
	r = migrate_check(t->root, length);
	if (r < 0)
		return r;
	r = area_map(t->root, length, length, true, &addr);
	return r < 0 ? r : populated(addr, length, block);
}

int ways_take_mapped(void *addr, size_t length, enum pin_class whose, struct pages_block *block)
{
	int r = os->madvise(addr, length, MADV_DONTFORK);

	if (r < 0) {
		returning_note(length + RETURNING_RING);
		os->munmap(addr, length);
		return error_set(-r, PMEM_CAUSE_SYSTEM, "madvise MADV_DONTFORK", NULL, NULL,
			"memory of the kernel (%s) cannot be kept from children", pin_name(whose));
	}
	*block = (struct pages_block){ .data = addr, .length = length, .pin = { .class = whose } };
	return 0;
}

int way_region(const struct taking *t, struct pages_block *block)
{
	size_t length = ways_natural(t);
	void *addr;
	int r;

	if (length > t->page << WAYS_LARGEST_ORDER)
		return WAY_NOT_FOR_THIS; /* larger than the kernel's largest block */
	/* Where it has no such block, the kernel takes single pages, and that can kill in a cgroup. */
	r = area_affordable(t->root, length);
	if (r == 0)
		r = uring_region(t->root, length, &addr);
	if (r < 0)
		return r;
	return ways_take_mapped(addr, length, PIN_IO_REGION, block);
}

/* An area for exactly one transparent huge page. */
static int thp_area(const struct taking *t, bool huge, void **addr, size_t *length)
{
	int r;

	*length = area_thp_size(t->root);
	if (*length == 0)
		return WAY_NOT_FOR_THIS; /* this kernel has no transparent huge pages */
	if (ways_natural(t) > *length)
		return WAY_NOT_FOR_THIS; /* larger than a transparent huge page */
	r = migrate_check(t->root, *length);
	return r < 0 ? r : area_map(t->root, *length, *length, huge, addr);
}

int way_thp(const struct taking *t, struct pages_block *block)
{
	size_t length;
	void *addr;
	int r = thp_area(t, true, &addr, &length);

	return r < 0 ? r : populated(addr, length, block);
}

/* As large as a transparent huge page is, and one is free: a third quicker than the kernel's own pages, and mapped whole. */
int way_thp_free(const struct taking *t, struct pages_block *block)
{
	size_t natural = ways_natural(t), thp;

	if (natural / t->page < THP_PAGES_MIN)
		return WAY_NOT_FOR_THIS;
	thp = area_thp_size(t->root);
	if (natural != thp || buddy_free(t->root, t->page, thp) == 0)
		return WAY_NOT_FOR_THIS;
	return way_thp(t, block);
}

int way_collapse(const struct taking *t, struct pages_block *block)
{
	size_t length;
	void *addr;
	int r = thp_area(t, false, &addr, &length);

	if (r < 0)
		return r;
	r = populated(addr, length, block);
	if (r < 0)
		return r;
	/* MADV_NOHUGEPAGE would forbid it (mm/khugepaged.c); the settings of sysfs do not. */
	r = os->madvise(addr, length, MADV_HUGEPAGE);
	if (r == 0)
		r = os->madvise(addr, length, MADV_COLLAPSE);
	if (r < 0) {
		os->munmap(addr, length);
		return error_set(-r, r == -EINVAL ? PMEM_CAUSE_UNSUPPORTED : PMEM_CAUSE_NO_MEMORY,
			"madvise MADV_COLLAPSE", NULL, NULL,
			"no huge page can be made of small ones");
	}
	return 0;
}

/* One page of the pool number rank among those that fit. */
static int one_hugetlb(const struct taking *t, size_t rank, struct pages_block *block)
{
	size_t sizes[HUGETLB_POOLS], count = hugetlb_sizes(t->root, sizes), i = 0;
	void *addr;
	int r;

	if (count == 0)
		return WAY_NOT_FOR_THIS; /* this kernel has no pools of huge pages */
	while (i < count && sizes[i] < ways_natural(t))
		i++;
	i += rank;
	if (i >= count)
		return WAY_NOT_FOR_THIS; /* no pool of huge pages that large */
	r = area_map_hugetlb(sizes[i], sizes[i], &addr);
	return r < 0 ? r : populated(addr, sizes[i], block);
}

int way_hugetlb(const struct taking *t, struct pages_block *block)
{
	return one_hugetlb(t, 0, block);
}

int way_hugetlb_larger(const struct taking *t, struct pages_block *block)
{
	return one_hugetlb(t, 1, block);
}
