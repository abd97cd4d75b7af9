/* SPDX-License-Identifier: MIT */
/*
 * The played VideoCore firmware behind /dev/vcio, and a Raspberry Pi around it. Its memory of
 * handles is shared by all processes that the test forks, as the real one is, so that a test can
 * kill one of them and look what is left.
 */
#ifndef TEST_VCFW_H
#define TEST_VCFW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pmem/pmem.h>

#define VCFW_BASE    0x3c000000u /* of the VideoCore's memory */
#define VCFW_SIZE    0x01000000u
#define VCFW_HANDLES 256

enum vcfw_fault {
	VCFW_NONE,
	VCFW_FAIL,      /* the tag is answered with its failure value */
	VCFW_NO_BIT31,  /* the tag is not known */
	VCFW_SHORT,     /* answered with no bytes */
	VCFW_TIMEOUT,   /* ETIMEDOUT, not done */
	VCFW_TIMEOUT_DONE, /* ETIMEDOUT, although done */
	VCFW_EINVAL,    /* refused, nothing copied back */
	VCFW_STATUS1,   /* refused by the old driver: copied back with 0x80000001 */
	VCFW_ENOMEM,
	VCFW_GARBAGE,   /* the buffer comes back as noise */
	VCFW_MISALIGNED, /* an address that is not aligned */
	VCFW_FAULTS
};

struct vcfw_block {
	uint32_t handle;
	uint32_t offset;
	uint32_t size;
	uint32_t flags;
	uint32_t locks;
	int owner;
};

struct vcfw {
	struct vcfw_block blocks[VCFW_HANDLES];
	uint32_t next;
	/* what happened */
	unsigned calls, live, allocs, releases, bad_release, bad_unlock, release_locked;
	unsigned behind_back;    /* released by another process while the owner lived */
	uint32_t last_flags, last_align;
	unsigned long last_request; /* number of the ioctl */
	/* what shall happen */
	enum vcfw_fault fault;   /* to the next message with fault_tag */
	uint32_t fault_tag;      /* 0: any */
	unsigned die_before;     /* SIGKILL before message n is done (1: the next), 0: not */
	unsigned die_after;      /* SIGKILL after it is done and answered */
	bool no_dma_tag;         /* the firmware of issue 89 */
	bool reuse;              /* a released number is given again at once */
	uint32_t bus_alias_override; /* not 0: this alias whatever was asked */
};

/* The firmware's state; valid between start and stop. */
extern struct vcfw *vcfw;

/* After fake_start(): a Pi of that root compatible ("brcm,bcm2837"), this process known to /proc. */
void vcfw_start(const char *compatible);
void vcfw_stop(void);

/*
 * All of a test's machine: the played kernel, the Pi, and a context that allocates from it. The
 * end checks that nothing was released twice, while locked, or behind a living owner's back.
 */
void vcfw_begin(const char *compatible, struct pmem_ctx **ctx);
void vcfw_end(struct pmem_ctx *ctx);

/* How many handles pmem_firmware_reclaim(), which has to work, gives back. */
size_t vcfw_reclaim(struct pmem_ctx *ctx, uint32_t flags);

/* Files in the played /run/libpmem. */
unsigned vcfw_journals(void);

/* Tell the played /proc of a process: state such as 'S', and when it was started. */
void vcfw_process(int pid, char state, unsigned threads, unsigned long long start);
void vcfw_no_process(int pid);

/*
 * Run action in a child that the played /proc knows. It ends by returning, or dies by
 * die_before/die_after. Returns the wait status; the child is forgotten by /proc.
 */
int vcfw_child(void (*action)(void *user), void *user);

#endif
