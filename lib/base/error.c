/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/cut.h"
#include "base/errno_name.h"
#include "base/thread_end.h"

struct error_held {
	struct error_held *next;
	struct error_list *list;
};

/*
 * Inside a public function errors are noted in working; if it fails, the last one becomes told,
 * which pmem_error_last() shows. So a call that succeeds has cost nothing and changed nothing.
 */
static _Thread_local struct {
	struct pmem_error working; /* its children are among the held */
	struct pmem_error told;    /* keeps its children */
	struct error_held *held;   /* until the call ends */
	unsigned depth;            /* of public functions that this thread is in */
	bool ends;                 /* at_thread_end() will be called */
} errors;

static struct pmem_error *current(void)
{
	return errors.depth ? &errors.working : &errors.told;
}

static void let_go(struct error_held *held)
{
	while (held) {
		struct error_held *next = held->next;

		error_list_unref(held->list);
		free(held);
		held = next;
	}
}

static void let_go_all(void)
{
	struct error_held *held = errors.held;

	errors.held = NULL;
	let_go(held);
}

static void at_thread_end(void *unused)
{
	struct error_list *list = errors.told.children;

	(void)unused;
	/* Other destructors of this thread may still call the library, and then this one comes again. */
	errors.ends = false;
	errors.working.children = errors.told.children = NULL;
	error_list_unref(list);
	let_go_all();
}

static struct thread_end at_end = THREAD_END(at_thread_end);

/* What other threads hold stays: at exit they may be using it. */
__attribute__((destructor)) static void unload(void)
{
	thread_end_unload(&at_end);
	at_thread_end(NULL);
}

/* false: there is no key, or no memory. */
static bool ask_for_end(void)
{
	errors.ends = thread_end_ask(&at_end);
	return errors.ends;
}

/* Hold a list until the call ends, so that copies on the stack need not. false: not possible. */
static bool hold(struct error_list *list)
{
	struct error_held *held = errors.held;

	while (held && held->list != list)
		held = held->next;
	if (held)
		return true;
	if (!errors.ends && !ask_for_end())
		return false;
	held = malloc(sizeof(*held));
	if (!held)
		return false;
	held->list = error_list_ref(list);
	held->next = errors.held;
	errors.held = held;
	return true;
}

/* The thread's error is a copy of *e, whose children are held already. */
static void set_current(const struct pmem_error *e)
{
	if (!errors.depth)
		error_assign(&errors.told, e);
	else if (e != &errors.working)
		errors.working = *e;
}

static void copy_text(char *to, size_t size, const char *from)
{
	cut_mark(to, size, strlcpy(to, from, size));
}

static void compose(struct pmem_error *e)
{
	char buffer[ERRNO_NAME_SIZE];
	int n = snprintf(e->text, sizeof(e->text), "%s%s%s: %s (%s)%s%s", e->operation,
		e->path[0] ? " " : "", e->path, e->message, errno_name(e->errnum, buffer),
		e->hint[0] ? "; " : "", e->hint);

	cut_mark(e->text, sizeof(e->text), n < 0 ? 0 : (size_t)n);
}

/* Whoever meets one of these can do the same. NULL: nothing is known to help. */
static const char *hint_for(int errnum, uint32_t cause)
{
	if (cause == PMEM_CAUSE_FILE_MODE)
		return "its mode, and those of the folders above it, say which user and group may";
	switch (errnum) {
	case EMFILE:
		return "this process has too many open files: ulimit -n allows it more";
	case ENFILE:
		return "the machine has too many open files: sysctl fs.file-max allows it more";
	default:
		return NULL;
	}
}

int error_set(int errnum, uint32_t cause, const char *operation, const char *path,
	const char *hint, const char *fmt, ...)
{
	/* Built aside: the arguments may point into the error that is being replaced. */
	struct pmem_error e = { .errnum = errnum, .cause = cause };
	const char *known = hint_for(errnum, cause);
	va_list ap;
	int n;

	if ((errnum == EMFILE || errnum == ENFILE) && cause == PMEM_CAUSE_SYSTEM)
		e.cause = PMEM_CAUSE_LIMIT;
	if (known && (!hint || !hint[0]))
		hint = known;
	copy_text(e.operation, sizeof(e.operation), operation);
	if (path)
		copy_text(e.path, sizeof(e.path), path);
	if (hint)
		copy_text(e.hint, sizeof(e.hint), hint);
	va_start(ap, fmt);
	n = vsnprintf(e.message, sizeof(e.message), fmt, ap);
	va_end(ap);
	cut_mark(e.message, sizeof(e.message), n < 0 ? 0 : (size_t)n);
	compose(&e);
	set_current(&e);
	errno = errnum;
	return -errnum;
}

/* Held already, or NULL. */
static void set_children(struct error_list *list)
{
	struct pmem_error *e = current();

	if (!errors.depth) {
		error_list_ref(list);
		error_list_unref(e->children);
	}
	e->children = list;
}

void error_adopt(struct error_list *list)
{
	int before = errno;

	if (list && hold(list))
		set_children(list);
	error_list_unref(list);
	errno = before;
}

const struct pmem_error *error_last(void)
{
	return current()->errnum ? current() : NULL;
}

void error_save(struct pmem_error *saved)
{
	*saved = *current();
	if (saved->children && !hold(saved->children))
		saved->children = NULL;
}

int error_restore(const struct pmem_error *saved)
{
	/* It may be a copy from elsewhere, which ends before the call does. */
	bool held = !saved->children || hold(saved->children);
	int errnum = saved->errnum;

	set_current(saved);
	if (!held)
		set_children(NULL);
	errno = errnum;
	return -errnum;
}

struct pmem_error *error_copy(const struct pmem_error *e)
{
	struct pmem_error *copy = malloc(sizeof(*copy));

	if (copy) {
		*copy = *e;
		error_list_ref(copy->children);
	}
	return copy;
}

#define NO_MEMORY_SAYS "there was no memory to keep the reason"

static const struct pmem_error no_memory = {
	.errnum = ENOMEM,
	.cause = PMEM_CAUSE_NO_MEMORY,
	.operation = "error copy",
	.message = NO_MEMORY_SAYS,
	.text = "error copy: " NO_MEMORY_SAYS " (ENOMEM)",
};

struct pmem_error *error_no_memory(void)
{
	return (struct pmem_error *)(uintptr_t)&no_memory; /* nobody writes to a copy */
}

void error_free(struct pmem_error *copy)
{
	if (!copy || copy == &no_memory)
		return;
	error_list_unref(copy->children);
	free(copy);
}

void error_assign(struct pmem_error *to, const struct pmem_error *from)
{
	struct error_list *old = to->children, *children = error_list_ref(from->children);

	if (to != from)
		memcpy(to, from, offsetof(struct pmem_error, children));
	/* In one piece, counted before and dropped after: right for a child of any moment. */
	__atomic_store_n(&to->children, children, __ATOMIC_RELEASE);
	error_list_unref(old);
}

void error_drop(struct pmem_error *e)
{
	struct error_list *old = e->children;

	e->errnum = 0;
	e->children = NULL;
	error_list_unref(old);
}

int error_begin(void)
{
	if (errors.depth++ == 0) {
		errors.working.errnum = 0;
		errors.working.children = NULL;
	}
	return errno;
}

int error_end(int before, int result)
{
	errors.depth--;
	if (errors.depth == 0 && result < 0) {
		if (errors.working.errnum != -result) /* whoever failed has not said why */
			error_set(-result, PMEM_CAUSE_SYSTEM, "libpmem", NULL, NULL, "it failed");
		else
			error_assign(&errors.told, &errors.working);
	}
	if (errors.depth == 0 && errors.held)
		let_go_all();
	errno = result < 0 ? -result : before;
	return result;
}

void error_aside(struct error_aside *aside)
{
	aside->errnum = errno;
	aside->depth = errors.depth;
	aside->working = errors.working;
	aside->held = errors.held;
	errors.depth = 0;
	errors.held = NULL;
}

void error_back(const struct error_aside *aside)
{
	let_go_all();
	errors.depth = aside->depth;
	errors.working = aside->working;
	errors.held = aside->held;
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
