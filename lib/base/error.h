/* SPDX-License-Identifier: MIT */
/*
 * The error value. Every layer reports where it finds a failure, with error_set(); upper layers
 * pass the result on, or refine it with error_set() once more. The value lives in the thread.
 *
 * Undo paths never call error_set(), so that the first error is the one the caller sees.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdint.h>

#include <pmem/error.h>

#include "base/attr.h"
#include "base/error_list.h"

/*
 * A copy on the stack does not count its children: the thread holds each list that a call has met
 * until the outermost public function ends. A copy that lives longer is made and freed with
 * error_copy() and error_free(), or with error_assign() and error_drop().
 */
struct pmem_error {
	int errnum;           /* positive */
	uint32_t cause;       /* PMEM_CAUSE_* */
	char operation[32];   /* what was tried: "open", "ioctl DMA_HEAP_IOCTL_ALLOC", ... */
	char path[256];       /* on what; "" if on nothing that has a name */
	char message[768];    /* what is wrong */
	char hint[384];       /* what to do; "" if nothing is known to help */
	char text[1600];      /* all of it, composed by error_set() */
	const char *backend;  /* who refused, static text; NULL: not told of a backend */
	struct error_list *children; /* one for each backend that refused; NULL: none. The last member */
};

/*
 * Record an error of this thread, set errno, and return -errnum. path and hint may be NULL.
 * The texts are cut to fit, and end in "..." then; a message must not end in a full stop or newline.
 */
int error_set(int errnum, uint32_t cause, const char *operation, const char *path,
	const char *hint, const char *fmt, ...) ATTR_PRINTF(6, 7);

/*
 * The list becomes the children of the thread's error, which was just set; it is the thread's from
 * now on. Without memory to hold it the error stays as it is.
 */
void error_adopt(struct error_list *list);

/* The thread's error, or NULL if there was none yet. Borrowed. */
const struct pmem_error *error_last(void);

/* Put a saved error back as the thread's (after trying something else that failed too). */
int error_restore(const struct pmem_error *saved);

/* A copy of the thread's error in *saved; undo paths that may set one use it. */
void error_save(struct pmem_error *saved);

/*
 * For public functions, which call nothing else first: see lib/api/call.h. A call that succeeds leaves
 * the thread's error and errno as they were, whatever failed on the way.
 */
int error_begin(void);
/* With what error_begin() returned, and the result, which is passed on. */
int error_end(int before, int result);
/* What pmem_error_last() shows; NULL if nothing failed yet, and inside of a public function. */
const struct pmem_error *error_told(void);

/* Around a callback of the program, which may call the library: its errors are its own. */
struct error_aside {
	struct pmem_error working;
	struct error_held *held;
	unsigned depth;
	int errnum;
};

void error_aside(struct error_aside *aside);
void error_back(const struct error_aside *aside);

/* A copy on the heap, which keeps its children; NULL without memory. */
struct pmem_error *error_copy(const struct pmem_error *e);
/* In place of a copy that cannot be had: it says so, and is everybody's. */
struct pmem_error *error_no_memory(void);
/* NULL is allowed, and so is error_no_memory(). */
void error_free(struct pmem_error *copy);

/*
 * Both keep their children; *to is zeroed memory, or was assigned to before. A child that was
 * forked in the middle may read a text that is half of each, but may drop *to, or assign to it.
 */
void error_assign(struct pmem_error *to, const struct pmem_error *from);
/* There was no error. */
void error_drop(struct pmem_error *e);

/* -EINVAL with PMEM_CAUSE_NULL_ARGUMENT for the argument called what. */
int error_null(const char *operation, const char *what);

#endif
