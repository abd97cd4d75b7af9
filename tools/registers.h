/* SPDX-License-Identifier: MIT */
/* What the commands that touch registers share: places, options, accesses, warnings, owners. */
#ifndef REGISTERS_H
#define REGISTERS_H

#include "address.h"
#include "physmem.h"
#include "regfile.h"

enum { ENDIAN_NATIVE, ENDIAN_LITTLE, ENDIAN_BIG };

/* The options of all of them. */
struct registers {
	unsigned width; /* bits; 0: that of the register named, or 32 */
	unsigned index;
	int endian;
	bool json, cached;
	const char *svd;
	const char *file; /* a device or a dump in place of the machine's memory */
	uint64_t file_offset, base; /* where in it base lies */
};

#define REGISTER_OPTIONS \
	{ "width", required_argument, NULL, 'w' }, { "endian", required_argument, NULL, 'e' }, \
	{ "index", required_argument, NULL, 'i' }, { "cached", no_argument, NULL, 'c' }, \
	{ "svd", required_argument, NULL, 'r' }, { "file", required_argument, NULL, 'F' }, \
	{ "offset", required_argument, NULL, 'O' }, { "base", required_argument, NULL, 'B' }, \
	{ "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }
#define REGISTER_LETTERS "w:e:i:cr:F:O:B:jh"
#define REGISTER_HELP \
	"  -w, --width N bits: 8, 16, 32, 64, each one access; 24, 40, 48, 56 byte by\n" \
	"                byte; default: that of the register named, or 32\n" \
	"  -e, --endian E  bytes of a register: little or big; default: as the CPU\n" \
	"  -i, --index N entry of the node's reg property; default 0\n" \
	"  -c, --cached  map it cached, as memory that is mapped so elsewhere needs it\n" \
	"  -r, --svd FILE  names: CMSIS-SVD, or a register file of rwmem\n" \
	"  -F, --file FILE  a device file or a dump in place of the machine's memory\n" \
	"  -O, --offset N  where in the file the addresses begin; default 0\n" \
	"  -B, --base N  the address of what is there; default 0\n"

/* One of these options, or an unknown one. -1 to go on, or the exit code. */
int register_option(const struct command *command, int option, struct registers *registers);

/* --- place.c: an ADDRESS, looked up --------------------------------------------------------------- */

struct target {
	enum { TARGET_PHYS, TARGET_PCI, TARGET_FILE } kind;
	uint64_t phys;   /* of the first byte; of a PCI BAR known when it is mapped */
	uint64_t offset; /* the part after '+' */
	uint64_t limit;  /* bytes from there to the end of what was named; UINT64_MAX: no end */
	uint64_t length; /* bytes that were asked for; 0: no range was given */
	bool known;      /* phys means something */
	char bdf[32];
	unsigned bar;
	char path[ADDRESS_MAX]; /* TARGET_FILE */
	uint64_t place;         /* in that file */
	bool uio;
	bool bits;
	unsigned high, low;
	struct reg_source source; /* names, if they were needed */
	struct reg_match match;
	uint64_t block; /* where the block of match is */
};

#define ADDRESS_HELP \
	"An ADDRESS is one of these. +OFFSET may follow it, then +LENGTH or -LAST for a\n" \
	"range in bytes, then :HIGH:LOW or :BIT for some of the bits:\n" \
	"  0x3f200000, 0x3f200000-0x3f2000b3   physical address, range to the last one\n" \
	"  /soc/gpio@7e200000     device-tree node: path, alias, &label or\n" \
	"                         compatible; --index selects the reg entry. node:,\n" \
	"                         alias:, label:, compatible: say which is meant\n" \
	"  bus:0x7e200000         address of a datasheet, by the ranges of the bus\n" \
	"  dma:0xc0000000         address as the SoC's DMA engine sees it\n" \
	"  bus:NODE:N, dma:NODE:N   the same of that bus or device\n" \
	"  gpio:                  the GPIO registers\n" \
	"  pci:0000:00:04.0/0     a PCI device's base address register\n" \
	"  uio:uio0/0             a map of a UIO device, by its number or name\n" \
	"  GPIO.GPFSEL1.FSEL17    names of --svd; @ADDRESS may say where GPIO is\n"

/* What a command does with its place: the exit code. */
struct job {
	const struct command *command;
	const struct registers *registers;
	struct pmem_ctx *ctx;
	struct target target;
	unsigned width; /* bits of a unit */
	uint64_t unit, count;
	bool swap;
};

/*
 * Look the address up, with the options that it belongs to, check it, call body, and clean up. count:
 * units; 0: as many as the range has, or one. Returns the exit code.
 */
typedef int job_fn(struct job *job, const void *options);
int register_command(const struct command *command, const struct registers *registers,
	const char *address, uint64_t count, job_fn *body, const void *options);
/* Map its units; offset tells where in the region they are. 0 or an exit code, with the reason told. */
int job_map(struct job *job, uint32_t flags, struct pmem_region **region, uint64_t *offset);
/* 0 or an exit code, with the reason told. */
int target_parse(const struct command *command, struct pmem_ctx *ctx,
	const struct registers *registers, const char *text, struct target *target);
int target_map(struct pmem_ctx *ctx, struct target *target, uint64_t length, uint32_t flags,
	struct pmem_region **region, uint64_t *offset);

/* left.c: bytes from there to the end of what was named, also of a BAR and a plain file; UINT64_MAX: unknown. */
uint64_t target_left(const struct target *target);

/* --- warn.c: what makes registers answer nothing, or the machine hang ------------------------------- */

/* Node and clock of a place that was named by node. */
void warn_node(struct pmem_ctx *ctx, const char *node, uint64_t phys);
/* 0, or an exit code if the device does not decode memory accesses. */
int check_decoding(const char *bdf);

/* --- access.c: one access of a unit, surviving a bus error ------------------------------------------ */

/* 0 or an exit code, with the reason told; i is the number of the unit. */
int access_read(const struct job *job, const struct pmem_region *region, uint64_t offset,
	uint64_t i, uint64_t *value);
int access_write(const struct job *job, struct pmem_region *region, uint64_t offset, uint64_t i,
	uint64_t value);

/* --- units.c: how they are told --------------------------------------------------------------------- */

/* All bits of that many. */
uint64_t ones(unsigned bits);
/* The bits that were asked for, of a unit; the unit if none were. */
uint64_t bits_of_value(const struct target *target, uint64_t value);
unsigned width_of_value(const struct job *job);
uint64_t phys_of(const struct job *job, uint64_t i);
/* The name of the value of a field; NULL. */
const char *meaning_of(const struct reg_field *field, uint64_t value);
/* "phys", "width", and what else is known of the place. */
void json_place(json_object *document, const struct job *job);
/* The register's fields with their values. */
json_object *json_fields(const struct reg *reg, uint64_t value);
void show_fields(const struct reg *reg, uint64_t value);
/* "1.5", "250ms", "2s" in milliseconds; false: it is none. */
bool parse_time(const char *text, uint64_t *ms);
void sleep_ms(uint64_t ms);
uint64_t now_ms(void);

#endif
