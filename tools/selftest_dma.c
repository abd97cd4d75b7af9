/* SPDX-License-Identifier: MIT */
/* physmem selftest --dma: a real engine copies; every byte and the guards around them are compared. */
#include "selftest.h"

#include "engines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

struct dma_test {
	struct selftest *test;
	struct engine engine;
	uint64_t copied, nanoseconds; /* by the engine */
};

static int allocate(void *user, uint64_t size, struct pmem_region **out)
{
	struct dma_test *dma = user;

	return pmem_region_alloc(dma->test->ctx, size, &dma->test->opts, out);
}

static int address_of(const struct engine *engine, const struct pmem_region *region, uint64_t *address)
{
	return engine->by_phys ? pmem_region_phys(region, address) : pmem_region_bus(region, address);
}

static int copy(void *user, struct pmem_region *dst, uint64_t dst_offset, struct pmem_region *src,
	uint64_t src_offset, uint64_t length)
{
	struct dma_test *dma = user;
	struct timespec begin, end;
	uint64_t to, from;
	int r = address_of(&dma->engine, dst, &to);

	if (r == 0)
		r = address_of(&dma->engine, src, &from);
	if (r)
		return r;
	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	r = dma->engine.copy(&dma->engine, to + dst_offset, from + src_offset, length);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	dma->copied += length;
	dma->nanoseconds += (uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000u +
		(uint64_t)end.tv_nsec - (uint64_t)begin.tv_nsec;
	return r;
}

/* Lengths are multiples of 4: some engines copy whole words, at any address. */
static int copies(struct dma_test *dma, json_object *list)
{
	static const struct {
		uint64_t size, hole, src_offset;
	} cases[] = { { 4096, 0, 0 }, { 12288, 4096, 4096 }, { 8190, 3, 1 }, { 8190, 5, 5 },
		{ 4104, 4, 7 }, { 20478, 4093, 8185 }, { 66, 31, 17 }, { 65536, 64, 64 } };
	size_t count = sizeof(cases) / sizeof(cases[0]) - (dma->engine.slow ? 1 : 0);

	int ret = 0;

	for (size_t i = 0; i < count && ret == 0; i++) {
		json_object *result = json_new();

		progress("copying by %s, %zu", dma->engine.kind, i + 1);
		ret = pmem_selftest_copy(dma->test->ctx, cases[i].size, cases[i].hole,
			cases[i].src_offset, allocate, copy, dma);

		json_set_number(result, "size", cases[i].size);
		json_set_number(result, "hole", cases[i].hole);
		json_set_bool(result, "passed", ret == 0);
		json_add(list, result);
	}
	progress_end();
	return ret ? fail_library("DMA") : 0;
}

static int tell(const struct dma_test *dma, json_object *region, json_object *list)
{
	uint64_t rate = dma->nanoseconds ? dma->copied * 1000000000u / dma->nanoseconds : 0;
	json_object *document, *machine = facts_machine(dma->test->ctx, false), *engine;

	if (!dma->test->json) {
		row("model", "%s", text_of(machine, "model")[0] ? text_of(machine, "model") : "unknown");
		row("family", "%s", text_of(machine, "family"));
		row("kernel", "%s", text_of(machine, "kernel"));
		row("engine", "%s, %s", dma->engine.kind, dma->engine.name);
		show_region(region);
		row("copies", "%zu passed", json_object_array_length(list));
		row("throughput", "%" PRIu64 " bytes per second", rate);
		json_object_put(machine);
		json_object_put(region);
		json_object_put(list);
		return out_finish();
	}
	document = json_document("selftest");
	engine = json_new();
	json_set_text(engine, "kind", dma->engine.kind);
	json_set_text(engine, "name", dma->engine.name);
	json_set_number(engine, "copied", dma->copied);
	json_set_number(engine, "throughput", rate);
	json_set(document, "machine", machine);
	json_set(document, "engine", engine);
	json_set(document, "region", region);
	json_set(document, "copies", list);
	json_set_bool(document, "passed", true);
	return json_finish(document);
}

static int test_engine(struct dma_test *dma)
{
	struct pmem_region *region;
	json_object *facts, *list;
	int code;

	if (allocate(dma, dma->test->size, &region))
		return fail_library(NULL);
	facts = facts_region(region);
	list = json_list();
	code = copies(dma, list);
	if (pmem_region_close(region) && !code)
		code = fail_library(NULL);
	if (!code)
		return tell(dma, facts, list);
	json_object_put(facts);
	json_object_put(list);
	return code;
}

int selftest_dma(struct selftest *test)
{
	struct dma_test dma = { .test = test };
	int code = engine_bcm2835(test->ctx, &dma.engine);

	if (code == ENGINE_NONE)
		code = engine_edu(test->ctx, &dma.engine);
	if (code == ENGINE_NONE)
		return fail_because(EXIT_UNSUPPORTED, "unsupported",
			"without --dma the CPU copies, and the same bytes are compared",
			"skipped: there is no DMA engine here that this command knows and that is idle");
	if (code)
		return code;
	code = test_engine(&dma);
	if (dma.engine.close(&dma.engine) && !code)
		code = fail_library("the DMA engine");
	return code;
}
