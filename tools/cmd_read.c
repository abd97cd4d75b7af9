/* SPDX-License-Identifier: MIT */
/* physmem read: registers, one access each. */
#include "physmem.h"

#include <inttypes.h>
#include <stdio.h>

struct read_options {
	struct registers common;
	bool listed;
	uint64_t count;
};

/* One unit: a line at once, or an element of values. */
static int read_one(const struct read_options *options, const struct pmem_region *region,
	uint64_t offset, uint64_t phys, json_object *values)
{
	int digits = (int)(options->common.width / 4);
	uint64_t value;
	int code = access_read(region, offset, phys, options->common.width, &value);

	if (code)
		return code;
	if (values)
		json_add(values, json_value(value, options->common.width));
	else if (options->listed)
		(void)printf("0x%08" PRIx64 " 0x%0*" PRIx64 "\n", phys, digits, value);
	else
		(void)printf("0x%0*" PRIx64 "\n", digits, value);
	return 0;
}

static int read_all(const void *user, struct pmem_ctx *ctx, struct target *target)
{
	const struct read_options *options = user;
	uint64_t unit = options->common.width / 8, offset;
	json_object *document, *values = NULL;
	struct pmem_region *region;
	int code = target_map(ctx, target, options->count * unit,
		register_flags(&options->common, true), &region, &offset);

	if (code)
		return code;
	if (options->common.json)
		values = json_list();
	for (uint64_t i = 0; i < options->count && !code; i++)
		code = read_one(options, region, offset + i * unit, target->phys + i * unit, values);
	(void)pmem_region_close(region);
	if (code || !options->common.json) {
		json_object_put(values);
		return code ? code : out_finish();
	}
	document = json_document("read");
	json_set(document, "phys", json_hex(target->phys));
	json_set_number(document, "width", options->common.width);
	json_set(document, "values", values);
	return json_finish(document);
}

static int parse_options(const struct command *self, int argc, char **argv,
	struct read_options *options)
{
	static const struct option table[] = {
		{ "count", required_argument, NULL, 'n' },
		REGISTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "n:" REGISTER_LETTERS, table, NULL)) != -1) {
		if (option != 'n') {
			code = register_option(self, option, &options->common);
			continue;
		}
		if (!parse_number(optarg, &options->count) || !options->count)
			return usage_error(self, "--count is a number from 1");
		options->listed = true;
	}
	if (code != -1)
		return code;
	if (argc - optind != 1)
		return usage_error(self, "one ADDRESS is expected");
	return -1; /* go on */
}

static int run(const struct command *self, int argc, char **argv)
{
	struct read_options options = { .common.width = 32, .count = 1 };
	int code = parse_options(self, argc, argv, &options);

	return code != -1 ? code : register_command(self, &options.common, argv[optind],
		options.count, read_all, &options);
}

const struct command cmd_read = {
	.name = "read",
	.run = run,
	.synopsis = "[-w WIDTH] [-n COUNT] [-i INDEX] [--cached] [--json] ADDRESS",
	.summary = "Read registers",
	.help = "Each unit is read once, by one access of exactly that width. Reading a register\n"
		"can change it. Without -n the value alone is printed, with -n one line per\n"
		"unit: address and value.\n\n"
		ADDRESS_HELP "\n"
		REGISTER_HELP
		"  -n, --count N units to read\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem read gpio:+0x34\n"
		"  physmem read -n 6 /soc/gpio@7e200000\n"
		"  physmem read -w 8 pci:0000:00:04.0/0\n",
};
