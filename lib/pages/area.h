/* SPDX-License-Identifier: MIT */
/*
 * Anonymous memory of this process, never inherited by a child: without MADV_DONTFORK a write of
 * the parent after fork() would give it a new frame. All of these set the thread's error.
 */
#ifndef PAGES_AREA_H
#define PAGES_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * length bytes at a multiple of align in this program, huge pages wanted or not wanted. Refuses
 * what the machine and its cgroups cannot hold, because populating it would call the kernel's killer; root NULL:
 * nothing will be populated.
 */
int area_map(const char *root, size_t length, size_t align, bool huge, void **out);

/* length bytes out of the pool of pages of that size (hugetlb), both in bytes. */
int area_map_hugetlb(size_t page, size_t length, void **out);

/* MADV_POPULATE_WRITE, Linux 5.14 (include/uapi/asm-generic/mman-common.h); older C libraries lack it. */
#define AREA_POPULATE_WRITE 23

/* Give every page its frame by writing to it; a page that was only read has none of its own. */
int area_populate(void *addr, size_t length);

/* 0 or the error. */
int area_unmap(void *addr, size_t length);

/*
 * Bytes of memory that can be had without pushing others out, nor being killed by the limit of a
 * cgroup, with something left for others; huge if nothing tells.
 */
uint64_t area_available(const char *root);
/*
 * The same, for one who needs length bytes: if there are not so many, but what this program gave back a moment ago would do
 * (returning.h), that is waited for, a quarter of a second at most.
 */
uint64_t area_available_for(const char *root, uint64_t length);
/* The error that length bytes are more than that, naming what limits. -ENOMEM */
int area_refuse(const char *root, uint64_t length);
/* That error if they are; of 1 MiB or less it is not asked. root: NULL does not ask either. */
int area_affordable(const char *root, size_t length);

/* Size of a transparent huge page; 0 if this kernel has none. */
size_t area_thp_size(const char *root);

#endif
