/* SPDX-License-Identifier: MIT */
/* physmem addr: one address, as the CPU and as a DMA master sees it. */
#include "bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct conversion {
	struct pmem_ctx *ctx;
	const char *master; /* NULL: the SoC's general DMA engine */
	bool json;
	json_object *list;
};

static void show(json_object *address)
{
	json_object *error = member(address, "error");

	line("phys %-18s dma %-18s %s%s%s", member(address, "phys") ? text_of(address, "phys") : "-",
		member(address, "bus") ? text_of(address, "bus") : "-",
		error ? text_of(error, "message") : member(address, "owner") ? text_of(address, "owner") : "",
		member(address, "node") ? " " : "", member(address, "node") ? text_of(address, "node") : "");
}

static const char *owner_word(uint64_t phys, char *name, size_t size)
{
	switch (iomem_owner(phys, phys, name, size)) {
	case OWNER_RAM:
	case OWNER_DRIVER:
		return name;
	case OWNER_NONE:
		return "";
	default:
		return NULL;
	}
}

enum space { SPACE_PHYS, SPACE_BUS, SPACE_DMA };

static void refused(json_object *address, int *worst)
{
	*worst = exit_code_of(pmem_error_last());
	json_set(address, "error", json_error(pmem_error_last()));
	report_error(NULL, pmem_error_last());
}

static void ambiguous(json_object *address, const struct bus_search *search, int *worst)
{
	json_object *error = json_new();
	char text[BUS_AMBIGUOUS_MAX];

	bus_ambiguous(search, text);
	json_set_text(error, "message", text);
	json_set_text(error, "cause", "ambiguous");
	json_set(address, "error", error);
	report("%s", text);
	*worst = EXIT_FAILED;
}

/* false: told why *phys is unknown. What no device's bus calls so is what the DMA master calls so. */
static bool find_phys(struct conversion *job, json_object *address, enum space space, uint64_t in,
	uint64_t *phys, char *node, size_t size, int *worst)
{
	struct bus_search search;

	if (space == SPACE_BUS && bus_find(job->ctx, &search, in)) {
		if (search.other[0]) {
			ambiguous(address, &search, worst);
			return false;
		}
		*phys = search.phys;
		bus_device(job->ctx, *phys, node, size);
		return true;
	}
	if (sure(pmem_soc_bus_to_phys(job->ctx, job->master, in, phys)) == 0)
		return true;
	refused(address, worst);
	return false;
}

/* One address; *worst becomes the exit code of the last one whose other side is not there. */
static void convert(struct conversion *job, uint64_t in, enum space space, int *worst)
{
	json_object *address = json_new();
	uint64_t phys = in, bus = in;
	char name[512] = "", node[512] = "";
	const char *owner;
	bool known = space == SPACE_PHYS ||
		find_phys(job, address, space, in, &phys, node, sizeof(node), worst);

	if (known && space != SPACE_DMA && sure(pmem_soc_phys_to_bus(job->ctx, job->master, phys, &bus))) {
		json_set(address, "bus", NULL);
		if (space == SPACE_PHYS)
			refused(address, worst);
	}
	json_set(address, "phys", known ? json_hex(phys) : NULL);
	if (!json_object_object_get_ex(address, "bus", NULL))
		json_set(address, "bus", known || space == SPACE_DMA ? json_hex(bus) : NULL);
	if (known) {
		owner = owner_word(phys, name, sizeof(name));
		json_set_text(address, "owner", owner);
		json_set_text(address, "node", node[0] ? node : NULL);
	}
	if (!job->json)
		show(address);
	json_add(job->list, address);
}

static enum space space_of(const char **text)
{
	enum space space = !strncmp(*text, "dma:", 4) ? SPACE_DMA :
		!strncmp(*text, "bus:", 4) ? SPACE_BUS : SPACE_PHYS;

	*text += space == SPACE_PHYS ? 0 : 4;
	return space;
}

static int convert_all(const struct command *self, struct conversion *job, char **argv)
{
	json_object *document;
	int worst = EXIT_OK, code, coherent;

	for (; *argv; argv++) {
		const char *text = *argv;
		enum space space = space_of(&text);
		uint64_t in;

		if (!parse_number(text, &in))
			return usage_error(self, "'%s' is no address: a number, perhaps behind bus: or dma:",
				*argv);
		convert(job, in, space, &worst);
	}
	if (!job->json)
		code = out_finish();
	else {
		document = json_document(self->name);
		json_set_text(document, "master", job->master);
		coherent = asked(pmem_soc_coherent(job->ctx, job->master));
		if (coherent >= 0)
			json_set_bool(document, "coherent", coherent);
		else
			json_set(document, "coherent", NULL);
		json_set(document, "addresses", job->list);
		job->list = NULL;
		code = json_finish(document);
	}
	return code ? code : worst;
}

static const struct option table[] = {
	{ "master", required_argument, NULL, 'm' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int run(const struct command *self, int argc, char **argv)
{
	struct conversion job = { 0 };
	int option, code;

	while ((option = getopt_long(argc, argv, "m:jh", table, NULL)) != -1) {
		if (option == 'm')
			job.master = optarg;
		else if (common_option(self, option, &code))
			return code;
		else
			job.json = true;
	}
	if (optind == argc)
		return usage_error(self, "no address is given");
	code = open_context(&job.ctx);
	if (code)
		return code;
	if (job.master && sure(pmem_soc_coherent(job.ctx, job.master)) < 0) {
		code = fail_library(job.master);
	} else {
		job.list = json_list();
		code = convert_all(self, &job, argv + optind);
		json_object_put(job.list);
	}
	pmem_ctx_unref(job.ctx);
	return code;
}

const struct command cmd_addr = {
	.name = "addr",
	.run = run,
	.synopsis = "[--master NODE] [--json] ADDRESS...",
	.summary = "Convert between physical and bus addresses",
	.help = "One line for each ADDRESS: what the CPU calls it, what the DMA master calls it, and who\n"
		"has it by /proc/iomem. A number is a physical address; dma: and a number is one that the\n"
		"master uses; bus: and a number is one of a datasheet, by the ranges of a bus. The\n"
		"machine's own device tree decides, never a table of boards. An address that has no other\n"
		"side is told, with the reason; exit status 1.\n\n"
		"  -m, --master NODE path, alias, &label or compatible; default: the SoC's general DMA\n"
		"                    engine\n"
		"  -j, --json        JSON\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem addr bus:0x7e200000\n"
		"  physmem addr 0x3f200000 dma:0xc1000000\n"
		"  physmem addr --master /soc/usb@7e980000 --json 0x1000000\n",
};
