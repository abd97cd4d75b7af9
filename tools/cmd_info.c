/* SPDX-License-Identifier: MIT */
/* physmem info: the machine, and what of this library works on it for this user. */
#include "physmem.h"

static int info(const struct command *self, bool json, bool stable)
{
	json_object *document = json_document(self->name);
	struct pmem_ctx *ctx;
	int none, code = open_context(&ctx);

	if (code) {
		json_object_put(document);
		return code;
	}
	json_set(document, "machine", facts_machine(ctx, stable));
	json_set(document, "backends", facts_backends(ctx));
	json_set(document, "addresses", facts_addresses(ctx));
	json_set(document, "memory", facts_memory(stable));
	json_set(document, "access", facts_access(ctx));
	json_set(document, "heaps", facts_heaps(ctx, false, &none)); /* none is no failure */
	json_set(document, "firmware", facts_firmware(ctx));
	json_set(document, "dma", facts_dma(ctx, stable));
	(void)sure(none);
	pmem_ctx_unref(ctx);
	if (json)
		return json_finish(document);
	show_info(document);
	json_object_put(document);
	return out_finish();
}

static int run(const struct command *self, int argc, char **argv)
{
	bool stable, json;
	int code = parse_switches(self, argc, argv, 's', "stable", &stable, &json);

	return code == -1 ? info(self, json, stable) : code;
}

const struct command cmd_info = {
	.name = "info",
	.run = run,
	.synopsis = "[--stable] [--json]",
	.summary = "Show the machine and what works on it",
	.help = "Works for every user. What cannot be known is said to be unknown, with the reason.\n"
		"Nothing is allocated and no register is read.\n\n"
		"  -s, --stable  leave out what changes although the machine does not: the kernel's\n"
		"                release, free memory, channels in use\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem info\n"
		"  physmem info --json | jq -r '.backends[] | select(.usable).name'\n"
		"  physmem info --stable > machine.txt\n",
};
