/* SPDX-License-Identifier: MIT */
/*
 * Memory that exists already, seen by a device for a while: the program's own small pages, huge
 * pages, udmabuf, a pool. Afterwards the device does not see it.
 *     check-vfio-attach BDF OTHER [--way W] [--neighbour BDF,BDF]
 * OTHER is a second edu, whose addresses end at 2^28; the neighbours are in one group.
 */
#include <getopt.h>
#include <string.h>

#include "check-vfio.h"

#define SMALL   65536u
#define MAX_28  0xfffffffull
#define KEPT    0xa5
#define STRANGE 0x5a

static struct {
	const char *bdf, *other, *way;
	char *neighbours;
} asked;

/* The device's own bytes become this value. */
static int set_own(struct edu *edu, int value)
{
	struct pmem_region *source = vfio_memory(edu, EDU_OWN_BYTES);
	int r = -ENOMEM;

	if (source && pmem_region_data(source)) {
		memset(pmem_region_data(source), value, EDU_OWN_BYTES);
		r = edu_load(edu, vfio_address(source), EDU_OWN_BYTES);
	}
	pmem_region_close(source);
	return r;
}

/* Are the device's own bytes all of this value? */
static bool own_is(struct edu *edu, int value)
{
	struct pmem_region *target = vfio_memory(edu, EDU_OWN_BYTES);
	bool same = false;

	if (target && pmem_region_data(target)) {
		memset(pmem_region_data(target), ~value, EDU_OWN_BYTES);
		same = edu_store(edu, vfio_address(target), EDU_OWN_BYTES) == 0 &&
			vfio_all(pmem_region_data(target), value, EDU_OWN_BYTES);
	}
	pmem_region_close(target);
	return same;
}

/* What the device writes to this address does not come to these bytes, nor does it read them. */
static void check_unseen(struct edu *edu, uint64_t bus, unsigned char *bytes, const char *name)
{
	char text[60];
	int r = set_own(edu, STRANGE);

	memset(bytes, KEPT, EDU_OWN_BYTES);
	if (r == 0)
		r = edu_store(edu, bus, EDU_OWN_BYTES);
	snprintf(text, sizeof(text), "%s-write", name);
	CHECK(text, r == 0 && vfio_all(bytes, KEPT, EDU_OWN_BYTES), "%d, or the device wrote there", r);
	r = edu_load(edu, bus, EDU_OWN_BYTES);
	snprintf(text, sizeof(text), "%s-read", name);
	CHECK(text, r == 0 && !own_is(edu, KEPT), "%d, or the device read it", r);
}

/* Write by the device through one address, over all the pages of the region; then detach. */
static void check_region(struct edu *edu, struct pmem_region *region, const char *name)
{
	unsigned char *bytes = pmem_region_data(region);
	uint64_t bus = 0, again = 0, size = pmem_region_size(region);
	char text[60];
	int r = pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &bus);

	snprintf(text, sizeof(text), "%s-attach", name);
	CHECK_OK(text, r);
	if (r || !bytes)
		return;
	memset(bytes, KEPT, size);
	r = set_own(edu, STRANGE);
	if (r == 0)
		r = edu_store(edu, bus + size - EDU_OWN_BYTES - 1, EDU_OWN_BYTES);
	snprintf(text, sizeof(text), "%s-dma", name);
	CHECK(text, r == 0 && vfio_all(bytes + size - EDU_OWN_BYTES - 1, STRANGE, EDU_OWN_BYTES) &&
			vfio_all(bytes, KEPT, size - EDU_OWN_BYTES - 1) && bytes[size - 1] == KEPT,
		"%d, or other bytes", r);
	snprintf(text, sizeof(text), "%s-twice", name);
	CHECK(text, pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &again) == 0 && again == bus,
		"0x%llx", (unsigned long long)again);
	snprintf(text, sizeof(text), "%s-detach", name);
	CHECK_OK(text, pmem_device_detach(edu->device, region));
	CHECK("still-attached", pmem_device_bus(edu->device, region, &again) == 0, "%s", check_error());
	CHECK_OK(text, pmem_device_detach(edu->device, region));
	check_refused("not-attached-any-more", pmem_device_bus(edu->device, region, &again), "not-found");
	snprintf(text, sizeof(text), "%s-after-detach", name);
	check_unseen(edu, bus, bytes, text);
	check_refused("detach-too-often", pmem_device_detach(edu->device, region), "not-found");
}

static void check_registered(struct edu *edu)
{
	unsigned char *memory = vfio_small_pages(SMALL);
	struct pmem_region *region = NULL;
	size_t pieces = 0;

	CHECK_OK("register", pmem_region_register(edu->dma.ctx, memory, SMALL, 0, &region));
	if (!region)
		return;
	CHECK("pieces", pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS, NULL, 0, &pieces) == -ENOSPC ||
			pieces > 1, "%zu", pieces);
	check_region(edu, region, "registered");
	CHECK_OK("register-close", pmem_region_close(region));
	munmap(memory, SMALL);
}

static void check_allocated(struct edu *edu, const char *backend, uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend };
	struct pmem_region *region = NULL;

	CHECK_OK(backend, pmem_region_alloc(edu->dma.ctx, size, &opts, &region));
	if (region)
		check_region(edu, region, backend);
	pmem_region_close(region);
}

/* Huge pages of the program's own. */
static void check_hugetlb(struct edu *edu)
{
	uint64_t size = (uint64_t)vfio_number("/proc/meminfo", "Hugepagesize") << 10;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	struct pmem_region *region = NULL;
	uint64_t bus = 0;

	CHECK("hugetlb", memory != MAP_FAILED, "%s", strerror(errno));
	if (memory == MAP_FAILED)
		return;
	memset(memory, 1, size);
	CHECK_OK("hugetlb-register", pmem_region_register(edu->dma.ctx, memory, size, 0, &region));
	CHECK_OK("hugetlb-attach", pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &bus));
	CHECK_U64("hugetlb-address-aligned", bus % size, 0);
	CHECK_OK("hugetlb-detach", pmem_device_detach(edu->device, region));
	check_region(edu, region, "hugetlb");
	CHECK_OK("hugetlb-close", pmem_region_close(region));
	munmap(memory, size);
}

/* A heap's memory has no pages that VFIO can map. */
static void check_heap(struct edu *edu)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "dmaheap", .heap = "system",
		.flags = PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS };
	struct pmem_region *region = NULL;
	uint64_t bus;

	if (access("/dev/dma_heap/system", F_OK))
		return;
	CHECK_OK("heap", pmem_region_alloc(edu->dma.ctx, SMALL, &opts, &region));
	check_refused("heap-refused", pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &bus),
		"unsupported");
	CHECK("heap-hint", pmem_error_hint(pmem_error_last())[0] != '\0', "no way out is named");
	pmem_region_close(region);
	check_refused("bar-refused", pmem_device_attach(edu->device, edu->registers, PMEM_DMA_BOTH, &bus),
		"unsupported");
}

static void check_read_only(struct edu *edu)
{
	unsigned char *memory = vfio_small_pages(SMALL);
	struct pmem_region *region = NULL;
	uint64_t bus = 0;
	int r;

	CHECK_OK("one-way-register", pmem_region_register(edu->dma.ctx, memory, SMALL, 0, &region));
	CHECK_OK("one-way", pmem_device_attach(edu->device, region, PMEM_DMA_READ, &bus));
	memset(memory, KEPT, SMALL);
	r = set_own(edu, STRANGE);
	if (r == 0)
		r = edu_store(edu, bus, EDU_OWN_BYTES);
	CHECK("one-way-not-written", r == 0 && vfio_all(memory, KEPT, SMALL), "the device wrote");
	CHECK_OK("one-way-load", edu_load(edu, bus, EDU_OWN_BYTES));
	CHECK("one-way-read", own_is(edu, KEPT), "the device did not read");
	check_refused("other-way", pmem_device_attach(edu->device, region, PMEM_DMA_BOTH, &bus), "busy");
	CHECK_OK("one-way-close", pmem_region_close(region)); /* without detach: any order is safe */
	check_unseen(edu, bus, memory, "closed-region");
	munmap(memory, SMALL);
}

/* Objects of a pool on memory of the device: no call for an address. */
static void check_pool(struct edu *edu)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .device = edu->device };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };
	struct pmem_pool *pool = NULL;
	uint64_t from = 0, to = 0;
	unsigned char *a, *b;

	CHECK_OK("pool", pmem_pool_new(edu->dma.ctx, &opts, &pool));
	a = pmem_pool_alloc(pool, 3000, 0);
	b = pmem_pool_alloc(pool, 3000, 0);
	CHECK("pool-alloc", a && b, "%s", check_error());
	if (a && b) {
		memset(a, KEPT, 3000);
		memset(b, 0, 3000);
		CHECK_OK("pool-bus", pmem_pool_bus(pool, a, &from));
		CHECK_OK("pool-bus", pmem_pool_bus(pool, b, &to));
		CHECK_OK("pool-copy", edu_copy(&edu->dma, to, from, 3000));
		CHECK("pool-same", vfio_all(b, KEPT, 3000), "other bytes");
	}
	CHECK_OK("pool-close", pmem_pool_close(pool));
}

/* A second device in the same address space, whose addresses are short. */
static void check_sharing(struct edu *edu)
{
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = asked.way, .share = edu->device,
		.max_addr = MAX_28 };
	unsigned char *memory = vfio_small_pages(SMALL);
	struct pmem_region *region = NULL;
	uint64_t bus = 0, other = 0;
	struct edu second;
	int r = vfio_open(&second, edu->dma.ctx, asked.other, &opts);

	CHECK_OK("share", r);
	if (r)
		return;
	CHECK_OK("share-register", pmem_region_register(edu->dma.ctx, memory, SMALL, 0, &region));
	CHECK_OK("share-attach", pmem_device_attach(second.device, region, PMEM_DMA_BOTH, &bus));
	CHECK("share-short", bus + SMALL - 1 <= MAX_28, "0x%llx", (unsigned long long)bus);
	CHECK_OK("share-bus", pmem_device_bus(edu->device, region, &other));
	CHECK_U64("share-same", other, bus);
	memset(memory, KEPT, SMALL);
	CHECK_OK("share-load", edu_load(&second, bus, 3000));
	memset(memory, 0, SMALL);
	CHECK_OK("share-store", edu_store(&second, bus + 8192, 3000));
	CHECK("share-second", vfio_all(memory + 8192, KEPT, 3000), "the second device did not write");
	CHECK_OK("share-close", vfio_close(&second));
	CHECK_OK("share-still", edu_load(edu, bus + 8192, 3000));
	CHECK_OK("share-still-store", edu_store(edu, bus, 3000));
	CHECK("share-first", vfio_all(memory, KEPT, 3000), "the first device did not write");
	CHECK_OK("share-region", pmem_region_close(region));
	munmap(memory, SMALL);
}

/* Two devices of one group are in one address space, whether that was asked for or not. */
static void check_group(struct pmem_ctx *ctx)
{
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = asked.way };
	const char *first = strsep(&asked.neighbours, ",");
	struct pmem_device *neighbour = NULL;
	struct pmem_region *region;
	uint64_t bus = 0;
	struct edu edu;

	CHECK_OK("group-first", vfio_open(&edu, ctx, first, &opts));
	if (!edu.device)
		return;
	region = vfio_memory(&edu, SMALL);
	CHECK_OK("group-second", pmem_device_open(ctx, asked.neighbours, &opts, &neighbour));
	CHECK_OK("group-bus", pmem_device_bus(neighbour, region, &bus));
	CHECK_U64("group-same", bus, vfio_address(region));
	CHECK_OK("group-second-close", pmem_device_close(neighbour));
	memset(pmem_region_data(region), KEPT, EDU_OWN_BYTES);
	CHECK_OK("group-load", edu_load(&edu, bus, EDU_OWN_BYTES));
	CHECK("group-still-works", own_is(&edu, KEPT), "other bytes");
	CHECK_OK("group-region", pmem_region_close(region));
	CHECK_OK("group-close", vfio_close(&edu));
}

/* An address that the device was given before it was closed means nothing to it now. */
static void check_after_close(struct pmem_ctx *ctx, const struct pmem_device_opts *opts)
{
	unsigned char *memory = vfio_small_pages(SMALL);
	struct pmem_region *region = NULL, *own = NULL;
	uint64_t bus = 0, value;
	struct edu edu;

	CHECK_OK("before", vfio_open(&edu, ctx, asked.bdf, opts));
	own = vfio_memory(&edu, SMALL); /* first: this is where memory of the next opening will be */
	CHECK("before-own", own, "%s", check_error());
	CHECK_OK("before-register", pmem_region_register(ctx, memory, SMALL, 0, &region));
	CHECK_OK("before-attach", pmem_device_attach(edu.device, region, PMEM_DMA_BOTH, &bus));
	CHECK_OK("before-close", vfio_close(&edu));
	check_refused("own-bus-gone", pmem_region_bus(own, &value), "device-gone");
	check_refused("own-phys-gone", pmem_region_phys(own, &value), "device-gone");
	CHECK("region-lives", vfio_all(memory + 1, 0, 100), "the program's own memory changed");
	CHECK_OK("own-close", pmem_region_close(own));
	CHECK_OK("after", vfio_open(&edu, ctx, asked.bdf, opts));
	memset(memory, KEPT, SMALL);
	own = vfio_memory(&edu, EDU_OWN_BYTES);
	memset(pmem_region_data(own), STRANGE, EDU_OWN_BYTES);
	CHECK_OK("after-load", edu_load(&edu, vfio_address(own), EDU_OWN_BYTES));
	CHECK_OK("after-store", edu_store(&edu, bus, EDU_OWN_BYTES));
	CHECK("after-close-unchanged", vfio_all(memory, KEPT, SMALL), "the device wrote there");
	CHECK_OK("after-own-close", pmem_region_close(own));
	CHECK_OK("after-close", vfio_close(&edu));
	CHECK_OK("after-region", pmem_region_close(region));
	munmap(memory, SMALL);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "way", required_argument, NULL, 'w' },
		{ "neighbour", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_device_opts opts = { .size = sizeof(opts) };
	struct pmem_ctx *ctx;
	struct edu edu;
	int c, r;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'w')
			asked.way = optarg;
		if (c == 'n')
			asked.neighbours = optarg;
	}
	if (optind + 2 != argc)
		return 2;
	asked.bdf = argv[optind];
	asked.other = argv[optind + 1];
	opts.way = asked.way;
	ctx = check_ctx();
	r = vfio_open(&edu, ctx, asked.bdf, &opts);
	CHECK_OK("open", r);
	if (r == 0) {
		check_registered(&edu);
		check_hugetlb(&edu);
		check_allocated(&edu, "pages", 3 * vfio_page());
		check_allocated(&edu, "udmabuf", 4 * vfio_page());
		check_heap(&edu);
		check_read_only(&edu);
		check_pool(&edu);
		check_sharing(&edu);
		CHECK_OK("close", vfio_close(&edu));
		check_after_close(ctx, &opts);
		if (asked.neighbours)
			check_group(ctx);
	}
	pmem_ctx_unref(ctx);
	return check_end();
}
