/* SPDX-License-Identifier: MIT */
/* The map as SVG 1.1: for documents, and for whoever wants another format (rsvg-convert makes a PNG of it). */
#include "physmap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 760, BOX_X = 130, BOX_WIDTH = 190, TEXT_X = BOX_X + BOX_WIDTH + 12, LINE = 17, TOP = 48,
	GAP = 34, ROOM = 66 /* characters of a line of names */, MOST_LINES = 4 };

static const char *const fills[PLACE_KINDS] = { "#7fb685", "#6fa8dc", "#d98880", "#7fb685", "#b39ddb",
	"#f0c674", "#f0c674", "#eeeeee" };

/* What is text in XML; names are escaped for terminals already, so there are no control characters. */
static void put_xml(const char *text, int length)
{
	for (int i = 0; i < length && text[i]; i++) {
		switch (text[i]) {
		case '<':
			(void)fputs("&lt;", stdout);
			break;
		case '>':
			(void)fputs("&gt;", stdout);
			break;
		case '&':
			(void)fputs("&amp;", stdout);
			break;
		case '"':
			(void)fputs("&quot;", stdout);
			break;
		default:
			(void)putchar(text[i]);
		}
	}
}

static void put_text(int x, int y, const char *class, const char *text, int length)
{
	(void)printf("<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	put_xml(text, length);
	(void)puts("</text>");
}

static int fitting(const char *text)
{
	int length = (int)strlen(text), best = 0;

	if (length <= ROOM)
		return length;
	for (int i = 0; i < ROOM; i++) {
		if (text[i] == ',' && text[i + 1] == ' ')
			best = i + 1;
	}
	return best ? best : ROOM;
}

static char *names_of(const struct drawing *drawing, const struct block *block)
{
	return names_inside(block, ROOM * (MOST_LINES - 1), drawing->all);
}

static int height_of(const struct drawing *drawing, const struct block *block)
{
	char *names = names_of(drawing, block), *rest = names;
	uint64_t size = block->last - block->first + 1;
	int lines = 1, least = 1;

	for (; *rest; lines++) {
		rest += fitting(rest);
		rest += strspn(rest, " ");
	}
	free(names);
	if (block->kind != PLACE_DEVICE)
		least = size >= 1ull << 32 ? 6 : size >= 1ull << 29 ? 4 : size >= 1ull << 26 ? 2 : 1;
	return (lines > least ? lines : least) * LINE + 9;
}

static void put_address(int y, uint64_t address)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "0x%010" PRIx64, address);
	put_text(BOX_X - 8, y + 4, "a", text, (int)strlen(text));
}

static void put_block(const struct drawing *drawing, const struct block *block, int y, int height)
{
	char *name = escaped(block->name), *names = names_of(drawing, block), *rest = names, *text, size[32];
	const char *kind = block->kind == PLACE_RAM ? "RAM" : block->kind == PLACE_CMA ? "CMA" :
		block->kind == PLACE_DEVICE ? "devices" : kind_word(block->kind);

	(void)printf("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\" stroke=\"#444\"/>\n",
		BOX_X, y, BOX_WIDTH, height, fills[block->kind]);
	put_text(BOX_X + BOX_WIDTH / 2, y + height / 2 + 5, "k", kind, (int)strlen(kind));
	human_size(size, sizeof(size), block->last - block->first + 1);
	text = formatted("%s%s%s", size, name[0] ? ": " : "", name);
	put_text(TEXT_X, y + LINE, "b", text, (int)strlen(text));
	for (int at = y + 2 * LINE; *rest; at += LINE) {
		int length = fitting(rest);

		put_text(TEXT_X, at, "n", rest, length);
		rest += length;
		rest += strspn(rest, " ");
	}
	put_address(y, block->first);
	free(text);
	free(names);
	free(name);
}

/* One pass counts, the other draws. Returns the y below the last. */
static int lay_out(const struct drawing *drawing, bool draw)
{
	int y = TOP;

	for (size_t i = 0; i < drawing->count; i++) {
		const struct block *block = &drawing->blocks[i];
		bool touches = i + 1 < drawing->count && drawing->blocks[i + 1].first == block->last + 1;
		int height = height_of(drawing, block);

		if (draw)
			put_block(drawing, block, y, height);
		y += height;
		if (touches)
			continue;
		if (draw)
			put_address(y, block->last);
		if (draw && i + 1 < drawing->count)
			(void)printf("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#888\" "
				"stroke-dasharray=\"2 4\"/>\n", BOX_X + BOX_WIDTH / 2, y + 4,
				BOX_X + BOX_WIDTH / 2, y + GAP - 4);
		y += GAP;
	}
	return y;
}

void draw_svg(const struct drawing *drawing)
{
	int height = lay_out(drawing, false);
	char *title = escaped(drawing->title);

	(void)printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\">\n<title>", WIDTH, height, WIDTH, height);
	put_xml(title, (int)strlen(title));
	(void)puts("</title>\n<style>text { font: 12px sans-serif; fill: #222 } .a { font: 11px monospace; "
		"text-anchor: end } .k { font-weight: bold; text-anchor: middle } .b { font-weight: bold } "
		".t { font: bold 16px sans-serif }</style>");
	(void)printf("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", WIDTH, height);
	put_text(20, 28, "t", title, (int)strlen(title));
	(void)lay_out(drawing, true);
	(void)puts("</svg>");
	free(title);
}
