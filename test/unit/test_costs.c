/* SPDX-License-Identifier: MIT */
/*
 * What each public call costs, in system calls: the table of docs/costs.md is what this program
 * counts. test/bench/costs.sh writes it there; without PMEM_COSTS_WRITE the two must be equal. The
 * table is that of x86-64: elsewhere a call asks for more (whether devices are coherent, of RAM
 * that is mapped) or for less. There all calls must work, and those that the tree answers cost
 * nothing again.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counted.h"
#include "pagemap.h"
#include "played_dmabuf.h"
#include "suite.h"
#include "vcfw.h"
#include "vm.h"

#define BEGIN "<!-- costs: written by test/bench/costs.sh -->\n"
#define END   "<!-- costs: end -->\n"

static struct pmem_ctx *ctx;
static struct pmem_region *region;
static uint64_t a, b;

static const struct fake_device gpiomem = { .path = "/dev/gpiomem", .memory = 4096 };
static const struct fake_device heap = { .path = "/dev/dma_heap/linux,cma",
	.ioctl = played_heap_ioctl };

/* --- what is asked: 0 or more is success -------------------------------------------------------- */

static int q_family(void) { return pmem_soc_family(ctx) ? 0 : -1; }
static int q_model(void) { return pmem_soc_model(ctx) ? 0 : -1; }
static int q_path(void) { return pmem_soc_node(ctx, "/soc/serial@7e201000", 0, &a, &b); }
static int q_alias(void) { return pmem_soc_node(ctx, "serial0", 0, &a, &b); }
static int q_compatible(void) { return pmem_soc_node(ctx, "arm,pl011", 0, &a, &b); }
static int q_available(void) { return pmem_soc_node_available(ctx, "serial0"); }
static int q_gpio(void) { return pmem_soc_gpio(ctx, &a, &b); }
static int q_to_bus(void) { return pmem_soc_phys_to_bus(ctx, NULL, 0x1000, &a); }
static int q_to_phys(void) { return pmem_soc_bus_to_phys(ctx, NULL, 0xc0001000, &a); }
static int q_coherent(void) { return pmem_soc_coherent(ctx, NULL); }
static int q_none(void) { return pmem_soc_node(ctx, "/soc/none", 0, &a, &b) == -ENOENT ? 0 : -1; }

static int q_node_path(void)
{
	char path[1024];

	return pmem_soc_node_path(ctx, "brcm,bcm2835-dma", 0, path, sizeof(path));
}

static int q_extents(void)
{
	struct pmem_extent extent;
	size_t count;

	return pmem_region_extents(region, 0, PMEM_TO_END, PMEM_EXTENTS_PHYS | PMEM_EXTENTS_BUS,
		&extent, 1, &count);
}

static int q_map(void) { return pmem_region_map(ctx, 0x3f201000, 0x200, 0, &region); }
static int q_map_gpio(void) { return pmem_region_map_gpio(ctx, 0, &region); }
static int q_map_node(void) { return pmem_region_map_node(ctx, "serial0", 0, 0, &region); }

static int alloc(const char *backend, uint64_t size)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend };

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static int q_pages(void) { return alloc("pages", 4096); }
static int q_more_pages(void) { return alloc("pages", 65536); }
static int q_heap(void) { return alloc("dmaheap", 65536); }
static int q_firmware(void) { return alloc("videocore", 65536); }
static int q_phys(void) { return pmem_region_phys(region, &a); }
static int q_bus(void) { return pmem_region_bus(region, &a); }
static int q_bus_for(void) { return pmem_region_bus_for(region, "/soc", &a); }
static int q_extent(void) { return pmem_region_extent(region, 4096, &a, &b); }
static int q_begin(void) { return pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH); }
static int q_find(void) { return pmem_region_find(ctx, pmem_region_data(region), &region, &a); }
static int q_vaddr(void) { return pmem_vaddr_phys(ctx, &ctx, &a); }
static int q_pagemap(void) { return pmem_vaddr_pagemap(ctx, &ctx, &a); }

static int q_bulk(void)
{
	static uint64_t phys[4096];

	return pmem_vaddr_phys_bulk(ctx, (void *)0x10000000, 4096, phys);
}

static int status(const char *name)
{
	for (size_t i = 0; pmem_backend_name(ctx, i); i++) {
		if (strcmp(pmem_backend_name(ctx, i), name) == 0)
			return pmem_backend_status(ctx, i, NULL);
	}
	return -1;
}

static int q_status_devmem(void) { return status("devmem"); }
static int q_status_pages(void) { return status("pages"); }
static int q_status_heap(void) { return status("dmaheap"); }

static int q_heaps(void)
{
	size_t count;

	return pmem_heap_count(ctx, &count);
}

static struct pmem_pool *pool;
static void *object;

/* Whatever is asked of a pool is asked twice; it lives as long as the first region would. */
static int q_pool_alloc(void)
{
	int r = 0;

	if (!pool)
		r = pmem_pool_new(ctx, NULL, &pool);
	if (r == 0)
		object = pmem_pool_alloc(pool, 64, 0);
	return r < 0 ? r : object ? 0 : -errno;
}

static int q_pool_free(void)
{
	int r = q_pool_alloc();

	return r < 0 ? r : pmem_pool_free(pool, object);
}

static int q_pool_phys(void) { return pmem_pool_phys(pool, object, &a); }
static int q_pool_bus(void) { return pmem_pool_bus(pool, object, &a); }
static int q_pool_region(void) { return pmem_pool_region(pool, object, &region, &a); }

static int q_revision(void) { return pmem_firmware_get(ctx, PMEM_FACT_REVISION, &a); }

static int q_ctx(void)
{
	struct pmem_ctx *other;
	int r = pmem_ctx_new(&other);

	if (r == 0)
		pmem_ctx_unref(other);
	return r;
}

/* --- and what is there when it is asked --------------------------------------------------------- */

static const struct {
	const char *text;
	int (*ask)(void);
	int (*before)(void); /* makes a region that is asked about; not counted */
	bool gives;          /* the call makes a region, which is closed in between, not counted */
} calls[] = {
	{ "`pmem_ctx_new()`, `pmem_ctx_unref()`", q_ctx, NULL, false },
	{ "`pmem_soc_family()`", q_family, NULL, false },
	{ "`pmem_soc_model()`", q_model, NULL, false },
	{ "`pmem_soc_node()` by path", q_path, NULL, false },
	{ "`pmem_soc_node()` by alias", q_alias, NULL, false },
	{ "`pmem_soc_node()` by compatible", q_compatible, NULL, false },
	{ "`pmem_soc_node()` of a node that is not there", q_none, NULL, false },
	{ "`pmem_soc_node_path()`", q_node_path, NULL, false },
	{ "`pmem_soc_node_available()`", q_available, NULL, false },
	{ "`pmem_soc_gpio()`", q_gpio, NULL, false },
	{ "`pmem_soc_phys_to_bus()`", q_to_bus, NULL, false },
	{ "`pmem_soc_bus_to_phys()`", q_to_phys, NULL, false },
	{ "`pmem_soc_coherent()`", q_coherent, NULL, false },
	{ "`pmem_region_map()`", q_map, NULL, true },
	{ "`pmem_region_map_gpio()`", q_map_gpio, NULL, true },
	{ "`pmem_region_map_node()`", q_map_node, NULL, true },
	{ "`pmem_region_alloc()`: pages, 4 KiB", q_pages, NULL, true },
	{ "`pmem_region_alloc()`: pages, 64 KiB", q_more_pages, NULL, true },
	{ "`pmem_region_alloc()`: a dma-heap, 64 KiB", q_heap, NULL, true },
	{ "`pmem_region_alloc()`: the firmware, 64 KiB", q_firmware, NULL, true },
	{ "`pmem_region_phys()`", q_phys, q_more_pages, false },
	{ "`pmem_region_bus()`", q_bus, q_more_pages, false },
	{ "`pmem_region_bus_for()`", q_bus_for, q_more_pages, false },
	{ "`pmem_region_extent()`", q_extent, q_more_pages, false },
	{ "`pmem_region_extents()`", q_extents, q_more_pages, false },
	{ "`pmem_region_find()`", q_find, q_more_pages, false },
	{ "`pmem_region_cpu_begin()` of a dma-buf", q_begin, q_heap, false },
	{ "`pmem_pool_new()` and the first `pmem_pool_alloc()`; the next", q_pool_alloc, NULL, false },
	{ "`pmem_pool_alloc()` and `pmem_pool_free()`", q_pool_free, q_pool_alloc, false },
	{ "`pmem_pool_phys()`", q_pool_phys, q_pool_alloc, false },
	{ "`pmem_pool_bus()`", q_pool_bus, q_pool_alloc, false },
	{ "`pmem_pool_region()`", q_pool_region, q_pool_alloc, false },
	{ "`pmem_vaddr_phys()`", q_vaddr, NULL, false },
	{ "`pmem_vaddr_pagemap()`", q_pagemap, NULL, false },
	{ "`pmem_vaddr_phys_bulk()`, 4096 pages", q_bulk, NULL, false },
	{ "`pmem_backend_status()` of devmem", q_status_devmem, NULL, false },
	{ "`pmem_backend_status()` of pages", q_status_pages, NULL, false },
	{ "`pmem_backend_status()` of dmaheap", q_status_heap, NULL, false },
	{ "the list of heaps", q_heaps, NULL, false },
	{ "`pmem_firmware_get()`", q_revision, NULL, false },
};

static const struct os_calls *unplaced;

/*
 * Memory that is mapped with room to align it is cut at one end or at both, as chance has it: here it
 * begins one page after what is aligned, so that both are cut.
 */
static int placed_mmap(void *hint, size_t length, int prot, int flags, int fd, uint64_t offset,
	void **out)
{
	if (!hint && length > 65536)
		hint = (void *)(sizeof(void *) > 4 ? (uintptr_t)0x3e0000001000 : (uintptr_t)0x50001000);
	return unplaced->mmap(hint, length, prot, flags, fd, offset, out);
}

static void place(void)
{
	static struct os_calls placed;

	unplaced = os;
	placed = *os;
	placed.mmap = placed_mmap;
	os = &placed;
}

/* A Raspberry Pi 3 with every way to memory. */
static void machine(void)
{
	fake_start();
	fake_page_size(4096);
	fake_kernel(6012);
	fake_capability(CAP_SYS_ADMIN, true);
	fake_capability(CAP_SYS_RAWIO, true);
	fake_capability(CAP_SYS_RESOURCE, true);
	vcfw_start("brcm,bcm2837");
	fake_string("/", "model", "Raspberry Pi 3 Model B");
	/* Two cells, and windows for all memory: played pages are as far up as their pointers. */
	CELLS("/", "#address-cells", 2);
	CELLS("/", "#size-cells", 2);
	fake_string("/soc", "compatible", "simple-bus");
	CELLS("/soc", "#address-cells", 2);
	CELLS("/soc", "#size-cells", 2);
	CELLS("/soc", "ranges", 0, 0x7e000000, 0, 0x3f000000, 0, 0x1000000);
	CELLS("/soc", "dma-ranges", 0, 0xc0000000, 0, 0, 0, 0x3f000000, 1, 0x3f000000, 0,
		0x3f000000, 0xffff, 0xc1000000);
	CELLS("/soc/dma@7e007000", "reg", 0, 0x7e007000, 0, 0xf00);
	fake_string("/soc/gpio@7e200000", "compatible", "brcm,bcm2835-gpio");
	CELLS("/soc/gpio@7e200000", "reg", 0, 0x7e200000, 0, 0xb4);
	fake_string("/soc/gpiomem", "compatible", "brcm,bcm2835-gpiomem");
	CELLS("/soc/gpiomem", "reg", 0, 0x7e200000, 0, 0x1000);
	fake_string("/soc/serial@7e201000", "compatible", "arm,pl011");
	CELLS("/soc/serial@7e201000", "reg", 0, 0x7e201000, 0, 0x200);
	fake_string("/aliases", "serial0", "/soc/serial@7e201000");
	fake_string("/cpus/cpu@0", "compatible", "arm,cortex-a53");
	/* So that memory which is cached can be had. */
	fake_file("/proc/device-tree/soc/dma-coherent", "", 0);
	fake_node(&heap);
	fake_node(&gpiomem);
	fake_text("/proc/meminfo", "MemAvailable: 8192 kB\n");
	pagemap_play(PAGEMAP_IN_ORDER);
	vm_play();
	counted_start();
	place();
}

static void close_region(void)
{
	if (pool) {
		assert_works(pmem_pool_close(pool));
		pool = NULL;
		region = NULL; /* was the pool's */
	}
	if (region)
		assert_works(pmem_region_close(region));
	region = NULL;
}

static struct counted cost_of(int i)
{
	struct counted before = counted;

	ck_assert_msg(calls[i].ask() >= 0, "%s: %s", calls[i].text,
		pmem_error_text(pmem_error_last()));
	return (struct counted){ counted.calls - before.calls, counted.opens - before.opens };
}

/* The first time and again, of a machine and a context that nobody has asked before. */
static void count(int i, struct counted *first, struct counted *again)
{
	machine();
	assert_works(pmem_ctx_new(&ctx));
	if (calls[i].before)
		assert_works(calls[i].before());
	*first = cost_of(i);
	if (calls[i].gives)
		close_region();
	*again = cost_of(i);
	close_region();
	pmem_ctx_unref(ctx);
	vcfw_stop();
	fake_stop();
}

/* A line of the table. */
static size_t count_line(int i, char *line, size_t size)
{
	struct counted first, again;
	int n;

	count(i, &first, &again);
	n = snprintf(line, size, "| %s | %u | %u | %u | %u |\n", calls[i].text, first.calls,
		first.opens, again.calls, again.opens);
	ck_assert_uint_lt((size_t)n, size);
	return (size_t)n;
}

static char *read_document(void)
{
	FILE *file = fopen(PMEM_COSTS, "re");
	char *text = calloc(1, 65536);

	ck_assert(file && text);
	ck_assert_uint_gt(fread(text, 1, 65535, file), 0);
	fclose(file);
	return text;
}

static void write_document(const char *text, const char *begin, const char *table, const char *end)
{
	FILE *file = fopen(PMEM_COSTS, "we");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "%.*s%s%s", (int)(begin - text), text, table, end);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(the_table_is_what_the_run_counts)
{
	char table[8192] = "| call | first | opens | again | opens |\n|---|---|---|---|---|\n";
	size_t used = strlen(table);
	char *text = read_document(), *begin = strstr(text, BEGIN), *end = strstr(text, END);

	ck_assert_msg(begin && end, "the marks of the table are missing");
	begin += strlen(BEGIN);
	for (int i = 0; i < (int)ARRAY_SIZE(calls); i++)
		used += count_line(i, table + used, sizeof(table) - used);
#ifdef __x86_64__
	if (getenv("PMEM_COSTS_WRITE"))
		write_document(text, begin, table, end);
	else
		ck_assert_msg((size_t)(end - begin) == used && memcmp(begin, table, used) == 0,
			"docs/costs.md is not what this run counts; test/bench/costs.sh writes it anew:\n%s",
			table);
#else
	(void)write_document;
	ck_assert_msg(!getenv("PMEM_COSTS_WRITE"), "the table is that of x86-64");
#endif
	free(text);
}
END_TEST

/* Whatever the tree tells is kept. */
START_TEST(nothing_is_asked_twice)
{
	struct counted again;

	machine();
	assert_works(pmem_ctx_new(&ctx));
	for (int i = 0; i < (int)ARRAY_SIZE(calls); i++) {
		if (strncmp(calls[i].text, "`pmem_soc_", 10) != 0)
			continue;
		cost_of(i);
		again = cost_of(i);
		ck_assert_msg(again.calls == 0, "%s: %u calls", calls[i].text, again.calls);
	}
	pmem_ctx_unref(ctx);
	vcfw_stop();
	fake_stop();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("costs");
	TCase *tc = tcase_create("costs");

	tcase_add_test(tc, the_table_is_what_the_run_counts);
	tcase_add_test(tc, nothing_is_asked_twice);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(suite, tc);
	return suite;
}
