/* SPDX-License-Identifier: MIT */
/* Why a page has no frame of its own. Only asked on the way to an error. */
#ifndef PAGES_NO_FRAME_H
#define PAGES_NO_FRAME_H

#include <stddef.h>
#include <stdint.h>

/*
 * Set the error for page number i of a request, at address va, whose pagemap entry is entry.
 * Looks into /proc/self/smaps below root to tell a device mapping from an untouched page.
 */
int no_frame_error(const char *root, uint64_t va, size_t i, uint64_t entry);

/* The same for a page that is the kernel's shared page of zeros. */
int no_frame_zero_page(uint64_t va, size_t i);

#endif
