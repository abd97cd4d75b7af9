/* SPDX-License-Identifier: MIT */
/*
 * The descriptor of /proc/self/pagemap that a context keeps. What the kernel shows through it is what
 * it showed the program that opened it (fs/proc/task_mmu.c pagemap_read() asks file->f_cred), so
 * privileges are those of that moment; and it is about the process that opened it, so a child opens
 * its own and leaves the number that it inherited alone: that may be another file's by now.
 */
#ifndef OS_PAGEMAP_H
#define OS_PAGEMAP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "os/fork_lock.h"

#define PAGEMAP_PATH "/proc/self/pagemap"

/* Zeroed memory is one that has not been opened yet. */
struct pagemap {
	struct fork_lock lock;
	int opened;        /* the descriptor plus 1 */
	atomic_bool shows; /* frames, to this program: seen once, true for ever */
};

/*
 * Opened below root if it is not yet. Lives as long as the context, and is not closed by the caller.
 * A descriptor or -errno: a refusal is not remembered.
 */
int pagemap_get(struct pagemap *pagemap, const char *root);

/* The end of the context: close what this process opened. */
void pagemap_drop(struct pagemap *pagemap);

#endif
