/* SPDX-License-Identifier: MIT */
/* physmem bench: a handful of costs and ratios of this machine, within seconds. */
#include "physmem.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct bench {
	struct pmem_ctx *ctx;
	uint64_t budget; /* nanoseconds for each measurement */
	bool json;
	json_object *results;
	struct pmem_pool *pool;
	void *object;
	uint64_t size; /* of a region */
	int pagemap;
	uint32_t flags;
};

typedef int work_fn(struct bench *bench); /* 0, or it cannot be done */

static uint64_t now(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

/* Picoseconds that one call takes: the best of several rounds, since others use the machine, too. 0: it fails. */
static uint64_t measure(struct bench *bench, work_fn *work)
{
	uint64_t best = 0, count = 1, end = now() + bench->budget;

	do {
		uint64_t begin = now(), took, each;

		progress("measuring");

		for (uint64_t i = 0; i < count; i++) {
			if (work(bench))
				return 0;
		}
		took = now() - begin;
		each = took * 1000 / count;
		if (!best || each < best)
			best = each;
		if (took < bench->budget / 20)
			count *= 2;
	} while (now() < end);
	progress_end();
	return best ? best : 1;
}

static int pread_pagemap(struct bench *bench)
{
	uint64_t entry;
	off_t at = (off_t)((uintptr_t)bench->object / pmem_soc_page_size(bench->ctx) * sizeof(entry));

	return pread(bench->pagemap, &entry, sizeof(entry), at) != sizeof(entry);
}

static int vaddr_phys(struct bench *bench)
{
	uint64_t phys;

	return pmem_vaddr_phys(bench->ctx, bench->object, &phys);
}

static int pool_phys(struct bench *bench)
{
	uint64_t phys;

	return pmem_pool_phys(bench->pool, bench->object, &phys);
}

static int pool_object(struct bench *bench)
{
	void *object = pmem_pool_alloc(bench->pool, 256, 0);

	return !object || pmem_pool_free(bench->pool, object);
}

static int malloc_object(struct bench *bench)
{
	void *volatile object = malloc(256); /* volatile: or the compiler leaves both out */

	(void)bench;
	free(object);
	return 0;
}

static int region(struct bench *bench)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = bench->flags };
	struct pmem_region *made;

	return pmem_region_alloc(bench->ctx, bench->size, &opts, &made) || pmem_region_close(made);
}

/* Picoseconds as "12.3 ns", in a text that is valid until the next but one call. */
static const char *span(uint64_t picoseconds)
{
	static char text[2][32];
	static unsigned which;
	static const char *const units[] = { "ns", "us", "ms", "s" };
	double value = (double)picoseconds / 1000;
	unsigned unit = 0;

	while (value >= 1000 && unit < 3) {
		value /= 1000;
		unit++;
	}
	which = !which;
	(void)snprintf(text[which], sizeof(text[which]), "%.1f %s", value, units[unit]);
	return text[which];
}

/* other 0: nothing to compare with. */
static void result(struct bench *bench, const char *name, uint64_t took, const char *than, uint64_t other)
{
	json_object *object = json_new();
	uint64_t hundredths = took && other ? (other * 100 + took / 2) / took : 0;

	json_set_text(object, "name", name);
	json_set(object, "picoseconds", took ? json_number(took) : NULL);
	json_set_text(object, "than", than);
	json_set(object, "than_picoseconds", other ? json_number(other) : NULL);
	json_set(object, "ratio_percent", hundredths ? json_number(hundredths) : NULL);
	json_add(bench->results, object);
	if (bench->json)
		return;
	if (!took)
		line("%-22s not here: %s", name, pmem_error_message(pmem_error_last()));
	else if (!other)
		line("%-22s %10s", name, span(took));
	else
		line("%-22s %10s   %s: %s, %" PRIu64 ".%02" PRIu64 " times as much", name, span(took), than,
			span(other), hundredths / 100, hundredths % 100);
	(void)fflush(stdout); /* what is known already can be read while the rest runs */
}

static int measure_pool(struct bench *bench)
{
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .flags = bench->flags };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc };
	uint64_t pread_cost;

	if (pmem_pool_new(bench->ctx, &opts, &bench->pool))
		return fail_library("pool");
	bench->object = pmem_pool_alloc(bench->pool, 256, 0);
	if (!bench->object) {
		int code = fail_library("pool");

		(void)pmem_pool_close(bench->pool);
		return code;
	}
	*(volatile char *)bench->object = 1;
	bench->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	pread_cost = bench->pagemap < 0 ? 0 : measure(bench, pread_pagemap);
	if (!(bench->flags & PMEM_ALLOC_NO_ADDRESS)) {
		result(bench, "address-of-object", measure(bench, pool_phys), "pread of pagemap", pread_cost);
		result(bench, "address-of-any", measure(bench, vaddr_phys), "pread of pagemap", pread_cost);
	}
	result(bench, "object-of-256", measure(bench, pool_object), "malloc and free",
		measure(bench, malloc_object));
	if (bench->pagemap >= 0)
		(void)close(bench->pagemap);
	(void)pmem_pool_free(bench->pool, bench->object);
	return pmem_pool_close(bench->pool) ? fail_library("pool") : 0;
}

static void measure_regions(struct bench *bench)
{
	static const struct {
		uint64_t size;
		const char *name;
	} sizes[] = { { 4096, "region-of-4K" }, { 65536, "region-of-64K" }, { 1 << 20, "region-of-1M" },
		{ 4 << 20, "region-of-4M" } };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		bench->size = sizes[i].size;
		result(bench, sizes[i].name, measure(bench, region), NULL, 0);
	}
}

static int bench_all(struct bench *bench)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts) };
	struct pmem_region *probe;
	json_object *document;
	int code;

	if (pmem_region_alloc(bench->ctx, 4096, &opts, &probe) == 0) {
		code = pmem_region_close(probe) ? fail_library(NULL) : 0;
		if (code)
			return code;
	} else if (exit_code_of(pmem_error_last()) == EXIT_PERMISSION) {
		report_error("no physical address", pmem_error_last());
		report("going on with memory whose address is unknown");
		bench->flags = PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED;
	} else {
		return fail_library(NULL);
	}
	bench->results = json_list();
	code = measure_pool(bench);
	if (code) {
		json_object_put(bench->results);
		return code;
	}
	measure_regions(bench);
	if (!bench->json) {
		json_object_put(bench->results);
		return out_finish();
	}
	document = json_document("bench");
	json_set_bool(document, "addresses", !(bench->flags & PMEM_ALLOC_NO_ADDRESS));
	json_set(document, "results", bench->results);
	return json_finish(document);
}

static const struct option table[] = {
	{ "time", required_argument, NULL, 't' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int run(const struct command *self, int argc, char **argv)
{
	struct bench bench = { .budget = 300 };
	int option, code;

	while ((option = getopt_long(argc, argv, "t:jh", table, NULL)) != -1) {
		if (option == 't') {
			if (!parse_number(optarg, &bench.budget) || !bench.budget || bench.budget > 5000)
				return usage_error(self, "--time is 1 to 5000 milliseconds");
		} else if (common_option(self, option, &code)) {
			return code;
		} else {
			bench.json = true;
		}
	}
	if (optind < argc)
		return usage_error(self, "'%s' is one argument too many", argv[optind]);
	bench.budget *= 1000000;
	code = open_context(&bench.ctx);
	if (code)
		return code;
	code = bench_all(&bench);
	pmem_ctx_unref(bench.ctx);
	return code;
}

const struct command cmd_bench = {
	.name = "bench",
	.run = run,
	.synopsis = "[--time MILLISECONDS] [--json]",
	.summary = "Measure what memory costs on this machine",
	.help = "A handful of costs, each beside what it stands in place of: the address of an object\n"
		"against a read of the kernel's pagemap, an object of a pool against malloc(), and\n"
		"a region of several sizes. The best of several rounds is told. It takes about three\n"
		"seconds; an ordinary user is told what root would add.\n\n"
		"  -t, --time MILLISECONDS for each measurement, 1 to 5000; default 300\n"
		"  -j, --json        JSON\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem bench\n"
		"  physmem bench --time 2000\n"
		"  physmem bench --json | jq '.results[] | {name, picoseconds}'\n",
};
