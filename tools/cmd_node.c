/* SPDX-License-Identifier: MIT */
/* physmem node: where a device of the device tree is. */
#include "physmem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

struct node_options {
	bool json, all;
};

/* One reg entry; NULL when there is no such entry. */
static json_object *entry_of(struct pmem_ctx *ctx, const char *path, unsigned index)
{
	json_object *entry;
	uint64_t phys, size, bus;
	int ret = sure(pmem_soc_node(ctx, path, index, &phys, &size));

	if (ret == -ENOENT)
		return NULL;
	entry = json_new();
	json_set_number(entry, "index", index);
	if (ret) { /* the entry is there, but no bus above it maps it into the CPU's space */
		json_set(entry, "phys", NULL);
		json_set(entry, "error", json_error(pmem_error_last()));
		return entry;
	}
	json_set(entry, "phys", json_hex(phys));
	json_set(entry, "size", json_hex(size));
	ret = asked(pmem_soc_phys_to_bus(ctx, NULL, phys, &bus));
	json_set(entry, "bus", ret ? NULL : json_hex(bus));
	return entry;
}

/* More entries than any binding has; a broken tree cannot keep us here. */
#define ENTRIES_MAX 256u

static json_object *node_of(struct pmem_ctx *ctx, const char *path, int index)
{
	json_object *node = json_new();
	json_object *entries = json_list();
	json_object *entry;
	int available;

	json_set_text(node, "path", path);
	available = asked(pmem_soc_node_available(ctx, path));
	json_set_bool(node, "available", available == 1);
	for (unsigned i = 0; i < ENTRIES_MAX; i++) {
		if (index >= 0 && i != (unsigned)index)
			continue;
		entry = entry_of(ctx, path, i);
		if (!entry)
			break;
		json_add(entries, entry);
	}
	json_set(node, "reg", entries);
	/* Most nodes have no address, which needs no word; if there is something to do, it has. */
	if (index < 0 && !json_object_array_length(entries) && *pmem_error_hint(pmem_error_last()))
		json_set(node, "reg_error", json_error(pmem_error_last()));
	return node;
}

static void show(json_object *node)
{
	json_object *entries = member(node, "reg");

	line("%s", text_of(node, "path"));
	row("available", "%s", json_object_get_boolean(member(node, "available")) ? "yes" : "no");
	if (member(node, "reg_error")) {
		row("reg", "no address: %s", text_of(member(node, "reg_error"), "message"));
		line("    -> %s", text_of(member(node, "reg_error"), "hint"));
	}
	for (size_t i = 0; i < json_object_array_length(entries); i++) {
		json_object *entry = json_object_array_get_idx(entries, i);
		char key[32];

		(void)snprintf(key, sizeof(key), "reg %" PRIu64, number_of(entry, "index"));
		if (member(entry, "phys"))
			row(key, "phys %s size %s bus %s", text_of(entry, "phys"),
				text_of(entry, "size"),
				member(entry, "bus") ? text_of(entry, "bus") : "-");
		else
			row(key, "no address: %s", text_of(member(entry, "error"), "message"));
	}
}

static int tell(const struct node_options *options, json_object *nodes)
{
	json_object *document;

	if (!options->json) {
		for (size_t i = 0; i < json_object_array_length(nodes); i++)
			show(json_object_array_get_idx(nodes, i));
		json_object_put(nodes);
		return out_finish();
	}
	document = json_document("node");
	json_set(document, "nodes", nodes);
	return json_finish(document);
}

/* All matches, or the one that a look-up by this name takes. 0, or the result of the search. */
static int collect(struct pmem_ctx *ctx, const struct node_options *options, const char *name,
	int index, json_object *nodes)
{
	char path[4096];
	int ret = 0;

	for (unsigned nth = 0; (!nth || options->all) && !ret; nth++) {
		ret = pmem_soc_node_path(ctx, name, nth, path, sizeof(path));
		if (!ret)
			json_add(nodes, node_of(ctx, path, index));
	}
	return json_object_array_length(nodes) ? 0 : ret;
}

static int look_up(const struct node_options *options, const char *name, int index)
{
	struct pmem_ctx *ctx;
	json_object *nodes, *first;
	int code = 0;

	code = open_context(&ctx);
	if (code)
		return code;
	nodes = json_list();
	if (collect(ctx, options, name, index, nodes))
		code = fail_library(name);
	first = json_object_array_get_idx(nodes, 0);
	if (!code && index >= 0 && !json_object_array_length(member(first, "reg")))
		code = fail(EXIT_FAILED, "%s has no reg entry %d", text_of(first, "path"), index);
	pmem_ctx_unref(ctx);
	if (!code)
		return tell(options, nodes);
	json_object_put(nodes);
	return code;
}

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option table[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct node_options options = { false, false };
	uint64_t index = 0;
	int option, code;

	while ((option = getopt_long(argc, argv, "ajh", table, NULL)) != -1) {
		if (option == 'a')
			options.all = true;
		else if (common_option(self, option, &code))
			return code;
		else
			options.json = true;
	}
	if (argc - optind < 1 || argc - optind > 2)
		return usage_error(self, "a NODE is expected, and perhaps an INDEX");
	if (argc - optind == 1)
		return look_up(&options, argv[optind], -1);
	if (!parse_number(argv[optind + 1], &index) || index >= ENTRIES_MAX)
		return usage_error(self, "INDEX is a number below %u", ENTRIES_MAX);
	return look_up(&options, argv[optind], (int)index);
}

const struct command cmd_node = {
	.name = "node",
	.run = run,
	.synopsis = "[--all] [--json] NODE [INDEX]",
	.summary = "Look a device up in the device tree",
	.help = "NODE is a path, an alias, a &label or a compatible string. Printed are its path,\n"
		"whether it is enabled, and each entry of its reg property: physical address,\n"
		"size, and the address that the SoC's DMA engine uses ('-': it cannot reach it).\n\n"
		"  -a, --all     every node with that compatible string\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem node /soc/gpio@7e200000\n"
		"  physmem node serial0\n"
		"  physmem node --all brcm,bcm2835-i2c\n",
};
