/* SPDX-License-Identifier: MIT */
/* physmem watch: registers as they change, on a terminal in place, else a line for each change. */
#include "registers.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct watch_options {
	struct registers common;
	uint64_t count, interval, times; /* units; ms; rounds, 0: until Ctrl-C */
};

struct seen {
	uint64_t value, changed, changes; /* bits of the last change; how many there were */
};

struct watch {
	const struct watch_options *options;
	const struct job *job;
	struct seen *seen;
	uint64_t began, rounds;
	json_object *log;   /* --json */
	bool screen, color, wide; /* in place; with reverse video; with single bits */
};

static volatile sig_atomic_t stopped;

static void on_stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void catch_stop(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on_stop;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

/* --- on a terminal ------------------------------------------------------------------------------- */

/* Columns of an address and a value before the bits of it. */
static int bits_column(const struct watch *watch)
{
	return watch->job->target.phys >> 32 ? 20 : 12;
}

static void choose_form(struct watch *watch)
{
	unsigned width = width_of_value(watch->job);
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	int needed = bits_column(watch) + (int)(width + 3) / 4 + 4 + (int)(width + width / 4);

	watch->screen = !watch->log && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
	if (!watch->screen)
		return;
	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	watch->color = !no_color || !*no_color;
	watch->wide = needed + 2 <= size.ws_col;
	/* More lines than the screen has cannot be written over. */
	if (watch->job->count > ((uint64_t)size.ws_row - 2) / 2)
		watch->screen = false;
}

static void put_bits(const struct watch *watch, uint64_t value, uint64_t changed, bool marks)
{
	for (unsigned bit = width_of_value(watch->job); bit--;) {
		bool marked = changed >> bit & 1;

		if (marks)
			(void)fputs(marked ? "^" : " ", stdout);
		else
			(void)printf(marked && watch->color ? "\033[7m%u\033[0m" : "%u",
				(unsigned)(value >> bit & 1));
		if (bit && bit % 4 == 0)
			(void)putchar(' ');
	}
}

static void put_unit(const struct watch *watch, uint64_t i)
{
	const struct seen *seen = &watch->seen[i];
	int digits = (int)(width_of_value(watch->job) + 3) / 4;

	(void)printf("\033[K0x%0*" PRIx64 "  0x%0*" PRIx64 "  ", bits_column(watch) - 4,
		phys_of(watch->job, i), digits, seen->value);
	if (watch->wide)
		put_bits(watch, seen->value, seen->changed, false);
	if (seen->changes)
		(void)printf("  %" PRIu64, seen->changes);
	(void)fputs("\n\033[K", stdout);
	if (watch->wide && seen->changed) {
		(void)printf("%*s", bits_column(watch) + digits + 4, "");
		put_bits(watch, seen->value, seen->changed, true);
	} else if (seen->changed) {
		(void)printf("%*s0x%0*" PRIx64 " changed", bits_column(watch), "", digits,
			seen->changed);
	}
	(void)putchar('\n');
}

static void put_screen(const struct watch *watch)
{
	if (watch->rounds > 1)
		(void)printf("\033[%" PRIu64 "A\r", 2 * watch->job->count + 1);
	(void)printf("\033[Kevery %" PRIu64 " ms, changed bits marked; Ctrl-C ends\n",
		watch->options->interval);
	for (uint64_t i = 0; i < watch->job->count; i++)
		put_unit(watch, i);
	(void)fflush(stdout);
}

/* --- elsewhere ------------------------------------------------------------------------------------- */

static void put_change(const struct watch *watch, uint64_t i, uint64_t before, bool first)
{
	const struct seen *seen = &watch->seen[i];
	int digits = (int)(width_of_value(watch->job) + 3) / 4;
	uint64_t ms = now_ms() - watch->began;

	if (watch->log) {
		json_object *one = json_new();

		json_set_number(one, "ms", ms);
		json_set(one, "phys", json_hex(phys_of(watch->job, i)));
		json_set(one, "before",
			first ? NULL : json_value(before, width_of_value(watch->job) + 3));
		json_set(one, "value", json_value(seen->value, width_of_value(watch->job) + 3));
		json_add(watch->log, one);
		return;
	}
	(void)printf("%6" PRIu64 ".%03" PRIu64 " 0x%08" PRIx64 " 0x%0*" PRIx64, ms / 1000, ms % 1000,
		phys_of(watch->job, i), digits, seen->value);
	if (!first)
		(void)printf(" was 0x%0*" PRIx64 " changed 0x%0*" PRIx64, digits, before, digits,
			seen->changed);
	(void)putchar('\n');
}

/* --- both ------------------------------------------------------------------------------------------ */

static int look(struct watch *watch, const struct pmem_region *region, uint64_t offset)
{
	bool first = !watch->rounds++;

	for (uint64_t i = 0; i < watch->job->count; i++) {
		struct seen *seen = &watch->seen[i];
		uint64_t before = seen->value, value;
		int code = access_read(watch->job, region, offset, i, &value);

		if (code)
			return code;
		seen->value = bits_of_value(&watch->job->target, value);
		if (!first && seen->value == before)
			continue;
		seen->changed = first ? 0 : seen->value ^ before;
		seen->changes += !first;
		if (!watch->screen)
			put_change(watch, i, before, first);
	}
	if (watch->screen)
		put_screen(watch);
	return fflush(stdout) ? out_finish() : 0;
}

static int watch_region(struct watch *watch, const struct pmem_region *region, uint64_t offset)
{
	int code = 0;

	catch_stop();
	watch->began = now_ms();
	while (!code && !stopped) {
		code = look(watch, region, offset);
		if (watch->options->times && watch->rounds >= watch->options->times)
			break;
		if (!code && !stopped)
			sleep_ms(watch->options->interval);
	}
	return code;
}

static int finish(const struct watch *watch)
{
	json_object *document;

	if (!watch->log)
		return out_finish();
	document = json_document("watch");
	json_place(document, watch->job);
	json_set_number(document, "rounds", watch->rounds);
	json_set(document, "changes", watch->log);
	return json_finish(document);
}

static int watch_all(struct job *job, const void *user)
{
	const struct watch_options *options = user;
	struct watch watch = { .options = options, .job = job };
	struct pmem_region *region;
	uint64_t offset;
	int code;

	if (job->target.match.block && !job->target.match.reg && !job->target.length)
		return usage_error(job->command, "'%s' is a block: name a register of it",
			job->target.match.block->name);
	code = job_map(job, PMEM_MAP_READONLY, &region, &offset);
	if (code)
		return code;
	watch.log = options->common.json ? json_list() : NULL;
	watch.seen = need(calloc((size_t)job->count, sizeof(*watch.seen)));
	choose_form(&watch);
	code = watch_region(&watch, region, offset);
	(void)pmem_region_close(region);
	free(watch.seen);
	if (!code)
		return finish(&watch);
	json_object_put(watch.log);
	return code;
}

static int own_option(const struct command *self, int option, struct watch_options *options)
{
	switch (option) {
	case 'n':
		if (!parse_number(optarg, &options->count) || !options->count)
			return usage_error(self, "--count is a number from 1");
		return -1;
	case 'I':
		if (!parse_time(optarg, &options->interval))
			return usage_error(self, "--interval is a time: 2, 0.5, 250ms");
		return -1;
	case 'T':
		if (!parse_number(optarg, &options->times) || !options->times)
			return usage_error(self, "--times is a number from 1");
		return -1;
	default:
		return register_option(self, option, &options->common);
	}
}

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option table[] = {
		{ "count", required_argument, NULL, 'n' },
		{ "interval", required_argument, NULL, 'I' },
		{ "times", required_argument, NULL, 'T' },
		REGISTER_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct watch_options options = { .interval = 500 };
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "n:I:T:" REGISTER_LETTERS, table, NULL)) != -1)
		code = own_option(self, option, &options);
	if (code != -1)
		return code;
	if (argc - optind != 1)
		return usage_error(self, "one ADDRESS is expected");
	return register_command(self, &options.common, argv[optind], options.count, watch_all,
		&options);
}

const struct command cmd_watch = {
	.name = "watch",
	.run = run,
	.synopsis = "[-n COUNT] [--interval TIME] [--times N] [-w WIDTH] [-e ENDIAN]\n"
		    "                     [-i INDEX] [--cached] [--svd FILE]\n"
		    "                     [--file FILE [--offset N] [--base N]] [--json] ADDRESS",
	.summary = "Show registers as they change",
	.help = "On a terminal the registers stay in place, with the bits of the last change marked\n"
		"and the number of changes; elsewhere, and where they are too many, there is a\n"
		"line for each change: seconds, address, value, value before, bits. Each round\n"
		"reads each register once. Ctrl-C ends it. NO_COLOR leaves only the '^' marks.\n\n"
		ADDRESS_HELP "\n"
		REGISTER_HELP
		"  -n, --count N units to watch\n"
		"  -I, --interval T  from one round to the next; default 0.5 seconds\n"
		"  -T, --times N  rounds; without it until Ctrl-C\n"
		"  -j, --json    JSON, when it ends\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem watch gpio:+0x34\n"
		"  physmem watch -n 4 --interval 100ms 0xfe804000\n"
		"  physmem watch --times 20 --json uio:uio0/0+0x10\n",
};
