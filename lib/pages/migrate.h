/* SPDX-License-Identifier: MIT */
/*
 * A pin for long moves pages out of CMA areas and of ZONE_MOVABLE first. For huge pages the kernel
 * may never come to an end with that: it takes all of them off its LRU lists and then looks for
 * new blocks, by compaction if none is free; but compaction waits while more than a sixteenth of
 * a node's pages (half in older kernels) are off their lists, here for the very pages that its
 * caller holds (check_and_migrate_movable_pages() of mm/gup.c, too_many_isolated() of
 * mm/compaction.c). The program hangs in the kernel until it is killed, and kcompactd spins beside
 * it. Seen on Linux 6.12 with 16 KiB pages, whose huge pages have 32 MiB, in a guest of 384 MiB.
 *
 * Small pages are found without compaction, and hugetlb pages are not counted as off the lists.
 */
#ifndef PAGES_MIGRATE_H
#define PAGES_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The library has two ways out. With CAP_SYS_RESOURCE it keeps the kernel from compaction while it
 * pins: between these two, in one thread. Then the kernel splits a huge page that it finds no new
 * place for, which the reading of the frames tells. migrate_end() takes what migrate_begin() gave.
 */
int migrate_begin(void);
void migrate_end(int was);

/*
 * Without it, no huge pages are taken where this says so: could the kernel hang, as memory is used
 * now, if length bytes in huge pages are pinned?
 */
bool migrate_may_hang(const char *root, size_t length);
/* The same as a refusal: 0, or ENOMEM with the error set. */
int migrate_check(const char *root, size_t length);

#endif
