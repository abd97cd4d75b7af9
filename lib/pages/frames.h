/* SPDX-License-Identifier: MIT */
/*
 * Frames of this process's mappings, by /proc/self/pagemap. All of these set the thread's error.
 * An answer is true when it is given; only what is pinned stays there.
 */
#ifndef PAGES_FRAMES_H
#define PAGES_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pmem/vaddr.h>

#include "soc/ctx.h"

/* One physically contiguous stretch. */
struct pages_run {
	uint64_t phys;
	uint64_t length;
};

/* pagemap opened for reading below root, and closed by the caller: without a context. */
int frames_open(const char *root);

/*
 * The context's own descriptor of it, opened at the first call, again after fork(), and again if
 * the program has closed it, whose number is the program's then; open until frames_forget(). What may
 * be seen through it is what the thread that opened it might. A failure is not remembered.
 *
 * What was read through it is ours only if it is still the same afterwards: one that was lost never comes
 * back. frames_held() false: it is another file, or none; begin anew.
 */
struct frames_use {
	int fd;
	uint32_t mark;
	bool opened;        /* just now */
};

int frames_use(struct pmem_ctx *ctx, struct frames_use *use);
bool frames_held(struct pmem_ctx *ctx, const struct frames_use *use);
/*
 * The same, looked at before it is used, for what reads more than once. Asked for once in each call of the
 * program's, and used in that call only.
 */
int frames_kept(struct pmem_ctx *ctx);
/* The context goes: nobody else uses it. */
void frames_forget(struct pmem_ctx *ctx);
/*
 * The same, if the kernel shows frames through it: else what frames_visible() says. Looked at until it
 * does, and no more then: what it shows is what it showed its opener (fs/proc/task_mmu.c
 * pagemap_read(), file_ns_capable()).
 */
int frames_shown(struct pmem_ctx *ctx);

/*
 * Does the kernel show frames through fd, as opened by this program? 0, or -EPERM with the cause
 * CAPABILITY. Looks at a page of the caller's own stack.
 */
int frames_visible(int fd);

/* count raw entries from the page that holds addr. -ENXIO outside the address space. */
int frames_entries(int fd, const void *addr, size_t count, uint64_t *entries);

/*
 * Certainly a frame of its own: present, known, and mapped here only or of a file. The page of
 * zeros has neither mark, since the kernel shows no struct page for it (vm_normal_page).
 */
static inline bool frames_plain(uint64_t entry)
{
	return (entry & (PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_SWAPPED)) == PMEM_PAGEMAP_PRESENT &&
		(entry & PMEM_PAGEMAP_PFN_MASK) &&
		(entry & (PMEM_PAGEMAP_EXCLUSIVE | PMEM_PAGEMAP_FILE));
}

/*
 * Addresses of the first bytes of count consecutive pages, from the one that holds addr.
 * -EPERM the kernel hides frames from this program; -ENXIO a page has no address of its own
 * (untouched, swapped, zero page, device mapping: the message says which). phys may have been
 * written in part then.
 */
int frames_phys(int fd, const char *root, const void *addr, size_t count, uint64_t *phys);

/* The same, quicker for what may be large and in huge pages; runs.c. */
int frames_bulk(int fd, const char *root, const void *addr, size_t count, uint64_t *phys);

/* The same as contiguous runs, in order, freed by the caller. Also -ENOMEM. */
int frames_runs(int fd, const char *root, const void *addr, size_t count, struct pages_run **runs,
	size_t *run_count);

/*
 * Addresses of count bytes that lie anywhere, in any order; scattered.c. Pages that lie close are read
 * by one call. As frames_phys().
 */
int frames_scattered(int fd, const char *root, const uint64_t *addrs, size_t count,
	uint64_t *phys);

#endif
