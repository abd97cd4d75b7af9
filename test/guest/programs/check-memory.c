/* SPDX-License-Identifier: MIT */
/*
 * Memory of the backend pages that check-pages does not ask for: pools, a row of blocks, PMEM_ALLOC_TRY_HARD, NUMA
 * nodes. Each address is compared with what the kernel says.
 *     --nodes N    that machine has so many NUMA nodes: memory comes from each that was asked for
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "check_lib.h"

#define MIB     ((uint64_t)1 << 20)
#define OBJECTS 512u

static size_t page;

/* In one piece, and each of its pages where the region says. */
static int lies_there(struct pmem_ctx *ctx, struct pmem_region *region)
{
	size_t count = (size_t)pmem_region_size(region) / page, wrong = 0;
	uint64_t *now = calloc(count, sizeof(*now)), phys = 0;

	if (!now || pmem_region_phys(region, &phys) ||
		pmem_vaddr_phys_bulk(ctx, pmem_region_data(region), count, now))
		wrong = count;
	for (size_t i = 0; i < count && wrong < count; i++)
		wrong += now[i] != phys + i * page;
	free(now);
	return wrong == 0;
}

static struct pmem_region *one_piece(struct pmem_ctx *ctx, const char *name, uint64_t size,
	struct pmem_alloc_opts opts)
{
	struct pmem_region *region = NULL;

	opts.size = sizeof(opts);
	opts.backend = "pages";
	CHECK_OK(name, pmem_region_alloc(ctx, size, &opts, &region));
	if (!region)
		return NULL;
	CHECK("in-one-piece", lies_there(ctx, region), "%s", check_error());
	CHECK("pinned", pmem_region_attrs(region) & PMEM_REGION_PINNED, "0x%x", pmem_region_attrs(region));
	memset(pmem_region_data(region), 0xa5, (size_t)size);
	return region;
}

static void pool(struct pmem_ctx *ctx, uint64_t size)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages" };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .boundary = 65536, .alloc = &alloc };
	struct pmem_pool *pool = NULL;
	void *objects[OBJECTS];
	size_t wrong = 0;

	CHECK_OK("pool-new", pmem_pool_new(ctx, &opts, &pool));
	for (size_t i = 0; pool && i < OBJECTS; i++) {
		uint64_t phys = 0, now = 1;

		objects[i] = pmem_pool_alloc(pool, size, 0);
		if (!objects[i]) {
			CHECK("pool-alloc", 0, "%s", check_error());
			break;
		}
		memset(objects[i], (int)i, (size_t)size);
		if (pmem_pool_phys(pool, objects[i], &phys) || pmem_vaddr_phys(ctx, objects[i], &now))
			wrong++;
		wrong += phys != now || phys / 65536 != (phys + size - 1) / 65536;
	}
	for (size_t i = 0; pool && i < OBJECTS && objects[i]; i++)
		wrong += pmem_pool_free(pool, objects[i]) != 0;
	CHECK("pool-objects", pool && wrong == 0, "%zu of %u objects of %llu bytes are wrong", wrong, OBJECTS,
		(unsigned long long)size);
	CHECK_OK("pool-close", pmem_pool_close(pool));
}

/* What is reserved for good in the pools of huge pages, all added up. */
static unsigned long reserved(void)
{
	FILE *pipe = popen("cat /sys/kernel/mm/hugepages/*/nr_hugepages", "r");
	unsigned long sum = 0, n;

	while (pipe && fscanf(pipe, "%lu", &n) == 1)
		sum = sum * 1000 + n;
	if (pipe)
		pclose(pipe);
	return sum;
}

static void hard(struct pmem_ctx *ctx)
{
	unsigned long before = reserved(), after;

	pmem_region_close(one_piece(ctx, "try-hard", 16 * MIB,
		(struct pmem_alloc_opts){ .flags = PMEM_ALLOC_TRY_HARD }));
	after = reserved();
	CHECK("pools-as-before", after == before, "%lu, then %lu", before, after);
}

/* move_pages() without nodes to move to tells where pages are. */
static void from_node(struct pmem_ctx *ctx, uint32_t node, uint64_t size)
{
	struct pmem_region *region = one_piece(ctx, "alloc-on-node", size,
		(struct pmem_alloc_opts){ .node = node, .wait_ms = 10000 });
	size_t wrong = 0;

	for (uint64_t at = 0; region && at < size; at += page) {
		void *address = (char *)pmem_region_data(region) + at;
		int is = -1;

		wrong += syscall(SYS_move_pages, 0, 1ul, &address, NULL, &is, 0) != 0 || is != (int)node - 1;
	}
	CHECK("on-that-node", region && wrong == 0, "%zu pages of %llu bytes are not on node %u", wrong,
		(unsigned long long)size, node - 1);
	pmem_region_close(region);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "nodes", required_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_ctx *ctx = check_ctx();
	uint32_t nodes = 0;
	int option;

	page = (size_t)sysconf(_SC_PAGESIZE);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'n')
			nodes = (uint32_t)atoi(optarg);
		else
			CHECK("options", 0, "bad option");
	}
	pool(ctx, 192);
	pool(ctx, 16384);
	/* An emulated processor does little in the time that a search takes otherwise. */
	pmem_region_close(one_piece(ctx, "8-mib", 8 * MIB, (struct pmem_alloc_opts){ .wait_ms = 10000 }));
	hard(ctx);
	for (uint32_t node = 1; node <= nodes; node++) {
		from_node(ctx, node, page);
		from_node(ctx, node, 65536);
		from_node(ctx, node, 8 * MIB);
	}
	if (nodes) {
		struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "pages", .node = nodes + 1 };
		struct pmem_region *region;

		CHECK("no-such-node", pmem_region_alloc(ctx, page, &opts, &region) < 0 &&
			pmem_error_cause(pmem_error_last()) == PMEM_CAUSE_NOT_FOUND, "%s", check_error());
	}
	pmem_ctx_unref(ctx);
	return check_end();
}
