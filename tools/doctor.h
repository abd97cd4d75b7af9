/* SPDX-License-Identifier: MIT */
/* What physmem doctor looks at, what it found, and the steps that mend it. */
#ifndef PHYSMEM_DOCTOR_H
#define PHYSMEM_DOCTOR_H

#include "physmem.h"

enum use { USE_MAP, USE_GPIO, USE_ALLOC, USE_PHYS, USE_DMA, USE_VFIO, USES };

struct doctor {
	struct pmem_ctx *ctx;
	uint64_t size;        /* of the memory that is wanted */
	const char *program;  /* that is to be given capabilities */
	char user[64];        /* that is to be put into groups */
	bool json, contained; /* this is a container already */
	bool wanted[USES], asked; /* asked: by --for */
	char caps[256];       /* that some check lacks, "cap_sys_admin,cap_dac_read_search" */
	json_object *checks;
};

extern const char *const use_words[USES];

/* How a check ended: "ok", "note" (usable, with a limit), "missing", "absent" (not on this machine). */
json_object *check(struct doctor *doctor, enum use use, const char *state, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/*
 * The next step of a check: "run" (a command for root), "login" (the user's), "boot" (a kernel parameter),
 * "config" (a line of the Raspberry Pi's config.txt), "container" (options of docker run), "advice" (words).
 */
void step(json_object *check, const char *kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* doctor_uses.c: adds the checks of a use. */
void look_at(struct doctor *doctor, enum use use);
/* doctor_steps.c: the steps that an error of the library needs. */
void steps_for(struct doctor *doctor, json_object *check, const struct pmem_error *err);
/* Opening this file is what owner and mode forbid. */
void step_file(struct doctor *doctor, json_object *check, const char *path);
/* Setting the limit of locked memory to what is wanted. */
void step_memlock(struct doctor *doctor, json_object *check);
/* A kernel parameter, and where it is written on this machine. */
void step_boot(struct doctor *doctor, json_object *check, const char *parameter);
/* Capabilities are given in one command: a second one would take away what the first gave. */
void finish_steps(struct doctor *doctor);
/* The number for the limit of locked memory, in bytes. */
uint64_t memlock_bytes(const struct doctor *doctor);
/* doctor_container.c: {"docker": ..., "podman": ...}: the options for what is wanted. */
json_object *container_options(struct doctor *doctor);

#endif
