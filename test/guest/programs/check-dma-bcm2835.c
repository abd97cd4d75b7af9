/* SPDX-License-Identifier: MIT */
/*
 * Real DMA by bus address: the self-test with the BCM2835's engine.
 *     --backend NAME    where the buffers come from; not given: the library chooses
 *     --channel N       one that nobody else uses
 *     --alias OFFSET    what bus minus physical address must be: QEMU's engine sees RAM under
 *                       every alias, so only this check finds a wrong one
 * Registers and control block: BCM2835 ARM Peripherals, chapter 4.
 */
#include <getopt.h>
#include <time.h>

#include "check-dma.h"

#define CS        0x00u
#define CS_ACTIVE (1u << 0)
#define CS_END    (1u << 1)
#define CS_ERROR  (1u << 8)
#define CS_RESET  (1u << 31)
#define CONBLK_AD 0x04u
#define CHANNEL   0x100u /* bytes from one channel's registers to the next */

#define TI_WAIT_RESP (1u << 3)
#define TI_DEST_INC  (1u << 4)
#define TI_SRC_INC   (1u << 8)

struct engine {
	struct dma dma;
	struct pmem_region *registers;
	struct pmem_region *block; /* the control block */
	uint64_t at;               /* of the channel's registers */
};

static int bus(const struct pmem_region *region, uint64_t *address)
{
	return pmem_region_bus(region, address);
}

static int wait_end(struct engine *engine)
{
	uint32_t cs = 0;

	for (int i = 0; i < 5000; i++) {
		int r = pmem_region_read32(engine->registers, engine->at + CS, &cs);

		if (r)
			return r;
		if (cs & CS_ERROR)
			return -EIO;
		if (cs & CS_END && !(cs & CS_ACTIVE))
			return pmem_region_write32(engine->registers, engine->at + CS, CS_END);
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	return -ETIMEDOUT;
}

static int copy(struct dma *dma, uint64_t dst, uint64_t src, uint64_t length)
{
	struct engine *engine = (struct engine *)dma;
	const uint32_t words[8] = { TI_WAIT_RESP | TI_DEST_INC | TI_SRC_INC, (uint32_t)src,
		(uint32_t)dst, (uint32_t)length };
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

static void check_alias(struct engine *engine, uint64_t alias)
{
	uint64_t phys = 0, address = 0;

	CHECK_OK("block-phys", pmem_region_phys(engine->block, &phys));
	CHECK_OK("block-bus", pmem_region_bus(engine->block, &address));
	CHECK_U64("bus-alias", address - phys, alias);
	printf("%s gave physical 0x%llx, bus 0x%llx\n", pmem_region_backend(engine->block),
		(unsigned long long)phys, (unsigned long long)address);
}

static void run(struct engine *engine, const uint64_t *alias)
{
	CHECK_OK("map-engine", pmem_region_map_node(engine->dma.ctx, "brcm,bcm2835-dma", 0, 0,
				       &engine->registers));
	CHECK_OK("control-block", dma_alloc(&engine->dma, 32, &engine->block));
	if (!engine->registers || !engine->block)
		return;
	CHECK("backend", !engine->dma.backend ||
		!strcmp(pmem_region_backend(engine->block), engine->dma.backend), "it is %s",
		pmem_region_backend(engine->block));
	if (alias)
		check_alias(engine, *alias);
	CHECK_OK("reset", pmem_region_write32(engine->registers, engine->at + CS, CS_RESET));
	dma_check(&engine->dma);
	CHECK_OK("close-block", pmem_region_close(engine->block));
	CHECK_OK("close-registers", pmem_region_close(engine->registers));
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "channel", required_argument, NULL, 'c' },
		{ "alias", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	struct engine engine = { .dma = { .address = bus, .copy = copy }, .at = 5 * CHANNEL };
	uint64_t alias = 0;
	int option, aliased = 0;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b')
			engine.dma.backend = optarg;
		else if (option == 'c')
			engine.at = check_number(optarg) * CHANNEL;
		else if (option == 'a')
			alias = check_number(optarg), aliased = 1;
		else
			CHECK("options", 0, "bad option");
	}
	engine.dma.ctx = check_ctx();
	run(&engine, aliased ? &alias : NULL);
	pmem_ctx_unref(engine.dma.ctx);
	return check_end();
}
