/* SPDX-License-Identifier: MIT */
/* What the played kernel knows: shared by its calls (calls.c) and by what tests say (fake.c). */
#ifndef TEST_STATE_H
#define TEST_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake.h"

#define MAX_FDS     1024
#define MAX_DEVICES 32
#define MAX_MAPS    4096
#define MAX_OPENS   256

struct fake_state {
	bool open[MAX_FDS];
	bool pagemap[MAX_FDS];   /* which of them a context may keep */
	const struct fake_device *device_of[MAX_FDS];
	const struct fake_device *devices[MAX_DEVICES];
	size_t device_count;
	struct { uintptr_t start; size_t length; } maps[MAX_MAPS];
	size_t map_count;
	int mmap_fd;             /* of the mmap() that a scripted device is asked for */
	void (*unmapped)(uintptr_t start, size_t length); /* tells who wants to know; NULL: nobody */
	unsigned countdown;      /* 0: no fault planned */
	int errnum;
	const char *named;
	int named_errnum;
	const char *failed;
	int cut;                 /* of the read or write that is made now: PLAN_* of plan.h; 0: all of it */
	bool guarded;            /* each call is the library's, by a public function */
	struct { char name[64]; char value[8192]; bool set; } env[32];
	size_t env_count;
	size_t page_size;
	int kernel;
	uint64_t later_us; /* than it is */
	int caps[64];            /* -1: as the process */
	int io_flusher;          /* of all threads */
	int clean, flush;
	bool counts_opens;
	struct { char path[128]; unsigned count; } opens[MAX_OPENS];
	size_t opens_count;
	unsigned cache_calls;
	uint64_t cache_bytes;
};

extern struct fake_state f;
extern const struct os_calls fake_calls;

/* The fault plan: a negative errno if this call is the one to fail. */
int fault(const char *call);
#define FAULT(call)                       \
	do {                              \
		int fault_ = fault(call); \
		if (fault_)               \
			return fault_;    \
	} while (0)
/*
 * plan.c: does this call fail; how many bytes of a read or write are done; is a munmap() that fails to leave the
 * memory mapped; are all those bytes mapped that it unmaps.
 */
int plan_fault(const char *call, int *cut);
size_t plan_cut(size_t count);
bool plan_refuses(const void *addr, size_t length);
void plan_unmaps(const void *addr, size_t length);
/* Note an open descriptor; passes negative errnos on. */
int opened(int fd, const struct fake_device *device);
/* Open a scripted device, if it wants to be opened. */
int open_device(const struct fake_device *device);
/* Count the opening of a full path, if that is wanted. */
void count_open(const char *path);
/* The scripted device at a full path, or NULL. */
const struct fake_device *device_at(const char *path);
/* Note a mapping, or that a range is mapped no more; it may cover parts of several mappings. */
void map_add(const void *addr, size_t length);
void map_remove(const void *addr, size_t length);

#endif
