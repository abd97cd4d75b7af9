/* SPDX-License-Identifier: MIT */
/* Names of registers in memory, and looking them up. */
#include "regfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "physmem.h"

#define REGS_MAX (1u << 18) /* of all files seen the largest has 40,000 */

struct kept {
	struct kept *next;
	size_t unused; /* what follows is aligned as this is */
};

struct regfile *regfile_new(void)
{
	return need(calloc(1, sizeof(struct regfile)));
}

void regfile_free(struct regfile *file)
{
	if (!file)
		return;
	while (file->kept) {
		struct kept *next = file->kept->next;

		free(file->kept);
		file->kept = next;
	}
	free(file->blocks);
	free(file->regs);
	free(file);
}

void *regfile_keep(struct regfile *file, size_t count, size_t size)
{
	struct kept *kept;

	if (count > (SIZE_MAX - sizeof(*kept)) / size)
		no_memory();
	kept = need(calloc(1, sizeof(*kept) + count * size));
	kept->next = file->kept;
	file->kept = kept;
	return kept + 1;
}

const char *regfile_text(struct regfile *file, const char *text, size_t length)
{
	char *copy = regfile_keep(file, length + 1, 1);

	memcpy(copy, text, length);
	return copy;
}

/* Room for one more: doubled at powers of two. */
static void *grown(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	return need(reallocarray(array, count ? 2 * count : 1, size));
}

bool regfile_add_block(struct regfile *file, const struct reg_block *block)
{
	if (file->block_count == REGS_MAX)
		return regfile_refuse(file, "more than %u blocks", REGS_MAX);
	file->blocks = grown(file->blocks, file->block_count, sizeof(*block));
	file->blocks[file->block_count++] = *block;
	return true;
}

bool regfile_add(struct regfile *file, const struct reg *reg)
{
	if (file->reg_count == REGS_MAX)
		return regfile_refuse(file, "more than %u registers", REGS_MAX);
	file->regs = grown(file->regs, file->reg_count, sizeof(*reg));
	file->regs[file->reg_count] = *reg;
	file->regs[file->reg_count++].block = file->block_count - 1;
	return true;
}

bool regfile_refuse(struct regfile *file, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(file->why, sizeof(file->why), format, args);
	va_end(args);
	return false;
}

const struct reg_field *regfile_field(const struct reg *reg, const char *name)
{
	for (size_t i = 0; i < reg->count; i++) {
		if (!strcmp(reg->fields[i].name, name))
			return &reg->fields[i];
	}
	return NULL;
}

/* What follows "prefix." or prefix alone in a text; NULL if it does not begin so. */
static const char *behind(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	if (strncmp(text, prefix, length) != 0)
		return NULL;
	return text[length] == '.' ? text + length + 1 : text[length] ? NULL : text + length;
}

bool regfile_find(const struct regfile *file, const char *name, struct reg_match *match)
{
	for (size_t i = 0; i < file->reg_count; i++) {
		const struct reg *reg = &file->regs[i];
		const struct reg_block *block = &file->blocks[reg->block];
		const char *rest = behind(name, block->name);

		if (!rest)
			continue;
		*match = (struct reg_match){ block, NULL, NULL };
		if (!*rest)
			return true;
		rest = behind(rest, reg->name);
		if (!rest)
			continue;
		match->reg = reg;
		match->field = *rest ? regfile_field(reg, rest) : NULL;
		if (!*rest || match->field)
			return true;
	}
	return false;
}
