/* SPDX-License-Identifier: MIT */
/*
 * What VFIO says where nothing is wrong, for machines that are played without libcheck: a container, a group, a platform
 * device, and an IOMMU that ends the process if something is mapped twice or unmapped that is not mapped so. For one
 * thread at a time.
 */
#ifndef TEST_VFIO_ANSWERS_H
#define TEST_VFIO_ANSWERS_H

#include <stddef.h>
#include <stdint.h>

struct vfio_mapping {
	int container;
	uint64_t iova, size;
	unsigned char *memory;
};

#define VFIO_MAPPINGS 4096

extern struct vfio_mapping vfio_mapped[VFIO_MAPPINGS];
extern size_t vfio_mapped_count;

/* The mapping that begins there, which must be. */
struct vfio_mapping *vfio_mapping_at(int container, uint64_t iova);
void vfio_forget(struct vfio_mapping *mapping);

/* -ENOTTY: the machine's own to answer, as is the request for a descriptor. */
int vfio_answer(int fd, unsigned long request, void *arg);

#endif
