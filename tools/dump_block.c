/* SPDX-License-Identifier: MIT */
/* physmem dump of a block that has names: each of its registers in its own width. */
#include "dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct list {
	const struct reg **regs;
	size_t count;
	uint64_t end; /* behind the last byte, from the block's start */
};

bool is_shy(const struct reg *reg)
{
	return reg->changes || reg->write_only;
}

void tell_left_out(uint64_t count, const char *what)
{
	if (count)
		report("%" PRIu64 " %s%s not read: reading changes what is there, or it can only be "
			"written; --side-effects reads all", count, what, count == 1 ? " was" : "s were");
}

static int by_offset(const void *one, const void *other)
{
	const struct reg *const *a = one, *const *b = other;

	return (*a)->offset != (*b)->offset ? ((*a)->offset < (*b)->offset ? -1 : 1) :
		*a < *b ? -1 : *a > *b;
}

static void collect(const struct target *target, struct list *list)
{
	const struct regfile *file = target->source.file;

	list->regs = need(calloc(file->reg_count, sizeof(const struct reg *)));
	for (size_t i = 0; i < file->reg_count; i++) {
		const struct reg *reg = &file->regs[i];
		uint64_t end = reg->offset + reg->width / 8;

		if (&file->blocks[reg->block] != target->match.block)
			continue;
		list->regs[list->count++] = reg;
		list->end = end > list->end ? end : list->end;
	}
	qsort(list->regs, list->count, sizeof(const struct reg *), by_offset);
}

/* The same place in the width of one register. */
static struct job job_of(const struct job *job, const struct reg *reg)
{
	struct job own = *job;
	int endian = job->registers->endian != ENDIAN_NATIVE ? job->registers->endian : reg->endian;

	own.width = reg->width;
	own.unit = reg->width / 8;
	own.target.phys += reg->offset;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	own.swap = endian == ENDIAN_LITTLE;
#else
	own.swap = endian == ENDIAN_BIG;
#endif
	return own;
}

static void tell(const struct job *job, const struct reg *reg, const uint64_t *value,
	json_object *rows)
{
	if (rows) {
		json_object *row = json_new();

		json_set_text(row, "name", reg->name);
		json_set(row, "phys", json_hex(job->target.phys));
		json_set_number(row, "width", reg->width);
		json_set(row, "value", value ? json_value(*value, reg->width) : NULL);
		json_add(rows, row);
	} else if (value) {
		line("0x%08" PRIx64 " 0x%0*" PRIx64 "%*s %s", job->target.phys, (int)reg->width / 4,
			*value, 8 - (int)reg->width / 4 > 0 ? 8 - (int)reg->width / 4 : 0, "",
			reg->name);
	} else {
		line("0x%08" PRIx64 " %-10.*s %s", job->target.phys, (int)reg->width / 4 + 2,
			"------------------", reg->name);
	}
}

static int read_each(struct job *job, const struct dump_options *options, const struct list *list,
	json_object *rows, uint64_t *left_out)
{
	struct pmem_region *region;
	uint64_t offset;
	int code = job_map(job, PMEM_MAP_READONLY, &region, &offset);

	if (code)
		return code;
	for (size_t i = 0; i < list->count && !code; i++) {
		const struct reg *reg = list->regs[i];
		struct job own = job_of(job, reg);
		bool there = options->side_effects || !is_shy(reg);
		uint64_t value = 0;

		if (there)
			code = access_read(&own, region, offset + reg->offset, 0, &value);
		*left_out += !there;
		if (!code)
			tell(&own, reg, there ? &value : NULL, rows);
	}
	(void)pmem_region_close(region);
	return code;
}

int dump_block(struct job *job, const struct dump_options *options)
{
	json_object *document, *rows = options->common.json ? json_list() : NULL;
	struct list list = { .count = 0 };
	uint64_t left_out = 0;
	int code;

	collect(&job->target, &list);
	job->unit = 1;
	job->count = list.end;
	code = read_each(job, options, &list, rows, &left_out);
	free(list.regs);
	if (code) {
		json_object_put(rows);
		return code;
	}
	tell_left_out(left_out, "register");
	if (!rows)
		return out_finish();
	document = json_document("dump");
	json_place(document, job);
	json_set_text(document, "block", job->target.match.block->name);
	json_set(document, "registers", rows);
	json_set_number(document, "left_out", left_out);
	return json_finish(document);
}
