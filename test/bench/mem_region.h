/* SPDX-License-Identifier: MIT */
/* include/uapi/linux/io_uring.h; older headers lack them */
#ifndef BENCH_MEM_REGION_H
#define BENCH_MEM_REGION_H

#include <stdint.h>

#define REGISTER_MEM_REGION 34
struct region_desc {
	uint64_t user_addr, size;
	uint32_t flags, id;
	uint64_t mmap_offset, reserved[4];
};
struct mem_region_reg {
	uint64_t region, flags, reserved[2];
};

#endif
