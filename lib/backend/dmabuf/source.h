/* SPDX-License-Identifier: MIT */
/* The refusals of a backend that has several sources: heaps, or buffers. One counts, all are told. */
#ifndef BACKEND_SOURCE_H
#define BACKEND_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/error_list.h"

/* Begins zeroed, but for backend. */
struct source_refusals {
	const char *backend;
	struct error_list *list; /* NULL before the first, and if there was no memory */
	struct pmem_error one;
	size_t count;
	bool asked;              /* the one is of a source that was asked */
};

/*
 * Note the thread's error. What a source says that was asked says more than why another one was not
 * even asked; the first that does counts, for that is the one that suits best.
 */
void source_refused(struct source_refusals *all, bool asked);

/* One of them gave: forget the others. */
void source_gave(struct source_refusals *all);

/* None gave: the error that counts is the thread's, with all as its children. */
int source_none_gave(struct source_refusals *all);

/* What select_check() says it says of memory: here it is that source's. */
void source_name(const char *path);

#endif
