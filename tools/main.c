/* SPDX-License-Identifier: MIT */
/* physmem: look at, test and touch physical memory from the command line. */
#include "physmem.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
	&cmd_info, &cmd_selftest, &cmd_read, &cmd_write, &cmd_node, &cmd_heaps, &cmd_gc,
	&cmd_device,
	&cmd_doctor, &cmd_map, &cmd_virt2phys, &cmd_addr, &cmd_alloc, &cmd_ls, &cmd_bench,
	&cmd_dump, &cmd_poll, &cmd_watch, &cmd_registers,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *to)
{
	(void)fputs("usage: physmem COMMAND [ARGUMENTS]\n"
		    "       physmem help [COMMAND]\n"
		    "       physmem --version\n\n", to);
	for (size_t i = 0; i < COMMANDS; i++)
		(void)fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	(void)fputs("\nEvery command knows --help and --json.\n"
		    "Exit status: 0 done, 1 failed, 2 wrong arguments, 3 not permitted,\n"
		    "4 not supported here, 5 bytes differ.\n", to);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

static int unknown(const char *name)
{
	report("there is no command '%s'", name);
	usage(stderr);
	return EXIT_USAGE;
}

static int help(const char *name)
{
	const struct command *command = name ? find(name) : NULL;

	if (name && !command)
		return unknown(name);
	if (command)
		print_help(command);
	else
		usage(stdout);
	return out_finish();
}

int main(int argc, char **argv)
{
	static char buffer[32768]; /* without memory for one of its own, glibc loses a line */
	const struct command *command;

	(void)setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	survive_traps();
	(void)signal(SIGPIPE, SIG_IGN); /* so that what was taken is given back: see out_finish() */
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		(void)printf("physmem %s\n", pmem_version());
		return out_finish();
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help(NULL);
	if (!strcmp(argv[1], "help"))
		return help(argv[2]);
	command = find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	report_arguments(argv + 1);
	return command->run(command, argc - 1, argv + 1);
}
