/* SPDX-License-Identifier: MIT */
/*
 * The register files of rwmem (github.com/tomba/rwmem): the text form of its first years (README of
 * 2013), and the binary "regdb" of version 3 (docs/regdb-v3.md there). Versions 1 and 2 of that are
 * described nowhere.
 */
#include "regfile.h"

#include <stdio.h>
#include <string.h>

#include "address.h"

/* --- text --------------------------------------------------------------------------------------- */

#define COLUMNS 4

/* "NAME,0x64,32,comment": its columns in place; how many there are. The last keeps the rest. */
static size_t split(char *line, char *columns[COLUMNS])
{
	size_t count = 0;

	while (count < COLUMNS) {
		char *comma = count < COLUMNS - 1 ? strchr(line, ',') : NULL;

		columns[count++] = line + strspn(line, " \t");
		if (!comma)
			break;
		*comma = '\0';
		line = comma + 1;
	}
	return count;
}

static bool number_of_text(const char *text, uint64_t limit, uint64_t *value)
{
	char copy[64];
	const char *at = copy;
	size_t length = strcspn(text, " \t\r");

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return address_number(&at, value) && !*at && *value <= limit;
}

/* "FIELD,31,20" of the register before. */
static bool add_field(struct regfile *file, char *const columns[COLUMNS])
{
	struct reg *reg = &file->regs[file->reg_count - 1];
	struct reg_field *field;
	uint64_t high, low;

	if (!number_of_text(columns[1], reg->width - 1, &high) ||
		!number_of_text(columns[2], high, &low))
		return false;
	if (!(reg->count & (reg->count - 1))) { /* room for twice as many */
		field = regfile_keep(file, reg->count ? 2 * reg->count : 1, sizeof(*field));
		if (reg->count)
			memcpy(field, reg->fields, reg->count * sizeof(*field));
		reg->fields = field;
	}
	field = &reg->fields[reg->count];
	field->name = regfile_text(file, columns[0], strlen(columns[0]));
	field->high = (unsigned)high;
	field->low = (unsigned)low;
	reg->count++;
	return true;
}

static bool add_register(struct regfile *file, char *const columns[COLUMNS])
{
	struct reg reg = { 0 };
	uint64_t width;

	if (!number_of_text(columns[1], UINT64_MAX, &reg.offset) ||
		!number_of_text(columns[2], 64, &width) || !width || width % 8)
		return false;
	reg.name = regfile_text(file, columns[0], strlen(columns[0]));
	reg.width = (unsigned)width;
	return regfile_add(file, &reg);
}

bool regfile_text_form(struct regfile *file, const char *name, const char *data, size_t size)
{
	struct reg_block block = { .name = regfile_text(file, name, strlen(name)) };
	bool begun = false;
	unsigned number = 0;

	if (!regfile_add_block(file, &block))
		return false;
	for (size_t at = 0; at < size;) {
		const char *end = memchr(data + at, '\n', size - at);
		size_t length = end ? (size_t)(end - data) - at : size - at;
		char line[512], *columns[COLUMNS];
		size_t blank;

		number++;
		if (length >= sizeof(line) || memchr(data + at, '\0', length))
			return regfile_refuse(file, "line %u is no text", number);
		memcpy(line, data + at, length);
		line[length] = '\0';
		at += length + 1;
		blank = strspn(line, " \t\r");
		if (!line[blank] || line[blank] == '#') {
			begun = begun && line[blank];
			continue;
		}
		if (split(line, columns) < 3 ||
			!(begun ? add_field(file, columns) : add_register(file, columns)))
			return regfile_refuse(file, "line %u is neither NAME,OFFSET,BITS nor "
				"FIELD,HIGH,LOW", number);
		begun = true;
	}
	return true;
}

/* --- regdb, version 3 ------------------------------------------------------------------------------ */

/* Sizes of its structures, which are packed; numbers are little-endian. */
#define HEADER 32u
#define BLOCK 36u
#define REGISTER 34u
#define FIELD 10u
#define INDEX 4u

struct regdb {
	struct regfile *file;
	const unsigned char *data;
	size_t size, blocks, regs, fields, reg_index, field_index, strings;
	uint32_t reg_count, field_count, reg_indices, field_indices;
};

static uint64_t get(const struct regdb *db, size_t at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = bytes; i--;)
		value = value << 8 | db->data[at + i];
	return value;
}

/* The text at that place of the pool; NULL: there is none. */
static const char *string(const struct regdb *db, size_t at)
{
	size_t place = db->strings + (size_t)get(db, at, 4);
	const unsigned char *end = place < db->size ?
		memchr(db->data + place, '\0', db->size - place) : NULL;

	return end ? regfile_text(db->file, (const char *)db->data + place,
			(size_t)(end - db->data) - place) : NULL;
}

/* Where each array is; false: the file is too short for what it says. */
static bool lay_out(struct regdb *db)
{
	uint64_t counts[5], sizes[] = { BLOCK, REGISTER, FIELD, INDEX, INDEX }, at = HEADER;
	size_t *places[] = { &db->blocks, &db->regs, &db->fields, &db->reg_index,
		&db->field_index };

	for (size_t i = 0; i < 5; i++) {
		counts[i] = get(db, 12 + 4 * i, 4);
		*places[i] = (size_t)at;
		at += counts[i] * sizes[i];
		if (at > db->size)
			return false;
	}
	db->strings = (size_t)at;
	db->reg_count = (uint32_t)counts[1];
	db->field_count = (uint32_t)counts[2];
	db->reg_indices = (uint32_t)counts[3];
	db->field_indices = (uint32_t)counts[4];
	return true;
}

static bool add_fields(struct regdb *db, size_t at, struct reg *reg)
{
	uint64_t count = get(db, at + 24, 4), first = get(db, at + 28, 4);

	if (count > 64 || first + count > db->field_indices)
		return false;
	reg->fields = regfile_keep(db->file, (size_t)count, sizeof(*reg->fields));
	for (size_t i = 0; i < count; i++) {
		uint64_t index = get(db, db->field_index + INDEX * (size_t)(first + i), 4);
		size_t place = db->fields + FIELD * (size_t)index;
		struct reg_field *field = &reg->fields[i];

		if (index >= db->field_count)
			return false;
		field->name = string(db, place);
		field->high = (unsigned)get(db, place + 8, 1);
		field->low = (unsigned)get(db, place + 9, 1);
		if (!field->name || field->high >= reg->width || field->low > field->high)
			return false;
		reg->count++;
	}
	return true;
}

/* block: where its structure is, for what the register inherits. */
static bool add_indexed(struct regdb *db, size_t block, uint64_t index)
{
	size_t at = db->regs + REGISTER * (size_t)index;
	struct reg reg = { 0 };
	uint64_t bytes, order;

	if (index >= db->reg_count)
		return false;
	bytes = get(db, at + 33, 1);
	order = get(db, at + 32, 1);
	bytes = bytes ? bytes : get(db, block + 35, 1);
	order = order ? order : get(db, block + 34, 1);
	reg.name = string(db, at);
	reg.offset = get(db, at + 8, 8);
	reg.width = 8 * (unsigned)bytes;
	reg.endian = order == 1 ? 1 : order == 2 ? 2 : 0;
	if (!reg.name || !bytes || bytes > 8 || order > 2) /* 3 and 4: words of a larger number swapped */
		return false;
	return add_fields(db, at, &reg) && regfile_add(db->file, &reg);
}

bool regfile_regdb(struct regfile *file, const char *data, size_t size)
{
	struct regdb db = { .file = file, .data = (const unsigned char *)data, .size = size };
	uint64_t blocks;

	if (size < HEADER || get(&db, 4, 4) != 3)
		return regfile_refuse(file, "a regdb of rwmem whose version is not 3");
	blocks = get(&db, 12, 4);
	if (!lay_out(&db))
		return regfile_refuse(file, "the regdb is shorter than it says");
	for (size_t i = 0; i < blocks; i++) {
		size_t at = db.blocks + BLOCK * i;
		uint64_t count = get(&db, at + 24, 4), first = get(&db, at + 28, 4);
		struct reg_block block = { string(&db, at), true, get(&db, at + 8, 8) };

		if (!block.name || first + count > db.reg_indices)
			return regfile_refuse(file, "block %zu of the regdb is damaged", i);
		if (!regfile_add_block(file, &block))
			return false;
		for (uint64_t n = 0; n < count; n++) {
			if (!add_indexed(&db, at, get(&db, db.reg_index + INDEX * (size_t)(first + n), 4)))
				return file->why[0] ? false : regfile_refuse(file,
					"register %u of block %s of the regdb is damaged, or has "
					"swapped words", (unsigned)n, block.name);
		}
	}
	return true;
}
