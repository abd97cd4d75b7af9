/* SPDX-License-Identifier: MIT */
/* What of iommufd is used here: include/uapi/linux/iommufd.h of Linux 7.3. As vfio_abi.h. */
#ifndef DEVICE_IOMMUFD_ABI_H
#define DEVICE_IOMMUFD_ABI_H

#include <stdint.h>

#define IOMMUFD_NR(nr) (0x3b00ul | (nr)) /* _IO(IOMMUFD_TYPE, n): ';', from 0x80 on */

#define ABI_DESTROY          IOMMUFD_NR(0x80)
#define ABI_IOAS_ALLOC       IOMMUFD_NR(0x81)
#define ABI_IOAS_IOVA_RANGES IOMMUFD_NR(0x84)
#define ABI_IOAS_MAP         IOMMUFD_NR(0x85)
#define ABI_IOAS_UNMAP       IOMMUFD_NR(0x86)

struct abi_destroy {
	uint32_t size, id;
};

struct abi_ioas_alloc {
	uint32_t size, flags, id;
};

struct abi_iova_ranges {
	uint32_t size, id, count, reserved;
	uint64_t array;     /* of struct abi_pair */
	uint64_t alignment; /* out: the smallest page */
};

#define ABI_IOAS_FIXED 1u /* at that address */
#define ABI_IOAS_WRITE 2u /* the device writes */
#define ABI_IOAS_READ  4u

struct abi_ioas_map {
	uint32_t size, flags, id, reserved;
	uint64_t va, length, iova;
};

struct abi_ioas_unmap {
	uint32_t size, id;
	uint64_t iova, length;
};

#endif
