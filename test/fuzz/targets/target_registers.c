/* SPDX-License-Identifier: MIT */
/* tools/regfile*.c: the input is a file of registers, in any of its forms. */
#include "input.h"
#include "regfile.h"

static void check(const struct regfile *file, const struct reg *reg)
{
	MUST(reg->block < file->block_count && file->blocks[reg->block].name && reg->name);
	MUST(reg->width && reg->width <= 64 && reg->width % 8 == 0);
	for (size_t i = 0; i < reg->count; i++) {
		const struct reg_field *field = &reg->fields[i];

		MUST(field->name && field->high < reg->width && field->low <= field->high);
		for (size_t n = 0; n < field->count; n++)
			MUST(field->values[n].name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct regfile *file = regfile_new();
	struct reg_match match;

	if (regfile_parse(file, "name", (const char *)data, size)) {
		MUST(file->reg_count);
		for (size_t i = 0; i < file->reg_count; i++) {
			check(file, &file->regs[i]);
			(void)regfile_find(file, file->regs[i].name, &match);
		}
		(void)regfile_find(file, "GPIO.CHA.CS.GO", &match);
	} else {
		MUST(file->why[0]);
	}
	regfile_free(file);
	return 0;
}
