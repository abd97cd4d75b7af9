/* SPDX-License-Identifier: MIT */
/*
 * The addresses that a device sees behind an IOMMU (IOVA), and which of them are taken. Arithmetic only:
 * no lock, no system call. Whoever owns a space guards it, and tells the kernel what was decided here.
 *
 * Usable are the windows that the kernel names, less the first page: address 0 is never handed out,
 * since to many devices it means "none". Ranges are whole pages of the smallest size that the IOMMU
 * has, and a page stays free between them: a transfer that runs past its end meets the IOMMU instead of
 * the neighbour. A range of at least a large page begins at a multiple of it, so that the IOMMU can use
 * it: half the cost of a map on Linux 7.3.
 *
 * Of all places the lowest is taken. A device that reaches less than its owner told is then served as
 * long as there is room at all (the kernel does not know a VFIO device's mask, and the device cuts
 * addresses without a word), and what is given back is used again before new addresses are.
 */
#ifndef DEVICE_IOVA_H
#define DEVICE_IOVA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/tree.h>

/* Of the IOMMU's page sizes so many are used to align: the smallest, and larger ones up to 1 GiB. */
#define IOVA_SIZES 4

struct iova_window {
	uint64_t first, last; /* inclusive: one may end with the address space */
};

struct iova_taken {
	RB_ENTRY(iova_taken) link;
	uint64_t first, last;
	/* Of the room just before it: bytes from its first multiple of each size on; the most in its subtree. */
	uint64_t room[IOVA_SIZES], most[IOVA_SIZES];
};

RB_HEAD(iova_set, iova_taken);

/* All zero is an empty space without a window. */
struct iova {
	struct iova_set taken;
	struct iova_window *windows;
	size_t window_count;
	uint64_t page;               /* the smallest: what everything is a multiple of */
	uint64_t sizes[IOVA_SIZES];  /* ascending, from page; the last one again where there are fewer */
	size_t ranges;               /* that are taken */
	uint64_t bytes;              /* in them */
};

/*
 * What the kernel says now; again after each device that joins, since each may take something away.
 * Windows are ascending and apart; page_sizes has a bit for each size (0x40201000: 4 KiB, 2 MiB, 1 GiB).
 * What is taken stays so, also where it lies outside by now: iova_outside() tells. 0; -EINVAL (no page
 * size, or windows that are none), -ENOMEM: all is as it was before.
 */
int iova_set_windows(struct iova *space, const struct iova_window *windows, size_t count,
	uint64_t page_sizes);

/*
 * size bytes, rounded up to pages, at a multiple of align (a power of two; 0: any), that end at or below
 * max_addr; at a multiple of the largest page inside where there is such a place. 0 and the first address;
 * -EINVAL (size 0, align is no power of two), -ENOSPC (no room: iova_largest() tells more), -ENOMEM.
 */
int iova_take(struct iova *space, uint64_t size, uint64_t align, uint64_t max_addr, uint64_t *iova);

/*
 * These addresses and no others; pages beside them need not be free. 0; -EINVAL (not whole pages, address 0,
 * last before first), -ERANGE (not inside one window), -EEXIST (some are taken), -ENOMEM.
 */
int iova_reserve(struct iova *space, uint64_t first, uint64_t last);

/* What begins there is free again. 0; -ENOENT: nothing taken begins there. */
int iova_give(struct iova *space, uint64_t iova);

/* The bytes that iova_take() could hand out at once below max_addr, at a multiple of a page: for messages. */
uint64_t iova_largest(const struct iova *space, uint64_t max_addr);

/* Inside one window, whole pages and not address 0? Whether it is taken is another question. */
bool iova_inside(const struct iova *space, uint64_t first, uint64_t last);

/* A taken range of which that is no longer true, since windows or page sizes have changed? The lowest. */
bool iova_outside(const struct iova *space, struct iova_window *range);

/* Forget everything; the space is as all zero. */
void iova_clear(struct iova *space);

#endif
