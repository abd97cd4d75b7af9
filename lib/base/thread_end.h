/* SPDX-License-Identifier: MIT */
/* To be called when a thread ends: for the threads that asked, and as long as the library is there. */
#ifndef BASE_THREAD_END_H
#define BASE_THREAD_END_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct thread_end {
	void (*call)(void *unused); /* may come again, if it asks again */
	_Atomic int32_t key;        /* keys are small; ARMv6 has no atomics of 64 bits */
};

/* A thread's key is made by the first that needs it: who never asks costs nothing. */
#define THREAD_END(function) { .call = (function), .key = -1 }

/* Once, for this thread. false: there is no key, or no memory. */
bool thread_end_ask(struct thread_end *end);

/* The library is being unloaded: a thread that ends later must not jump to where it was. */
void thread_end_unload(struct thread_end *end);

#endif
