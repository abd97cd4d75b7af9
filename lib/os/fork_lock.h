/* SPDX-License-Identifier: MIT */
/*
 * A lock that a child finds free, whoever held it in the parent when it was forked, and that no
 * thread can be cancelled under.
 */
#ifndef OS_FORK_LOCK_H
#define OS_FORK_LOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct fork_lock {
	pthread_mutex_t mutex;
	_Atomic uint32_t process; /* whose it is: self_process(), and whether it is ready */
	int cancel_state;         /* of the thread that holds it */
};

/* Zeroed memory is a lock that nobody has taken yet. */

/*
 * Take it. true if this process has not had it before: what it guards is empty, or is the
 * parent's and perhaps half changed, and must be begun anew before it is used.
 */
bool fork_lock_take(struct fork_lock *lock);
void fork_lock_give(struct fork_lock *lock);

/* The same where cancellation is held off anyway, as inside of CALL(): half of what a lock costs. */
bool fork_lock_take_within(struct fork_lock *lock);
void fork_lock_give_within(struct fork_lock *lock);

#endif
