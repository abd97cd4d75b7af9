/* SPDX-License-Identifier: MIT */
#include "api/call.h"
#include "api/region_index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/error.h"
#include "os/self.h"

/*
 * A region in both sets: one interval of its pointers, and one for each of its physical pieces. Those
 * are put in when a physical address is looked for: most programs never do, and memory in small
 * pages can have a piece for each.
 */
struct entry_interval {
	struct interval interval;
	uint64_t offset; /* of the first byte in the region */
	struct region_entry *entry;
};

struct region_entry {
	uint32_t process; /* whose index it is in */
	struct pmem_region *region;
	struct entry_interval pointers;
	struct region_entry *next, **from; /* of those without places; from NULL: it has some */
	size_t count;
	struct entry_interval *places; /* NULL: not yet */
};

static struct region_index *take(struct pmem_ctx *ctx)
{
	struct region_index *index = &ctx->regions;

	if (fork_lock_take(&index->lock)) {
		RB_INIT(&index->pointers);
		RB_INIT(&index->places);
		index->unplaced = NULL;
	}
	return index;
}

static void fill(struct entry_interval *part, struct region_entry *entry, uint64_t first,
	uint64_t length, uint64_t offset)
{
	part->interval.first = first;
	part->interval.last = first + (length - 1);
	part->offset = offset;
	part->entry = entry;
}

static void wait_for_places(struct region_index *index, struct region_entry *entry)
{
	entry->from = &index->unplaced;
	entry->next = index->unplaced;
	if (entry->next)
		entry->next->from = &entry->next;
	index->unplaced = entry;
}

static void wait_no_more(struct region_entry *entry)
{
	if (!entry->from)
		return;
	*entry->from = entry->next;
	if (entry->next)
		entry->next->from = entry->from;
	entry->from = NULL;
}

static int no_memory(void)
{
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "region", NULL, NULL,
		"no memory for the list of regions");
}

int region_index_add(struct pmem_region *region)
{
	struct region_entry *entry = calloc(1, sizeof(*entry));
	struct region_index *index;

	if (!entry)
		return no_memory();
	*entry = (struct region_entry){ .process = self_process(), .region = region };
	if (region->data)
		fill(&entry->pointers, entry, (uintptr_t)region->data, region->size, 0);
	index = take(region->ctx);
	if (region->data)
		interval_insert(&index->pointers, &entry->pointers.interval);
	wait_for_places(index, entry);
	fork_lock_give(&index->lock);
	region->entry = entry;
	return 0;
}

/* Put the pieces of one region in. -ENOMEM */
static int place(struct region_index *index, struct region_entry *entry)
{
	const struct pmem_region *region = entry->region;
	uint64_t offset = 0;

	if (region->run_count) {
		entry->places = calloc(region->run_count, sizeof(*entry->places));
		if (!entry->places)
			return no_memory();
	}
	/* The last piece may pass the end of a region that does not end with a page. */
	for (size_t i = 0; i < region->run_count && offset < region->size; i++) {
		uint64_t length = region->runs[i].length, left = region->size - offset;
		struct entry_interval *part = &entry->places[entry->count++];

		fill(part, entry, region->runs[i].phys, length < left ? length : left, offset);
		interval_insert(&index->places, &part->interval);
		offset += length;
	}
	wait_no_more(entry);
	return 0;
}

static int place_all(struct region_index *index)
{
	int r = 0;

	while (r == 0 && index->unplaced)
		r = place(index, index->unplaced);
	return r;
}

void region_index_remove(struct pmem_region *region)
{
	struct region_entry *entry = region->entry;
	struct region_index *index;

	if (!entry)
		return;
	if (entry->process == self_process()) {
		index = take(region->ctx);
		if (region->data)
			interval_remove(&index->pointers, &entry->pointers.interval);
		wait_no_more(entry);
		for (size_t i = 0; i < entry->count; i++)
			interval_remove(&index->places, &entry->places[i].interval);
		fork_lock_give(&index->lock);
	}
	free(entry->places);
	free(entry);
	region->entry = NULL;
}

/* 0 with the results, -ENOENT, or -ENOMEM. */
static int find(struct pmem_ctx *ctx, bool by_pointer, uint64_t number, struct pmem_region **region,
	uint64_t *offset)
{
	struct region_index *index = take(ctx);
	const struct entry_interval *part = NULL;
	int r = by_pointer ? 0 : place_all(index);

	if (r == 0)
		part = (struct entry_interval *)interval_find(
			by_pointer ? &index->pointers : &index->places, number);
	/* Nothing keeps it where it was. */
	if (part && !by_pointer && atomic_load(&part->entry->region->device_gone))
		part = NULL;
	if (part) {
		*region = part->entry->region;
		if (offset)
			*offset = part->offset + (number - part->interval.first);
	}
	fork_lock_give(&index->lock);
	return part || r < 0 ? r : error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "region find", NULL, NULL,
		"no region of this context holds the %s 0x%" PRIx64,
		by_pointer ? "pointer" : "physical address", number);
}

static int try_region_find(struct pmem_ctx *ctx, const volatile void *pointer,
	struct pmem_region **region, uint64_t *offset)
{
	if (!ctx || !region)
		return error_null("region find", ctx ? "region" : "ctx");
	return find(ctx, true, (uintptr_t)pointer, region, offset);
}

int pmem_region_find(struct pmem_ctx *ctx, const volatile void *pointer,
	struct pmem_region **region, uint64_t *offset)
{
	CALL(ctx, try_region_find(ctx, pointer, region, offset));
}

static int try_region_find_phys(struct pmem_ctx *ctx, uint64_t phys, struct pmem_region **region,
	uint64_t *offset)
{
	if (!ctx || !region)
		return error_null("region find", ctx ? "region" : "ctx");
	return find(ctx, false, phys, region, offset);
}

int pmem_region_find_phys(struct pmem_ctx *ctx, uint64_t phys, struct pmem_region **region,
	uint64_t *offset)
{
	CALL(ctx, try_region_find_phys(ctx, phys, region, offset));
}
