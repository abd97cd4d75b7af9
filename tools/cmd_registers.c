/* SPDX-License-Identifier: MIT */
/* physmem registers: the names that a file of registers has. */
#include "registers.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct list_options {
	bool json, fields, names;
	const char *svd, *pattern;
};

static const char *access_of(const struct reg *reg)
{
	return reg->write_only ? "wo" : reg->read_only ? "ro" : "rw";
}

/* "BLOCK.REGISTER.FIELD", to be freed. */
static char *name_of(const struct reg_block *block, const struct reg *reg,
	const struct reg_field *field)
{
	return formatted("%s.%s%s%s", block->name, reg->name, field ? "." : "", field ? field->name : "");
}

/* Names that a shell takes as they are: what completion offers is put on the command line. */
static bool is_plain(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_.-[]";

	return !name[strspn(name, letters)];
}

static bool matches(const struct list_options *options, const char *name)
{
	return !options->pattern || fnmatch(options->pattern, name, 0) == 0;
}

/* For completion: only names; those of fields if the pattern is beyond a register's. */
static void put_names(const struct list_options *options, const struct reg_block *block,
	const struct reg *reg)
{
	char *name = name_of(block, reg, NULL);
	size_t length = strlen(name);

	if (matches(options, name) && is_plain(name))
		line("%s", name);
	if (options->fields || (options->pattern && !strncmp(options->pattern, name, length) &&
		options->pattern[length] == '.')) {
		for (size_t i = 0; i < reg->count; i++) {
			char *full = name_of(block, reg, &reg->fields[i]);

			if (matches(options, full) && is_plain(full))
				line("%s", full);
			free(full);
		}
	}
	free(name);
}

static void put_register(const struct list_options *options, const struct reg_block *block,
	const struct reg *reg)
{
	char *name = name_of(block, reg, NULL);
	char place[24];

	(void)snprintf(place, sizeof(place), block->placed ? "0x%08" PRIx64 : "+0x%06" PRIx64,
		block->base + reg->offset);
	line("%s %2u %s%s %s", place, reg->width, access_of(reg), reg->changes ? "!" : " ", name);
	free(name);
	for (size_t i = 0; i < reg->count && options->fields; i++) {
		const struct reg_field *field = &reg->fields[i];
		char bits[16];

		(void)snprintf(bits, sizeof(bits), "%u:%u", field->high, field->low);
		line("  %5s %s", bits, field->name);
		for (size_t n = 0; n < field->count; n++)
			line("        0x%" PRIx64 " %s", field->values[n].value, field->values[n].name);
	}
}

static json_object *json_field(const struct reg_field *field)
{
	json_object *one = json_new(), *values = json_list();

	for (size_t i = 0; i < field->count; i++) {
		json_object *value = json_new();

		json_set_text(value, "name", field->values[i].name);
		json_set(value, "value", json_value(field->values[i].value, 4));
		json_add(values, value);
	}
	json_set_text(one, "name", field->name);
	json_set_number(one, "high", field->high);
	json_set_number(one, "low", field->low);
	json_set(one, "values", values);
	return one;
}

static json_object *json_register(const struct reg_block *block, const struct reg *reg)
{
	json_object *one = json_new(), *fields = json_list();

	json_set_text(one, "block", block->name);
	json_set_text(one, "name", reg->name);
	json_set(one, "address", block->placed ? json_hex(block->base + reg->offset) : NULL);
	json_set(one, "offset", json_hex(reg->offset));
	json_set_number(one, "width", reg->width);
	json_set_text(one, "access", access_of(reg));
	json_set_bool(one, "read_changes", reg->changes);
	for (size_t i = 0; i < reg->count; i++)
		json_add(fields, json_field(&reg->fields[i]));
	json_set(one, "fields", fields);
	return one;
}

static int list(const struct list_options *options, const struct reg_source *source)
{
	json_object *document, *all = options->json ? json_list() : NULL;

	for (size_t i = 0; i < source->file->reg_count; i++) {
		const struct reg *reg = &source->file->regs[i];
		const struct reg_block *block = &source->file->blocks[reg->block];
		char *name;

		if (options->names && !options->json) {
			put_names(options, block, reg);
			continue;
		}
		name = name_of(block, reg, NULL);
		if (matches(options, name) && all)
			json_add(all, json_register(block, reg));
		else if (matches(options, name))
			put_register(options, block, reg);
		free(name);
	}
	if (!all)
		return out_finish();
	document = json_document("registers");
	json_set_text(document, "file", source->path);
	json_set(document, "registers", all);
	return json_finish(document);
}

static int open_and_list(const struct list_options *options)
{
	struct reg_source source = { .file = NULL };
	struct pmem_ctx *ctx;
	int code = open_context(&ctx);

	if (code)
		return code;
	code = regfile_open(ctx, options->svd, &source);
	if (!code && !source.file)
		code = fail_because(EXIT_FAILED, "not-found",
			"--svd FILE names one; physmem registers --help has the folders",
			"there is no file of registers for this machine");
	if (!code)
		code = list(options, &source);
	regfile_free(source.file);
	pmem_ctx_unref(ctx);
	return code;
}

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option table[] = {
		{ "svd", required_argument, NULL, 'r' },
		{ "fields", no_argument, NULL, 'f' },
		{ "names", no_argument, NULL, 'N' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct list_options options = { .json = false };
	int option, code;

	while ((option = getopt_long(argc, argv, "r:fNjh", table, NULL)) != -1) {
		if (option == 'r')
			options.svd = optarg;
		else if (option == 'f')
			options.fields = true;
		else if (option == 'N')
			options.names = true;
		else if (common_option(self, option, &code))
			return code;
		else
			options.json = true;
	}
	if (argc - optind > 1)
		return usage_error(self, "at most one PATTERN is expected");
	options.pattern = argc - optind ? argv[optind] : NULL;
	return open_and_list(&options);
}

const struct command cmd_registers = {
	.name = "registers",
	.run = run,
	.synopsis = "[--svd FILE] [--fields] [--names] [--json] [PATTERN]",
	.summary = "List the names of registers",
	.help = "Printed are address, bits, access (ro, rw, wo; '!': reading changes it) and name of\n"
		"each register whose name PATTERN matches, as a shell's wildcards do. The names are\n"
		"those that read, write, dump, poll and watch take.\n\n"
		"FILE is CMSIS-SVD, or a register file of rwmem: text, or regdb version 3. A name\n"
		"without '/' is looked for here, too, with .svd, .regs or .regdb behind it:\n"
		"  ~/.config/libpmem/registers   (or below XDG_CONFIG_HOME)\n"
		"  /etc/libpmem/registers, /usr/local/share/libpmem/registers,\n"
		"  /usr/share/libpmem/registers\n"
		"Without --svd it is the first one there that is called as a compatible string of\n"
		"this machine, such as brcm,bcm2711.svd.\n\n"
		"  -r, --svd FILE  the file\n"
		"  -f, --fields  their fields, and the names of values, too\n"
		"  -N, --names   names only, without those that a shell would not take as they are\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem registers --svd board.svd\n"
		"  physmem registers --fields 'GPIO.GPFSEL*'\n"
		"  physmem registers --svd dispc.regs --json\n",
};
