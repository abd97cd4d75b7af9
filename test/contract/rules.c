/* SPDX-License-Identifier: MIT */
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
	if (region->run_count == 0)
		ck_assert_msg(region->why_unknown || !(region->ops->caps & PMEM_BACKEND_PHYS),
			"%s: no address, and no reason why", name);
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
