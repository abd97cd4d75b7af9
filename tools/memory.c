/* SPDX-License-Identifier: MIT */
/* What a region is: where, made by whom, with which attributes. */
#include "selftest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The physical pieces; NULL if they cannot be known. */
static json_object *pieces(const struct pmem_region *region)
{
	struct pmem_extent *extents;
	json_object *list;
	size_t count;

	if (pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, NULL, 0, &count))
		return NULL;
	extents = calloc(count, sizeof(*extents));
	if (!extents || pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, extents,
				count, &count)) {
		free(extents);
		return NULL;
	}
	list = json_list();
	for (size_t i = 0; i < count; i++) {
		json_object *piece = json_new();

		json_set(piece, "phys", json_hex(extents[i].phys));
		json_set_number(piece, "size", extents[i].length);
		json_add(list, piece);
	}
	free(extents);
	return list;
}

json_object *facts_region(const struct pmem_region *region)
{
	json_object *facts = json_new();
	uint64_t address;

	json_set_text(facts, "backend", pmem_region_backend(region));
	json_set_number(facts, "size", pmem_region_size(region));
	json_set(facts, "attributes", json_bits("PMEM_REGION_", pmem_region_attrs(region)));
	json_set(facts, "phys", pmem_region_phys(region, &address) ? NULL : json_hex(address));
	if (pmem_region_bus(region, &address)) {
		json_set(facts, "bus", NULL);
		json_set(facts, "bus_error", json_error(pmem_error_last()));
	} else {
		json_set(facts, "bus", json_hex(address));
	}
	json_set(facts, "pieces", pieces(region));
	return facts;
}

void show_region(json_object *region)
{
	json_object *list = member(region, "pieces");

	row("backend", "%s", text_of(region, "backend"));
	row("size", "%" PRIu64 " bytes", number_of(region, "size"));
	row("phys", "%s", member(region, "phys") ? text_of(region, "phys") :
		list ? "in several pieces" : "unknown");
	if (member(region, "bus"))
		row("bus", "%s", text_of(region, "bus"));
	else
		row("bus", "unknown: %s", text_of(member(region, "bus_error"), "message"));
	if (list)
		row("pieces", "%zu", json_object_array_length(list));
	row("attributes", "%s", joined(member(region, "attributes")));
}
