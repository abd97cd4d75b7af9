/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"

void log_write(const struct log *log, uint32_t level, const char *fmt, ...)
{
	char message[1024];
	struct error_aside aside;
	va_list ap;

	if (!log->fn)
		return;
	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	error_aside(&aside);
	log->fn(log->user, level, message);
	error_back(&aside);
}
