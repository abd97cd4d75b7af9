/* SPDX-License-Identifier: MIT */
/*
 * A drop-in for the mailbox.c that LED drivers, transmitters and GPU programs for the Raspberry Pi
 * carry: the same functions, on libpmem. Memory of a program that was killed is given back, after
 * its DMA channels were stopped. docs/mailbox.md: how to build with it, what differs.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <pmem/pmem.h>
#if __has_include("mailbox.h")
#include "mailbox.h" /* the program's own */
#endif

/* Bit n: the program uses DMA channel n. All: unknown; a killed program's memory stays lost. */
#ifndef MBOX_DMA_CHANNELS
#define MBOX_DMA_CHANNELS UINT32_MAX
#endif
#ifndef MBOX_MAPMEM_MORE /* ", const char *device" where the program's mapmem() has that, too */
#define MBOX_MAPMEM_MORE
#endif

static struct pmem_ctx *memory, *registers; /* whose regions mem_alloc() and mapmem() made */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int say(int r)
{
	if (r < 0)
		fprintf(stderr, "%s\n", pmem_error_text(pmem_error_last()));
	return r;
}

static void start(void)
{
	if (say(pmem_ctx_new(&memory)) == 0)
		say(pmem_ctx_new(&registers));
}

int mbox_open(void) /* for other messages, such as qpu_enable() */
{
	return open("/dev/vcio", O_RDONLY | O_CLOEXEC);
}

void mbox_close(int fd)
{
	close(fd);
}

uint32_t mem_alloc(int fd, uint32_t size, uint32_t align, uint32_t flags)
{
	struct pmem_firmware_opts firmware = { .size = sizeof(firmware) };
	/* The kernel takes other memory back at the kill, under a DMA channel that still runs. */
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .align = align,
		.backend = "videocore", .firmware = &firmware };
	struct pmem_region *region;
	uint64_t phys;

	(void)fd, (void)flags; /* the library knows what this SoC needs */
	firmware.flags = MBOX_DMA_CHANNELS == UINT32_MAX ? PMEM_FIRMWARE_NO_RECLAIM : 0;
	firmware.dma_channels = firmware.flags ? 0 : MBOX_DMA_CHANNELS;
	pthread_once(&once, start);
	if (say(pmem_region_alloc(memory, size, &opts, &region)) || say(pmem_region_phys(region, &phys)))
		return 0;
	return (uint32_t)(phys >> 12); /* the handle: by it the region is found again */
}

static struct pmem_region *region_of(int fd, uint32_t handle)
{
	struct pmem_region *region;
	uint64_t offset;

	(void)fd;
	if (say(pmem_region_find_phys(memory, (uint64_t)handle << 12, &region, &offset)) || offset)
		return NULL;
	return region;
}

uint32_t mem_lock(int fd, uint32_t handle)
{
	struct pmem_region *region = region_of(fd, handle);
	uint64_t bus;

	return region && say(pmem_region_bus(region, &bus)) == 0 ? (uint32_t)bus : UINT32_MAX;
}

uint32_t mem_unlock(int fd, uint32_t handle) /* it stays where it is until mem_free() */
{
	return region_of(fd, handle) == NULL;
}

uint32_t mem_free(int fd, uint32_t handle)
{
	struct pmem_region *region = region_of(fd, handle);

	return region == NULL || say(pmem_region_close(region)) < 0;
}

void *mapmem(uint32_t base, uint32_t size MBOX_MAPMEM_MORE)
{
	struct pmem_region *region;
	uint64_t offset;

	pthread_once(&once, start);
	if (pmem_region_find_phys(memory, base, &region, &offset) == 0)
		return pmem_region_at(region, offset, size, 0);
	return say(pmem_region_map(registers, base, size, 0, &region)) ? NULL : pmem_region_data(region);
}

void *unmapmem(void *address, uint32_t size) /* memory is unmapped by mem_free() */
{
	struct pmem_region *region;

	if (size && pmem_region_find(registers, address, &region, NULL) == 0)
		say(pmem_region_close(region));
	return NULL;
}
