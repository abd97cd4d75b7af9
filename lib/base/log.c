/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/cut.h"
#include "base/error.h"

void log_write(const struct log *log, uint32_t level, const char *fmt, ...)
{
	char message[2048];
	struct error_aside aside;
	va_list ap;
	int n;

	if (!log->fn)
		return;
	va_start(ap, fmt);
	n = vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	cut_mark(message, sizeof(message), n < 0 ? 0 : (size_t)n);
	error_aside(&aside);
	log->fn(log->user, level, message);
	error_back(&aside);
}
