/* SPDX-License-Identifier: MIT */
/**
 * @file pmem.h
 * @brief Everything of libpmem: physical memory for user-space programs.
 */
#ifndef PMEM_PMEM_H
#define PMEM_PMEM_H

#include <pmem/types.h>
#include <pmem/version.h>
#include <pmem/error.h>
#include <pmem/constant.h>
#include <pmem/context.h>
#include <pmem/soc.h>
#include <pmem/backend.h>
#include <pmem/region.h>
#include <pmem/dmabuf.h>
#include <pmem/vaddr.h>
#include <pmem/io.h>
#include <pmem/selftest.h>
#include <pmem/firmware.h>
#include <pmem/pool.h>
#include <pmem/device.h>

#endif
