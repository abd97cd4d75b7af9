/* SPDX-License-Identifier: MIT */
/*
 * The memfd that a udmabuf was made of, kept for devices behind an IOMMU: of the dma-buf's own mapping the
 * kernel pins nothing (PFNMAP), of the memfd's it does.
 */
#ifndef BACKEND_UDMABUF_SOURCE_H
#define BACKEND_UDMABUF_SOURCE_H

#include "backend/backing.h"
#include "dmabuf/udmabuf_memfd.h"

struct udmabuf_source;

/* Of those parts. huge: the size of its pages, 0 for ordinary ones. NULL: no memory, or no descriptor left. */
struct udmabuf_source *udmabuf_source_new(const struct memfd *memfd, uint64_t huge,
	const struct memfd_part *parts, size_t count);
/* NULL is allowed. child: the descriptor is the parent's business. */
void udmabuf_source_free(struct udmabuf_source *source, bool child);

/*
 * The region's bytes, mapped from its first on by the memfd: whole pages, which no child inherits, to be
 * unmapped by the caller: *length bytes from *base. A plain result.
 */
int udmabuf_source_map(const struct udmabuf_source *source, void **base, size_t *length);

#endif
