/* SPDX-License-Identifier: MIT */
/* physmem selftest: allocate, say what was got, and prove that a copy into it is right. */
#include "alloc_options.h"
#include "selftest.h"

#include <inttypes.h>
#include <stdio.h>

static int allocate(void *user, uint64_t size, struct pmem_region **out)
{
	struct selftest *test = user;

	return pmem_region_alloc(test->ctx, size, &test->opts, out);
}

/* To this user; or the backend that was asked for has no way to tell it, as many a dma-heap. */
static bool address_is_missing(const struct selftest *test, const struct pmem_error *error)
{
	return exit_code_of(error) == EXIT_PERMISSION ||
		(test->opts.backend && pmem_error_cause(error) == PMEM_CAUSE_ADDRESS_UNKNOWN);
}

/*
 * An ordinary user gets no address, but the copy can still be tested: say what is missing and go
 * on. Requests that only make sense with an address are not weakened.
 */
static int allocate_first(struct selftest *test, struct pmem_region **region)
{
	bool weaken = !test->need_address && !test->opts.max_addr && !test->opts.align;

	if (allocate(test, test->size, region) == 0)
		return 0;
	if (!weaken || !address_is_missing(test, pmem_error_last()))
		return fail_library(NULL);
	test->remark = json_error(pmem_error_last());
	report_error("no physical address", pmem_error_last());
	report("going on with memory whose address is unknown (--need-address makes this fail)");
	test->opts.flags |= PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_SCATTERED;
	if (allocate(test, test->size, region) == 0)
		return 0;
	return fail_library("allocation without an address");
}

/* One copy; NULL list: only the verdict counts. */
static int copy_once(struct selftest *test, uint64_t size, uint64_t hole, json_object *list)
{
	json_object *result = json_new();
	int ret = pmem_selftest_copy(test->ctx, size, hole, hole * 2, allocate, NULL, test);

	json_set_number(result, "size", size);
	json_set_number(result, "hole", hole);
	json_set_bool(result, "passed", ret == 0);
	json_add(list, result);
	return ret ? fail_library(NULL) : 0;
}

/* Sizes from one byte up, holes that make source and destination start at odd places. */
static int copies(struct selftest *test, json_object *list)
{
	static const uint64_t holes[] = { 0, 1, 7, 64 };
	uint64_t sizes[] = { 1, 3, 64, pmem_soc_page_size(test->ctx), test->size };
	int code = 0;

	if (test->hole_given)
		return copy_once(test, test->size, test->hole, list);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		bool last = i + 1 == sizeof(sizes) / sizeof(sizes[0]);

		if (!last && sizes[i] >= test->size)
			continue;
		for (size_t j = 0; j < sizeof(holes) / sizeof(holes[0]) && !code; j++) {
			if (holes[j] < (sizes[i] + 1) / 2)
				code = copy_once(test, sizes[i], holes[j], list);
		}
	}
	return code;
}

static int tell(struct selftest *test, json_object *region, json_object *list)
{
	json_object *document;

	if (!test->json) {
		show_region(region);
		row("copies", "%zu passed", json_object_array_length(list));
		json_object_put(region);
		json_object_put(list);
		json_object_put(test->remark);
		return out_finish();
	}
	document = json_document("selftest");
	json_set(document, "region", region);
	json_set(document, "copies", list);
	json_set(document, "remark", test->remark);
	json_set_bool(document, "passed", true);
	return json_finish(document);
}

static int selftest(struct selftest *test)
{
	struct pmem_region *region;
	json_object *facts, *list;
	int code = allocate_first(test, &region);

	if (code) {
		json_object_put(test->remark);
		return code;
	}
	facts = facts_region(region);
	list = json_list();
	code = copies(test, list);
	if (pmem_region_close(region) && !code)
		code = fail_library(NULL);
	if (!code)
		return tell(test, facts, list);
	json_object_put(facts);
	json_object_put(list);
	json_object_put(test->remark);
	return code;
}

enum { OPTION_NEED_ADDRESS = 256, OPTION_DMA };

static const struct option table[] = {
	{ "size", required_argument, NULL, 's' },
	{ "hole", required_argument, NULL, 'o' },
	{ "need-address", no_argument, NULL, OPTION_NEED_ADDRESS },
	{ "dma", no_argument, NULL, OPTION_DMA },
	ALLOC_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

/* -1: go on. */
static int parse_option(const struct command *self, struct selftest *test, int option)
{
	int code;

	switch (option) {
	case 's':
		code = alloc_size(self, optarg, &test->size);
		return code == -1 && !test->size ? usage_error(self, "--size must be at least 1") : code;
	case 'o':
		test->hole_given = true;
		return alloc_size(self, optarg, &test->hole);
	case OPTION_NEED_ADDRESS:
		test->need_address = true;
		return -1;
	case OPTION_DMA:
		test->dma = true;
		return -1;
	default:
		return alloc_option(self, option, &test->opts, &test->json);
	}
}

static int parse_options(const struct command *self, int argc, char **argv,
	struct selftest *test)
{
	int option, code = -1;

	while (code == -1 &&
		(option = getopt_long(argc, argv, "s:o:" ALLOC_LETTERS, table, NULL)) != -1)
		code = parse_option(self, test, option);
	if (code != -1)
		return code;
	if (optind < argc)
		return usage_error(self, "'%s' is one argument too many", argv[optind]);
	if (test->need_address && (test->opts.flags & PMEM_ALLOC_NO_ADDRESS))
		return usage_error(self, "--need-address and --no-address contradict each other");
	if (test->dma && test->hole_given)
		return usage_error(self, "--dma makes copies of its own: no --hole");
	if (test->hole_given && test->hole >= (test->size + 1) / 2)
		return usage_error(self, "two holes of %" PRIu64 " leave nothing of %" PRIu64 " bytes",
			test->hole, test->size);
	return alloc_options_check(self, &test->opts);
}

static int run(const struct command *self, int argc, char **argv)
{
	struct selftest test = { .opts.size = sizeof(test.opts), .size = 64 * 1024 };
	int code;

	code = parse_options(self, argc, argv, &test);
	if (code != -1)
		return code;
	code = open_context(&test.ctx);
	if (code)
		return code;
	code = test.dma ? selftest_dma(&test) : selftest(&test);
	pmem_ctx_unref(test.ctx);
	return code;
}

const struct command cmd_selftest = {
	.name = "selftest",
	.run = run,
	.synopsis = "[--size SIZE] [--hole SIZE] [--backend NAME] [OPTIONS] [--json]",
	.summary = "Allocate memory, show where it is, and prove a copy",
	.help = "Allocates, prints the address and the attributes, then copies between two such\n"
		"buffers in several sizes with guarded bytes at both ends and compares every byte.\n"
		"Exit status 5 if a byte is wrong. The CPU copies; no DMA channel is touched without --dma.\n"
		"An ordinary user is told what root would add, and the copies run all the same.\n\n"
		"  -s, --size SIZE   bytes, such as 4096, 64K or 2M; default 64K\n"
		"  -o, --hole SIZE   only this copy: SIZE guarded bytes at each end\n"
		ALLOC_HELP
		"      --need-address  fail if the address cannot be known\n"
		"      --dma         a DMA engine copies instead, if there is one that is known and idle:\n"
		"                    an unused channel of a Raspberry Pi, or QEMU's device edu. If there\n"
		"                    is none, exit status 4. The report can be sent in\n"
		"  -j, --json        JSON\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem selftest\n"
		"  physmem selftest --size 1M --below 1G\n"
		"  physmem selftest --backend dmaheap --size 4M --hole 4K --json\n"
		"  physmem selftest --dma > report.txt\n",
};
