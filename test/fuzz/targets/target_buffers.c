/* SPDX-License-Identifier: MIT */
/*
 * Memory of drivers whose answers are damaged, on boards of each vendor: lib/backend/dmabuf, and the choice among
 * backends. What is handed out is what was asked for.
 */
#include "buffers.h"
#include "regions.h"

#define LIVE  6
#define STEPS 24

static struct pmem_region *live[LIVE];
static struct input *in;

/* A plain row of frames, or noise. */
static ssize_t frames(int fd, void *buf, size_t count, uint64_t offset)
{
	uint64_t *to = buf;
	int r;

	(void)fd;
	for (size_t i = 0; i < count / 8; i++)
		to[i] = PMEM_PAGEMAP_PRESENT | PMEM_PAGEMAP_EXCLUSIVE | ((offset / 8 + i) & 0xffffff);
	r = answers_damage(in, buf, count);
	return r < 0 ? r : (ssize_t)count;
}

static const struct answers_device pagemap = { .pread = frames };

static void take(struct pmem_ctx *ctx, size_t k)
{
	static const char *const backends[] = { NULL, "dmaheap", "ion", "udmabuf", "vcsm", "udmabuf-kmod", NULL, NULL };
	uint8_t what = in_byte(in), which = in_byte(in);
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backends[which & 7],
		.flags = which & 8 ? (uint32_t)in_below(in, PMEM_ALLOC_TRY_HARD) : which & 16 ? PMEM_ALLOC_SCATTERED : 0 };
	uint64_t size = what & 8 ? in_place(in) : 1 + in_number(in, 2);

	opts.heap = which & 32 ? buffers_names[in_byte(in) % BUFFERS_NAMES] : NULL;
	opts.align = what & 16 ? 1ull << (in_byte(in) & 31) : 0;
	opts.max_addr = what & 32 ? in_place(in) : 0;
	opts.wait_ms = 1;
	if (answers_result(pmem_region_alloc(ctx, size, &opts, &live[k])) < 0) {
		live[k] = NULL;
		return;
	}
	region_must_fit(live[k], size, opts.align, opts.max_addr);
	region_touch(live[k]);
}

static void import(struct pmem_ctx *ctx, size_t k)
{
	int fd = buffers_foreign();
	uint8_t what = in_byte(in);

	if (fd < 0)
		return;
	if (answers_result(pmem_region_import(ctx, fd, (what & 1) | (what & 2 ? PMEM_IMPORT_NO_MAP : 0), &live[k])) < 0)
		live[k] = NULL;
	else
		region_must_fit(live[k], pmem_region_size(live[k]), 0, 0);
	answers_result(pmem_dmabuf_cpu_begin(ctx, fd, 1 + what % 3));
	os->close(fd);
}

static void use(struct pmem_region *region)
{
	uint64_t offset = in_place(in), length = in_place(in), value;
	uint32_t direction = in_byte(in) % 5;
	int fd;

	answers_result(pmem_region_cpu_begin(region, offset, length, direction));
	answers_result(pmem_region_cpu_end(region, offset, length, direction));
	answers_result(pmem_region_bus(region, &value));
	fd = answers_result(pmem_region_dup_fd(region));
	if (fd >= 0)
		os->close(fd);
}

static void list(struct pmem_ctx *ctx)
{
	size_t count = 0;
	uint32_t way;

	if (answers_result(pmem_heap_count(ctx, &count)) < 0)
		return;
	MUST(count < 64 && !pmem_heap_name(ctx, count));
	for (size_t i = 0; i < count; i++) {
		MUST(pmem_heap_name(ctx, i) && pmem_heap_path(ctx, i));
		(void)pmem_heap_class(ctx, i);
		answers_result(pmem_heap_way(ctx, i, &way));
	}
	for (size_t i = 0; i < pmem_backend_count(ctx); i++)
		answers_result(pmem_backend_status(ctx, i, NULL));
}

static void step(struct pmem_ctx *ctx)
{
	uint8_t what = in_byte(in);
	size_t k = (what >> 4) % LIVE;

	if ((what & 7) == 7) {
		list(ctx);
	} else if (!live[k]) {
		if ((what & 7) == 6)
			import(ctx, k);
		else
			take(ctx, k);
	} else if ((what & 3) == 1) {
		use(live[k]);
	} else {
		answers_result(pmem_region_close(live[k]));
		live[k] = NULL;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const boards[] = { "brcm,bcm2837", "allwinner,sun8i-h3", "rockchip,rk3399", "fsl,imx8mq",
		"hisilicon,hi3660", "amlogic,g12b", "ti,am625", "none,none" };
	struct input input = { data, size };
	struct pmem_ctx *ctx;
	uint8_t what, machine;

	in = &input;
	what = in_byte(in);
	machine = in_byte(in);
	answers_start();
	answers_file(ANSWERS_ROOT "/proc/device-tree/compatible", boards[what & 7], strlen(boards[what & 7]) + 1);
	if (what & 8)
		answers_faults(in);
	if (what & 16)
		answers_device(ANSWERS_ROOT "/proc/self/pagemap", &pagemap);
	if (what & 32)
		answers_kernel(4004 + in_byte(in) * 10);
	if (what & 64)
		answers_text(ANSWERS_ROOT "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "4\n");
	buffers_start(in, machine);
	ctx = answers_ctx();
	for (int i = 0; ctx && i < STEPS && in->left; i++)
		step(ctx);
	for (size_t k = 0; k < LIVE; k++) {
		if (live[k])
			answers_result(pmem_region_close(live[k]));
		live[k] = NULL;
	}
	pmem_ctx_unref(ctx);
	answers_stop();
	return 0;
}
