/* SPDX-License-Identifier: MIT */
/*
 * Memory on its way back. The kernel takes a ring, and the pages that it made for one, apart in a worker, 12 to 25 ms
 * after the last mapping and descriptor went (io_ring_exit_work()), on a busy machine 120; until then they count in the
 * cgroup. Whoever closes and allocates at once near a limit would be refused what he has just given back.
 */
#ifndef PAGES_RETURNING_H
#define PAGES_RETURNING_H

#include <stdbool.h>
#include <stdint.h>

/* A ring itself, with what the kernel keeps for it. */
#define RETURNING_RING ((uint64_t)16384)

/* That many bytes are on their way; before they are let go, so that no thread looks in between. */
void returning_note(uint64_t bytes);

/* Pauses of returning_wait() in that time. */
#define RETURNING_LOOKS 125

/* How many may still be: none a quarter of a second after the last were let go. */
uint64_t returning_bytes(void);

/* Let some time pass for them, if a quarter of a second since start (os->now_us()) is not over. */
bool returning_wait(uint64_t start);

#endif
