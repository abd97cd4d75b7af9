/* SPDX-License-Identifier: MIT */
/* Names of registers and their bits, by files that others write: CMSIS-SVD, and rwmem's two forms. */
#ifndef REGFILE_H
#define REGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reg_value {
	const char *name;
	uint64_t value;
};

struct reg_field {
	const char *name;
	unsigned high, low;
	struct reg_value *values; /* names of its values */
	size_t count;
};

struct reg {
	const char *name; /* with its clusters: "CHANNEL[3].CONTROL" */
	size_t block;
	uint64_t offset;  /* in the block */
	unsigned width;   /* bits */
	bool write_only, read_only;
	bool changes;     /* reading it has a side effect */
	int endian;       /* as struct registers has it; 0: the machine's */
	struct reg_field *fields;
	size_t count;
};

struct reg_block {
	const char *name;
	bool placed;   /* base is known: without it the command line says where */
	uint64_t base;
};

struct regfile {
	struct reg_block *blocks;
	struct reg *regs;
	size_t block_count, reg_count;
	struct kept *kept; /* texts and arrays, freed together */
	unsigned work;     /* of reading it */
	char why[256];     /* why it could not be read */
};

/* What a name means: field NULL, or field and reg NULL if only a block is named. */
struct reg_match {
	const struct reg_block *block;
	const struct reg *reg;
	const struct reg_field *field;
};

/* --- regfile.c: what the readers below fill ------------------------------------------------------ */

struct regfile *regfile_new(void);
void regfile_free(struct regfile *file);
/* Zeroed memory that lives as long as the file. */
void *regfile_keep(struct regfile *file, size_t count, size_t size);
const char *regfile_text(struct regfile *file, const char *text, size_t length);
/* One more; false: there are too many. */
bool regfile_add_block(struct regfile *file, const struct reg_block *block);
bool regfile_add(struct regfile *file, const struct reg *reg);
/* false, with the reason kept. */
bool regfile_refuse(struct regfile *file, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool regfile_find(const struct regfile *file, const char *name, struct reg_match *match);
/* The field of a register with that name; NULL. */
const struct reg_field *regfile_field(const struct reg *reg, const char *name);

/* --- the readers: false with a reason ------------------------------------------------------------- */

bool regfile_svd(struct regfile *file, const char *data, size_t size);
bool regfile_text_form(struct regfile *file, const char *name, const char *data, size_t size);
bool regfile_regdb(struct regfile *file, const char *data, size_t size);

/* --- regform.c ------------------------------------------------------------------------------------ */

/* The content of a file, whatever its form; name is what a block without one is called. */
bool regfile_parse(struct regfile *file, const char *name, const char *data, size_t size);

/* --- regpath.c: where they are ---------------------------------------------------------------------- */

struct pmem_ctx;
struct reg_source {
	struct regfile *file; /* NULL: none was found */
	char path[4096];
};

/* The file of that name, or, if NULL, the one for this machine. 0 or an exit code, with the reason told. */
int regfile_open(struct pmem_ctx *ctx, const char *name, struct reg_source *source);

#endif
