/* SPDX-License-Identifier: MIT */
/* physmem heaps: the dma-buf heaps. */
#include "physmem.h"

#include <stdio.h>

static int list(const struct command *self, bool json)
{
	json_object *heaps, *document;
	struct pmem_ctx *ctx;
	int result, code = EXIT_OK;

	code = open_context(&ctx);
	if (code)
		return code;
	heaps = facts_heaps(ctx, true, &result);
	if (result)
		code = fail_library(NULL);
	pmem_ctx_unref(ctx);
	if (code == EXIT_OK && !json_object_array_length(heaps))
		code = fail(EXIT_UNSUPPORTED, "there is no heap in /dev/dma_heap");
	if (code != EXIT_OK) {
		json_object_put(heaps);
		return code;
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

static int run(const struct command *self, int argc, char **argv)
{
	bool json;
	int code = parse_switches(self, argc, argv, 0, NULL, NULL, &json);

	return code == -1 ? list(self, json) : code;
}

const struct command cmd_heaps = {
	.name = "heaps",
	.run = run,
	.synopsis = "[--json]",
	.summary = "List the dma-buf heaps",
	.help = "One line per heap: name, contiguous or scattered, cached or uncached, mode, owner,\n"
		"what is left, and by which way the address of its memory can be known, or why not.\n"
		"For the last a page of each heap is allocated and given back. 'unknown' means an\n"
		"unfamiliar name.\n\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem heaps\n"
		"  physmem heaps --json | jq -r '.heaps[] | select(.kind == \"contiguous\").name'\n"
		"  physmem selftest --backend dmaheap\n",
};
