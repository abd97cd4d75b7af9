/* SPDX-License-Identifier: MIT */
#include "error.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

static _Thread_local struct pmem_error last;

/* What does not fit is not cut silently: the end says that there was more. */
static void mark_cut(char *text, size_t size, int length)
{
	if (length >= 0 && (size_t)length >= size)
		strlcpy(text + size - sizeof("..."), "...", sizeof("..."));
}

static void compose(struct pmem_error *e)
{
	const char *name = strerrorname_np(e->errnum);

	int n;

	n = snprintf(e->text, sizeof(e->text), "%s%s%s: %s (%s)%s%s", e->operation,
		e->path[0] ? " " : "", e->path, e->message, name ? name : "unknown errno",
		e->hint[0] ? "; " : "", e->hint);
	mark_cut(e->text, sizeof(e->text), n);
}

int error_set(int errnum, uint32_t cause, const char *operation, const char *path,
	const char *hint, const char *fmt, ...)
{
	/* Built aside: the arguments may point into the error that is being replaced. */
	struct pmem_error e = { .errnum = errnum, .cause = cause };
	va_list ap;

	strlcpy(e.operation, operation, sizeof(e.operation));
	if (path)
		strlcpy(e.path, path, sizeof(e.path));
	if (hint)
		strlcpy(e.hint, hint, sizeof(e.hint));
	va_start(ap, fmt);
	mark_cut(e.message, sizeof(e.message), vsnprintf(e.message, sizeof(e.message), fmt, ap));
	va_end(ap);
	compose(&e);
	last = e;
	errno = errnum;
	return -errnum;
}

const struct pmem_error *error_last(void)
{
	return last.errnum ? &last : NULL;
}

void error_save(struct pmem_error *saved)
{
	*saved = last;
}

int error_restore(const struct pmem_error *saved)
{
	last = *saved;
	errno = saved->errnum;
	return -saved->errnum;
}

struct pmem_error *error_copy(const struct pmem_error *e)
{
	struct pmem_error *copy = malloc(sizeof(*copy));

	if (copy)
		*copy = *e;
	return copy;
}

void error_mark(struct error_mark *mark)
{
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &mark->cancel);
	mark->last = last;
	mark->errnum = errno;
}

int error_settle(const struct error_mark *mark, int result)
{
	if (result >= 0) {
		last = mark->last;
		errno = mark->errnum;
	}
	pthread_setcancelstate(mark->cancel, NULL);
	return result;
}

int error_null(const char *operation, const char *what)
{
	return error_set(EINVAL, PMEM_CAUSE_NULL_ARGUMENT, operation, NULL, NULL, "%s is NULL", what);
}
