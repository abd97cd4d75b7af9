/* SPDX-License-Identifier: MIT */
/* physmem gc: firmware memory of dead processes. */
#include "physmem.h"

#include <inttypes.h>
#include <stdio.h>

static int collect(bool dry_run, bool json)
{
	struct pmem_ctx *ctx;
	json_object *document;
	size_t count = 0;
	uint64_t bytes = 0;
	int code = EXIT_OK;

	code = open_context(&ctx);
	if (code)
		return code;
	if (pmem_firmware_reclaim(ctx, dry_run ? PMEM_RECLAIM_DRY_RUN : 0, &count, &bytes))
		code = fail_library(NULL);
	pmem_ctx_unref(ctx);
	if (code != EXIT_OK)
		return code;
	if (!json) {
		(void)printf("%zu %s, %" PRIu64 " bytes %s\n", count,
			count == 1 ? "handle" : "handles", bytes,
			dry_run ? "could be given back" : "given back");
		return out_finish();
	}
	document = json_document("gc");
	json_set_bool(document, "dry_run", dry_run);
	json_set_number(document, "handles", count);
	json_set_number(document, "bytes", bytes);
	return json_finish(document);
}

static int run(const struct command *self, int argc, char **argv)
{
	bool dry_run, json;
	int code = parse_switches(self, argc, argv, 'n', "dry-run", &dry_run, &json);

	return code == -1 ? collect(dry_run, json) : code;
}

const struct command cmd_gc = {
	.name = "gc",
	.run = run,
	.synopsis = "[--dry-run] [--json]",
	.summary = "Give back firmware memory of dead processes",
	.help = "Raspberry Pi firmware memory outlives the process that took it. libpmem keeps a\n"
		"journal of it; this command gives back what dead processes left. Memory of a\n"
		"living process is never touched.\n\n"
		"  -n, --dry-run count, but give nothing back\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem gc --dry-run\n"
		"  physmem gc\n"
		"  physmem gc --json\n",
};
