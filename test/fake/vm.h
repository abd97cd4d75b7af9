/* SPDX-License-Identifier: MIT */
/*
 * Played memory management: io_uring, huge pages and collapse as a test wants them, whatever the
 * real kernel has. On top of pagemap_play(), whose rule says where pages are.
 */
#ifndef TEST_VM_H
#define TEST_VM_H

#include <stdbool.h>
#include <stdint.h>

extern struct vm {
	bool region;         /* the kernel has io_uring memory regions */
	bool cma;            /* buffers that are registered move: from then on they are BACKWARDS */
	int ring_errnum;     /* io_uring_setup() fails with this */
	bool populate;       /* it has MADV_POPULATE_WRITE; set by vm_play() */
	bool huge_helps;     /* after MADV_HUGEPAGE all pages are in order */
	bool collapse_helps; /* after MADV_COLLAPSE all pages are in order */
	bool hugetlb_helps;  /* there are huge pages, and they are in order */
	uint64_t hugetlb;    /* bytes of the last MAP_HUGETLB */
	uint64_t dont_fork;  /* bytes under MADV_DONTFORK */
	bool compacts;       /* buffers were registered without PR_SET_IO_FLUSHER */
	unsigned collapsed;  /* MADV_COLLAPSE calls */
} vm;

/* Begin, after fake_start() and pagemap_play(); fake_stop() ends it. */
void vm_play(void);

#endif
