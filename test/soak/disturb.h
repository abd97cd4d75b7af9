/* SPDX-License-Identifier: MIT */
/* What is done to the machine meanwhile: each in a process of its own, and undone by the keeper. */
#ifndef SOAK_DISTURB_H
#define SOAK_DISTURB_H

#include "soak.h"

struct disturbance {
	const char *name;
	/* What the machine is now, for undo(): before anything is done. May be NULL, as the others but step. */
	void (*remember)(void);
	/* In the process that all are children of. NULL or why this machine does not have it. */
	const char *(*begin)(void);
	/* In a child of its own, again and again. false: after soak_fault() */
	bool (*step)(uint64_t number);
	/* As it was, however far it came; also if nothing was done. 0 or -errno */
	int (*undo)(void);
	unsigned percent, least_ms; /* of a processor; between two steps */
	bool in_cgroup;             /* beside what is held, and may be killed there */
};

extern const struct disturbance disturb_compaction, disturb_machine, disturb_neighbour, disturb_limit, disturb_pools,
	disturb_thp, disturb_ksm, disturb_swap, disturb_processor;

/* Some huge pages in the pool, for what is held, before it is taken; gone with the rest of disturb_pools. */
void disturb_pools_reserve(void);

/* cgroup.c: into the cgroup of disturb_limit, if there is one; false: it was not let in */
bool cgroup_enter(void);

#endif
