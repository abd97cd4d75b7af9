/* SPDX-License-Identifier: MIT */
/*
 * usage: check-vc-dma [BACKEND]
 *
 * Memory from the firmware (or another backend that tells bus addresses), and the SoC's own DMA engine copying between two pieces of it by bus
 * address: the self-test of the library with holes, odd starts and odd sizes, 1 byte to 1 MiB.
 *
 * Registers and control blocks: BCM2835 ARM Peripherals, sections 4.2.1.1 and 4.2.1.2.
 */
#include "vc.h"

#define CS        0x00
#define CONBLK_AD 0x04

#define CS_ACTIVE (1u << 0)
#define CS_END    (1u << 1)
#define CS_ERROR  (1u << 8)
#define CS_RESET  (1u << 31)

#define TI_WAIT_RESP (1u << 3)
#define TI_DEST_INC  (1u << 4)
#define TI_SRC_INC   (1u << 8)

static struct pmem_region *registers, *block;
static unsigned channel;
static unsigned long long copied;

static uint32_t get(uint32_t offset)
{
	uint32_t value = 0;

	pmem_region_read32(registers, channel * 0x100 + offset, &value);
	return value;
}

static void set(uint32_t offset, uint32_t value)
{
	pmem_region_write32(registers, channel * 0x100 + offset, value);
}

/* Copy whole words from bus address to bus address. */
static int dma(uint64_t to, uint64_t from, uint32_t length)
{
	uint64_t control;
	const uint32_t words[8] = { TI_SRC_INC | TI_DEST_INC | TI_WAIT_RESP, (uint32_t)from,
		(uint32_t)to, length };

	if (pmem_region_bus(block, &control))
		return -EIO;
	for (unsigned i = 0; i < 8; i++)
		pmem_region_write32(block, 4 * i, words[i]);
	pmem_io_wmb();
	set(CS, CS_END);
	set(CONBLK_AD, (uint32_t)control);
	set(CS, CS_ACTIVE);
	for (long i = 0; get(CS) & CS_ACTIVE; i++) {
		if (i > 10000000)
			return -ETIMEDOUT;
	}
	pmem_io_rmb();
	if (get(CS) & CS_ERROR)
		return -EIO;
	copied += length;
	return 0;
}

/*
 * The engine copies any number of bytes; QEMU's model of it whole words only, so that the last
 * one to three bytes are copied here, with accesses that device memory allows.
 */
static int copy(void *user, struct pmem_region *dst, uint64_t dst_offset, struct pmem_region *src,
	uint64_t src_offset, uint64_t length)
{
	uint64_t to, from, words = length & ~3ull;
	uint8_t byte;
	int r = 0;

	(void)user;
	if (pmem_region_bus(dst, &to) || pmem_region_bus(src, &from))
		return -EIO;
	if (words)
		r = dma(to + dst_offset, from + src_offset, (uint32_t)words);
	for (uint64_t i = words; i < length && r == 0; i++) {
		r = pmem_region_read8(src, src_offset + i, &byte);
		if (r == 0)
			r = pmem_region_write8(dst, dst_offset + i, byte);
	}
	return r;
}

static int alloc(void *user, uint64_t size, struct pmem_region **out)
{
	(void)user;
	return vc_alloc(size, 0, 0, out);
}

/* A full channel that neither the firmware nor a driver uses: 0 is special, 7 to 14 are "lite". */
static bool choose_channel(void)
{
	uint64_t left = 0, used = 0, value;

	if (pmem_firmware_get(ctx, PMEM_FACT_DMA_CHANNELS, &left))
		CHECK("dma-channels", 0, "%s", why());
	if (pmem_firmware_get(ctx, PMEM_FACT_DMA_IN_USE, &value) == 0)
		used = value;
	else
		printf("in use: %s\n", why());
	for (channel = 6; channel >= 4; channel--) {
		if ((left & ~used) & (1u << channel))
			break;
	}
	CHECK("channel", channel >= 4, "of %#llx, %#llx are used", (unsigned long long)left,
		(unsigned long long)used);
	return channel >= 4;
}

static void check_facts(void)
{
	const char *name;

	for (uint32_t what = 1; (name = pmem_constant_name("PMEM_FACT_", what)); what++) {
		uint64_t value;
		int r = pmem_firmware_get(ctx, what, &value);

		if (r == 0)
			printf("%s = 0x%llx\n", name, (unsigned long long)value);
		else
			printf("%s: %s\n", name, why());
		CHECK(name, r == 0 || r == -EOPNOTSUPP || r == -ENODEV, "%s", why());
	}
}

static long long live(bool firmware)
{
	return check_counter(firmware ? VCIO_PROC : "/proc/pmem_vcsm", "live");
}

static void check_address(bool firmware)
{
	struct pmem_region *region;
	uint64_t phys = 0, bus = 0, base = 0;

	if (vc_alloc(8192, 0, 0, &region)) {
		CHECK("alloc", 0, "%s", why());
		return;
	}
	pmem_region_phys(region, &phys);
	pmem_region_bus(region, &bus);
	if (firmware)
		pmem_firmware_get(ctx, PMEM_FACT_VC_BASE, &base);
	CHECK("alloc", phys >= base && phys % 4096 == 0, "phys %#llx", (unsigned long long)phys);
	CHECK("bus", bus == (phys | 0xc0000000), "phys %#llx bus %#llx", (unsigned long long)phys,
		(unsigned long long)bus);
	CHECK_EQ("live", live(firmware), 1);
	CHECK_EQ("close", pmem_region_close(region), 0);
	CHECK_EQ("returned", live(firmware), 0);
}

static void check_copies(void)
{
	static const struct {
		uint64_t size, hole, start;
	} cases[] = {
		{ 1, 0, 0 }, { 2, 0, 0 }, { 3, 1, 2 }, { 7, 1, 1 }, { 64, 3, 5 }, { 4095, 1, 0 },
		{ 4096, 0, 0 }, { 4097, 2, 3 }, { 65537, 32, 1 }, { 262143, 101, 7 },
		{ 1048576, 0, 0 }, { 1048575, 4095, 4093 },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int r = pmem_selftest_copy(ctx, cases[i].size, cases[i].hole, cases[i].start, alloc,
			copy, NULL);

		snprintf(name, sizeof(name), "copy-%llu", (unsigned long long)cases[i].size);
		CHECK(name, r == 0, "%s", why());
	}
	CHECK("by-dma", copied > 2000000, "the engine copied %llu bytes only", copied);
}

int main(int argc, char **argv)
{
	bool firmware;

	if (argc > 1)
		vc_backend = argv[1];
	firmware = strcmp(vc_backend, "videocore") == 0;
	vc_begin();
	if (pmem_ctx_new(&ctx)) {
		CHECK("context", 0, "%s", why());
		return 1;
	}
	check_facts();
	check_address(firmware);
	if (choose_channel() && pmem_region_map_node(ctx, "brcm,bcm2835-dma", 0, 0, &registers) == 0 &&
		vc_alloc(32, 0, firmware ? 1u << channel : 0, &block) == 0) {
		set(CS, CS_RESET);
		check_copies();
		CHECK_EQ("block", pmem_region_close(block), 0);
		pmem_region_close(registers);
	} else {
		CHECK("engine", 0, "%s", why());
	}
	vc_check_clean("all-returned");
	CHECK_EQ("nothing-live", live(firmware), 0);
	pmem_ctx_unref(ctx);
	return check_end();
}
