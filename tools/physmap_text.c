/* SPDX-License-Identifier: MIT */
/* The map in a terminal: a column of blocks, the lowest address on top. */
#include "physmap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_LINES 4 /* of names in a block, unless all are wanted */

/* Corners, lines and fillings; the second set is ASCII. */
static const struct {
	const char *first, *middle, *last, *right_first, *right_middle, *right_last, *line, *side, *gap;
	const char *fill[PLACE_KINDS];
} glyphs[2] = {
	{ "┌", "├", "└", "┐", "┤", "┘", "─", "│", "⋮",
		{ "█", "▒", "▚", "█", "█", "░", "░", " " } },
	{ "+", "+", "+", "+", "+", "+", "-", "|", ":",
		{ "#", "=", "x", "#", "#", ".", ".", " " } },
};

static const char *const colours[PLACE_KINDS] = { "32", "36", "31", "32", "35", "33", "33", "0" };

static void put(const char *text)
{
	(void)fputs(text, stdout);
}

static void put_address(const struct drawing *drawing, uint64_t address)
{
	if (drawing->colour)
		put("\033[2m");
	(void)printf("0x%010" PRIx64, address);
	if (drawing->colour)
		put("\033[0m");
}

static int box_width(const struct drawing *drawing)
{
	return drawing->width >= 72 ? 18 : drawing->width >= 48 ? 10 : 4;
}

/* The line above a block, or below the last one of several that touch. which: 0 first, 1 middle, 2 last. */
static void put_edge(const struct drawing *drawing, uint64_t address, int which)
{
	const char *const left[] = { glyphs[drawing->ascii].first, glyphs[drawing->ascii].middle,
		glyphs[drawing->ascii].last };
	const char *const right[] = { glyphs[drawing->ascii].right_first,
		glyphs[drawing->ascii].right_middle, glyphs[drawing->ascii].right_last };

	put_address(drawing, address);
	(void)printf(" %s", left[which]);
	for (int i = 0; i < box_width(drawing); i++)
		put(glyphs[drawing->ascii].line);
	(void)printf("%s\n", right[which]);
}

static void put_line(const struct drawing *drawing, const struct block *block, const char *text,
	int length, bool strong)
{
	(void)printf("%12s %s", "", glyphs[drawing->ascii].side);
	if (drawing->colour)
		(void)printf("\033[%sm", colours[block->kind]);
	for (int i = 0; i < box_width(drawing); i++)
		put(glyphs[drawing->ascii].fill[block->kind]);
	if (drawing->colour)
		put("\033[0m");
	put(glyphs[drawing->ascii].side);
	if (length)
		(void)printf(drawing->colour && strong ? " \033[1m%.*s\033[0m" : " %.*s", length, text);
	put("\n");
}

/* How much of the text fits a line: to the last comma before its end, or all of it. */
static int fitting(const char *text, int room)
{
	int length = (int)strlen(text), best = 0;

	if (length <= room)
		return length;
	for (int i = 0; i < room; i++) {
		if (text[i] == ',' && text[i + 1] == ' ')
			best = i + 1;
	}
	return best ? best : room;
}

static void put_heading(const struct drawing *drawing, const struct block *block, int room)
{
	char size[32], *name = escaped(block->name), *text;
	const char *kind = block->kind == PLACE_RAM ? "RAM" : block->kind == PLACE_CMA ? "CMA" :
		block->kind == PLACE_DEVICE ? "devices" : kind_word(block->kind);

	human_size(size, sizeof(size), block->last - block->first + 1);
	text = formatted("%s, %s%s%s", kind, size, name[0] ? ": " : "", name);
	put_line(drawing, block, text, (int)strlen(text) < room ? (int)strlen(text) : room, true);
	free(text);
	free(name);
}

/* Larger memory is higher, but not by as much as it is larger. */
static int least_lines(const struct block *block)
{
	uint64_t size = block->last - block->first + 1;

	if (block->kind == PLACE_DEVICE)
		return 0;
	return size >= 1ull << 32 ? 4 : size >= 1ull << 29 ? 3 : size >= 1ull << 26 ? 2 : 1;
}

static void put_block(const struct drawing *drawing, const struct block *block)
{
	int room = drawing->width - 12 - 2 - box_width(drawing) - 2, lines = 1, length;
	char *names, *rest;

	if (room < 8)
		room = 8;
	put_heading(drawing, block, room);
	/* A word in each line may not fit, so the last line is not counted on. */
	rest = names = names_inside(block, (size_t)room * (MOST_LINES - 1), drawing->all);
	while (*rest) {
		length = fitting(rest, room);
		put_line(drawing, block, rest, length, false);
		rest += length;
		rest += strspn(rest, " ");
		lines++;
	}
	free(names);
	for (; lines < least_lines(block); lines++)
		put_line(drawing, block, "", 0, false);
}

static void put_gap(const struct drawing *drawing, uint64_t bytes)
{
	int box = box_width(drawing);
	char size[32];

	human_size(size, sizeof(size), bytes);
	(void)printf("%12s %*s%s %*s %s%s\n", "", box / 2, "", glyphs[drawing->ascii].gap,
		box - box / 2, "", drawing->width < 48 ? "" : "nothing known, ", size);
}

void draw_text(const struct drawing *drawing)
{
	bool open = false;

	line("%s", drawing->title);
	for (size_t i = 0; i < drawing->count; i++) {
		const struct block *block = &drawing->blocks[i];
		bool touches = i + 1 < drawing->count && drawing->blocks[i + 1].first == block->last + 1;

		put_edge(drawing, block->first, open);
		put_block(drawing, block);
		open = touches;
		if (touches)
			continue;
		put_edge(drawing, block->last, 2);
		if (i + 1 < drawing->count && drawing->blocks[i + 1].first > block->last)
			put_gap(drawing, drawing->blocks[i + 1].first - block->last - 1);
	}
}
