/* SPDX-License-Identifier: MIT */
/*
 * The one place where text goes out. Much of it is of others: names in a device tree, of heaps, of
 * drivers. A line is escaped as a whole, so that none of them can move a terminal's cursor or make
 * a line of its own.
 */
#include "physmem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBBSD_OPENBSD_VIS /* of the two forms of strnvis(), which is not used here */
#include <bsd/vis.h>

/* What stdout still holds is dropped: half of the data must not look like all of it. */
_Noreturn static void end(const char *words)
{
	if (write(STDERR_FILENO, words, strlen(words)) < 0)
		_exit(EXIT_FAILED);
	_exit(EXIT_FAILED);
}

void no_memory(void)
{
	end("physmem: out of memory\n");
}

void *need(void *pointer)
{
	if (!pointer)
		no_memory();
	return pointer;
}

int sure(int ret)
{
	if (ret == -ENOMEM)
		no_memory();
	if (ret == -EMFILE || ret == -ENFILE)
		end("physmem: too many files are open: see ulimit -n\n");
	return ret;
}

/*
 * With too little memory stravis() of libbsd 0.11 gives what it has freed, and strvis() says
 * that all went well. Escaping never makes a text shorter.
 */
char *escaped(const char *text)
{
	char *safe = need(calloc(4, strlen(text) + 1));

	if (strvis(safe, text, VIS_CSTYLE | VIS_OCTAL | VIS_TAB | VIS_NL) < 0 ||
		strlen(safe) < strlen(text))
		no_memory();
	return safe;
}

char *vformatted(const char *format, va_list args)
{
	char *text;

	if (vasprintf(&text, format, args) < 0)
		no_memory();
	return text;
}

char *formatted(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = vformatted(format, args);
	va_end(args);
	return text;
}

static void put_line(FILE *to, const char *before, const char *format, va_list args)
{
	char *text = vformatted(format, args), *safe = escaped(text);

	(void)fputs(before, to);
	(void)fputs(safe, to);
	(void)fputc('\n', to);
	free(safe);
	free(text);
}

void line(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(stdout, "", format, args);
	va_end(args);
}

void row(const char *key, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = vformatted(format, args);
	va_end(args);
	line("  %-14s %s", key, text);
	free(text);
}

void vreport(const char *format, va_list args)
{
	(void)fflush(stdout);
	put_line(stderr, "physmem: ", format, args);
}

void report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vreport(format, args);
	va_end(args);
}

void report_more(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_line(stderr, "  ", format, args);
	va_end(args);
}

static bool lacking, hidden;

void unread(const char *path)
{
	switch (errno) {
	case 0: /* empty */
	case ENOENT:
	case ENOTDIR:
	case ENODEV:
	case ENXIO:
	case EOPNOTSUPP:
	case ENOSYS:
	case ESRCH: /* a process that has ended */
		return;
	case EACCES:
	case EPERM:
		hidden = true;
		return;
	default:
		(void)sure(-errno);
		lacking = true;
		report("%s: %s: what it says is missing here", path, strerror(errno));
	}
}

bool all_read(void)
{
	return !lacking;
}

bool all_shown(void)
{
	return !lacking && !hidden;
}

int out_finish(void)
{
	if (fflush(stdout)) {
		if (errno != EPIPE) /* whoever does not read to the end knows that */
			report("writing to standard output: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (ferror(stdout)) { /* errno was that of an earlier part */
		report("writing to standard output: a part of it is lost");
		return EXIT_FAILED;
	}
	return all_read() ? EXIT_OK : EXIT_FAILED;
}
