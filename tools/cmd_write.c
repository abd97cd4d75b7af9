/* SPDX-License-Identifier: MIT */
/* physmem write: registers, after a look at who owns them. */
#include "physmem.h"

#include <inttypes.h>
#include <stdio.h>

struct write_options {
	struct registers common;
	bool force, verify, dry_run;
	size_t count;
	char **values;
};

static uint64_t value_of(const struct write_options *options, size_t i)
{
	uint64_t value = 0;

	(void)parse_number(options->values[i], &value); /* checked before */
	return value;
}

/*
 * /proc/iomem shows memory that the device tree reserves as part of System RAM. Linux does not use
 * it, so *system_ram lets it be mapped; but somebody does, so it needs --force.
 */
static int check_owner(const struct write_options *options, struct pmem_ctx *ctx,
	const struct target *target, uint32_t *system_ram)
{
	uint64_t last = target->phys + options->count * (options->common.width / 8) - 1;
	char name[256];
	enum owner owner = iomem_owner(target->phys, last, name, sizeof(name));

	if (owner == OWNER_RAM && reserved_in_tree(ctx, target->phys, last, name, sizeof(name))) {
		owner = OWNER_DRIVER;
		*system_ram = PMEM_MAP_SYSTEM_RAM;
	}
	switch (owner) {
	case OWNER_RAM:
		return fail(EXIT_FAILED, "0x%08" PRIx64 " is %s: writing there breaks the system",
			target->phys, name);
	case OWNER_DRIVER:
		if (!options->force)
			return fail(EXIT_FAILED, "0x%08" PRIx64 " belongs to '%s': --force writes "
				"all the same", target->phys, name);
		report("warning: 0x%08" PRIx64 " belongs to '%s'", target->phys, name);
		return 0;
	case OWNER_UNKNOWN:
		if (!options->force)
			return fail(EXIT_FAILED, "/proc/iomem does not tell who owns 0x%08" PRIx64
				" (it needs CAP_SYS_ADMIN): --force writes all the same",
				target->phys);
		return 0;
	case OWNER_NONE:
		break;
	}
	return 0;
}

static int verify(const struct write_options *options, const struct pmem_region *region,
	uint64_t offset, uint64_t phys, uint64_t expected)
{
	int digits = (int)(options->common.width / 4);
	uint64_t got;
	int code = access_read(region, offset, phys, options->common.width, &got);

	if (code || got == expected)
		return code;
	return fail(EXIT_MISMATCH, "0x%08" PRIx64 " reads 0x%0*" PRIx64 " after 0x%0*" PRIx64
		" was written", phys, digits, got, digits, expected);
}

static int write_all(const struct write_options *options, struct pmem_region *region,
	uint64_t offset, uint64_t phys)
{
	uint64_t unit = options->common.width / 8;
	int code = 0;

	for (size_t i = 0; i < options->count && !code; i++)
		code = access_write(region, offset + i * unit, phys + i * unit, options->common.width,
			value_of(options, i));
	for (size_t i = 0; i < options->count && !code && options->verify; i++)
		code = verify(options, region, offset + i * unit, phys + i * unit,
			value_of(options, i));
	return code;
}

static int tell(const struct write_options *options, const struct target *target)
{
	uint64_t unit = options->common.width / 8;
	json_object *document, *values;

	if (!options->common.json) {
		for (size_t i = 0; i < options->count && options->dry_run; i++)
			(void)printf("0x%08" PRIx64 " 0x%0*" PRIx64 "\n", target->phys + i * unit,
				(int)(options->common.width / 4), value_of(options, i));
		return out_finish();
	}
	document = json_document("write");
	values = json_list();
	for (size_t i = 0; i < options->count; i++)
		json_add(values,
			json_value(value_of(options, i), options->common.width));
	json_set(document, "phys", json_hex(target->phys));
	json_set_number(document, "width", options->common.width);
	json_set(document, "values", values);
	json_set_bool(document, "dry_run", options->dry_run);
	json_set_bool(document, "verified", options->verify && !options->dry_run);
	return json_finish(document);
}

/* A PCI BAR's address is known only when it is mapped; mapping alone touches nothing. */
static int perform(const void *user, struct pmem_ctx *ctx, struct target *target)
{
	const struct write_options *options = user;
	uint64_t length = options->count * (options->common.width / 8), offset = 0;
	struct pmem_region *region = NULL;
	uint32_t system_ram = 0;
	int code = target->pci ? 0 : check_owner(options, ctx, target, &system_ram);

	if (code)
		return code;
	if (target->pci || !options->dry_run)
		code = target_map(ctx, target, length,
			register_flags(&options->common, options->dry_run) | system_ram, &region, &offset);
	if (code)
		return code;
	if (target->pci)
		code = check_owner(options, ctx, target, &system_ram);
	if (!code && !options->dry_run)
		code = write_all(options, region, offset, target->phys);
	(void)pmem_region_close(region);
	return code ? code : tell(options, target);
}

static int check_values(const struct command *self, const struct write_options *options)
{
	uint64_t value;

	for (size_t i = 0; i < options->count; i++) {
		if (!parse_number(options->values[i], &value))
			return usage_error(self, "'%s' is not a number", options->values[i]);
		if (options->common.width < 64 && value >> options->common.width)
			return usage_error(self, "%s does not fit in %u bits", options->values[i],
				options->common.width);
	}
	return -1; /* go on */
}

static int parse_options(const struct command *self, int argc, char **argv,
	struct write_options *options)
{
	static const struct option table[] = {
		{ "force", no_argument, NULL, 'f' },
		{ "verify", no_argument, NULL, 'v' },
		{ "dry-run", no_argument, NULL, 'n' },
		REGISTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "fvn" REGISTER_LETTERS, table, NULL)) != -1) {
		if (option == 'f')
			options->force = true;
		else if (option == 'v')
			options->verify = true;
		else if (option == 'n')
			options->dry_run = true;
		else
			code = register_option(self, option, &options->common);
	}
	if (code != -1)
		return code;
	if (argc - optind < 2)
		return usage_error(self, "an ADDRESS and a VALUE are expected");
	options->values = argv + optind + 1;
	options->count = (size_t)(argc - optind - 1);
	return check_values(self, options);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct write_options options = { .common.width = 32 };
	int code = parse_options(self, argc, argv, &options);

	return code != -1 ? code : register_command(self, &options.common, argv[optind],
		options.count, perform, &options);
}

const struct command cmd_write = {
	.name = "write",
	.run = run,
	.synopsis = "[-w WIDTH] [-i INDEX] [--cached] [--verify] [--force] [--dry-run]\n"
		    "                     [--json] ADDRESS VALUE...",
	.summary = "Write registers",
	.help = "Values go to consecutive units, each by one access of exactly that width. Nothing\n"
		"is read unless --verify asks for it. Memory of the kernel is refused always;\n"
		"what a driver owns, or what /proc/iomem does not tell, needs --force.\n\n"
		ADDRESS_HELP "\n"
		REGISTER_HELP
		"  -v, --verify  read back; exit status 5 if it differs\n"
		"  -f, --force   write although a driver owns the range\n"
		"  -n, --dry-run print what would be written\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem write --dry-run gpio:+0x1c 0x20000\n"
		"  physmem write --force gpio:+0x1c 0x20000\n"
		"  physmem write --verify pci:0000:00:04.0/0+4 0x1234\n",
};
