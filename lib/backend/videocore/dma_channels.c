/* SPDX-License-Identifier: MIT */
#include "videocore/dma_channels.h"

#include <errno.h>

#include "backend/backend.h"
#include "soc/soc.h"

/*
 * BCM2835 ARM Peripherals, section 4.2.1.2 "DMA Channel Register Address Map": channel n at
 * n * 0x100, its CS register first. Bits of CS: ACTIVE 0, WAITING_FOR_OUTSTANDING_WRITES 6,
 * RESET 31 (clears itself). Channel 15 lies elsewhere, and the 40-bit channels of BCM2711 have
 * other bits; both are outside the node's reg, and refused.
 */
#define CHANNEL_SIZE   0x100u
#define CS_WAIT_WRITES (1u << 6)
#define CS_RESET       (1u << 31)

/* bcm2835_dma_abort() in drivers/dma/bcm2835-dma.c waits this many reads, too. */
#define WAIT_READS 10000

static int registers(struct pmem_ctx *ctx, uint32_t channels, uint64_t *phys, uint64_t *size)
{
	uint32_t highest = 31 - (uint32_t)__builtin_clz(channels);
	int r = soc_node_reg(ctx, CHANNELS_NODE, 0, phys, size);

	if (r < 0)
		return r;
	/* Linux' trees give 0xf00 for 15 channels and 0xb00 for the 11 of BCM2711. */
	if ((highest + 1) * CHANNEL_SIZE > *size)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "dma channels", NULL,
			"use a lower channel, or PMEM_FIRMWARE_NO_RECLAIM",
			"DMA channel %u is not one that can be stopped here", highest);
	return 0;
}

int channels_check(struct pmem_ctx *ctx, uint32_t channels)
{
	uint64_t phys, size;

	return channels ? registers(ctx, channels, &phys, &size) : 0;
}

/*
 * As the kernel's bcm2835_dma_abort() does: pause, let the writes on their way arrive, reset. A
 * channel whose writes never arrive (a peripheral that does not ask for data) is reset all the
 * same: nothing of it is on its way to memory.
 */
static void stop(volatile uint32_t *cs)
{
	*cs = 0;
	for (unsigned i = 0; i < WAIT_READS && (*cs & CS_WAIT_WRITES); i++)
		;
	*cs = CS_RESET;
}

int channels_stop(struct pmem_ctx *ctx, uint32_t channels)
{
	struct pmem_region region = { .ctx = ctx, .ops = &backend_devmem, .fd = -1 };
	uint64_t phys, size;
	int r = registers(ctx, channels, &phys, &size);

	if (r == 0)
		r = backend_devmem.map(ctx, phys, size, 0, &region);
	if (r < 0)
		return r;
	for (unsigned n = 0; n < 32; n++) {
		if (channels & (1u << n))
			stop((volatile uint32_t *)((char *)region.data + n * CHANNEL_SIZE));
	}
	return backend_devmem.close(&region);
}
