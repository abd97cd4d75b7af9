/* SPDX-License-Identifier: MIT */
#include "os/fork_lock.h"

#include <sched.h>

#include "os/self.h"

/* In process: somebody of that process is making the mutex. */
#define MAKING (1u << 31)

/* The mutex is this process's. true if that was done here: it is locked then. */
static bool make(struct fork_lock *lock)
{
	uint32_t self = self_process() & ~MAKING, was = atomic_load(&lock->process);

	while (was != self) {
		if (was == (self | MAKING)) {
			sched_yield();
			was = atomic_load(&lock->process);
		} else if (atomic_compare_exchange_weak(&lock->process, &was, self | MAKING)) {
			/* Whatever state it is in, no thread of this process has it. */
			pthread_mutex_init(&lock->mutex, NULL);
			pthread_mutex_lock(&lock->mutex);
			atomic_store(&lock->process, self);
			return true;
		}
	}
	return false;
}

bool fork_lock_take_within(struct fork_lock *lock)
{
	bool made = make(lock);

	if (!made)
		pthread_mutex_lock(&lock->mutex);
	return made;
}

void fork_lock_give_within(struct fork_lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}

bool fork_lock_take(struct fork_lock *lock)
{
	bool made;
	int before;

	/* First of all: a thread that is cancelled here would leave the lock taken. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
	made = fork_lock_take_within(lock);
	lock->cancel_state = before;
	return made;
}

void fork_lock_give(struct fork_lock *lock)
{
	int before = lock->cancel_state;

	fork_lock_give_within(lock);
	pthread_setcancelstate(before, &before);
}
