/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void log_write(const struct log *log, uint32_t level, const char *fmt, ...)
{
	char message[1024];
	int saved = errno;
	va_list ap;

	if (!log->fn)
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	log->fn(log->user, level, message);
	errno = saved;
}
