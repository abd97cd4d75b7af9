/* SPDX-License-Identifier: MIT */
/*
 * What fails in this suite: an operation, on a played machine, of which every system call and every allocation fails,
 * with each errno that is likely for it, once and for good (engine.h).
 */
#ifndef TEST_OPERATION_H
#define TEST_OPERATION_H

#include <stdbool.h>

#include <pmem/pmem.h>

/* What an operation works with; all of it is made anew for each fault. */
struct world {
	struct pmem_ctx *ctx;
	struct pmem_region *region;
	struct pmem_pool *pool;
	void *object;
	struct pmem_device *device, *other;
	int fd; /* of the program, by os; -1: none */
	void *memory;
};

struct operation {
	const char *name;
	uint32_t flags; /* of the operation, if it has some */
	bool cold;      /* it makes its context; nothing is known of the machine */
	bool sticks;    /* what a device may still write to, for the kernel did not unmap it (ioctl), is nobody's for ever */
	bool (*fits)(void);                /* is there such a thing on this machine; NULL: yes */
	/* Undisturbed, then with the fault, then undisturbed again; NULL: nothing. */
	void (*before)(const struct operation *o, struct world *w);
	int (*act)(const struct operation *o, struct world *w);
	void (*after)(const struct operation *o, struct world *w);
};

extern const struct operation operations_region[], operations_ask[], operations_device[]; /* the last has no name */

/* A result of the library while calls fail: it explains itself if it is a failure. */
int told(const char *call, int result);
#define TOLD(call) told(#call, (call))
/* The same of a function that returns a pointer. */
#define TOLD_POINTER(call) told(#call, (call) ? 0 : -errno)

/* The result of a function that makes w->region: with a success there is one. */
int made(const struct world *w, int result);

/* The ends of what may have been made, undisturbed; twice is allowed. */
void close_region(const struct operation *o, struct world *w);
void close_pool(const struct operation *o, struct world *w);

/* As an operation: nothing of the region is left whatever it says; what the kernel did not do is not tried again. */
int act_close(const struct operation *o, struct world *w);

#endif
