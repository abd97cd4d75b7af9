/* SPDX-License-Identifier: MIT */
/*
 * The little of io_uring that keeps pages in place: no ring is ever entered. Numbers that older
 * kernel headers lack are from include/uapi/linux/io_uring.h.
 */
#ifndef PAGES_URING_H
#define PAGES_URING_H

#include <stddef.h>
#include <stdint.h>

#include "pages/pin.h"

/* A ring of one entry. A descriptor or -errno, with the thread's error saying who forbids it. */
int uring_open(const char *root);

/*
 * length bytes of zeroed kernel pages, mapped; contiguous if the kernel has such a block (it takes
 * single pages otherwise), and never moved. The mapping keeps the ring and its pages alive, so no
 * descriptor is left. -EOPNOTSUPP before Linux 6.13 or 6.14, -ENOMEM
 */
int uring_region(const char *root, size_t length, void **out);

/* The same in two steps: a ring that holds such pages, whose descriptor is returned, */
int uring_make(const char *root, size_t length, uint64_t *offset);
/* and a mapping of them, of which there may be several; the kernel chooses where. */
int uring_map(int fd, uint64_t offset, size_t length, void **out);

/* Register [addr, addr + length) as fixed buffers of a new ring, whose descriptor goes to pin. */
int uring_pin(const char *root, void *addr, size_t length, struct pin *pin);
/*
 * Unregister, so that the account of locked memory is settled at once and not when the ring is reaped;
 * then close. 0 or the first error.
 */
int uring_unpin(struct pin *pin);

#endif
