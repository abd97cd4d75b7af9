/* SPDX-License-Identifier: MIT */
/*
 * LIBPMEM_DEBUG=coherence: memory may be touched by the CPU only inside cpu_begin and cpu_end, as
 * on a machine whose caches no device sees. Pages outside every such window are protected, so that
 * the offender faults where it stands; the library installs no handler. What begins and ends
 * without the other is logged with the name of the region and of the caller.
 *
 * All but coherence_start() do nothing for a region that is not watched.
 */
#ifndef LIB_COHERENCE_H
#define LIB_COHERENCE_H

#include <stdbool.h>

#include "backend/backing.h"

/* Watch the region, if the context is in that mode and the region is memory. -ENOMEM, error set. */
int coherence_start(struct pmem_region *region, const char *name);
/* Free what coherence_start() made; the protection stays, for the mapping goes next. */
void coherence_stop(struct pmem_region *region);

/* Before cpu_begin's work: the window is open. caller: an address in the code that called. */
void coherence_begin(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, const void *caller);
/* cpu_begin's work failed: the window is closed again. */
void coherence_forget(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction);
/* Before cpu_end's work: complains if there is no such window; the bytes can be reached. */
void coherence_ending(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, const void *caller);
/* After it: the window is closed. */
void coherence_end(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction);

/* Around what the kernel does with all of the bytes: they can be reached, and nothing is said of it. */
void coherence_open(const struct pmem_region *region);
void coherence_shut(const struct pmem_region *region);

/* May the library touch these bytes for the caller? 0; -EACCES (NOT_COHERENT), error set. */
int coherence_check(const struct pmem_region *region, uint64_t offset, uint64_t size,
	uint32_t direction, const void *caller);

#endif
