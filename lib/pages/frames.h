/* SPDX-License-Identifier: MIT */
/* Frames of this process's mappings, by /proc/self/pagemap. All of these set the thread's error. */
#ifndef PAGES_FRAMES_H
#define PAGES_FRAMES_H

#include <stddef.h>
#include <stdint.h>

/* pagemap opened for reading below root ("" or LIBPMEM_ROOT). A descriptor or -errno. */
int frames_open(const char *root);
/* count raw entries from the page that holds addr. */
int frames_entries(int fd, const void *addr, size_t count, uint64_t *entries);
/*
 * Addresses of count consecutive pages. -EPERM the kernel hides frames from this program;
 * -ENXIO a page has no address of its own (untouched, swapped, zero page, device mapping).
 */
int frames_phys(int fd, const char *root, const void *addr, size_t count, uint64_t *phys);

#endif
