/* SPDX-License-Identifier: MIT */
/* physmem poll: wait until a register has a value. */
#include "registers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct poll_options {
	struct registers common;
	bool differs;          /* "!V": until it is another one */
	bool given;
	uint64_t value, mask;
	uint64_t timeout, interval; /* ms */
};

static int tell(const struct job *job, uint64_t value, uint64_t reads, uint64_t began)
{
	json_object *document;
	unsigned width = width_of_value(job);

	if (!job->registers->json) {
		(void)printf("0x%0*" PRIx64 "\n", (int)(width + 3) / 4, value);
		return out_finish();
	}
	document = json_document("poll");
	json_place(document, job);
	json_set(document, "value", json_value(value, width + 3));
	json_set_number(document, "reads", reads);
	json_set_number(document, "elapsed_ms", now_ms() - began);
	return json_finish(document);
}

static int wait_for(const struct job *job, const struct poll_options *options,
	const struct pmem_region *region, uint64_t offset)
{
	uint64_t began = now_ms(), reads = 0, value;
	int digits = (int)(width_of_value(job) + 3) / 4;

	for (;;) {
		bool late = now_ms() - began >= options->timeout;
		int code = access_read(job, region, offset, 0, &value);

		if (code)
			return code;
		reads++;
		value = bits_of_value(&job->target, value);
		if (((value & options->mask) == options->value) != options->differs)
			return tell(job, value, reads, began);
		/* Time is asked for before the read: the last one is not older than the timeout. */
		if (late)
			return fail_because(EXIT_FAILED, "timeout", NULL, "0x%08" PRIx64 " still reads "
				"0x%0*" PRIx64 " after %" PRIu64 ".%03" PRIu64 " s", job->target.phys,
				digits, value, options->timeout / 1000, options->timeout % 1000);
		if (options->interval)
			sleep_ms(options->interval);
	}
}

static int poll_one(struct job *job, const void *user)
{
	struct poll_options options = *(const struct poll_options *)user;
	struct pmem_region *region;
	uint64_t offset;
	int code;

	if (job->count != 1)
		return usage_error(job->command, "poll looks at one register, not at a range");
	if (job->target.match.block && !job->target.match.reg)
		return usage_error(job->command, "'%s' is a block: name a register of it",
			job->target.match.block->name);
	options.mask &= ones(width_of_value(job));
	if (options.value & ~options.mask)
		return usage_error(job->command, "--until has bits that are not in its mask, or not in "
			"%u bits: it would never come", width_of_value(job));
	code = job_map(job, PMEM_MAP_READONLY, &region, &offset);
	if (code)
		return code;
	code = wait_for(job, &options, region, offset);
	(void)pmem_region_close(region);
	return code;
}

/* "V", "V/M", "!V/M" */
static bool parse_until(const char *text, struct poll_options *options)
{
	char value[64];
	size_t slash;

	options->given = true;
	options->differs = *text == '!';
	text += options->differs;
	slash = strcspn(text, "/");
	options->mask = UINT64_MAX;
	if (slash >= sizeof(value))
		return false;
	memcpy(value, text, slash);
	value[slash] = '\0';
	return parse_number(value, &options->value) &&
		(!text[slash] || (parse_number(text + slash + 1, &options->mask) && options->mask));
}

static int own_option(const struct command *self, int option, struct poll_options *options)
{
	switch (option) {
	case 'u':
		if (!parse_until(optarg, options))
			return usage_error(self, "--until is VALUE or VALUE/MASK, with '!' for another");
		return -1;
	case 't':
		if (!parse_time(optarg, &options->timeout))
			return usage_error(self, "--timeout is a time: 2, 0.5, 250ms");
		return -1;
	case 'I':
		if (!parse_time(optarg, &options->interval))
			return usage_error(self, "--interval is a time: 2, 0.5, 250ms");
		return -1;
	default:
		return register_option(self, option, &options->common);
	}
}

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option table[] = {
		{ "until", required_argument, NULL, 'u' },
		{ "timeout", required_argument, NULL, 't' },
		{ "interval", required_argument, NULL, 'I' },
		REGISTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct poll_options options = { .timeout = 1000, .interval = 1 };
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "u:t:I:" REGISTER_LETTERS, table, NULL)) != -1)
		code = own_option(self, option, &options);
	if (code != -1)
		return code;
	if (argc - optind != 1)
		return usage_error(self, "one ADDRESS is expected");
	if (!options.given)
		return usage_error(self, "--until is missing");
	return register_command(self, &options.common, argv[optind], 0, poll_one, &options);
}

const struct command cmd_poll = {
	.name = "poll",
	.run = run,
	.synopsis = "--until VALUE[/MASK] [--timeout TIME] [--interval TIME] [-w WIDTH]\n"
		    "                    [-e ENDIAN] [-i INDEX] [--cached] [--svd FILE]\n"
		    "                    [--file FILE [--offset N] [--base N]] [--json] ADDRESS",
	.summary = "Wait until a register has a value",
	.help = "The register is read again and again, until its bits of MASK are VALUE, or, with\n"
		"!VALUE, something else. Printed is the value that ended it. Exit status 1 when\n"
		"the time is over. A TIME is in seconds, or in milliseconds with 'ms'.\n\n"
		ADDRESS_HELP "\n"
		REGISTER_HELP
		"  -u, --until V what ends it: VALUE, VALUE/MASK, or !VALUE/MASK\n"
		"  -t, --timeout T  how long; default 1 second\n"
		"  -I, --interval T  from one read to the next; default 1ms; 0: at once\n"
		"  -j, --json    JSON\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem poll --until 0x20000/0x20000 --timeout 5 gpio:+0x34\n"
		"  physmem poll --until 1 bus:0x7e200034:17\n"
		"  physmem poll --until !0x8/0x8 --interval 0 --timeout 250ms 0xfe201018\n"
		"  physmem poll --until 0 --svd board.svd UART0.FR.BUSY\n",
};
