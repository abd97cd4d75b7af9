/* SPDX-License-Identifier: MIT */
/*
 * The DMA engine of a Raspberry Pi 0 to 4: BCM2835 ARM Peripherals, chapter 4. Only a channel that the
 * firmware leaves to Linux, that is one of the kernel's, that no driver has asked for, and that is idle: all
 * others have an owner that cannot be asked. Linux may still give the channel away meanwhile, which
 * nobody can prevent from here; so the test is quick, and nobody runs it who did not ask for it.
 */
#include "engines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define NODE "brcm,bcm2835-dma"

#define CHANNEL   0x100u /* bytes from one channel's registers to the next */
#define CS        0x00u
#define CS_ACTIVE (1u << 0)
#define CS_END    (1u << 1)
#define CS_WRITES (1u << 6) /* on their way */
#define CS_ERROR  (1u << 8)
#define CS_RESET  (1u << 31)
#define CONBLK_AD 0x04u

#define TI_WAIT_RESP (1u << 3)
#define TI_DEST_INC  (1u << 4)
#define TI_SRC_INC   (1u << 8)

#define LITE_MOST 65532u /* a lite channel counts 16 bits */

/* 0, 2 and 3 are special, 1 is the firmware's own on most; those from 11 on are others on a Pi 4. */
#define SAFE_CHANNELS 0x7f0u

static int wait_end(struct engine *engine)
{
	uint32_t cs = 0;

	for (int i = 0; i < 50000; i++) {
		int r = pmem_region_read32(engine->registers, engine->at + CS, &cs);

		if (r)
			return r;
		if (cs & CS_ERROR)
			return -EIO;
		if (cs & CS_END && !(cs & CS_ACTIVE))
			return pmem_region_write32(engine->registers, engine->at + CS, CS_END);
		if (i > 1000)
			(void)nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
	}
	return -ETIMEDOUT;
}

static int copy_part(struct engine *engine, uint64_t to, uint64_t from, uint64_t length)
{
	const uint32_t words[8] = { TI_WAIT_RESP | TI_DEST_INC | TI_SRC_INC, (uint32_t)from,
		(uint32_t)to, (uint32_t)length };
	uint64_t block;
	int r = pmem_region_bus(engine->block, &block);

	if (r == 0)
		r = pmem_region_cpu_begin(engine->block, 0, sizeof(words), PMEM_DIR_WRITE);
	for (unsigned i = 0; r == 0 && i < 8; i++)
		r = pmem_region_write32(engine->block, i * 4, words[i]);
	if (r == 0)
		r = pmem_region_cpu_end(engine->block, 0, sizeof(words), PMEM_DIR_WRITE);
	pmem_io_wmb();
	if (r == 0)
		r = pmem_region_write32(engine->registers, engine->at + CONBLK_AD, (uint32_t)block);
	if (r == 0)
		r = pmem_region_write32(engine->registers, engine->at + CS, CS_ACTIVE);
	if (r == 0)
		r = wait_end(engine);
	pmem_io_rmb();
	return r;
}

/*
 * Nothing is written any more when this returns. A reset alone leaves on the bus what is there, so the
 * channel is made to pause first, as drivers/dma/bcm2835-dma.c does.
 */
static void stop(struct engine *engine)
{
	uint32_t cs = CS_WRITES;

	(void)pmem_region_write32(engine->registers, engine->at + CS, 0);
	for (int i = 0; i < 10000 && cs & CS_WRITES; i++) {
		if (pmem_region_read32(engine->registers, engine->at + CS, &cs))
			break;
	}
	(void)pmem_region_write32(engine->registers, engine->at + CS, CS_RESET);
	(void)pmem_region_read32(engine->registers, engine->at + CS, &cs); /* by now it has got there */
}

static int copy(struct engine *engine, uint64_t to, uint64_t from, uint64_t length)
{
	for (uint64_t done = 0; done < length; done += LITE_MOST) {
		uint64_t part = length - done < LITE_MOST ? length - done : LITE_MOST;
		int r = copy_part(engine, to + done, from + done, part);

		if (r) {
			stop(engine); /* whoever is told of the failure frees the memory */
			return r;
		}
	}
	return 0;
}

static int close_engine(struct engine *engine)
{
	int first = 0, r;

	if (engine->name[0]) /* it is ours: leave it as it was found */
		first = pmem_region_write32(engine->registers, engine->at + CS, CS_RESET);
	r = pmem_region_close(engine->block);
	first = first ? first : r;
	r = pmem_region_close(engine->registers);
	return first ? first : r;
}

/* Nothing runs and nothing is prepared in it. */
static bool idle(const struct engine *engine, unsigned channel)
{
	uint32_t cs = CS_ACTIVE, block = 0;

	return !pmem_region_read32(engine->registers, channel * CHANNEL + CS, &cs) &&
		!pmem_region_read32(engine->registers, channel * CHANNEL + CONBLK_AD, &block) &&
		!(cs & CS_ACTIVE) && !block;
}

/* -1: none. */
static int safe_channel(const struct engine *engine)
{
	uint64_t left, kernel, in_use, size = pmem_region_size(engine->registers);

	if (sure(pmem_firmware_get(engine->ctx, PMEM_FACT_DMA_CHANNELS, &left)) ||
		sure(pmem_firmware_get(engine->ctx, PMEM_FACT_DMA_KERNEL, &kernel)) ||
		sure(pmem_firmware_get(engine->ctx, PMEM_FACT_DMA_IN_USE, &in_use)))
		return -1; /* what cannot be known is not safe */
	for (unsigned i = 0; i < 16; i++) {
		if ((left & kernel & ~in_use & SAFE_CHANNELS) >> i & 1 && (i + 1) * CHANNEL <= size &&
			idle(engine, i))
			return (int)i;
	}
	return -1;
}

static int prepare(struct engine *engine)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	int channel = safe_channel(engine);

	if (channel < 0)
		return fail_because(EXIT_UNSUPPORTED, "busy", NULL, "skipped: no safe channel: none that "
			"the firmware leaves, the kernel's driver has but gave to nobody, and is idle");
	if (pmem_region_alloc(engine->ctx, 32, &opts, &engine->block))
		return fail_library("control block");
	engine->at = (unsigned)channel * CHANNEL;
	(void)snprintf(engine->name, sizeof(engine->name), "channel %d", channel);
	if (pmem_region_write32(engine->registers, engine->at + CS, CS_RESET))
		return fail_library("reset");
	return 0;
}

int engine_bcm2835(struct pmem_ctx *ctx, struct engine *engine)
{
	uint64_t phys;
	int code;

	if (sure(pmem_soc_node(ctx, NODE, 0, &phys, NULL)))
		return ENGINE_NONE;
	*engine = (struct engine){ .kind = "bcm2835", .ctx = ctx, .copy = copy, .close = close_engine };
	if (pmem_region_map_node(ctx, NODE, 0, 0, &engine->registers))
		return fail_library("the DMA engine's registers");
	code = prepare(engine);
	if (code)
		(void)close_engine(engine);
	return code;
}
