/* SPDX-License-Identifier: MIT */
/* What of a region can be shown to a device. All of these set the error. */
#ifndef DEVICE_ATTACHABLE_H
#define DEVICE_ATTACHABLE_H

#include "backend/backing.h"

struct space;
struct space_wish;

struct attachable {
	const void *address; /* whole pages of this program */
	uint64_t length;
	uint64_t skip;       /* from there to the region's first byte */
	void *mapped;        /* for this alone: attachable_done() unmaps it; NULL: nothing */
	size_t mapped_length;
	uint64_t bus;        /* of that byte, where nothing translates */
};

/* For the IOMMU, which pins it. */
int attachable_pages(const struct pmem_region *region, uint32_t direction, struct attachable *out);
/* The IOMMU has it, or not: the kernel's pin needs no mapping. */
void attachable_done(const struct attachable *what);
/* Where addresses are physical: it must be one piece, stay there, and be seen. */
int attachable_phys(const struct space *space, const struct pmem_region *region,
	const struct space_wish *wish, struct attachable *out);

#endif
