/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "contract.h"

void rule_error(const char *backend, const char *what, int result)
{
	const struct pmem_error *e = pmem_error_last();
	const char *message = pmem_error_message(e);
	uint32_t cause = pmem_error_cause(e);
	size_t n = strlen(message);

	ck_assert_msg(result < 0, "%s: %s gave %d, which is no refusal", backend, what, result);
	ck_assert_msg(pmem_error_code(e) == result, "%s: %s returned %d, its error says %d", backend,
		what, result, pmem_error_code(e));
	ck_assert_msg(cause != PMEM_CAUSE_NONE && strcmp(pmem_error_cause_name(cause), "unknown"),
		"%s: %s failed without a cause", backend, what);
	ck_assert_msg(pmem_error_operation(e)[0] != '\0', "%s: %s failed without an operation",
		backend, what);
	ck_assert_msg(n > 0 && message[n - 1] != '.' && message[n - 1] != '\n',
		"%s: %s failed with the message \"%s\"", backend, what, message);
	if (cause == PMEM_CAUSE_NO_DEVICE || cause == PMEM_CAUSE_FILE_MODE)
		ck_assert_msg(pmem_error_path(e)[0] == '/', "%s: %s failed without a path: %s",
			backend, what, message);
}

static void rule_attributes(const struct pmem_region *region)
{
	uint32_t attrs = region->attrs, caps = region->ops->caps;
	const char *name = region->ops->name;

	ck_assert_msg(!(attrs & PMEM_REGION_COHERENT) || !(attrs & PMEM_REGION_NEEDS_SYNC),
		"%s: coherent, and yet in need of sync", name);
	ck_assert_msg(attrs & (PMEM_REGION_COHERENT | PMEM_REGION_NEEDS_SYNC),
		"%s: neither coherent nor syncable", name);
	ck_assert_msg(!(attrs & PMEM_REGION_DEVICE) || !(attrs & PMEM_REGION_CACHED),
		"%s: device memory is never cached", name);
	ck_assert_msg(!(caps & PMEM_BACKEND_PINNED) || (attrs & PMEM_REGION_PINNED),
		"%s: pins, but not this region", name);
	ck_assert_msg(!(attrs & PMEM_REGION_DMABUF) || (caps & PMEM_BACKEND_EXPORT),
		"%s: a dma-buf from one that exports none", name);
	ck_assert_msg(!(attrs & PMEM_REGION_CONTIGUOUS) || region->run_count <= 1,
		"%s: contiguous, in %zu pieces", name, region->run_count);
}

static void rule_place(const struct pmem_region *region)
{
	const char *name = region->ops->name;
	uint64_t covered = 0;

	for (size_t i = 0; i < region->run_count; i++) {
		ck_assert_msg(region->runs[i].length > 0, "%s: an empty piece", name);
		ck_assert_msg(i == 0 || region->runs[i].phys != region->runs[i - 1].phys +
				region->runs[i - 1].length,
			"%s: two pieces that are one", name);
		covered += region->runs[i].length;
	}
	if (region->run_count)
		ck_assert_msg(covered >= region->size, "%s: its pieces cover 0x%llx of 0x%llx bytes",
			name, (unsigned long long)covered, (unsigned long long)region->size);
	if (region->run_count == 1)
		ck_assert_msg(region->attrs & PMEM_REGION_CONTIGUOUS,
			"%s: one piece, but not contiguous", name);
	if (region->run_count == 0) {
		uint64_t phys;

		assert_fails(pmem_region_phys(region, &phys), ENXIO, PMEM_CAUSE_ADDRESS_UNKNOWN);
	}
	ck_assert_msg(!region->has_bus || (region->ops->caps & PMEM_BACKEND_BUS),
		"%s: a bus address from one that tells none", name);
}

void rule_region(const struct pmem_region *region, uint64_t size)
{
	bool mapped = !(region->attrs & PMEM_REGION_UNMAPPED);

	ck_assert_msg((region->data != NULL) == mapped, "%s: %s", region->ops->name,
		mapped ? "no memory" : "unmapped, but it has a pointer");
	ck_assert_msg(region->size == size, "%s: 0x%llx bytes instead of 0x%llx", region->ops->name,
		(unsigned long long)region->size, (unsigned long long)size);
	rule_attributes(region);
	rule_place(region);
}

/* The pieces of all of it, in those addresses, to be freed; NULL if they cannot be known. */
static struct pmem_extent *pieces_of(const struct pmem_region *region, uint32_t need, size_t *count)
{
	struct pmem_extent *pieces;
	int r = pmem_region_extents(region, 0, PMEM_TO_END, need, NULL, 0, count);
	uint64_t covered = 0;

	if (r < 0) {
		rule_error(region->ops->name, "extents", r);
		return NULL;
	}
	pieces = calloc(*count, sizeof(*pieces));
	ck_assert_ptr_nonnull(pieces);
	assert_works(pmem_region_extents(region, 0, PMEM_TO_END, need, pieces, *count, count));
	for (size_t i = 0; i < *count; i++) {
		ck_assert_uint_eq(pieces[i].offset, covered);
		ck_assert_uint_gt(pieces[i].length, 0);
		covered += pieces[i].length;
	}
	ck_assert_msg(covered == region->size, "%s: its pieces have 0x%llx of 0x%llx bytes",
		region->ops->name, (unsigned long long)covered, (unsigned long long)region->size);
	return pieces;
}

static void rule_phys_pieces(const struct pmem_region *region)
{
	struct pmem_extent *pieces;
	size_t count = 0;

	pieces = pieces_of(region, PMEM_EXTENTS_PHYS, &count);
	ck_assert_msg(!pieces == !region->run_count, "%s: %zu runs, but %s pieces", region->ops->name,
		region->run_count, pieces ? "" : "no");
	for (size_t i = 0; i < count; i++) {
		const struct pmem_extent *p = &pieces[i];
		uint64_t phys = 0, length = 0;

		assert_works(pmem_region_extent(region, p->offset, &phys, &length));
		ck_assert_uint_eq(p->phys, phys);
		ck_assert_uint_eq(p->length, length);
		ck_assert_uint_eq(p->bus, PMEM_ADDRESS_NONE);
		assert_works(pmem_region_extent(region, p->offset + p->length - 1, &phys, NULL));
		ck_assert_uint_eq(p->phys + p->length - 1, phys);
	}
	free(pieces);
}

void rule_pieces(const struct pmem_region *region)
{
	const uint32_t both = PMEM_EXTENTS_PHYS | PMEM_EXTENTS_BUS;
	struct pmem_extent *pieces;
	size_t count = 0;
	uint64_t bus = 0;
	int r = pmem_region_bus(region, &bus);

	rule_phys_pieces(region);
	pieces = pieces_of(region, both, &count);
	ck_assert_msg(r != 0 || (pieces && count == 1 && pieces->bus == bus),
		"%s: one bus address, 0x%llx, but %zu pieces", region->ops->name,
		(unsigned long long)bus, count);
	ck_assert_msg(r != -EXDEV || !pieces || count > 1, "%s: several pieces, but one",
		region->ops->name);
	ck_assert_msg(r != -ENXIO || !pieces, "%s: no bus address, but pieces that have one",
		region->ops->name);
	free(pieces);
}
