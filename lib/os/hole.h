/* SPDX-License-Identifier: MIT */
/*
 * Linux takes away what is mapped before it maps something else in its place (MAP_FIXED, MREMAP_FIXED; mremap_to() of
 * mm/mremap.c, mmap_region() of mm/mmap.c before Linux 6.12), and may fail then. So after a failure the place may be a
 * hole, and another thread's a moment later.
 */
#ifndef OS_HOLE_H
#define OS_HOLE_H

#include <stddef.h>

/*
 * Unmap [base, base + length), of which such a call has failed on [part, part + part_length). A hole is taken back
 * first, so that nobody else's mapping is unmapped with the rest; if that cannot be, it is left alone.
 */
void hole_unmap_around(void *base, size_t length, void *part, size_t part_length);

#endif
