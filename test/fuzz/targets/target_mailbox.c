/* SPDX-License-Identifier: MIT */
/*
 * A firmware that answers what it likes, and a program that allocates, asks and closes: lib/backend/videocore. What is
 * handed out is what was asked for, and with a sane firmware all of it comes back.
 */
#include <pmem/pmem.h>

#include "answers.h"
#include "firmware.h"
#include "regions.h"

#define LIVE  8
#define STEPS 32

static struct pmem_region *live[LIVE];

static void take(struct pmem_ctx *ctx, struct input *in, size_t k)
{
	uint8_t what = in_byte(in);
	struct pmem_firmware_opts firmware_opts = { .size = sizeof(firmware_opts), .flags = what & 3,
		.dma_channels = what & 4 ? (uint32_t)in_number(in, 2) : 0 };
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .firmware = &firmware_opts };
	uint64_t size = what & 8 ? in_place(in) : 4096, phys;
	int r;

	opts.align = what & 16 ? 1ull << (in_byte(in) & 63) : 0;
	opts.max_addr = what & 32 ? in_place(in) : 0;
	opts.flags = what & 64 ? PMEM_ALLOC_NO_MAP : 0;
	r = answers_result(pmem_region_alloc(ctx, size, &opts, &live[k]));
	if (r < 0) {
		live[k] = NULL;
		return;
	}
	region_must_fit(live[k], size, opts.align > 4096 ? opts.align : 4096, opts.max_addr);
	MUST(pmem_region_phys(live[k], &phys) == 0 && phys + size <= 1ull << 30);
	MUST((pmem_region_data(live[k]) == NULL) == ((what & 64) != 0));
	region_touch(live[k]);
}

static void step(struct pmem_ctx *ctx, struct input *in)
{
	uint8_t what = in_byte(in);
	size_t k = (what >> 4) % LIVE, count;
	uint64_t value = 1, bytes;

	switch (what & 3) {
	case 0:
		if (answers_result(pmem_firmware_get(ctx, what >> 4, &value)) < 0)
			MUST(value == 1);
		break;
	case 1:
		answers_result(pmem_firmware_reclaim(ctx, (what >> 4) & 1, &count, &bytes));
		break;
	default:
		if (!live[k]) {
			take(ctx, in, k);
			break;
		}
		answers_result(pmem_region_close(live[k]));
		live[k] = NULL;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const boards[] = { "brcm,bcm2835", "brcm,bcm2837", "brcm,bcm2711", "brcm,bcm2712" };
	struct input in = { data, size };
	uint8_t what = in_byte(&in);
	unsigned blocks = 0;
	struct pmem_ctx *ctx;

	answers_start();
	firmware_start(boards[what & 3]);
	answers_env("LIBPMEM_BACKEND", "videocore");
	if (what & 4)
		answers_faults(&in);
	if (what & 8)
		firmware_mad(&in);
	ctx = answers_ctx();
	for (int i = 0; ctx && i < STEPS && in.left; i++)
		step(ctx, &in);
	for (size_t k = 0; k < LIVE; k++) {
		if (live[k])
			answers_result(pmem_region_close(live[k]));
		live[k] = NULL;
	}
	pmem_ctx_unref(ctx);
	for (size_t i = 0; i < FIRMWARE_HANDLES; i++)
		blocks += firmware.blocks[i].handle != 0;
	MUST((what & 8) || answers_faulty() || (blocks == 0 && firmware.bad_releases == 0));
	answers_stop();
	return 0;
}
