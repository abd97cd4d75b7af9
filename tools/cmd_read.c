/* SPDX-License-Identifier: MIT */
/* physmem read: registers, one access each. */
#include "registers.h"

#include <inttypes.h>
#include <stdio.h>

struct read_options {
	struct registers common;
	bool fields;
	uint64_t count;
};

/* One unit: a line at once, or an element of values. */
static int read_one(const struct job *job, const struct read_options *options,
	const struct pmem_region *region, uint64_t offset, uint64_t i, json_object *values)
{
	int digits = (int)(width_of_value(job) + 3) / 4;
	uint64_t unit, value;
	int code = access_read(job, region, offset, i, &unit);

	if (code)
		return code;
	value = bits_of_value(&job->target, unit);
	if (values)
		json_add(values, json_value(value, width_of_value(job) + 3));
	else if (options->count || job->target.length)
		(void)printf("0x%08" PRIx64 " 0x%0*" PRIx64 "\n", phys_of(job, i), digits, value);
	else
		(void)printf("0x%0*" PRIx64 "\n", digits, value);
	if (!values && options->fields && job->target.match.reg)
		show_fields(job->target.match.reg, unit);
	return 0;
}

static int tell(const struct job *job, json_object *values)
{
	const struct reg_match *match = &job->target.match;
	json_object *document = json_document("read");
	uint64_t value;

	json_place(document, job);
	json_set(document, "values", values);
	if (parse_number(json_object_get_string(json_object_array_get_idx(values, 0)), &value)) {
		if (match->field)
			json_set_text(document, "meaning", meaning_of(match->field, value));
		else if (match->reg && !job->target.bits)
			json_set(document, "fields", json_fields(match->reg, value));
	}
	return json_finish(document);
}

static int read_all(struct job *job, const void *user)
{
	const struct read_options *options = user;
	const struct reg *reg = job->target.match.reg;
	json_object *values = NULL;
	struct pmem_region *region;
	uint64_t offset;
	int code;

	if (job->target.match.block && !reg)
		return usage_error(job->command, "'%s' is a block: name a register of it, or use dump",
			job->target.match.block->name);
	if (reg && reg->write_only)
		report("warning: %s can only be written, says %s", reg->name, job->target.source.path);
	code = job_map(job, PMEM_MAP_READONLY, &region, &offset);
	if (code)
		return code;
	if (options->common.json)
		values = json_list();
	for (uint64_t i = 0; i < job->count && !code; i++)
		code = read_one(job, options, region, offset, i, values);
	(void)pmem_region_close(region);
	if (code || !options->common.json) {
		json_object_put(values);
		return code ? code : out_finish();
	}
	return tell(job, values);
}

static int parse_options(const struct command *self, int argc, char **argv,
	struct read_options *options)
{
	static const struct option table[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "fields", no_argument, NULL, 'f' },
		REGISTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "n:f" REGISTER_LETTERS, table, NULL)) != -1) {
		if (option == 'f')
			options->fields = true;
		else if (option != 'n')
			code = register_option(self, option, &options->common);
		else if (!parse_number(optarg, &options->count) || !options->count)
			return usage_error(self, "--count is a number from 1");
	}
	if (code != -1)
		return code;
	if (argc - optind != 1)
		return usage_error(self, "one ADDRESS is expected");
	return -1; /* go on */
}

static int run(const struct command *self, int argc, char **argv)
{
	struct read_options options = { .fields = false };
	int code = parse_options(self, argc, argv, &options);

	return code != -1 ? code : register_command(self, &options.common, argv[optind],
		options.count, read_all, &options);
}

const struct command cmd_read = {
	.name = "read",
	.run = run,
	.synopsis = "[-w WIDTH] [-e ENDIAN] [-n COUNT] [-i INDEX] [--cached] [--fields]\n"
		    "                    [--svd FILE] [--file FILE [--offset N] [--base N]] [--json]\n"
		    "                    ADDRESS",
	.summary = "Read registers",
	.help = "Each unit is read once, by one access of exactly that width. Reading a register\n"
		"can change it. Without -n and a range the value alone is printed, else one line\n"
		"per unit: address and value. Of :HIGH:LOW or a field only those bits are told.\n\n"
		ADDRESS_HELP "\n"
		REGISTER_HELP
		"  -n, --count N units to read\n"
		"  -f, --fields  all fields of a register of --svd, too\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem read gpio:+0x34\n"
		"  physmem read -n 6 /soc/gpio@7e200000\n"
		"  physmem read bus:0x7e200004:29:27\n"
		"  physmem read -w 8 pci:0000:00:04.0/0\n"
		"  physmem read --svd board.svd --fields GPIO.GPFSEL1\n"
		"  physmem read --file dump.bin --base 0x3f200000 0x3f200034\n",
};
