/* SPDX-License-Identifier: MIT */
/* A kernel object that keeps pages where they are; mlock() is none. */
#ifndef PAGES_PIN_H
#define PAGES_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pin_class {
	PIN_NONE,       /* the pages may move */
	PIN_IO_URING,   /* registered buffers: survives compaction, alloc_contig and fork */
	PIN_IO_REGION,  /* io_uring memory region: kernel pages, never moved */
	PIN_VMSPLICE,   /* references held by pipes: compaction cannot move the pages */
};

struct pin {
	enum pin_class class;
	int *fds;         /* rings or pipe ends that hold the pages; freed by pin_drop() */
	size_t fd_count;
};

/* Pin length bytes at addr, populated and writable. Sets the thread's error on failure. */
int pin_take(void *addr, size_t length, struct pin *pin);
/* Let go. Safe on a zeroed pin. 0 or the first error. */
int pin_drop(struct pin *pin);
/* "io_uring", "vmsplice", ... */
const char *pin_name(enum pin_class class);

#endif
