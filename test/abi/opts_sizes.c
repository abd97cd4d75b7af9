/* SPDX-License-Identifier: MIT */
/*
 * The layout of option structs is part of the ABI: sizes and places may only grow at the end. It is the
 * same for all 32-bit processors, also where a uint64_t is aligned to 4 bytes (i386). Compilers look
 * for padding, too (-Wpadded): what a program leaves unset there, a later library would read.
 */
#pragma GCC diagnostic error "-Wpadded"
#include <pmem/pmem.h>

#define PLACE(type, member, lp64, ilp32)                                             \
	_Static_assert(offsetof(struct type, member) == (sizeof(void *) == 8 ? (lp64) : (ilp32)), \
		#type "." #member " has moved")
#define SIZE(type, lp64, ilp32)                                                      \
	_Static_assert(sizeof(struct type) == (sizeof(void *) == 8 ? (lp64) : (ilp32)), \
		#type " has another size")

PLACE(pmem_alloc_opts, size, 0, 0);
PLACE(pmem_alloc_opts, flags, 4, 4);
PLACE(pmem_alloc_opts, align, 8, 8);
PLACE(pmem_alloc_opts, max_addr, 16, 16);
PLACE(pmem_alloc_opts, master, 24, 24);
PLACE(pmem_alloc_opts, backend, 32, 28);
PLACE(pmem_alloc_opts, heap, 40, 32);
PLACE(pmem_alloc_opts, name, 48, 36);
PLACE(pmem_alloc_opts, firmware, 56, 40);
PLACE(pmem_alloc_opts, reserved, 64, 44);
PLACE(pmem_alloc_opts, wait_ms, 72, 48);
PLACE(pmem_alloc_opts, node, 76, 52);
PLACE(pmem_alloc_opts, device, 80, 56);
PLACE(pmem_alloc_opts, reserved2, 88, 60);
SIZE(pmem_alloc_opts, 96, 64);

PLACE(pmem_firmware_opts, size, 0, 0);
PLACE(pmem_firmware_opts, flags, 4, 4);
PLACE(pmem_firmware_opts, dma_channels, 8, 8);
PLACE(pmem_firmware_opts, reserved, 12, 12);
SIZE(pmem_firmware_opts, 16, 16);

PLACE(pmem_extent, offset, 0, 0);
PLACE(pmem_extent, length, 8, 8);
PLACE(pmem_extent, phys, 16, 16);
PLACE(pmem_extent, bus, 24, 24);
SIZE(pmem_extent, 32, 32);

PLACE(pmem_pool_opts, size, 0, 0);
PLACE(pmem_pool_opts, flags, 4, 4);
PLACE(pmem_pool_opts, align, 8, 8);
PLACE(pmem_pool_opts, boundary, 16, 16);
PLACE(pmem_pool_opts, grow, 24, 24);
PLACE(pmem_pool_opts, max, 32, 32);
PLACE(pmem_pool_opts, alloc, 40, 40);
PLACE(pmem_pool_opts, reserved, 48, 44);
SIZE(pmem_pool_opts, 56, 48);

PLACE(pmem_device_opts, size, 0, 0);
PLACE(pmem_device_opts, flags, 4, 4);
PLACE(pmem_device_opts, max_addr, 8, 8);
PLACE(pmem_device_opts, way, 16, 16);
PLACE(pmem_device_opts, share, 24, 20);
PLACE(pmem_device_opts, device_fd, 32, 24);
PLACE(pmem_device_opts, group_fd, 36, 28);
PLACE(pmem_device_opts, iommu_fd, 40, 32);
PLACE(pmem_device_opts, reserved, 44, 36);
SIZE(pmem_device_opts, 48, 40);

PLACE(pmem_pool_counts, size, 0, 0);
PLACE(pmem_pool_counts, regions, 4, 4);
PLACE(pmem_pool_counts, bytes, 8, 8);
PLACE(pmem_pool_counts, free_bytes, 16, 16);
PLACE(pmem_pool_counts, objects, 24, 24);
PLACE(pmem_pool_counts, object_bytes, 32, 32);
PLACE(pmem_pool_counts, cached, 40, 40);
PLACE(pmem_pool_counts, cached_bytes, 48, 48);
PLACE(pmem_pool_counts, threads, 56, 56);
SIZE(pmem_pool_counts, 64, 64);
