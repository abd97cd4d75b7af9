/* SPDX-License-Identifier: MIT */
/*
 * Is this the kernel and the machine that the guest's description promises? Without this a wrong
 * page size or a forgotten boot parameter would make the other checks prove something else.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "check.h"

static char buffer[8192];

static size_t slurp(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got;

	if (fd < 0)
		return 0;
	while ((got = read(fd, buffer + used, sizeof(buffer) - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	buffer[used] = '\0';
	return used;
}

static int has_compatible(const char *wanted)
{
	size_t length = slurp("/proc/device-tree/compatible");
	size_t at;

	for (at = 0; at < length; at += strlen(buffer + at) + 1) {
		if (!strcmp(buffer + at, wanted))
			return 1;
	}
	return 0;
}

static int has_word(const char *path, const char *word)
{
	slurp(path);
	return strstr(buffer, word) != NULL;
}

static void check_option(int option, const char *value)
{
	struct utsname names;

	switch (option) {
	case 'm':
		uname(&names);
		CHECK("machine", !strcmp(names.machine, value), "uname says %s", names.machine);
		break;
	case 'r':
		uname(&names);
		CHECK("release", !strncmp(names.release, value, strlen(value)), "uname says %s",
			names.release);
		break;
	case 'p':
		CHECK("page-size", sysconf(_SC_PAGESIZE) == strtol(value, NULL, 0), "it is %ld",
			sysconf(_SC_PAGESIZE));
		break;
	case 'c':
		CHECK("compatible", has_compatible(value), "%s is not in the root's list", value);
		break;
	case 'w':
		CHECK("command-line", has_word("/proc/cmdline", value), "%s is not in %s", value,
			buffer);
		break;
	case 'l':
		CHECK("lockdown", has_word("/sys/kernel/security/lockdown", value), "it is %s",
			buffer);
		break;
	default:
		CHECK("options", 0, "unknown option");
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "machine", required_argument, NULL, 'm' },
		{ "release", required_argument, NULL, 'r' },
		{ "page", required_argument, NULL, 'p' },
		{ "compatible", required_argument, NULL, 'c' },
		{ "boot", required_argument, NULL, 'w' },
		{ "lockdown", required_argument, NULL, 'l' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		check_option(option, optarg);
	return check_end();
}
