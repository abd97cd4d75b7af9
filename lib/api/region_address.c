/* SPDX-License-Identifier: MIT */
/* Where a region is: its physical addresses, and those that a device uses. */
#include "api/call.h"
#include "api/region_own.h"
#include "backend/backing.h"

#include <errno.h>
#include <string.h>

#include "base/bits.h"
#include "soc/master.h"

static int unknown(const struct pmem_region *region, const char *operation)
{
	const struct pmem_error *why = region->why_unknown;

	/* Nothing is kept for each region that only drivers will use. */
	return error_set(ENXIO, why ? why->cause : PMEM_CAUSE_ADDRESS_UNKNOWN, operation,
		why ? why->path : NULL, why ? why->hint : "ask without PMEM_ALLOC_NO_ADDRESS",
		"the address is not known: %s", why ? why->message : "it was not asked for");
}

/* Allocated for a device that is closed: nothing pins it any more, and no device sees it. */
static int check_gone(const struct pmem_region *region, const char *operation)
{
	if (!atomic_load_explicit(&region->device_gone, memory_order_acquire))
		return 0;
	return error_set(ENXIO, PMEM_CAUSE_DEVICE_GONE, operation, NULL,
		"close regions and pools of a device before it",
		"the region was allocated for a device that has been closed");
}

static int region_phys(const struct pmem_region *region, uint64_t *phys)
{
	int r = check_gone(region, "region phys");

	if (r < 0)
		return r;
	if (region->run_count == 0)
		return unknown(region, "region phys");
	if (region->run_count > 1)
		return error_set(EXDEV, PMEM_CAUSE_NOT_CONTIGUOUS, "region phys", NULL,
			"pmem_region_extents() tells each piece", "the region is in %zu pieces",
			region->run_count);
	*phys = region->runs[0].phys;
	return 0;
}

static int try_region_phys(const struct pmem_region *region, uint64_t *phys)
{
	if (!region || !phys)
		return error_null("region phys", region ? "phys" : "region");
	return region_phys(region, phys);
}

int pmem_region_phys(const struct pmem_region *region, uint64_t *phys)
{
	CALL(region_context(region), try_region_phys(region, phys));
}

/* Whose addresses a question is about. */
struct view {
	const struct soc_master *master; /* NULL: the allocator's own, which it told */
	struct soc_master *read;         /* the same, if it was read for this question */
};

static bool same_name(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int look(const struct pmem_region *region, const char *operation, const char *name,
	struct view *view)
{
	const struct soc_master *own = region->master;
	int r;

	*view = (struct view){ .master = NULL };
	if (!name && region->has_bus)
		return 0;
	if (own && own->known && same_name(name, own->name)) {
		view->master = own;
		return 0;
	}
	r = soc_master_read(region->ctx, operation, name, &view->read);
	if (r == 0)
		view->master = view->read;
	return r;
}

static void look_away(struct view *view)
{
	soc_master_free(view->read);
}

/* The default is NULL. */
static const char *own_name(const struct pmem_region *region)
{
	return region->master ? region->master->name : NULL;
}

static int region_bus(const struct pmem_region *region, const char *name, uint64_t *bus)
{
	uint64_t phys = 0;
	struct view view = { .master = NULL };
	int r = check_gone(region, "region bus");

	if (r == 0)
		r = look(region, "region bus", name, &view);
	if (r < 0)
		return r;
	if (!view.master) {
		*bus = region->bus;
		return 0;
	}
	r = region_phys(region, &phys);
	if (r == 0)
		r = soc_master_to_bus(view.master, "region bus", phys, region->size, bus);
	look_away(&view);
	return r;
}

static int try_region_bus(const struct pmem_region *region, uint64_t *bus)
{
	if (!region || !bus)
		return error_null("region bus", region ? "bus" : "region");
	if (region->has_bus && !own_name(region) &&
		!atomic_load_explicit(&region->device_gone, memory_order_acquire)) {
		*bus = region->bus;
		return 0;
	}
	return region_bus(region, own_name(region), bus);
}

int pmem_region_bus(const struct pmem_region *region, uint64_t *bus)
{
	CALL(region_context(region), try_region_bus(region, bus));
}

static int try_region_bus_for(const struct pmem_region *region, const char *master, uint64_t *bus)
{
	if (!region || !bus)
		return error_null("region bus", region ? "bus" : "region");
	return region_bus(region, master, bus);
}

int pmem_region_bus_for(const struct pmem_region *region, const char *master, uint64_t *bus)
{
	CALL(region_context(region), try_region_bus_for(region, master, bus));
}

static int try_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys,
	uint64_t *length)
{
	uint64_t left; /* a piece may be longer than the region, which need not end with a page */

	int r;

	if (!region || !phys)
		return error_null("region extent", region ? "phys" : "region");
	r = check_gone(region, "region extent");
	if (r < 0)
		return r;
	if (offset >= region->size)
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, "region extent", NULL, NULL,
			"offset 0x%llx is outside the region of 0x%llx bytes",
			(unsigned long long)offset, (unsigned long long)region->size);
	if (region->run_count == 0)
		return unknown(region, "region extent");
	left = region->size - offset;
	for (size_t i = 0; i < region->run_count; i++) {
		const struct pages_run *run = &region->runs[i];

		if (offset < run->length) {
			*phys = run->phys + offset;
			if (length)
				*length = run->length - offset < left ? run->length - offset : left;
			return 0;
		}
		offset -= run->length;
	}
	return unknown(region, "region extent");
}

int pmem_region_extent(const struct pmem_region *region, uint64_t offset, uint64_t *phys,
	uint64_t *length)
{
	CALL(region_context(region), try_region_extent(region, offset, phys, length));
}

/* A question about pieces: [offset, offset + length) of a region, and which addresses. */
struct question {
	const struct pmem_region *region;
	uint64_t offset;
	uint64_t length;
	uint32_t need;
	struct view view;
};

/* As much of the run as is one piece: e->offset is set, length is what is left of the run. */
static int one_piece(const struct question *q, uint64_t phys, uint64_t length,
	struct pmem_extent *e)
{
	e->length = length;
	e->phys = q->need & PMEM_EXTENTS_PHYS ? phys : PMEM_ADDRESS_NONE;
	e->bus = PMEM_ADDRESS_NONE;
	if (!(q->need & PMEM_EXTENTS_BUS))
		return 0;
	if (q->view.master)
		return soc_master_piece(q->view.master, "region extents", phys, length, &e->bus,
			&e->length);
	e->bus = q->region->bus + e->offset;
	return 0;
}

/* In the addresses that were asked for. */
static bool continues(const struct question *q, const struct pmem_extent *last,
	const struct pmem_extent *e)
{
	return (!(q->need & PMEM_EXTENTS_PHYS) || e->phys - last->phys == last->length) &&
		(!(q->need & PMEM_EXTENTS_BUS) || e->bus - last->bus == last->length);
}

/* The pieces, the last one kept back until it is complete. */
struct pieces {
	struct pmem_extent *extents; /* NULL: they are only counted */
	size_t count;
	struct pmem_extent last;
};

static void add(const struct question *q, struct pieces *pieces, const struct pmem_extent *e)
{
	if (pieces->count && continues(q, &pieces->last, e)) {
		pieces->last.length += e->length;
	} else {
		pieces->last = *e;
		pieces->count++;
	}
	if (pieces->extents)
		pieces->extents[pieces->count - 1] = pieces->last;
}

static int collect(const struct question *q, struct pieces *pieces)
{
	uint64_t skip = q->offset, left = q->length;
	struct pmem_extent e = { .offset = q->offset };

	/* One piece in the only address that counts, wherever its pages are. */
	if (left && q->need == PMEM_EXTENTS_BUS && !q->view.master) {
		e = (struct pmem_extent){ q->offset, left, PMEM_ADDRESS_NONE,
			q->region->bus + q->offset };
		add(q, pieces, &e);
		return 0;
	}
	for (size_t i = 0; left; i++) {
		const struct pages_run *run;
		uint64_t end, at;

		if (i == q->region->run_count)
			return unknown(q->region, "region extents");
		run = &q->region->runs[i];
		if (skip >= run->length) {
			skip -= run->length;
			continue;
		}
		end = run->length - skip < left ? run->length : skip + left;
		for (at = skip; at < end; at += e.length, e.offset += e.length) {
			int r = one_piece(q, run->phys + at, end - at, &e);

			if (r < 0)
				return r;
			add(q, pieces, &e);
		}
		left -= end - skip;
		skip = 0;
	}
	return 0;
}

static int check_question(struct question *q)
{
	const uint32_t known = PMEM_EXTENTS_PHYS | PMEM_EXTENTS_BUS;

	if (q->need == 0 || (q->need & ~known))
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "region extents", NULL,
			"PMEM_EXTENTS_PHYS, PMEM_EXTENTS_BUS or both",
			"0x%x is not what can be asked for", q->need);
	if (q->length == PMEM_TO_END && q->offset <= q->region->size)
		q->length = q->region->size - q->offset;
	if (!bits_inside(q->offset, q->length, q->region->size))
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, "region extents", NULL, NULL,
			"0x%llx bytes at 0x%llx are not inside the region of 0x%llx",
			(unsigned long long)q->length, (unsigned long long)q->offset,
			(unsigned long long)q->region->size);
	return 0;
}

/* Counted first, for nothing is written that is not all of the answer. */
static int answer(const struct question *q, struct pmem_extent *extents, size_t capacity,
	size_t *count)
{
	struct pieces pieces = { .count = 0 };
	int r = collect(q, &pieces);

	if (r < 0)
		return r;
	if (extents && pieces.count > capacity)
		return error_set(ENOSPC, PMEM_CAUSE_LIMIT, "region extents", NULL, NULL,
			"there are %zu pieces, and room for %zu", pieces.count, capacity);
	*count = pieces.count;
	pieces = (struct pieces){ .extents = extents };
	return extents ? collect(q, &pieces) : 0;
}

static int try_region_extents(struct question *q, struct pmem_extent *extents, size_t capacity,
	size_t *count)
{
	int r;

	if (!q->region || !count || (!extents && capacity))
		return error_null("region extents",
			!q->region ? "region" : !count ? "count" : "extents");
	r = check_question(q);
	if (r == 0)
		r = check_gone(q->region, "region extents");
	if (r == 0 && (q->need & PMEM_EXTENTS_BUS))
		r = look(q->region, "region extents", own_name(q->region), &q->view);
	if (r < 0)
		return r;
	r = answer(q, extents, capacity, count);
	look_away(&q->view);
	return r;
}

int pmem_region_extents(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t need, struct pmem_extent *extents, size_t capacity, size_t *count)
{
	struct question q = { region, offset, length, need, { .master = NULL } };

	CALL(region_context(region), try_region_extents(&q, extents, capacity, count));
}

int region_extents(const struct pmem_region *region, uint64_t offset, uint64_t length, uint32_t need,
	struct pmem_extent *extents, size_t capacity, size_t *count)
{
	struct question q = { region, offset, length, need, { .master = NULL } };

	return try_region_extents(&q, extents, capacity, count);
}
