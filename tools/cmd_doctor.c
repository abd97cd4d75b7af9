/* SPDX-License-Identifier: MIT */
/* physmem doctor: what works here for this user, and the next command where it does not. */
#include "doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

const char *const use_words[USES] = { "map", "gpio", "alloc", "phys", "dma", "vfio" };

static const char *const about[USES] = {
	"any registers", "the GPIO registers", "memory in one piece for a device",
	"memory with its physical address", "memory with the address that a device uses",
	"devices behind an IOMMU",
};

json_object *check(struct doctor *doctor, enum use use, const char *state, const char *format, ...)
{
	json_object *found = json_new();
	va_list args;
	char *text;

	va_start(args, format);
	text = vformatted(format, args);
	va_end(args);
	json_set_text(found, "use", use_words[use]);
	json_set_text(found, "state", state);
	json_set_text(found, "message", text);
	json_set(found, "steps", json_list());
	json_add(doctor->checks, found);
	free(text);
	return found;
}

static bool given(json_object *list, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		if (!strcmp(text_of(json_object_array_get_idx(list, i), "text"), text))
			return true;
	}
	return false;
}

/* Each command once, though several checks need it. */
static void show_steps(json_object *found, json_object *shown)
{
	json_object *steps = member(found, "steps");

	for (size_t i = 0; i < json_object_array_length(steps); i++) {
		json_object *one = json_object_array_get_idx(steps, i);

		if (given(shown, text_of(one, "text")))
			continue;
		line("    %-9s %s", text_of(one, "kind"), text_of(one, "text"));
		json_add(shown, json_object_get(one));
	}
}

static void show(const struct doctor *doctor)
{
	json_object *shown = json_list();
	const char *last = "";

	for (size_t i = 0; i < json_object_array_length(doctor->checks); i++) {
		json_object *found = json_object_array_get_idx(doctor->checks, i);
		const char *use = text_of(found, "use");

		for (int j = 0; strcmp(use, last) != 0 && j < USES; j++) {
			if (!strcmp(use, use_words[j]))
				line("%-6s %s", use, about[j]);
		}
		line("  %-8s %s", text_of(found, "state"), text_of(found, "message"));
		show_steps(found, shown);
		last = use;
	}
	json_object_put(shown);
}

/* Absent is a failure only where it was asked for by name. */
static int verdict(const struct doctor *doctor)
{
	int code = EXIT_OK;

	for (size_t i = 0; i < json_object_array_length(doctor->checks); i++) {
		json_object *found = json_object_array_get_idx(doctor->checks, i);
		const char *state = text_of(found, "state");
		const char *cause = text_of(member(found, "error"), "cause");

		if (!strcmp(state, "absent") && doctor->asked && code == EXIT_OK)
			code = EXIT_UNSUPPORTED;
		if (strcmp(state, "missing") != 0)
			continue;
		if (!strcmp(cause, "file-mode") || !strcmp(cause, "capability") || !strcmp(cause, "lockdown"))
			code = EXIT_PERMISSION;
		else if (code != EXIT_PERMISSION)
			code = !strcmp(cause, "no-device") || !strcmp(cause, "unsupported") ?
				EXIT_UNSUPPORTED : EXIT_FAILED;
	}
	return code;
}

static int examine(struct doctor *doctor)
{
	json_object *document;
	int code, result;

	doctor->checks = json_list();
	for (int i = 0; i < USES; i++) {
		if (doctor->wanted[i])
			look_at(doctor, (enum use)i);
	}
	finish_steps(doctor);
	code = verdict(doctor);
	if (code != EXIT_OK)
		report("not all of this can be used: see each step below what is missing");
	if (!doctor->json) {
		show(doctor);
		json_object_put(doctor->checks);
		result = out_finish();
	} else {
		document = json_document("doctor");
		json_set(document, "checks", doctor->checks);
		json_set_bool(document, "usable", code == EXIT_OK);
		result = json_finish(document);
	}
	return result ? result : code;
}

static int tell_container(struct doctor *doctor)
{
	json_object *commands = container_options(doctor), *document;

	if (!doctor->json) {
		line("%s", text_of(commands, "docker"));
		line("%s", text_of(commands, "podman"));
		json_object_put(commands);
		return out_finish();
	}
	document = json_document("doctor");
	json_set(document, "container", commands);
	return json_finish(document);
}

/* "map,phys" */
static bool parse_uses(struct doctor *doctor, const char *text)
{
	char copy[128], *rest = copy, *word;

	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return false;
	while ((word = strsep(&rest, ","))) {
		int i = 0;

		while (i < USES && strcmp(word, use_words[i]) != 0)
			i++;
		if (i == USES)
			return false;
		doctor->wanted[i] = doctor->asked = true;
	}
	return true;
}

static bool is_contained(void)
{
	static const char *const marks[] = { "/.dockerenv", "/run/.containerenv" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (root_there(marks[i]))
			return true;
	}
	return false;
}

static const struct option table[] = {
	{ "for", required_argument, NULL, 'f' },
	{ "size", required_argument, NULL, 's' },
	{ "program", required_argument, NULL, 'p' },
	{ "container", no_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int parse(const struct command *self, int argc, char **argv, struct doctor *doctor,
	bool *container)
{
	int option, code;

	while ((option = getopt_long(argc, argv, "f:s:p:cjh", table, NULL)) != -1) {
		if (option == 'f') {
			if (!parse_uses(doctor, optarg))
				return usage_error(self, "--for is map, gpio, alloc, phys, dma or vfio, or "
					"several of them with commas");
		} else if (option == 's') {
			if (!parse_size(optarg, &doctor->size) || !doctor->size)
				return usage_error(self, "'%s' is not a size such as 4096, 64K or 0x1000",
					optarg);
		} else if (option == 'p') {
			doctor->program = optarg;
		} else if (option == 'c') {
			*container = true;
		} else if (common_option(self, option, &code)) {
			return code;
		} else {
			doctor->json = true;
		}
	}
	if (optind < argc)
		return usage_error(self, "'%s' is one argument too many", argv[optind]);
	for (int i = 0; !doctor->asked && i < USES; i++)
		doctor->wanted[i] = true;
	return -1;
}

static int run(const struct command *self, int argc, char **argv)
{
	struct doctor doctor = { .size = 1 << 20 };
	const struct passwd *user;
	bool container = false;
	char itself[4096];
	ssize_t length = readlink("/proc/self/exe", itself, sizeof(itself) - 1);
	int code = parse(self, argc, argv, &doctor, &container);

	if (code != -1)
		return code;
	itself[length > 0 ? length : 0] = '\0';
	errno = 0;
	user = getpwuid(getuid());
	if (!user)
		(void)sure(-errno);
	if (!doctor.program)
		doctor.program = itself[0] ? itself : "PROGRAM";
	if (user)
		(void)strlcpy(doctor.user, user->pw_name, sizeof(doctor.user));
	else
		(void)snprintf(doctor.user, sizeof(doctor.user), "%u", (unsigned)getuid());
	doctor.contained = is_contained();
	code = open_context(&doctor.ctx);
	if (code)
		return code;
	code = container ? tell_container(&doctor) : examine(&doctor);
	pmem_ctx_unref(doctor.ctx);
	return code;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.run = run,
	.synopsis = "[--for USE[,USE...]] [--size SIZE] [--program FILE] [--container] [--json]",
	.summary = "Say what works for this user, and how to mend what does not",
	.help = "A checklist: ok, note (usable, with a limit), missing, or absent (not on this machine).\n"
		"Below what is missing is the next step, one command in a line: run (as root), login\n"
		"(for the user), boot (a kernel parameter), config (a line of config.txt), container\n"
		"(an option of docker run), advice. Each use is really tried; what is allocated is\n"
		"given back. Run what it says, and ask again. Exit status 0 when all is usable.\n"
		"Without --for, what cannot be on this machine is no failure.\n\n"
		"  -f, --for USE     map (any registers), gpio, alloc (memory for a device), phys (with\n"
		"                    its physical address), dma (with its bus address), vfio\n"
		"  -s, --size SIZE   of the memory; default 1M\n"
		"  -p, --program FILE the program that needs it; default: this one\n"
		"  -c, --container   the options of docker run and podman run that a container needs\n"
		"                    on this host, for its own root\n"
		"  -j, --json        JSON\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem doctor\n"
		"  physmem doctor --for gpio,phys --program /usr/local/bin/blink\n"
		"  physmem doctor --for alloc --container\n",
};
