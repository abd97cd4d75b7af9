/* SPDX-License-Identifier: MIT */
/*
 * One piece of firmware memory, and the record of it that outlives this process.
 *
 * The record lies in a shared file mapping (journal.h), and so does the message buffer that the
 * kernel writes the firmware's answer to. A process killed with SIGKILL inside the system call
 * still completes it (the driver waits uninterruptibly), so the answer, and with it the handle,
 * is in the file: there is no moment at which a handle exists that the file does not know.
 *
 * Before each message the record says what is being asked; afterwards, what came of it. Whoever
 * finds the record later reads the answer to know whether the step happened (fwmem_settle()).
 */
#ifndef BACKEND_FWMEM_H
#define BACKEND_FWMEM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "videocore/property.h"

/* Values are never reused: an older or newer library reads them. */
enum fwmem_state {
	FWMEM_FREE = 0,
	FWMEM_TAKEN = 0x4d560001, /* reserved; nothing was asked yet */
	FWMEM_ALLOCATING,
	FWMEM_HELD,               /* handle is ours, not locked */
	FWMEM_LOCKING,
	FWMEM_LOCKED,
	FWMEM_UNLOCKING,
	FWMEM_RELEASING,
	FWMEM_LOST,               /* the firmware did not tell: touching it could hit another's */
};

#define FWMEM_NO_RECLAIM (1u << 0) /* leave it when its owner dies */
#define FWMEM_ABANDONED  (1u << 1) /* its owner lives but could not give it back */

/* 128 bytes, the same for 32- and 64-bit programs. */
struct fwmem_record {
	_Atomic uint32_t state;
	uint32_t flags;
	uint32_t size;         /* bytes asked for */
	uint32_t channels;     /* DMA channels to stop before it is given back for a dead owner */
	uint32_t check;        /* of size, channels and where the record is; see fwmem_check() */
	uint32_t handle;
	uint32_t handle_check; /* ~handle */
	uint32_t refusals;     /* times the firmware refused the release */
	uint32_t message[PROPERTY_WORDS];
	uint32_t spare[15];
};

_Static_assert(sizeof(struct fwmem_record) == 128, "the layout is a file format");

/* Fill a free record; salt is what tells this file and this slot from others. */
void fwmem_take(struct fwmem_record *record, uint32_t salt, uint32_t size, uint32_t flags,
	uint32_t channels);

/* Each sends one message, sets the error of a failure, and leaves the record true. */
int fwmem_allocate(int fd, struct fwmem_record *record, uint32_t align, uint32_t flags);
int fwmem_lock(int fd, struct fwmem_record *record, uint32_t *bus);

/*
 * Unlock and release what is held; goes on after a failing unlock, returns the first error. The
 * record is TAKEN and holds nothing, or LOST, or still HELD when the firmware refused and may be
 * asked again.
 */
int fwmem_give_back(int fd, struct fwmem_record *record);

/*
 * Let go of the record. The last that its owner does with it: from here on it is another thread's,
 * and must be neither read nor written.
 */
void fwmem_free(struct fwmem_record *record);

/*
 * What a dead process was doing, brought to FREE, HELD, LOCKED or LOST by the answer that it got
 * or did not get. false: the record is damaged and must not be acted on.
 */
bool fwmem_settle(struct fwmem_record *record, uint32_t salt);

static inline bool fwmem_holds(const struct fwmem_record *record)
{
	uint32_t state = atomic_load_explicit(&record->state, memory_order_relaxed);

	return state == FWMEM_HELD || state == FWMEM_LOCKED;
}

#endif
