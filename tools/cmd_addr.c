/* SPDX-License-Identifier: MIT */
/* physmem addr: one address, as the CPU and as a DMA master sees it. */
#include "physmem.h"

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

	line("phys %-18s bus %-18s %s", member(address, "phys") ? text_of(address, "phys") : "-",
		member(address, "bus") ? text_of(address, "bus") : "-",
		error ? text_of(error, "message") : text_of(address, "owner"));
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

/* One address; *worst becomes the exit code of the last one that has no other side. */
static void convert(struct conversion *job, uint64_t in, bool is_bus, int *worst)
{
	json_object *address = json_new();
	char name[512];
	uint64_t out;
	int ret;

	ret = sure(is_bus ? pmem_soc_bus_to_phys(job->ctx, job->master, in, &out) :
			pmem_soc_phys_to_bus(job->ctx, job->master, in, &out));
	json_set(address, "phys", !is_bus ? json_hex(in) : ret ? NULL : json_hex(out));
	json_set(address, "bus", is_bus ? json_hex(in) : ret ? NULL : json_hex(out));
	if (ret) {
		*worst = exit_code_of(pmem_error_last());
		json_set(address, "error", json_error(pmem_error_last()));
		report_error(NULL, pmem_error_last());
	}
	if (!is_bus || !ret)
		json_set_text(address, "owner", owner_word(is_bus ? out : in, name, sizeof(name)));
	if (!job->json)
		show(address);
	json_add(job->list, address);
}

static int convert_all(const struct command *self, struct conversion *job, char **argv)
{
	json_object *document;
	int worst = EXIT_OK, code, coherent;

	for (; *argv; argv++) {
		bool is_bus = !strncmp(*argv, "dma:", 4) || !strncmp(*argv, "bus:", 4);
		uint64_t in;

		if (!parse_number(*argv + (is_bus ? 4 : 0), &in))
			return usage_error(self, "'%s' is no address: a number, or dma: and a number", *argv);
		convert(job, in, is_bus, &worst);
	}
	if (!job->json)
		code = out_finish();
	else {
		document = json_document(self->name);
		json_set_text(document, "master", job->master);
		coherent = sure(pmem_soc_coherent(job->ctx, job->master));
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
		"has it by /proc/iomem. A number is a physical address; dma: (or bus:) and a number is one\n"
		"that the master uses. The machine's own device tree decides, never a table of boards. An\n"
		"address that the other side does not see is told, with the reason; exit status 1.\n\n"
		"  -m, --master NODE path, alias, &label or compatible; default: the SoC's general DMA\n"
		"                    engine\n"
		"  -j, --json        JSON\n"
		"  -h, --help        this text\n\n"
		"Examples:\n"
		"  physmem addr bus:0x7e200000\n"
		"  physmem addr 0x3f200000 dma:0xc1000000\n"
		"  physmem addr --master /soc/usb@7e980000 --json 0x1000000\n",
};
