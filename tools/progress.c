/* SPDX-License-Identifier: MIT */
/* A word on a terminal about what takes longer than a second; nothing anywhere else. */
#include "physmem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static time_t begun, told;

static time_t seconds(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &at);
	return at.tv_sec;
}

void progress(const char *format, ...)
{
	time_t now = seconds();
	va_list args;
	char *text;

	if (!begun)
		begun = now;
	if (now - begun < 2 || now == told || !isatty(STDERR_FILENO)) /* whole seconds: up to one is lost */
		return;
	told = now;
	va_start(args, format);
	text = vformatted(format, args);
	va_end(args);
	(void)fprintf(stderr, "\r%.70s\033[K", text);
	free(text);
}

void progress_end(void)
{
	if (told)
		(void)fputs("\r\033[K", stderr);
	told = 0;
	begun = 0;
}
