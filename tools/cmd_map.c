/* SPDX-License-Identifier: MIT */
/* physmem map: the physical address space, drawn. */
#include "physmap.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct choice {
	bool json, svg;
	struct drawing drawing;
};

/* COLUMNS, the terminal's own word, or 80. */
static int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t number;

	if (columns && parse_number(columns, &number) && number >= 20 && number <= 500)
		return (int)number;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
		return size.ws_col;
	return 80;
}

/* https://no-color.org: any text but none. */
static bool wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}

static bool wants_ascii(void)
{
	(void)setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static json_object *facts_places(const struct place_list *list)
{
	json_object *places = json_list();

	for (size_t i = 0; i < list->count; i++) {
		const struct place *place = &list->at[i];
		json_object *object = json_new();

		json_set(object, "first", json_hex(place->first));
		json_set(object, "last", json_hex(place->last));
		json_set_text(object, "kind", kind_word(place->kind));
		json_set_text(object, "name", place->name);
		json_set_text(object, "source", place->source);
		json_set_bool(object, "enabled", !place->disabled);
		json_add(places, object);
	}
	return places;
}

static uint64_t total(const struct drawing *drawing, enum place_kind kind)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < drawing->count; i++) {
		if (drawing->blocks[i].kind == kind)
			sum += drawing->blocks[i].last - drawing->blocks[i].first + 1;
	}
	return sum;
}

/* "Raspberry Pi 4 Model B: 3.9 GiB RAM, 64 MiB CMA, 131 devices" */
static char *title_of(struct pmem_ctx *ctx, const struct place_list *list, const struct drawing *drawing)
{
	const char *model = pmem_soc_model(ctx), *family = pmem_soc_family(ctx);
	uint64_t cma = total(drawing, PLACE_CMA);
	size_t devices = 0;
	char ram_text[32], cma_text[32];

	for (size_t i = 0; i < list->count; i++)
		devices += !list->at[i].disabled && (list->at[i].kind == PLACE_DEVICE ||
			list->at[i].kind == PLACE_PCI);
	human_size(ram_text, sizeof(ram_text), total(drawing, PLACE_RAM) + cma);
	human_size(cma_text, sizeof(cma_text), cma);
	return formatted("%s: %s RAM%s%s%s, %zu devices", model && *model ? model : family ? family : "this machine",
		ram_text, cma ? ", of it " : "", cma ? cma_text : "", cma ? " CMA" : "", devices);
}

static int tell(struct choice *choice, struct pmem_ctx *ctx, const struct place_list *list)
{
	json_object *document;
	char *title;

	if (choice->json) {
		document = json_document("map");
		json_set_bool(document, "addresses", list->addresses);
		json_set(document, "places", facts_places(list));
		return json_finish(document);
	}
	make_blocks(list, &choice->drawing);
	title = title_of(ctx, list, &choice->drawing);
	choice->drawing.title = title;
	if (choice->svg)
		draw_svg(&choice->drawing);
	else
		draw_text(&choice->drawing);
	free_blocks(&choice->drawing);
	free(title);
	return out_finish();
}

static int draw(struct choice *choice)
{
	struct place_list list;
	struct pmem_ctx *ctx;
	int code = open_context(&ctx);

	if (code)
		return code;
	gather_places(ctx, &list);
	if (!list.addresses) {
		report("/proc/iomem hides addresses from this user, or is not there: RAM and drivers may lack");
		report_more("-> that needs CAP_SYS_ADMIN");
	}
	if (list.count)
		code = tell(choice, ctx, &list);
	else
		code = fail(EXIT_PERMISSION, "nothing is known: no address of /proc/iomem, no device tree, no PCI");
	free_places(&list);
	pmem_ctx_unref(ctx);
	return code;
}

static const struct option table[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "svg", no_argument, NULL, 's' },
	{ "ascii", no_argument, NULL, 'A' },
	{ "columns", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static int run(const struct command *self, int argc, char **argv)
{
	struct choice choice = { .drawing.width = terminal_width(), .drawing.ascii = wants_ascii(),
		.drawing.colour = wants_colour() };
	uint64_t width;
	int option, code;

	while ((option = getopt_long(argc, argv, "asAc:jh", table, NULL)) != -1) {
		if (option == 'a') {
			choice.drawing.all = true;
		} else if (option == 's') {
			choice.svg = true;
		} else if (option == 'A') {
			choice.drawing.ascii = true;
		} else if (option == 'c') {
			if (!parse_number(optarg, &width) || width < 20 || width > 500)
				return usage_error(self, "--columns is 20 to 500");
			choice.drawing.width = (int)width;
		} else if (common_option(self, option, &code)) {
			return code;
		} else {
			choice.json = true;
		}
	}
	if (optind < argc)
		return usage_error(self, "'%s' is one argument too many", argv[optind]);
	if (choice.json && choice.svg)
		return usage_error(self, "--json and --svg contradict each other");
	return draw(&choice);
}

const struct command cmd_map = {
	.name = "map",
	.run = run,
	.synopsis = "[--all] [--svg] [--ascii] [--columns N] [--json]",
	.summary = "Draw the physical address space",
	.help = "RAM, CMA areas, reserved memory, and devices by the names of the device tree, PCI and\n"
		"/proc/iomem, the lowest address on top; also memory that programs keep in place.\n"
		"Devices that are near each other are one block. Higher blocks are larger, but not to\n"
		"scale. Colours go to a terminal only, and not if NO_COLOR is set.\n\n"
		"  -a, --all     all names, also of blocks with many\n"
		"  -s, --svg     a picture, as SVG\n"
		"  -A, --ascii   no line drawing characters; so too where the locale is not UTF-8\n"
		"  -c, --columns N 20 to 500; default: the terminal's, or 80\n"
		"  -j, --json    JSON: all places, also disabled nodes and windows of PCI\n"
		"  -h, --help    this text\n\n"
		"Examples:\n"
		"  physmem map\n"
		"  physmem map --svg > map.svg && rsvg-convert map.svg -o map.png\n"
		"  physmem map --json | jq -r '.places[] | select(.kind == \"cma\")'\n",
};
