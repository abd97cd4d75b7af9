/* SPDX-License-Identifier: MIT */
/* What pages of any process are: its mappings and its pagemap, as the kernel tells them. */
#ifndef PHYSMEM_ALIKE_H
#define PHYSMEM_ALIKE_H

#include "physmem.h"

enum page_state {
	PAGE_PRESENT, /* in RAM, and where */
	PAGE_HIDDEN,  /* in RAM, but the kernel does not tell this program where */
	PAGE_SWAPPED, /* in swap, or just moving */
	PAGE_ABSENT,  /* mapped, but never touched */
	PAGE_DEVICE,  /* a device's: the kernel's table says nothing of it */
	PAGE_HOLE,    /* nothing is mapped */
	PAGE_STATES,
};

/* What keeps it where it is. */
enum page_pin {
	PIN_NONE,   /* may move at any time */
	PIN_HINT,   /* mlock(): compaction moves it all the same */
	PIN_STABLE, /* hugetlb: stays in practice, nobody promises it */
	PIN_PINNED, /* a kernel object holds it: dma-buf, device, registered buffer */
	PIN_CLASSES,
};

/* Pages of one mapping that are alike and, where their place is known, follow each other. */
struct page_run {
	uint64_t virt, length;
	uint64_t phys; /* of PAGE_PRESENT only */
	enum page_state state;
	enum page_pin pin;
};

/* What a process has pinned by a registered buffer of io_uring, as this library does. */
struct pinned_list {
	struct { uint64_t virt, length; } *piece;
	size_t count;
};

typedef void page_run_fn(void *user, const struct page_run *run);

/*
 * Calls each for all runs of [virt, virt + length), in order and without gaps. process is a
 * number or "self". 0 or an exit code, with the reason told unless quiet.
 */
int walk_pages(struct pmem_ctx *ctx, const char *process, uint64_t virt, uint64_t length, bool quiet,
	page_run_fn *each, void *user);
/* The registered buffers of a process; what may not be looked at is left out. */
void pinned_of(const char *process, struct pinned_list *list);
/* From one line of a fdinfo of io_uring; false: it is none of a buffer. */
bool pinned_line(const char *line, uint64_t *virt, uint64_t *length);
const char *state_word(enum page_state state);
const char *pin_word(enum page_pin pin);

#endif
