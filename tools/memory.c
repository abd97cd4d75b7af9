/* SPDX-License-Identifier: MIT */
/* What a region is: where, made by whom, with which attributes. */
#include "selftest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

/* The physical pieces; NULL if they cannot be known. */
static json_object *pieces(const struct pmem_region *region)
{
	json_object *list = json_list();
	uint64_t size = pmem_region_size(region), phys, length;

	for (uint64_t offset = 0; offset < size; offset += length) {
		json_object *piece;

		if (pmem_region_extent(region, offset, &phys, &length) || !length) {
			json_object_put(list);
			return NULL;
		}
		if (length > size - offset)
			length = size - offset;
		piece = json_new();
		json_set(piece, "phys", json_hex(phys));
		json_set_number(piece, "size", length);
		json_add(list, piece);
	}
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
