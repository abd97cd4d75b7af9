/* SPDX-License-Identifier: MIT */
/*
 * What of VFIO is used here: include/uapi/linux/vfio.h of Linux 7.3. Older C libraries lack the newer half, so
 * all of it stands here. Numbers have neither size nor direction, and every structure begins with its own size.
 */
#ifndef DEVICE_VFIO_ABI_H
#define DEVICE_VFIO_ABI_H

#include <stdint.h>

#define VFIO_NR(nr) (0x3b00ul | (nr)) /* _IO(VFIO_TYPE, VFIO_BASE + n): ';', from 100 on */

/* a container */
#define ABI_GET_API_VERSION VFIO_NR(0x64)
#define ABI_CHECK_EXTENSION VFIO_NR(0x65)
#define ABI_SET_IOMMU       VFIO_NR(0x66)
#define ABI_IOMMU_GET_INFO  VFIO_NR(0x70)
#define ABI_IOMMU_MAP_DMA   VFIO_NR(0x71)
#define ABI_IOMMU_UNMAP_DMA VFIO_NR(0x72)
/* a group */
#define ABI_GROUP_GET_STATUS    VFIO_NR(0x67)
#define ABI_GROUP_SET_CONTAINER VFIO_NR(0x68)
#define ABI_GROUP_GET_DEVICE_FD VFIO_NR(0x6a)
/* a device */
#define ABI_DEVICE_GET_INFO        VFIO_NR(0x6b)
#define ABI_DEVICE_GET_REGION_INFO VFIO_NR(0x6c)
#define ABI_DEVICE_GET_IRQ_INFO    VFIO_NR(0x6d)
#define ABI_DEVICE_SET_IRQS        VFIO_NR(0x6e)
#define ABI_DEVICE_RESET           VFIO_NR(0x6f)
#define ABI_DEVICE_FEATURE         VFIO_NR(0x75)
#define ABI_DEVICE_BIND_IOMMUFD    VFIO_NR(0x76)
#define ABI_DEVICE_ATTACH_PT       VFIO_NR(0x77)

#define ABI_API_VERSION 0

/* What ABI_CHECK_EXTENSION and ABI_SET_IOMMU take */
#define ABI_TYPE1V2      3ul
#define ABI_DMA_CC_IOMMU 4ul /* the IOMMU makes all DMA take part in caches */
#define ABI_NOIOMMU      8ul

#define ABI_GROUP_VIABLE        1u
#define ABI_GROUP_CONTAINER_SET 2u

struct abi_group_status {
	uint32_t argsz, flags;
};

struct abi_device_info {
	uint32_t argsz, flags, regions, irqs;
	uint32_t cap_offset, pad;
};

#define ABI_DEVICE_CAN_RESET 1u
#define ABI_DEVICE_PCI       2u
#define ABI_DEVICE_PLATFORM  4u

struct abi_region_info {
	uint32_t argsz, flags, index, cap_offset;
	uint64_t size, offset;
};

#define ABI_REGION_READ  1u
#define ABI_REGION_WRITE 2u
#define ABI_REGION_MMAP  4u
#define ABI_REGION_CAPS  8u

#define ABI_PCI_BARS   6u
#define ABI_PCI_CONFIG 7u

/* vfio_info_cap_header: next is an offset from the start of the info; 0 ends */
struct abi_cap {
	uint16_t id, version;
	uint32_t next;
};

#define ABI_REGION_CAP_SPARSE_MMAP   1u
#define ABI_IOMMU_CAP_IOVA_RANGES    1u

/* A sparse area (offset, size), or a range of IOVA (first, last). */
struct abi_pair {
	uint64_t a, b;
};

/* Sparse areas and IOVA ranges are of the same shape. */
struct abi_cap_pairs {
	struct abi_cap header;
	uint32_t count, pad; /* pairs follow */
};

struct abi_iommu_info {
	uint32_t argsz, flags;
	uint64_t page_sizes;
	uint32_t cap_offset, pad;
};

#define ABI_IOMMU_INFO_PAGES 1u
#define ABI_IOMMU_INFO_CAPS  2u

#define ABI_DMA_READ  1u /* the device reads */
#define ABI_DMA_WRITE 2u

struct abi_dma_map {
	uint32_t argsz, flags;
	uint64_t vaddr, iova, size;
};

struct abi_dma_unmap {
	uint32_t argsz, flags;
	uint64_t iova, size;
};

struct abi_irq_info {
	uint32_t argsz, flags, index, count;
};

#define ABI_IRQ_CAN_EVENTFD 1u

struct abi_irq_set {
	uint32_t argsz, flags, index, start, count;
	int32_t fds[];
};

#define ABI_SET_NONE    0x01u /* no data */
#define ABI_SET_EVENTFD 0x04u
#define ABI_SET_UNMASK  0x10u
#define ABI_SET_TRIGGER 0x20u

/* Indexes of a PCI device's interrupts */
#define ABI_IRQ_INTX    0u
#define ABI_IRQ_MSI     1u
#define ABI_IRQ_MSIX    2u
#define ABI_IRQ_ERROR   3u
#define ABI_IRQ_REQUEST 4u

struct abi_bind_iommufd {
	uint32_t argsz, flags;
	int32_t iommufd;
	uint32_t device_id; /* out */
};

struct abi_attach_pt {
	uint32_t argsz, flags, pt_id;
};

#define ABI_FEATURE_GET    (1u << 16)
#define ABI_FEATURE_PROBE  (1u << 18)
#define ABI_FEATURE_DMABUF 11u /* Linux 6.19 */

struct abi_feature_dmabuf {
	uint32_t argsz, flags;
	uint32_t region, open_flags, reserved, count;
	struct abi_pair range; /* offset, length */
};

#endif
