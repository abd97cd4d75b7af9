/* SPDX-License-Identifier: MIT */
/* physmem heaps: the dma-buf heaps. */
#include "physmem.h"

#include <stdio.h>

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	json_object *heaps, *document;
	bool json = false;
	int option, code;

	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (common_option(self, option, &code))
			return code;
		json = true;
	}
	if (optind < argc)
		return usage_error(self, "'%s' is one argument too many", argv[optind]);
	heaps = facts_heaps(&code);
	if (code != EXIT_OK) {
		json_object_put(heaps);
		return fail(code, code == EXIT_PERMISSION ? "/dev/dma_heap may not be listed" :
			"there are no dma-buf heaps here: /dev/dma_heap is absent or empty "
			"(kernel option CONFIG_DMABUF_HEAPS)");
	}
	if (!json) {
		show_heaps(heaps, "");
		json_object_put(heaps);
		return out_finish();
	}
	document = json_document(self->name);
	json_set(document, "heaps", heaps);
	return json_finish(document);
}

const struct command cmd_heaps = {
	.name = "heaps",
	.run = run,
	.synopsis = "[--json]",
	.summary = "List the dma-buf heaps",
	.help = "One line per heap: name, contiguous or scattered, cached or uncached, mode, owner.\n"
		"The class is known by the heap's name; 'unknown' means an unfamiliar name.\n\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem heaps\n"
		"  physmem heaps --json | jq -r '.heaps[] | select(.kind == \"contiguous\").name'\n"
		"  physmem selftest --backend dmaheap\n",
};
