/* SPDX-License-Identifier: MIT */
/*
 * What limits memory for a device: RLIMIT_MEMLOCK of an ordinary user, the highest address, windows that are reserved.
 *     check-vfio-limits BDF [--way W] [--window FIRST-LAST]
 * --window: addresses that the IOMMU keeps for itself; so much is mapped that it would be in the middle
 */
#include <getopt.h>
#include <sys/resource.h>

#include "check-vfio.h"

#define MIB 1048576u

static struct {
	const char *bdf, *way;
	uint64_t first, last;
} asked;

/* Attach one piece of 1 MiB after the other; how many it were. */
static unsigned fill(struct edu *edu, struct pmem_region **regions, unsigned most)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .device = edu->device };
	unsigned n = 0;

	while (n < most && pmem_region_alloc(edu->dma.ctx, MIB, &opts, &regions[n]) == 0)
		n++;
	return n;
}

/* 8 MiB of an ordinary user: the ninth is refused and told of, eight stay and work. */
static void check_memlock(struct edu *edu)
{
	struct pmem_region *regions[16] = { 0 }, *again = NULL;
	unsigned n = fill(edu, regions, 16), wrong = 0;
	const struct pmem_error *e = pmem_error_last();

	CHECK_U64("memlock-pieces", n, 8);
	if (n != 8)
		return;
	check_refused("memlock", pmem_error_code(e), "limit");
	CHECK("memlock-errno", pmem_error_code(e) == -ENOMEM, "%d", pmem_error_code(e));
	CHECK("memlock-tells", strstr(pmem_error_text(e), "MEMLOCK") ||
			strstr(pmem_error_hint(e), "MEMLOCK") || strstr(pmem_error_hint(e), "memlock"),
		"%s", pmem_error_hint(e));
	printf("hint: %s\n", pmem_error_hint(e));
	for (unsigned i = 0; i < 8; i++) {
		memset(pmem_region_data(regions[i]), (int)i + 1, 4096);
		wrong += vfio_address(regions[i]) == PMEM_ADDRESS_NONE;
	}
	CHECK_U64("memlock-stay", wrong, 0);
	CHECK_OK("memlock-copy", edu_copy(&edu->dma, vfio_address(regions[7]) + 4096,
					 vfio_address(regions[0]), 2000));
	CHECK("memlock-works", vfio_all((char *)pmem_region_data(regions[7]) + 4096, 1, 2000),
		"other bytes");
	CHECK_OK("memlock-close", pmem_region_close(regions[3]));
	CHECK_U64("memlock-room-again", fill(edu, &again, 1), 1);
	pmem_region_close(again);
	for (unsigned i = 0; i < 8; i++)
		if (i != 3)
			pmem_region_close(regions[i]);
}

/* As an ordinary user, in a child: root has CAP_IPC_LOCK, which lifts the limit. */
static void check_user(void)
{
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = asked.way };
	struct rlimit eight = { 8 * MIB, 8 * MIB };
	int status = -1;
	struct edu edu;
	pid_t pid;

	CHECK("nodes-given", vfio_give(asked.bdf, asked.way, 1000), "%s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_MEMLOCK, &eight);
		check_become_user();
		CHECK_OK("user-open", vfio_open(&edu, check_ctx(), asked.bdf, &opts));
		if (edu.device)
			check_memlock(&edu);
		exit(check_end());
	}
	waitpid(pid, &status, 0);
	CHECK("user", status == 0, "status 0x%x", status);
	vfio_give(asked.bdf, asked.way, 0);
}

/* The device's own highest address, which the kernel does not check. */
static void check_max(struct pmem_ctx *ctx)
{
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = asked.way, .max_addr = 0xfffff };
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc) };
	struct pmem_region *region = NULL;
	unsigned char *memory = vfio_small_pages(2 * MIB);
	uint64_t bus;
	struct edu edu;

	CHECK_OK("max-open", vfio_open(&edu, ctx, asked.bdf, &opts));
	if (!edu.device)
		return;
	alloc.device = edu.device;
	check_refused("max-alloc", pmem_region_alloc(ctx, 2 * MIB, &alloc, &region), "address-limit");
	CHECK_OK("max-register", pmem_region_register(ctx, memory, 2 * MIB, 0, &region));
	check_refused("max-attach", pmem_device_attach(edu.device, region, PMEM_DMA_BOTH, &bus),
		"address-limit");
	CHECK("max-errno", pmem_error_code(pmem_error_last()) == -ERANGE, "%d",
		pmem_error_code(pmem_error_last()));
	pmem_region_close(region);
	CHECK_OK("max-small", pmem_region_alloc(ctx, 65536, &alloc, &region));
	CHECK("max-below", vfio_address(region) + 65535 <= 0xfffff, "0x%llx",
		(unsigned long long)vfio_address(region));
	alloc.align = 0x80000;
	pmem_region_close(region);
	CHECK_OK("aligned", pmem_region_alloc(ctx, 65536, &alloc, &region));
	CHECK_U64("aligned-address", vfio_address(region) % 0x80000, 0);
	pmem_region_close(region);
	CHECK_OK("max-close", vfio_close(&edu));
	munmap(memory, 2 * MIB);
}

/* One program memory in many attachments: no address of any is in the window. */
static void check_window(struct pmem_ctx *ctx)
{
	struct pmem_device_opts opts = { .size = sizeof(opts), .way = asked.way };
	struct pmem_region *regions[8] = { 0 };
	unsigned above = 0, below = 0, inside = 0;
	uint64_t each = (asked.first / 5) & ~(uint64_t)(MIB - 1);
	struct edu edu;

	CHECK_OK("window-open", vfio_open(&edu, ctx, asked.bdf, &opts));
	if (!edu.device)
		return;
	for (unsigned i = 0; i < 8; i++) {
		uint64_t bus;

		regions[i] = vfio_memory(&edu, each);
		CHECK("window-alloc", regions[i], "%s", check_error());
		bus = vfio_address(regions[i]);
		above += bus != PMEM_ADDRESS_NONE && bus > asked.last;
		below += bus < asked.first && bus + each <= asked.first;
		inside += bus <= asked.last && bus + each > asked.first;
	}
	CHECK("window-avoided", inside == 0 && above + below == 8, "%u below, %u inside, %u above",
		below, inside, above);
	CHECK("window-passed", above > 0, "all %u are below", below);
	for (unsigned i = 0; i < 8; i++)
		pmem_region_close(regions[i]);
	CHECK_OK("window-close", vfio_close(&edu));
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "way", required_argument, NULL, 'w' },
		{ "window", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_ctx *ctx;
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'w')
			asked.way = optarg;
		if (c == 'n') {
			asked.first = strtoull(optarg, &end, 0);
			asked.last = strtoull(end + 1, NULL, 0);
		}
	}
	if (optind + 1 != argc)
		return 2;
	asked.bdf = argv[optind];
	ctx = check_ctx();
	check_user();
	check_max(ctx);
	if (asked.last)
		check_window(ctx);
	pmem_ctx_unref(ctx);
	return check_end();
}
