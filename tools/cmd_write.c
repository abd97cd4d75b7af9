/* SPDX-License-Identifier: MIT */
/* physmem write: registers, after a look at who owns them. */
#include "registers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct write_options {
	struct registers common;
	bool force, verify, dry_run;
	bool masked, setting, clearing;
	uint64_t mask, set, clear;
	size_t count;
	char **values;
};

/* What is to be written: the bits of change, of a unit that is read first if they are not all. */
struct plan {
	bool reads;
	uint64_t change, *values, *before;
};

/*
 * /proc/iomem shows memory that the device tree reserves as part of System RAM. Linux does not use
 * it, so *system_ram lets it be mapped; but somebody does, so it needs --force.
 */
static int check_owner(const struct write_options *options, const struct job *job,
	uint32_t *system_ram)
{
	uint64_t phys = job->target.phys, last = phys + job->count * job->unit - 1;
	char name[256];
	enum owner owner = iomem_owner(phys, last, name, sizeof(name));

	if (owner == OWNER_RAM && reserved_in_tree(job->ctx, phys, last, name, sizeof(name))) {
		owner = OWNER_DRIVER;
		*system_ram = PMEM_MAP_SYSTEM_RAM;
	}
	switch (owner) {
	case OWNER_RAM:
		return fail(EXIT_FAILED, "0x%08" PRIx64 " is %s: writing there breaks the system",
			phys, name);
	case OWNER_DRIVER:
		if (!options->force)
			return fail(EXIT_FAILED, "0x%08" PRIx64 " belongs to '%s': --force writes "
				"all the same", phys, name);
		report("warning: 0x%08" PRIx64 " belongs to '%s'", phys, name);
		return 0;
	case OWNER_UNKNOWN:
		if (!all_read()) /* it may be RAM, which --force does not touch either */
			return fail(EXIT_FAILED, "/proc/iomem cannot be read: who owns 0x%08" PRIx64
				" is not known", phys);
		if (!options->force)
			return fail(EXIT_FAILED, "/proc/iomem does not tell who owns 0x%08" PRIx64
				" (it needs CAP_SYS_ADMIN): --force writes all the same", phys);
		return 0;
	case OWNER_NONE:
		break;
	}
	return 0;
}

/* A number, or the name of one of the values of the field. */
static bool parse_value(const struct job *job, const char *text, uint64_t *value)
{
	const struct reg_field *field = job->target.match.field;

	if (parse_number(text, value))
		return true;
	for (size_t i = 0; field && i < field->count; i++) {
		if (!strcmp(field->values[i].name, text)) {
			*value = field->values[i].value;
			return true;
		}
	}
	return false;
}

static int plan_values(const struct write_options *options, const struct job *job,
	struct plan *plan)
{
	unsigned width = width_of_value(job), shift = job->target.bits ? job->target.low : 0;

	plan->change = (job->target.bits ? ones(width) << shift : ones(job->width)) &
		(options->masked ? options->mask : UINT64_MAX);
	plan->reads = plan->change != ones(job->width);
	for (size_t i = 0; i < options->count; i++) {
		uint64_t value;

		if (!parse_value(job, options->values[i], &value))
			return usage_error(job->command, "'%s' is not a number%s", options->values[i],
				job->target.match.field ? ", nor a value of that field" : "");
		if (value & ~ones(width))
			return usage_error(job->command, "%s does not fit in %u bits",
				options->values[i], width);
		plan->values[i] = value << shift;
		if (plan->values[i] & ~plan->change)
			return usage_error(job->command, "%s has bits outside of the mask",
				options->values[i]);
	}
	return 0;
}

static int make_plan(const struct write_options *options, const struct job *job, struct plan *plan)
{
	if (!options->setting && !options->clearing)
		return plan_values(options, job, plan);
	if (job->target.bits)
		return usage_error(job->command, "--set and --clear name bits of a whole register");
	if (options->set & options->clear || (options->set | options->clear) & ~ones(job->width))
		return usage_error(job->command, "--set and --clear have a bit in common, or one "
			"outside of %u bits", job->width);
	plan->change = options->set | options->clear;
	plan->reads = true;
	for (uint64_t i = 0; i < job->count; i++)
		plan->values[i] = options->set;
	return 0;
}

/* What the file of registers knows better. */
static int check_register(const struct write_options *options, const struct job *job,
	const struct plan *plan)
{
	const struct reg_match *match = &job->target.match;

	if (match->block && !match->reg)
		return usage_error(job->command, "'%s' is a block: name a register of it",
			match->block->name);
	if (!match->reg || options->force)
		return 0;
	if (match->reg->read_only)
		return fail(EXIT_FAILED, "%s can only be read, says %s: --force writes all the same",
			match->reg->name, job->target.source.path);
	if (plan->reads && (match->reg->changes || match->reg->write_only))
		return fail(EXIT_FAILED, "%s would be read to keep its other bits, and %s, says %s: "
			"write all of it, or --force", match->reg->name,
			match->reg->changes ? "reading changes it" : "it can only be written",
			job->target.source.path);
	return 0;
}

static int verify(const struct job *job, const struct plan *plan, const struct pmem_region *region,
	uint64_t offset, uint64_t i)
{
	int digits = (int)(job->width / 4);
	uint64_t got;
	int code = access_read(job, region, offset, i, &got);

	if (code || (got & plan->change) == (plan->values[i] & plan->change))
		return code;
	return fail(EXIT_MISMATCH, "0x%08" PRIx64 " reads 0x%0*" PRIx64 " after 0x%0*" PRIx64
		" was written", phys_of(job, i), digits, got, digits, plan->values[i]);
}

/* Each unit is read only if bits of it stay, and written once. */
static int write_all(const struct write_options *options, const struct job *job, struct plan *plan,
	struct pmem_region *region, uint64_t offset)
{
	int code = 0;

	for (uint64_t i = 0; i < job->count && !code; i++) {
		if (plan->reads) {
			code = access_read(job, region, offset, i, &plan->before[i]);
			plan->values[i] |= plan->before[i] & ~plan->change;
		}
		if (!code && !options->dry_run)
			code = access_write(job, region, offset, i, plan->values[i]);
	}
	for (uint64_t i = 0; i < job->count && !code && options->verify && !options->dry_run; i++)
		code = verify(job, plan, region, offset, i);
	return code;
}

static int tell(const struct write_options *options, const struct job *job,
	const struct plan *plan)
{
	json_object *document, *values, *before = NULL;
	int digits = (int)(job->width / 4);

	if (!options->common.json) {
		for (uint64_t i = 0; i < job->count && options->dry_run; i++) {
			(void)printf("0x%08" PRIx64 " ", phys_of(job, i));
			if (plan->reads)
				(void)printf("0x%0*" PRIx64 " -> ", digits, plan->before[i]);
			(void)printf("0x%0*" PRIx64 "\n", digits, plan->values[i]);
		}
		return out_finish();
	}
	document = json_document("write");
	values = json_list();
	if (plan->reads)
		before = json_list();
	for (uint64_t i = 0; i < job->count; i++) {
		json_add(values, json_value(plan->values[i], job->width));
		if (before)
			json_add(before, json_value(plan->before[i], job->width));
	}
	json_place(document, job);
	if (before)
		json_set(document, "before", before);
	json_set(document, "values", values);
	json_set_bool(document, "dry_run", options->dry_run);
	json_set_bool(document, "verified", options->verify && !options->dry_run);
	return json_finish(document);
}

/* A PCI BAR's address is known only when it is mapped; mapping alone touches nothing. */
static int act(struct job *job, const struct write_options *options, struct plan *plan)
{
	bool owned = job->target.kind != TARGET_FILE, late = job->target.kind == TARGET_PCI;
	bool maps = late || plan->reads || !options->dry_run;
	struct pmem_region *region = NULL;
	uint32_t system_ram = 0;
	uint64_t offset = 0;
	int code = owned && !late ? check_owner(options, job, &system_ram) : 0;

	if (!code && maps)
		code = job_map(job, (options->dry_run ? PMEM_MAP_READONLY : 0) | system_ram, &region,
			&offset);
	if (code)
		return code;
	if (late)
		code = check_owner(options, job, &system_ram);
	if (!code && (plan->reads || !options->dry_run))
		code = write_all(options, job, plan, region, offset);
	(void)pmem_region_close(region);
	return code ? code : tell(options, job, plan);
}

static int perform(struct job *job, const void *user)
{
	const struct write_options *options = user;
	struct plan plan = { .reads = false };
	int code;

	if (job->count > SIZE_MAX / (2 * sizeof(*plan.values)))
		return usage_error(job->command, "the range has too many units: 0x%" PRIx64, job->count);
	plan.values = need(calloc(2 * (size_t)job->count, sizeof(*plan.values)));
	plan.before = plan.values + job->count;
	code = make_plan(options, job, &plan);
	if (!code)
		code = check_register(options, job, &plan);
	if (!code)
		code = act(job, options, &plan);
	free(plan.values);
	return code;
}

static int own_option(const struct command *self, int option, struct write_options *options)
{
	uint64_t *number = option == 'm' ? &options->mask : option == 's' ? &options->set :
		&options->clear;

	switch (option) {
	case 'f':
		options->force = true;
		return -1;
	case 'v':
		options->verify = true;
		return -1;
	case 'n':
		options->dry_run = true;
		return -1;
	case 'm':
	case 's':
	case 'C':
		options->masked |= option == 'm';
		options->setting |= option == 's';
		options->clearing |= option == 'C';
		if (!parse_number(optarg, number) || !*number)
			return usage_error(self, "--mask, --set and --clear are numbers from 1");
		return -1;
	default:
		return register_option(self, option, &options->common);
	}
}

static int parse_options(const struct command *self, int argc, char **argv,
	struct write_options *options)
{
	static const struct option table[] = {
		{ "force", no_argument, NULL, 'f' },
		{ "verify", no_argument, NULL, 'v' },
		{ "dry-run", no_argument, NULL, 'n' },
		{ "mask", required_argument, NULL, 'm' },
		{ "set", required_argument, NULL, 's' },
		{ "clear", required_argument, NULL, 'C' },
		REGISTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "fvnm:s:C:" REGISTER_LETTERS, table, NULL)) != -1)
		code = own_option(self, option, options);
	if (code != -1)
		return code;
	options->values = argv + optind + 1;
	options->count = argc - optind > 1 ? (size_t)(argc - optind - 1) : 0;
	if (options->setting || options->clearing) {
		if (argc - optind != 1 || options->masked)
			return usage_error(self, "with --set or --clear only an ADDRESS is expected");
		return -1;
	}
	if (!options->count)
		return usage_error(self, "an ADDRESS and a VALUE are expected");
	return -1; /* go on */
}

static int run(const struct command *self, int argc, char **argv)
{
	struct write_options options = { .force = false };
	int code = parse_options(self, argc, argv, &options);

	return code != -1 ? code : register_command(self, &options.common, argv[optind],
		options.count, perform, &options);
}

const struct command cmd_write = {
	.name = "write",
	.run = run,
	.synopsis = "[-w WIDTH] [-e ENDIAN] [-i INDEX] [--cached] [--mask BITS] [--verify]\n"
		    "                     [--force] [--dry-run] [--svd FILE]\n"
		    "                     [--file FILE [--offset N] [--base N]] [--json] ADDRESS VALUE...\n"
		    "       physmem write [OPTIONS] [--set BITS] [--clear BITS] ADDRESS",
	.summary = "Write registers",
	.help = "Values go to consecutive units, each by one access of exactly that width. Nothing\n"
		"is read first, except where bits are to stay as they are: with :HIGH:LOW, a\n"
		"field, --mask, --set or --clear each unit is read once, changed, and written\n"
		"once. Memory of the kernel is refused always; what a driver owns, or what\n"
		"/proc/iomem does not tell, needs --force. A field's VALUE may be a name of --svd.\n\n"
		ADDRESS_HELP "\n"
		REGISTER_HELP
		"  -m, --mask N  change only these bits; VALUE has no other\n"
		"  -s, --set N   set these bits\n"
		"  -C, --clear N clear these bits\n"
		"  -v, --verify  read back; exit status 5 if it differs\n"
		"  -f, --force   write although a driver owns the range\n"
		"  -n, --dry-run print what would be written\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem write --dry-run gpio:+0x1c 0x20000\n"
		"  physmem write --force gpio:+0x1c 0x20000\n"
		"  physmem write --force bus:0x7e200004:23:21 1\n"
		"  physmem write --force --svd board.svd GPIO.GPFSEL1.FSEL17 output\n"
		"  physmem write --set 0x100 --clear 0x3 0xfe215004\n"
		"  physmem write --verify pci:0000:00:04.0/0+4 0x1234\n",
};
