/* SPDX-License-Identifier: MIT */
/*
 * A cyclic DMA list, as programs build it that play samples to LEDs or to a radio: a circle of
 * control blocks for the BCM2835's DMA engine (Raspberry Pi 0 to 4), each of which copies one
 * sample to the same place. It is checked by walking it as the engine would: by addresses alone.
 * `cyclic CHANNEL` then lets that DMA channel go round once; `physmem info` shows which channels
 * nobody uses: a wrong one can destroy the SD card's file system. Ends with 77 where there is no
 * such engine. Blocks and registers: BCM2835 ARM Peripherals, 4.2.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <pmem/pmem.h>

#define ENGINE "brcm,bcm2835-dma"
#define COUNT  1024u

struct block {
	_Alignas(32) uint32_t info;
	uint32_t source, target, length, stride, next, reserved[2];
};

struct list {
	struct block blocks[COUNT];
	uint32_t samples[COUNT];
	_Alignas(256) uint32_t port; /* stands for a register; shares no cache line with the rest */
};

/* What the engine must be told for a pointer: no table of our own is needed. */
static int bus_of(struct pmem_ctx *ctx, const void *pointer, size_t size, uint32_t *bus)
{
	struct pmem_region *region;
	struct pmem_extent piece;
	uint64_t offset;
	size_t count;
	int r = pmem_region_find(ctx, pointer, &region, &offset);

	if (r == 0) /* one piece: no block and no sample crosses a page */
		r = pmem_region_extents(region, offset, size, PMEM_EXTENTS_BUS, &piece, 1, &count);
	if (r == 0) /* this engine's addresses have 32 bits, and the memory was allocated for it */
		*bus = (uint32_t)piece.bus;
	return r;
}

/* And back: what lies where the engine will look. */
static const void *pointer_of(struct pmem_ctx *ctx, uint32_t bus, size_t size)
{
	struct pmem_region *region;
	uint64_t phys, offset;

	if (pmem_soc_bus_to_phys(ctx, ENGINE, bus, &phys) ||
		pmem_region_find_phys(ctx, phys, &region, &offset))
		return NULL;
	return pmem_region_at(region, offset, size, 4);
}

static int build(struct pmem_ctx *ctx, struct list *list)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < COUNT; i++) {
		struct block *block = &list->blocks[i], *next = &list->blocks[(i + 1) % COUNT];

		list->samples[i] = i + 1;
		block->info = 1u << 3; /* wait until each write has arrived */
		block->length = 4;
		r = bus_of(ctx, &list->samples[i], 4, &block->source);
		if (r == 0)
			r = bus_of(ctx, &list->port, 4, &block->target);
		if (r == 0)
			r = bus_of(ctx, next, sizeof(*next), &block->next);
	}
	return r;
}

static int walk(struct pmem_ctx *ctx, const struct list *list, uint32_t first)
{
	uint32_t at = first;

	for (uint32_t i = 0; i < COUNT; i++) {
		const struct block *block = pointer_of(ctx, at, sizeof(*block));

		if (block != &list->blocks[i] || block->length != 4 ||
			pointer_of(ctx, block->source, 4) != &list->samples[i] ||
			pointer_of(ctx, block->target, 4) != &list->port)
			return -EFAULT;
		at = block->next;
	}
	return at == first ? 0 : -EFAULT;
}

/* Until the engine stands still. It is stopped anyhow: its memory is going to be freed. */
static int run(struct pmem_ctx *ctx, uint32_t first, uint64_t channel)
{
	uint64_t cs = channel * 0x100, conblk_ad = cs + 4;
	struct pmem_region *engine;
	uint32_t status = 1;
	int r = pmem_region_map_node(ctx, ENGINE, 0, 0, &engine);

	if (r < 0)
		return r;
	r = pmem_region_write32(engine, conblk_ad, first);
	if (r == 0)
		r = pmem_region_write32(engine, cs, 1); /* active */
	for (int ms = 0; r == 0 && status & 1 && ms < 1000; ms++) {
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		r = pmem_region_read32(engine, cs, &status);
	}
	if (r == 0)
		r = pmem_region_write32(engine, cs, 1u << 31); /* reset */
	pmem_region_close(engine);
	return r ? r : status & 1 ? -ETIMEDOUT : 0;
}

static int play(struct pmem_ctx *ctx, struct pmem_region *region, const char *channel)
{
	struct list *list = PMEM_REGION_AS(region, struct list);
	uint32_t first, got;
	int r = list ? pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH) : -errno;

	if (r == 0)
		r = build(ctx, list);
	if (r == 0)
		r = bus_of(ctx, list->blocks, sizeof(*list->blocks), &first);
	if (r == 0)
		r = walk(ctx, list, first);
	if (r < 0)
		return r;
	printf("%u blocks in a circle, the first at bus address 0x%08" PRIx32 "\n", COUNT, first);
	if (channel)
		list->blocks[COUNT - 1].next = 0; /* opens the circle: the engine stops there */
	r = pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH);
	if (r < 0 || !channel)
		return r;
	r = run(ctx, first, strtoul(channel, NULL, 0));
	if (r == 0)
		r = pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_READ);
	if (r < 0)
		return r;
	got = list->port;
	printf("the engine's last sample: %" PRIu32 "\n", got);
	r = pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_READ);
	return r ? r : got == COUNT ? 0 : -EIO;
}

int main(int argc, char **argv)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .master = ENGINE };
	struct pmem_region *region = NULL;
	struct pmem_ctx *ctx = NULL;
	int r = pmem_ctx_new(&ctx);

	if (r == 0 && pmem_soc_node_available(ctx, ENGINE) != 1) {
		puts("this machine has no DMA engine " ENGINE);
		pmem_ctx_unref(ctx);
		return 77;
	}
	if (r == 0)
		r = pmem_region_alloc(ctx, sizeof(struct list), &opts, &region);
	if (r == 0)
		r = play(ctx, region, argc > 1 ? argv[1] : NULL);
	if (r < 0) /* the library's reason, or this program's own */
		fprintf(stderr, "%s\n",
			r == pmem_error_code(pmem_error_last()) ? pmem_error_text(pmem_error_last())
								: strerror(-r));
	pmem_region_close(region);
	pmem_ctx_unref(ctx);
	return r < 0;
}
