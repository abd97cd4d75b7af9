/* SPDX-License-Identifier: MIT */
/* physmem ls: who holds memory for devices. */
#include "holders.h"

#include <inttypes.h>
#include <stdio.h>

static void show_buffers(json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *buffer = json_object_array_get_idx(list, i);
		json_object *holders = member(buffer, "holders");

		line("dma-buf %-8" PRIu64 " %12" PRIu64 " bytes  %s %s", number_of(buffer, "inode"),
			number_of(buffer, "size"), member(buffer, "exporter") ?
			text_of(buffer, "exporter") : "unknown", text_of(buffer, "name"));
		if (!json_object_array_length(holders))
			line("  held by the kernel, or by whom this user may not look at");
		for (size_t j = 0; j < json_object_array_length(holders); j++) {
			json_object *holder = json_object_array_get_idx(holders, j);

			line("  %-8s %-16s %" PRIu64 " descriptors, %" PRIu64 " bytes mapped",
				text_of(holder, "pid"), text_of(holder, "command"),
				number_of(holder, "descriptors"), number_of(holder, "mapped"));
		}
	}
}

static void show_pinned(json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *pinned = json_object_array_get_idx(list, i);
		json_object *places = member(pinned, "places");
		size_t count = json_object_array_length(places);

		line("pinned  %-8s %12" PRIu64 " bytes  by %s of %s at %s, %s%s%s",
			text_of(pinned, "pid"), number_of(pinned, "size"), text_of(pinned, "by"),
			text_of(pinned, "command"), text_of(pinned, "virt"),
			count ? "physical " : "place unknown",
			count ? text_of(json_object_array_get_idx(places, 0), "phys") : "",
			count > 1 ? " and more" : "");
	}
}

static void show_journals(json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *journal = json_object_array_get_idx(list, i);

		line("journal %-8" PRIu64 " %s/%s (%s)", number_of(journal, "pid"),
			text_of(journal, "folder"), text_of(journal, "file"),
			json_object_get_boolean(member(journal, "alive")) ? "alive" :
			"dead: physmem gc gives it back");
	}
}

static int list(const struct command *self, bool json)
{
	struct pmem_ctx *ctx;
	json_object *document;
	uint64_t unseen;
	int code = open_context(&ctx);

	if (code)
		return code;
	document = json_document(self->name);
	facts_holders(ctx, document, true);
	json_set(document, "journals", facts_journals());
	pmem_ctx_unref(ctx);
	unseen = number_of(document, "unseen");
	if (unseen)
		report("%" PRIu64 " processes of other users were not looked at: that needs CAP_SYS_PTRACE",
			unseen);
	if (json)
		return json_finish(document);
	show_buffers(member(document, "buffers"));
	show_pinned(member(document, "pinned"));
	show_journals(member(document, "journals"));
	json_object_put(document);
	return out_finish();
}

static int run(const struct command *self, int argc, char **argv)
{
	bool json;
	int code = parse_switches(self, argc, argv, 0, NULL, NULL, &json);

	return code == -1 ? list(self, json) : code;
}

const struct command cmd_ls = {
	.name = "ls",
	.run = run,
	.synopsis = "[--json]",
	.summary = "List who holds memory for devices",
	.help = "dma-bufs of all processes that this user may look at, with their descriptors and\n"
		"mappings; those that only the kernel holds, where debugfs may be read; memory that\n"
		"io_uring or a packet ring keeps in place, with its physical address where this user\n"
		"may know it; journals of memory that outlives its process (see physmem gc).\n"
		"Nothing is printed where nobody holds any.\n\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem ls\n"
		"  physmem ls --json | jq '[.buffers[].size] | add'\n"
		"  watch physmem ls\n",
};
