/* SPDX-License-Identifier: MIT */
#include "videocore/record.h"

#include <errno.h>
#include <string.h>

#include "videocore/mailbox.h"

/* A release that the firmware refuses again and again is of no use, and never will be. */
#define MAX_REFUSALS 3

static uint32_t state_of(const struct fwmem_record *record)
{
	return atomic_load_explicit(&record->state, memory_order_acquire);
}

/*
 * What was stored before is in the file before the state is. A process is killed between two
 * instructions, so the order of the stores in the program is all that counts.
 */
static void enter(struct fwmem_record *record, uint32_t state)
{
	atomic_store_explicit(&record->state, state, memory_order_release);
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/: finds damage, not malice. */
static uint32_t fwmem_check(const struct fwmem_record *record, uint32_t salt)
{
	const uint32_t words[] = { salt, record->size, record->channels };
	const unsigned char *bytes = (const unsigned char *)words;
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < sizeof(words); i++)
		hash = (hash ^ bytes[i]) * 16777619u;
	return hash;
}

void fwmem_take(struct fwmem_record *record, uint32_t salt, uint32_t size, uint32_t flags,
	uint32_t channels)
{
	record->flags = flags;
	record->size = size;
	record->channels = channels;
	record->handle = 0;
	record->handle_check = 0;
	record->refusals = 0;
	memset(record->message, 0, sizeof(record->message));
	record->check = fwmem_check(record, salt);
	enter(record, FWMEM_TAKEN);
}

/* Did the step perhaps happen, although its answer is not known? */
static bool in_doubt(int r)
{
	return r == -ETIMEDOUT || r == -EFAULT || r == -EIO;
}

static void set_handle(struct fwmem_record *record, uint32_t handle)
{
	record->handle = handle;
	record->handle_check = ~handle;
	enter(record, FWMEM_HELD);
}

int fwmem_allocate(int fd, struct fwmem_record *record, uint32_t align, uint32_t flags)
{
	const uint32_t request[3] = { record->size, align, flags };
	uint32_t handle;
	int r;

	property_build(record->message, PROPERTY_WORDS, PROPERTY_ALLOCATE, request, 3, 1);
	enter(record, FWMEM_ALLOCATING);
	r = mailbox_send(fd, record->message, PROPERTY_WORDS, &handle, 1);
	if (r == 0 && handle != 0) {
		set_handle(record, handle);
		return 0;
	}
	enter(record, FWMEM_TAKEN);
	if (r < 0)
		return r;
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "allocate memory", MAILBOX_PATH, NULL,
		"the firmware has no %u contiguous bytes at alignment %u", record->size, align);
}

/* Build and send one of lock, unlock, release, with the state that says so while it runs. */
static int step(int fd, struct fwmem_record *record, uint32_t tag, uint32_t during,
	uint32_t *reply)
{
	property_build(record->message, PROPERTY_WORDS, tag, &record->handle, 1, 1);
	enter(record, during);
	return mailbox_send(fd, record->message, PROPERTY_WORDS, reply, 1);
}

int fwmem_lock(int fd, struct fwmem_record *record, uint32_t *bus)
{
	uint32_t address = 0;
	int r = step(fd, record, PROPERTY_LOCK, FWMEM_LOCKING, &address);

	if (r == 0 && address != 0) {
		enter(record, FWMEM_LOCKED);
		*bus = address;
		return 0;
	}
	/* In doubt it is taken for locked: an unlock too many is refused, one too few is not. */
	enter(record, in_doubt(r) ? FWMEM_LOCKED : FWMEM_HELD);
	if (r < 0)
		return r;
	return error_set(EIO, PMEM_CAUSE_FIRMWARE, "lock memory", MAILBOX_PATH, NULL,
		"the firmware could not fix the memory in place");
}

static int unlock(int fd, struct fwmem_record *record)
{
	uint32_t status = 0;
	int r = step(fd, record, PROPERTY_UNLOCK, FWMEM_UNLOCKING, &status);

	/*
	 * Without an answer it is locked still, or may be. A firmware that refuses, by the status or by EINVAL of the driver,
	 * says that it is not: what was locked in doubt would be kept for ever.
	 */
	enter(record, r < 0 && r != -EINVAL ? FWMEM_LOCKED : FWMEM_HELD);
	if (r == 0 && status != 0)
		r = error_set(EIO, PMEM_CAUSE_FIRMWARE, "unlock memory", MAILBOX_PATH, NULL,
			"the firmware refused to unlock handle %u: status %u", record->handle,
			status);
	return r;
}

static int release(int fd, struct fwmem_record *record)
{
	uint32_t status = 0;
	int r = step(fd, record, PROPERTY_RELEASE, FWMEM_RELEASING, &status);

	if (r == 0 && status == 0) {
		enter(record, FWMEM_TAKEN); /* it is the caller's still */
		return 0;
	}
	if (in_doubt(r)) {
		/* Released perhaps, and the number given to somebody else: hands off. */
		enter(record, FWMEM_LOST);
		return r;
	}
	enter(record, ++record->refusals >= MAX_REFUSALS ? FWMEM_LOST : FWMEM_HELD);
	if (r < 0)
		return r;
	return error_set(EIO, PMEM_CAUSE_FIRMWARE, "release memory", MAILBOX_PATH, NULL,
		"the firmware refused to take back handle %u: status %u", record->handle, status);
}

int fwmem_give_back(int fd, struct fwmem_record *record)
{
	struct pmem_error saved;
	int first = 0, r;

	if (state_of(record) == FWMEM_LOCKED) {
		first = unlock(fd, record);
		if (first < 0) {
			/* Once more: what is released while it is locked, no documentation tells; so it stays on record else. */
			error_save(&saved);
			unlock(fd, record);
		}
	}
	if (state_of(record) != FWMEM_HELD)
		return first < 0 ? error_restore(&saved) : 0;
	r = release(fd, record);
	return first < 0 ? error_restore(&saved) : r;
}

void fwmem_free(struct fwmem_record *record)
{
	enter(record, FWMEM_FREE);
}

/* The answer in the record's message, if it is the answer to that question. */
static int answer(const struct fwmem_record *record, uint32_t tag, uint32_t *reply)
{
	uint32_t copy[PROPERTY_WORDS];

	memcpy(copy, record->message, sizeof(copy));
	return copy[2] == tag ? property_parse(copy, PROPERTY_WORDS, tag, reply, 1) : -EBADMSG;
}

static uint32_t settle_allocating(struct fwmem_record *record)
{
	uint32_t handle;

	if (answer(record, PROPERTY_ALLOCATE, &handle) < 0 || handle == 0)
		return FWMEM_FREE;
	record->handle = handle;
	record->handle_check = ~handle;
	return FWMEM_HELD;
}

static uint32_t settle_releasing(const struct fwmem_record *record)
{
	uint32_t status;
	int r = answer(record, PROPERTY_RELEASE, &status);

	if (r == -EBADMSG)
		return FWMEM_LOST; /* the state says one thing and the message another */
	return r == 0 && status == 0 ? FWMEM_FREE : FWMEM_HELD;
}

bool fwmem_settle(struct fwmem_record *record, uint32_t salt)
{
	uint32_t state = state_of(record), reply;

	if (state == FWMEM_FREE)
		return true;
	if (record->check != fwmem_check(record, salt))
		return false;
	switch (state) {
	case FWMEM_TAKEN:
		state = FWMEM_FREE;
		break;
	case FWMEM_ALLOCATING:
		state = settle_allocating(record);
		break;
	case FWMEM_LOCKING:
		state = answer(record, PROPERTY_LOCK, &reply) == 0 && reply != 0 ? FWMEM_LOCKED :
										   FWMEM_HELD;
		break;
	case FWMEM_UNLOCKING:
		state = answer(record, PROPERTY_UNLOCK, &reply) == 0 ? FWMEM_HELD : FWMEM_LOCKED;
		break;
	case FWMEM_RELEASING:
		state = settle_releasing(record);
		break;
	case FWMEM_HELD:
	case FWMEM_LOCKED:
	case FWMEM_LOST:
		break;
	default:
		return false;
	}
	if ((state == FWMEM_HELD || state == FWMEM_LOCKED) &&
		(record->handle == 0 || record->handle != ~record->handle_check))
		return false;
	enter(record, state);
	return true;
}
