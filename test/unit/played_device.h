/* SPDX-License-Identifier: MIT */
/* A machine with VFIO, and the library on it: for the suites of devices, each of which runs by every way. */
#ifndef TEST_PLAYED_DEVICE_H
#define TEST_PLAYED_DEVICE_H

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_vfio.h"
#include "pagemap.h"
#include "suite.h"
#include "vm.h"

#define PAGE  ((size_t)4096)
#define NAME  "0000:00:04.0"

/* The ways behind an IOMMU, and the kernels that have them. */
static const struct {
	const char *way;
	int kernel;
	unsigned what;
} machines[] = {
	{ "vfio", 6012, VFIO_PLAY_GROUP },
	{ "iommufd", 6012, VFIO_PLAY_CDEV },
	{ "iommufd", 7003, VFIO_PLAY_GROUP | VFIO_PLAY_CDEV },
};
#define MACHINES 3

static struct pmem_ctx *ctx;
static struct vfio_device *edu;
static struct pmem_device *device;

static void play(int kernel, unsigned what)
{
	fake_start();
	fake_page_size(PAGE);
	fake_string("/", "compatible", "a board");
	fake_file("/proc/device-tree/dma-coherent", "", 0);
	pagemap_play(PAGEMAP_APART);
	vm_play();
	vfio_play(kernel, what);
	edu = vfio_add(NAME, 2);
	assert_works(pmem_ctx_new(&ctx));
}

static void play_machine(int i)
{
	play(machines[i].kernel, machines[i].what);
}

/* The tree has the host bridge, through which a device sees memory from 64 GiB on. */
static inline void bridge(void)
{
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 2);
	CELLS("/pcie@1", "#address-cells", 3);
	CELLS("/pcie@1", "#size-cells", 2);
	fake_string("/pcie@1", "device_type", "pci");
	fake_cells("/pcie@1", "dma-coherent", 0, NULL);
	CELLS("/pcie@1", "dma-ranges", 0x02000000, 0x10, 0, 0, 0, 0x8000, 0);
	fake_link("/sys/devices/of_node", "../firmware/devicetree/base/pcie@1");
}

static void stop(void)
{
	pmem_ctx_unref(ctx);
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
	vfio_stop();
	fake_stop();
}

static inline void open_it(void)
{
	assert_works(pmem_device_open(ctx, NAME, NULL, &device));
}

/* Memory for the device. */
static inline struct pmem_region *take(uint64_t size, uint64_t max_addr)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = device, .max_addr = max_addr };
	struct pmem_region *region = NULL;

	assert_works(pmem_region_alloc(ctx, size, &opts, &region));
	return region;
}

/* Memory for nobody in particular. */
static inline struct pmem_region *ordinary(uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = PMEM_ALLOC_SCATTERED };
	struct pmem_region *region = NULL;

	assert_works(pmem_region_alloc(ctx, size, &opts, &region));
	return region;
}

static inline uint64_t bus_of(const struct pmem_region *region)
{
	uint64_t bus = 0;

	assert_works(pmem_region_bus(region, &bus));
	return bus;
}

/* The device writes a byte there. */
static inline bool pokes(uint64_t bus, unsigned char byte)
{
	return vfio_dma(edu, bus, &byte, 1, true);
}

/* The device open, and a bus master; and the end of it. */
static inline void begin(int i)
{
	play_machine(i);
	open_it();
	assert_works(pmem_device_enable(device, PMEM_ENABLE_MASTER));
}

static inline void end(void)
{
	assert_works(pmem_device_close(device));
	stop();
}

#endif
