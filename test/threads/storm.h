/* SPDX-License-Identifier: MIT */
/* What the threads of storm.c do with the library: storm_work.c. */
#ifndef TEST_STORM_H
#define TEST_STORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "played_group.h"

#define STORM_SLOTS 8

/* What one thread has: its bytes carry its stamp, and its descriptors stay the files that they were. */
struct storm_held {
	int kind; /* 0: nothing */
	struct pmem_region *region;
	unsigned char *bytes;
	size_t size;
	uint64_t stamp;
	int fd;
	struct pmem_pool *pool;
	struct pmem_device *device; /* to which it is attached */
};

struct storm_worker {
	unsigned seed;
	uint64_t number, stamps;
	struct pmem_ctx *real, *played; /* of its own, made anew now and then */
	struct storm_held slots[STORM_SLOTS];
	uint64_t rounds;
};

/* What all threads share. */
extern struct storm_shared {
	struct pmem_ctx *real, *played;
	struct pmem_pool *pool;
	struct pmem_device *device;
	atomic_uint refused[6]; /* allocations of each kind, by the machine */
	atomic_uint done[6];
} storm;

void storm_begin(void);
void storm_end(void);

void storm_worker_begin(struct storm_worker *worker, uint64_t number);
/* One thing is taken, or looked at and given back. */
void storm_round(struct storm_worker *worker);
/* All that it has is looked at and given back. */
void storm_worker_end(struct storm_worker *worker);

#endif
