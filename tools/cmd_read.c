/* SPDX-License-Identifier: MIT */
/* physmem read: registers, one access each. */
#include "physmem.h"

#include <inttypes.h>
#include <stdio.h>

struct read_options {
	bool json, listed;
	unsigned width, index;
	uint64_t count;
};

/* One unit: a line at once, or an element of values. */
static int read_one(const struct read_options *options, const struct pmem_region *region,
	uint64_t offset, uint64_t phys, json_object *values)
{
	int digits = (int)(options->width / 4);
	uint64_t value;
	int code = access_read(region, offset, phys, options->width, &value);

	if (code)
		return code;
	if (values)
		json_add(values, json_value(value, options->width));
	else if (options->listed)
		(void)printf("0x%08" PRIx64 " 0x%0*" PRIx64 "\n", phys, digits, value);
	else
		(void)printf("0x%0*" PRIx64 "\n", digits, value);
	return 0;
}

static int read_all(const struct read_options *options, struct pmem_ctx *ctx,
	struct target *target)
{
	uint64_t unit = options->width / 8, offset;
	json_object *document, *values = NULL;
	struct pmem_region *region;
	int code = target_map(ctx, target, options->count * unit, PMEM_MAP_READONLY, &region,
		&offset);

	if (code)
		return code;
	if (options->json)
		values = json_list();
	for (uint64_t i = 0; i < options->count && !code; i++)
		code = read_one(options, region, offset + i * unit, target->phys + i * unit, values);
	(void)pmem_region_close(region);
	if (code || !options->json) {
		json_object_put(values);
		return code ? code : out_finish();
	}
	document = json_document("read");
	json_set(document, "phys", json_hex(target->phys));
	json_set_number(document, "width", options->width);
	json_set(document, "values", values);
	return json_finish(document);
}

/* The mapping's start is page aligned, so an unaligned offset is an unaligned access. */
static int check(const struct command *self, const struct read_options *options,
	const struct target *target)
{
	uint64_t unit = options->width / 8;

	if ((target->pci ? target->offset : target->phys) % unit)
		return usage_error(self, "the address is not a multiple of %" PRIu64 " bytes", unit);
	if (options->count > UINT64_MAX / unit)
		return usage_error(self, "that many units are beyond 64 bits");
	return 0;
}

static int parse_options(const struct command *self, int argc, char **argv,
	struct read_options *options)
{
	static const struct option table[] = {
		{ "width", required_argument, NULL, 'w' },
		{ "count", required_argument, NULL, 'n' },
		{ "index", required_argument, NULL, 'i' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option, code;

	while ((option = getopt_long(argc, argv, "w:n:i:jh", table, NULL)) != -1) {
		if (register_option(self, option, &options->width, &options->index, &code)) {
			if (code != -1)
				return code;
		} else if (option == 'n') {
			if (!parse_number(optarg, &options->count) || !options->count)
				return usage_error(self, "--count is a number from 1");
			options->listed = true;
		} else if (common_option(self, option, &code)) {
			return code;
		} else {
			options->json = true;
		}
	}
	if (argc - optind != 1)
		return usage_error(self, "one ADDRESS is expected");
	return -1; /* go on */
}

static int run(const struct command *self, int argc, char **argv)
{
	struct read_options options = { .width = 32, .count = 1 };
	struct target target;
	struct pmem_ctx *ctx;
	int code = parse_options(self, argc, argv, &options);

	if (code != -1)
		return code;
	code = open_context(&ctx);
	if (code)
		return code;
	code = target_parse(self, ctx, argv[optind], options.index, &target);
	if (!code)
		code = check(self, &options, &target);
	if (!code)
		code = read_all(&options, ctx, &target);
	pmem_ctx_unref(ctx);
	return code;
}

const struct command cmd_read = {
	.name = "read",
	.run = run,
	.synopsis = "[-w WIDTH] [-n COUNT] [-i INDEX] [--json] ADDRESS",
	.summary = "Read registers",
	.help = "Each unit is read once, by one access of exactly that width. Reading a register\n"
		"can change it. Without -n the value alone is printed, with -n one line per\n"
		"unit: address and value.\n\n"
		ADDRESS_HELP "\n"
		"  -w, --width N bits: 8, 16, 32 or 64; default 32\n"
		"  -n, --count N units to read\n"
		"  -i, --index N entry of the node's reg property; default 0\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem read gpio:+0x34\n"
		"  physmem read -n 6 /soc/gpio@7e200000\n"
		"  physmem read -w 8 pci:0000:00:04.0/0\n",
};
