/* SPDX-License-Identifier: MIT */
/* The kernel's pools of huge pages (hugetlb). */
#ifndef PAGES_HUGETLB_H
#define PAGES_HUGETLB_H

#include <stddef.h>
#include <stdint.h>

#define HUGETLB_FOLDER "/sys/kernel/mm/hugepages"

/* More than a machine has: arm64 has four sizes. */
#define HUGETLB_POOLS 8

/* The sizes of pages that there are pools of, in bytes, in order. How many; 0: none, or not told. */
size_t hugetlb_sizes(const char *root, size_t sizes[HUGETLB_POOLS]);

/* The smallest size, less than below, of which there are any pages, free or in use; 0: none. */
size_t hugetlb_smallest(const char *root, size_t below);

/* Pages of that size that are free; 0 if the kernel does not tell. */
uint64_t hugetlb_free(const char *root, size_t size);

#endif
