/* SPDX-License-Identifier: MIT */
/* What was detected, as lib/soc's own files see it. */
#ifndef SOC_IDENTIFY_H
#define SOC_IDENTIFY_H

#include <stdatomic.h>

#include "dt/dt.h"
#include "os/fork_lock.h"
#include "soc/soc.h"

struct reserved_list;

struct soc {
	struct soc *next;            /* these are the list's */
	unsigned users;
	char *root, *device_tree;    /* which machine: of each context that has it */

	struct fork_lock lock;       /* of the detection */
	_Atomic bool ready;          /* what is below does not change any more */
	bool has_tree;               /* a tree whose root says compatible */
	bool hidden;                 /* /proc/device-tree points nowhere: a container hides it */
	bool x86;                    /* no tree, and the CPU is one */
	struct dt dt;
	struct dt_prop compatible;
	char *model;
	struct soc_family family;
	struct soc_family unknown;   /* the answer while detection fails */
	_Atomic(struct reserved_list *) reserved; /* NULL: not read yet; see reserved.h */
};

/*
 * The detected machine. NULL with -errno in *error if it cannot be had now (no memory, no file
 * descriptors, I/O error): that is not remembered, the next question tries again.
 */
const struct soc *identify(const struct pmem_ctx *ctx, int *error);

#endif
