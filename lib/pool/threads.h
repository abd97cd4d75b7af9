/* SPDX-License-Identifier: MIT */
/*
 * What a pool keeps for each thread, found without a lock: by the thread's own address (its thread
 * pointer), which no other living thread has. The table is memory that a child finds wiped
 * (MADV_WIPEONFORK), so a child's thread, which has the same address, finds nothing.
 */
#ifndef POOL_THREADS_H
#define POOL_THREADS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct thread_slot {
	_Atomic uintptr_t thread; /* 0: free */
	_Atomic uintptr_t what;   /* a pointer; never NULL if it is somebody's */
};

/* A table: its slots, and before the first one what tells their number. */
struct thread_head {
	uintptr_t mask;           /* of a slot's place in bytes. Wiped: there is one slot, of no thread */
	uintptr_t reserved;
};

/* All tables of a pool, the last one in use: whoever looks while it grows may look at an older one. */
struct thread_table {
	_Atomic(struct thread_slot *) slots;
	uint32_t count;
	struct {
		struct thread_slot *slots;
		size_t bytes;
	} all[20];
};

/* A table without a thread. */
void threads_init(struct thread_table *table);
/* Take memory for it: 0; -EOPNOTSUPP this kernel cannot wipe it; else what the kernel says. */
int threads_begin(struct thread_table *table);
void threads_free(struct thread_table *table);

extern _Thread_local char threads_byte;

/* A number that no other living thread has. */
static inline uintptr_t threads_self(void)
{
#if defined(__x86_64__) && !defined(__ILP32__)
	uintptr_t self;

	__asm__("mov %%fs:0, %0" : "=r"(self));
	return self;
#elif defined(__aarch64__) || defined(__arm__) || defined(__riscv)
	return (uintptr_t)__builtin_thread_pointer();
#else
	return (uintptr_t)&threads_byte;
#endif
}

/* The first of the slots that a thread's may be. */
static inline const struct thread_slot *threads_home(const struct thread_slot *slots, uintptr_t self)
{
	const struct thread_head *head = (const struct thread_head *)(const void *)slots - 1;
	uintptr_t place = ((uint32_t)self * 0x9e3779b1u) >> 12 & head->mask;

	return (const struct thread_slot *)(const void *)((const char *)slots + place);
}

/* What is kept for this thread, wherever that is. NULL: nothing is. */
void *threads_find(const struct thread_table *table);

/* The pool's lock is held. false: no memory. */
bool threads_put(struct thread_table *table, void *what);
void threads_drop(struct thread_table *table);

/* Whoever wants to know when a thread ends. */
struct thread_watch {
	struct thread_watch *next, *prev;
	void (*end)(struct thread_watch *watch); /* in the thread that ends */
};

void threads_watch(struct thread_watch *watch);
/* end is not called any more, nor is it under way. */
void threads_unwatch(struct thread_watch *watch);
/* This thread's end shall be told. false: it cannot be. */
bool threads_ask_for_end(void);

#endif
