/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

/*
 * Inside a public function errors are noted in working; if it fails, the last one becomes told,
 * which pmem_error_last() shows. So a call that succeeds has cost nothing and changed nothing.
 */
static _Thread_local struct {
	struct pmem_error working, told;
	unsigned depth; /* of public functions that this thread is in */
} errors;

static struct pmem_error *current(void)
{
	return errors.depth ? &errors.working : &errors.told;
}

/* What does not fit is not cut silently: the end says that there was more. */
static void mark_cut(char *text, size_t size, int length)
{
	if (length >= 0 && (size_t)length >= size)
		strlcpy(text + size - sizeof("..."), "...", sizeof("..."));
}

static void compose(struct pmem_error *e)
{
	const char *name = strerrorname_np(e->errnum);

	int n = snprintf(e->text, sizeof(e->text), "%s%s%s: %s (%s)%s%s", e->operation,
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
	*current() = e;
	errno = errnum;
	return -errnum;
}

const struct pmem_error *error_last(void)
{
	return current()->errnum ? current() : NULL;
}

void error_save(struct pmem_error *saved)
{
	*saved = *current();
}

int error_restore(const struct pmem_error *saved)
{
	*current() = *saved;
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

int error_begin(void)
{
	if (errors.depth++ == 0)
		errors.working.errnum = 0;
	return errno;
}

int error_end(int before, int result)
{
	errors.depth--;
	if (result >= 0) {
		errno = before;
		return result;
	}
	if (errors.depth == 0) {
		if (errors.working.errnum != -result) /* whoever failed has not said why */
			return error_set(-result, PMEM_CAUSE_SYSTEM, "libpmem", NULL, NULL, "it failed");
		errors.told = errors.working;
	}
	errno = -result;
	return result;
}

void error_aside(struct error_aside *aside)
{
	aside->errnum = errno;
	aside->depth = errors.depth;
	aside->working = errors.working;
	errors.depth = 0;
}

void error_back(const struct error_aside *aside)
{
	errors.depth = aside->depth;
	errors.working = aside->working;
	errno = aside->errnum;
}

const struct pmem_error *error_told(void)
{
	return !errors.depth && errors.told.errnum ? &errors.told : NULL;
}

int error_null(const char *operation, const char *what)
{
	return error_set(EINVAL, PMEM_CAUSE_NULL_ARGUMENT, operation, NULL, NULL, "%s is NULL", what);
}
