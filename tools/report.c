/* SPDX-License-Identifier: MIT */
/* Words on stderr, and the exit code that goes with them. */
#include "physmem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *json_command;
static char **arguments;

void report_arguments(char **argv)
{
	arguments = argv;
	opterr = 0; /* getopt_long() would print them as they are */
}

void report_json(const char *command)
{
	json_command = command;
}

int usage_error(const struct command *command, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vreport(format, args);
	va_end(args);
	(void)fprintf(stderr, "usage: physmem %s %s\nSee physmem %s --help.\n", command->name,
		command->synopsis, command->name);
	return EXIT_USAGE;
}

/* With --json a failure is data as well. */
static void publish(json_object *error)
{
	json_object *document;

	if (!json_command || json_finished()) {
		json_object_put(error);
		return;
	}
	document = json_document(json_command);
	json_set(document, "error", error);
	(void)json_finish(document);
}

static int vfail(int code, const char *cause, const char *hint, const char *format, va_list args)
{
	json_object *error = json_new();
	char *message = vformatted(format, args);

	report("%s", message);
	if (hint)
		report_more("-> %s", hint);
	json_set_text(error, "message", message);
	if (cause)
		json_set_text(error, "cause", cause);
	if (hint)
		json_set_text(error, "hint", hint);
	free(message);
	publish(error);
	return code;
}

int fail(int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = vfail(code, NULL, NULL, format, args);
	va_end(args);
	return code;
}

int fail_because(int code, const char *cause, const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	code = vfail(code, cause, hint, format, args);
	va_end(args);
	return code;
}

/* The library never prints; what it warns of must not be lost for that. */
static void on_log(void *user, uint32_t level, const char *message)
{
	(void)user;
	if (level == PMEM_LEVEL_WARNING || level == PMEM_LEVEL_ERROR)
		report("%s: %s", level == PMEM_LEVEL_ERROR ? "error" : "warning", message);
}

int open_context(struct pmem_ctx **ctx)
{
	if (pmem_ctx_new(ctx) || pmem_ctx_set_log(*ctx, on_log, NULL))
		return fail_library(NULL);
	return 0;
}

int asked(int ret)
{
	const char *path = pmem_error_path(pmem_error_last());

	if (ret == -EIO || ret == -EINTR) {
		errno = -ret;
		unread(path[0] ? path : "the machine");
	}
	return sure(ret);
}

int exit_code_of(const struct pmem_error *err)
{
	switch (pmem_error_cause(err)) {
	case PMEM_CAUSE_ZERO_SIZE:
	case PMEM_CAUSE_WRAPS:
	case PMEM_CAUSE_ALIGNMENT:
	case PMEM_CAUSE_FLAGS:
	case PMEM_CAUSE_OPTIONS:
		return EXIT_USAGE;
	case PMEM_CAUSE_NO_DEVICE:
	case PMEM_CAUSE_UNSUPPORTED:
		return EXIT_UNSUPPORTED;
	case PMEM_CAUSE_MISMATCH:
		return EXIT_MISMATCH;
	case PMEM_CAUSE_CAPABILITY: /* also where an address is ENXIO because it is hidden */
		return EXIT_PERMISSION;
	default:
		break;
	}
	switch (-pmem_error_code(err)) {
	case EACCES:
	case EPERM:
		return EXIT_PERMISSION;
	case ENODEV:
	case EOPNOTSUPP:
	case ENOSYS:
		return EXIT_UNSUPPORTED;
	default:
		return EXIT_FAILED;
	}
}

/* Several backends refused: one line for each, and what to do in a line of its own. */
static void report_children(const char *doing, const struct pmem_error *err)
{
	report("%s%sno way to memory (%s)", doing ? doing : "", doing ? ": " : "",
		strerror(-pmem_error_code(err)));
	for (size_t i = 0; i < pmem_error_child_count(err); i++) {
		const struct pmem_error *child = pmem_error_child(err, i);
		const char *path = pmem_error_path(child);

		report_more("%s: %s%s%s", pmem_error_backend(child), path,
			path[0] ? ": " : "", pmem_error_message(child));
	}
	if (pmem_error_hint(err)[0])
		report_more("-> %s", pmem_error_hint(err));
}

void report_error(const char *doing, const struct pmem_error *err)
{
	if (pmem_error_child_count(err))
		report_children(doing, err);
	else
		report("%s%s%s", doing ? doing : "", doing ? ": " : "", pmem_error_text(err));
	if (strstr(pmem_error_hint(err), "PMEM_MAP_CACHED"))
		report_more("-> PMEM_MAP_CACHED is the option --cached of this command");
}

int fail_library(const char *doing)
{
	const struct pmem_error *err = pmem_error_last();

	report_error(doing, err);
	publish(json_error(err));
	return exit_code_of(err);
}

void print_help(const struct command *command)
{
	(void)printf("usage: physmem %s %s\n\n%s\n\n%s", command->name, command->synopsis,
		command->summary, command->help);
}

int parse_switches(const struct command *command, int argc, char **argv, char letter,
	const char *name, bool *own, bool *json)
{
	const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ name, no_argument, NULL, letter }, /* no name: the end of the table */
		{ NULL, 0, NULL, 0 },
	};
	const char letters[] = { 'j', 'h', letter, '\0' };
	int option, code;

	*json = false;
	if (own)
		*own = false;
	while ((option = getopt_long(argc, argv, letters, table, NULL)) != -1) {
		if (own && option == letter)
			*own = true;
		else if (common_option(command, option, &code))
			return code;
		else
			*json = true;
	}
	if (optind < argc)
		return usage_error(command, "'%s' is one argument too many", argv[optind]);
	return -1;
}

/* In the middle of "-xj" getopt_long() has not gone on to the next one yet. */
static const char *wrong_argument(void)
{
	const char *at = arguments[optind];
	const char *letter = optopt && at && at[0] == '-' && at[1] != '-' ? strchr(at + 1, optopt) : NULL;

	return letter && letter[1] ? at : arguments[optind - 1];
}

bool common_option(const struct command *command, int option, int *code)
{
	switch (option) {
	case 'h':
		print_help(command);
		*code = out_finish();
		return true;
	case 'j':
		report_json(command->name);
		return false;
	default:
		report("'%s' is no option, or lacks its argument, or has one too many",
			wrong_argument());
		(void)fprintf(stderr, "See physmem %s --help.\n", command->name);
		*code = EXIT_USAGE;
		return true;
	}
}
