/* SPDX-License-Identifier: MIT */
/* physmem dump: device memory as hex and text, or raw, in accesses of one width. */
#include "dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 16u /* bytes */
#define DEFAULT_SIZE 256u

struct span {
	uint64_t first, last;
};

struct dump {
	const struct dump_options *options;
	const struct job *job;
	const struct pmem_region *region;
	uint64_t offset;
	struct span *shy; /* in the order of addresses: they are not read */
	size_t count, at;
	uint64_t left_out;
	json_object *values;
};

static int by_address(const void *one, const void *other)
{
	const struct span *a = one, *b = other;

	return a->first < b->first ? -1 : a->first > b->first;
}

/* The spans that the file of registers says not to read. Of a block that was placed, only that block. */
static void find_shy(struct dump *dump)
{
	const struct target *target = &dump->job->target;
	const struct regfile *file = target->source.file;

	if (dump->options->side_effects || !file)
		return;
	dump->shy = need(calloc(file->reg_count, sizeof(*dump->shy)));
	for (size_t i = 0; i < file->reg_count; i++) {
		const struct reg *reg = &file->regs[i];
		const struct reg_block *block = &file->blocks[reg->block];
		bool own = block == target->match.block;
		struct span span = { (own ? target->block : block->base) + reg->offset, 0 };

		if (!is_shy(reg) || (!own && (!block->placed || target->match.block)))
			continue;
		span.last = span.first + reg->width / 8 - 1;
		dump->shy[dump->count++] = span;
	}
	qsort(dump->shy, dump->count, sizeof(*dump->shy), by_address);
}

/* Addresses are asked for in their order. */
static bool is_left_out(struct dump *dump, uint64_t i)
{
	uint64_t first = phys_of(dump->job, i), last = first + dump->job->unit - 1;

	while (dump->at < dump->count && dump->shy[dump->at].last < first)
		dump->at++;
	return dump->at < dump->count && dump->shy[dump->at].first <= last;
}

/* *there: it was read. */
static int read_unit(struct dump *dump, uint64_t i, uint64_t *value, bool *there)
{
	*value = 0;
	*there = !is_left_out(dump, i);
	if (*there)
		return access_read(dump->job, dump->region, dump->offset, i, value);
	dump->left_out++;
	return 0;
}

/* The bytes of a unit, as they lie in memory. */
static void bytes_of(const struct job *job, uint64_t value, unsigned char *out)
{
	bool big = (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) != job->swap;

	for (uint64_t i = 0; i < job->unit; i++)
		out[big ? job->unit - 1 - i : i] = (unsigned char)(value >> 8 * i);
}

static int dump_raw(struct dump *dump)
{
	for (uint64_t i = 0; i < dump->job->count; i++) {
		unsigned char bytes[8];
		uint64_t value;
		bool there;
		int code = read_unit(dump, i, &value, &there);

		if (code)
			return code;
		bytes_of(dump->job, value, bytes);
		(void)fwrite(bytes, 1, (size_t)dump->job->unit, stdout);
	}
	return 0;
}

static int dump_json(struct dump *dump)
{
	dump->values = json_list();
	for (uint64_t i = 0; i < dump->job->count; i++) {
		uint64_t value;
		bool there;
		int code = read_unit(dump, i, &value, &there);

		if (code)
			return code;
		json_add(dump->values, there ? json_value(value, dump->job->width) : NULL);
	}
	return 0;
}

/* Up to a line of units, as hex and as text. */
static int dump_line(struct dump *dump, uint64_t first, uint64_t count)
{
	const struct job *job = dump->job;
	char hex[4 * LINE + 1] = "", text[LINE + 1] = "", *at = hex, *letter = text;

	for (uint64_t i = 0; i < count; i++) {
		unsigned char bytes[8];
		uint64_t value;
		bool there;
		int code = read_unit(dump, first + i, &value, &there), digits = (int)job->width / 4;

		if (code)
			return code;
		if (there)
			at += sprintf(at, " %0*" PRIx64, digits, value);
		else
			at += sprintf(at, " %.*s", digits, "----------------");
		bytes_of(job, value, bytes);
		for (uint64_t n = 0; n < job->unit; n++)
			*letter++ = !there ? '-' : bytes[n] >= ' ' && bytes[n] < 0x7f ?
				(char)bytes[n] : '.';
	}
	(void)printf("0x%08" PRIx64 ":%-*s  |%s|\n", phys_of(job, first),
		(int)(LINE / job->unit * (job->width / 4 + 1)), hex, text);
	return 0;
}

static int dump_text(struct dump *dump)
{
	uint64_t per_line = LINE / dump->job->unit;
	int code = 0;

	for (uint64_t i = 0; i < dump->job->count && !code; i += per_line)
		code = dump_line(dump, i, dump->job->count - i < per_line ?
			dump->job->count - i : per_line);
	return code;
}

static int finish(struct dump *dump)
{
	json_object *document;

	tell_left_out(dump->left_out, "unit");
	if (!dump->values)
		return out_finish();
	document = json_document("dump");
	json_place(document, dump->job);
	json_set(document, "values", dump->values);
	json_set_number(document, "left_out", dump->left_out);
	return json_finish(document);
}

/* What the range is where none was given: 256 bytes, or what is left of what was named. */
static int choose_length(struct job *job, const struct dump_options *options)
{
	uint64_t left = options->length || job->target.length ? 0 : target_left(&job->target);
	uint64_t limit = left < DEFAULT_SIZE ? left : DEFAULT_SIZE;
	uint64_t length = options->length ? options->length : limit - limit % job->unit;

	if (options->length && job->target.length)
		return usage_error(job->command, "the ADDRESS has a range: no LENGTH may follow");
	if (job->target.bits)
		return usage_error(job->command, "bits of a register are not to be dumped: see read");
	if (!job->target.length && (length % job->unit || !length))
		return usage_error(job->command, "the range is not whole units of %" PRIu64 " bytes",
			job->unit);
	if (!job->target.length)
		job->count = length / job->unit;
	if (job->target.phys > UINT64_MAX - (job->count * job->unit - 1))
		return usage_error(job->command, "the range is beyond 64 bits");
	return 0;
}

static int dump_all(struct job *job, const void *user)
{
	const struct dump_options *options = user;
	struct dump dump = { .options = options, .job = job };
	struct pmem_region *region;
	int code = 0;

	if (options->common.svd && !job->target.source.file)
		code = regfile_open(job->ctx, options->common.svd, &job->target.source);
	if (!code && job->target.match.block && !job->target.match.reg && !job->target.length &&
		!options->length && !options->raw)
		return dump_block(job, options);
	if (!code)
		code = choose_length(job, options);
	if (!code)
		code = job_map(job, PMEM_MAP_READONLY, &region, &dump.offset);
	if (code)
		return code;
	dump.region = region;
	find_shy(&dump);
	code = options->common.json ? dump_json(&dump) : options->raw ? dump_raw(&dump) :
		dump_text(&dump);
	(void)pmem_region_close(region);
	free(dump.shy);
	if (!code)
		return finish(&dump);
	json_object_put(dump.values);
	return code;
}

static int parse_options(const struct command *self, int argc, char **argv,
	struct dump_options *options)
{
	static const struct option table[] = {
		{ "raw", no_argument, NULL, 'R' },
		{ "side-effects", no_argument, NULL, 'S' },
		REGISTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	const char *length;
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "RS" REGISTER_LETTERS, table, NULL)) != -1) {
		if (option == 'R')
			options->raw = true;
		else if (option == 'S')
			options->side_effects = true;
		else
			code = register_option(self, option, &options->common);
	}
	if (code != -1)
		return code;
	if (argc - optind != 1 && argc - optind != 2)
		return usage_error(self, "an ADDRESS is expected, and perhaps a LENGTH");
	length = argc - optind == 2 ? argv[optind + 1] : NULL;
	if (length && (!address_number(&length, &options->length) || *length || !options->length))
		return usage_error(self, "LENGTH is a number of bytes");
	if (options->raw && options->common.json)
		return usage_error(self, "--raw is no JSON");
	if (options->raw && isatty(STDOUT_FILENO))
		return usage_error(self, "--raw writes bytes, not to a terminal");
	return -1; /* go on */
}

static int run(const struct command *self, int argc, char **argv)
{
	struct dump_options options = { .raw = false };
	int code = parse_options(self, argc, argv, &options);

	return code != -1 ? code :
		register_command(self, &options.common, argv[optind], 0, dump_all, &options);
}

const struct command cmd_dump = {
	.name = "dump",
	.run = run,
	.synopsis = "[-w WIDTH] [-e ENDIAN] [-i INDEX] [--cached] [--raw] [--side-effects]\n"
		    "                    [--svd FILE] [--file FILE [--offset N] [--base N]] [--json]\n"
		    "                    ADDRESS [LENGTH]",
	.summary = "Show device memory as hex and text",
	.help = "Each unit is read once, by one access of exactly that width. LENGTH is in bytes;\n"
		"without it and a range, 256 or what is left of what was named. With --svd, what\n"
		"that says changes when read, or can only be written, is left out and shown as\n"
		"dashes. A block of it is shown register by register.\n\n"
		ADDRESS_HELP "\n"
		REGISTER_HELP
		"  -R, --raw     the bytes alone, for a file to look at later with --file\n"
		"  -S, --side-effects  read also what changes when it is read\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem dump gpio:\n"
		"  physmem dump -w 8 0xe0000-0xeffff\n"
		"  physmem dump --raw alias:gpio0 0xf4 >gpio.bin\n"
		"  physmem dump --svd board.svd GPIO\n"
		"  physmem dump --svd board.svd --file gpio.bin --base 0xfe200000 GPIO\n",
};
