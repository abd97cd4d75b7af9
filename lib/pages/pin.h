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
	PIN_PACKET,     /* the ring of a packet socket: kernel pages, too */
	/*
	 * References held by pipes: compaction cannot move the pages. Weaker: after a fork() a
	 * write of the parent would copy a page that the child shares, so the memory has to be
	 * MADV_DONTFORK, and pages are not moved out of CMA or a movable zone first.
	 */
	PIN_VMSPLICE,
};

/* Pages that the kernel made for itself: no pin of the program's, and nothing to let go. */
static inline bool pin_is_kernels(enum pin_class class)
{
	return class == PIN_IO_REGION || class == PIN_PACKET;
}

struct pin {
	enum pin_class class;
	int *fds;         /* rings or pipe ends that hold the pages; freed by pin_drop() */
	size_t fd_count;
	size_t piped;     /* bytes of the process's share of pipes */
};

/*
 * Pin length bytes at addr, whole pages, populated and writable: by io_uring, else by vmsplice.
 * root is "" or LIBPMEM_ROOT. On failure the thread's error tells what each said: cause LIMIT or
 * NO_MEMORY if that was in the way, else NOT_PINNED.
 */
int pin_take(const char *root, void *addr, size_t length, struct pin *pin);
/* Let go. Safe on a zeroed pin. 0 or the first error, which is also the thread's. */
int pin_drop(struct pin *pin);
/* Can anything pin here? Takes nothing. 0 or the error of pin_take(). */
int pin_usable(const char *root);
/* "io_uring", "vmsplice", ... */
const char *pin_name(enum pin_class class);

/* vmsplice.c: by references in pipes that nobody reads. */
int vmsplice_pin(void *addr, size_t length, struct pin *pin);
/* Close the pipes. 0 or the first error. */
int vmsplice_unpin(struct pin *pin);
/* Does this kernel let pipes hold pages? Takes nothing. */
int vmsplice_usable(void);

/* Where the kernel has no way to keep memory in place. */
#define HINT_NO_PIN                                                                         \
	"Linux 5.1 and later with CONFIG_IO_URING can; a sandbox that plays Linux (gVisor) "  \
	"cannot: run the program outside it"

#endif
