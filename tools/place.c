/* SPDX-License-Identifier: MIT */
/* An ADDRESS, looked up: where it is, how far what was named goes, and how it is mapped. */
#include "registers.h"

#include "bus.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bsd/string.h>

struct resolver {
	const struct command *command;
	struct pmem_ctx *ctx;
	const struct registers *registers;
	const struct address *address;
	struct target *target;
};

static int inside(struct target *target, uint64_t size)
{
	if (target->offset >= size)
		return fail(EXIT_FAILED, "offset 0x%" PRIx64 " is outside: there are 0x%" PRIx64
			" bytes", target->offset, size);
	target->limit = size - target->offset;
	return 0;
}

static int resolve_node(const struct resolver *resolver, const char *node)
{
	struct target *target = resolver->target;
	uint64_t size;
	int code;

	if (pmem_soc_node(resolver->ctx, node, resolver->registers->index, &target->phys, &size))
		return fail_library(node);
	code = inside(target, size);
	if (!code)
		warn_node(resolver->ctx, node, target->phys);
	return code;
}

static int resolve_alias(const struct resolver *resolver)
{
	char path[2048], full[8192];

	(void)snprintf(path, sizeof(path), "/aliases/%s", resolver->address->text);
	if (root_tree(full, sizeof(full), path) && access(full, F_OK) == 0)
		return resolve_node(resolver, resolver->address->text);
	return fail_because(EXIT_FAILED, "not-found", NULL, "the device tree has no alias '%s'",
		resolver->address->text);
}

static int resolve_gpio(const struct resolver *resolver)
{
	uint64_t size;

	if (pmem_soc_gpio(resolver->ctx, &resolver->target->phys, &size))
		return fail_library(NULL);
	return inside(resolver->target, size);
}

static int resolve_seen_by(const struct resolver *resolver)
{
	const struct address *address = resolver->address;
	const char *within = address->within[0] ? address->within : NULL;
	struct target *target = resolver->target;

	if (address->kind == ADDRESS_BUS)
		return bus_to_phys(resolver->ctx, within, address->number, &target->phys);
	if (pmem_soc_bus_to_phys(resolver->ctx, within, address->number, &target->phys))
		return fail_library(within);
	return 0;
}

static int resolve_pci(const struct resolver *resolver)
{
	struct target *target = resolver->target;

	target->kind = TARGET_PCI;
	target->bar = (unsigned)resolver->address->number;
	(void)strlcpy(target->bdf, resolver->address->text, sizeof(target->bdf));
	return 0;
}

/* --- UIO: Documentation/ABI/testing/sysfs-class-uio ------------------------------------------------- */

#define UIO_DEVICES 256

static bool uio_number(const char *name, unsigned *number)
{
	const char *digits = strncmp(name, "uio", 3) ? name : name + 3;
	uint64_t value;
	char path[64], line[256];

	if (parse_number(digits, &value) && value < UIO_DEVICES) {
		*number = (unsigned)value;
		return true;
	}
	for (*number = 0; *number < UIO_DEVICES; (*number)++) {
		(void)snprintf(path, sizeof(path), "/sys/class/uio/uio%u/name", *number);
		if (root_line(path, line, sizeof(line)) && !strcmp(line, name))
			return true;
	}
	return false;
}

static bool uio_fact(unsigned number, uint64_t map, const char *what, uint64_t *value)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/class/uio/uio%u/maps/map%" PRIu64 "/%s", number,
		map, what);
	return root_number(path, value);
}

static int resolve_uio(const struct resolver *resolver)
{
	const struct address *address = resolver->address;
	struct target *target = resolver->target;
	uint64_t size, phys, offset;
	unsigned number;

	if (!uio_number(address->text, &number))
		return fail_because(EXIT_UNSUPPORTED, "no-device", NULL, "there is no UIO device '%s'",
			address->text);
	if (!uio_fact(number, address->number, "size", &size) ||
		!uio_fact(number, address->number, "addr", &phys))
		return fail_because(EXIT_UNSUPPORTED, "no-device", NULL, "uio%u has no map %" PRIu64,
			number, address->number);
	if (!uio_fact(number, address->number, "offset", &offset) || offset > size)
		offset = 0;
	target->kind = TARGET_FILE;
	target->uio = true;
	target->phys = phys + offset;
	(void)snprintf(target->path, sizeof(target->path), "/dev/uio%u", number);
	target->place = address->number * pmem_soc_page_size(resolver->ctx) + offset;
	return inside(target, size - offset);
}

/* --- names of registers ----------------------------------------------------------------------------- */

/* true: text is known there. A ":FIELD" of the address counts, too. */
static bool look_up(const struct resolver *resolver)
{
	struct target *target = resolver->target;
	const struct address *address = resolver->address;
	struct reg_match *match = &target->match;

	if (!target->source.file || !regfile_find(target->source.file, address->text, match))
		return false;
	if (!address->field[0])
		return true;
	match->field = match->reg && !match->field ? regfile_field(match->reg, address->field) : NULL;
	return match->field != NULL;
}

/* Where the block is that a name is in: what stands behind '@', or what its file says. */
static int place_block(const struct resolver *resolver)
{
	struct target *target = resolver->target;
	const struct reg_match *match = &target->match;
	struct target at = { .limit = 0 };
	uint64_t offset = match->reg ? match->reg->offset : 0;
	int code;

	if (!resolver->address->within[0]) {
		if (!match->block->placed)
			return usage_error(resolver->command, "the file does not say where '%s' is: "
				"%s@ADDRESS", match->block->name, resolver->address->text);
		target->block = match->block->base;
		target->phys = target->block + offset;
		return 0;
	}
	code = target_parse(resolver->command, resolver->ctx, resolver->registers,
		resolver->address->within, &at);
	regfile_free(at.source.file);
	if (code)
		return code;
	if (at.bits || at.length || at.match.block)
		return usage_error(resolver->command, "'@%s': only a place may follow '@'",
			resolver->address->within);
	if (at.limit != UINT64_MAX && offset >= at.limit)
		return fail(EXIT_FAILED, "%s is outside of '%s': there are 0x%" PRIx64 " bytes",
			resolver->address->text, resolver->address->within, at.limit);
	at.source = target->source;
	at.match = target->match;
	at.bits = target->bits;
	at.high = target->high;
	at.low = target->low;
	at.length = target->length;
	at.block = at.phys;
	at.phys += offset;
	at.offset += offset;
	at.place += at.kind == TARGET_FILE ? offset : 0;
	at.limit -= at.limit == UINT64_MAX ? 0 : offset;
	*target = at;
	return 0;
}

static int resolve_name(const struct resolver *resolver)
{
	const struct address *address = resolver->address;
	struct target *target = resolver->target;
	uint64_t own = target->offset;
	int code;

	if (!look_up(resolver)) {
		if (!target->source.file)
			return fail_because(EXIT_FAILED, "not-found", "--svd FILE names one; "
				"physmem registers --help tells where they are looked for",
				"no file of registers for this machine, so '%s' is unknown",
				address->text);
		return fail_because(EXIT_FAILED, "not-found", "physmem registers lists the names",
			"%s has no '%s%s%s'", target->source.path, address->text,
			address->field[0] ? ":" : "", address->field);
	}
	target->offset = 0;
	code = place_block(resolver);
	if (code)
		return code;
	if (target->limit != UINT64_MAX && own >= target->limit)
		return fail(EXIT_FAILED, "offset 0x%" PRIx64 " is outside", own);
	target->limit -= target->limit == UINT64_MAX ? 0 : own;
	target->offset += own;
	target->phys += own;
	target->place += own;
	if (target->match.field) {
		target->bits = true;
		target->high = target->match.field->high;
		target->low = target->match.field->low;
	}
	return 0;
}

/* Only a word with a dot may be a register's: no file is looked for if it cannot. */
static int resolve_word(const struct resolver *resolver, bool *named)
{
	const struct address *address = resolver->address;
	struct target *target = resolver->target;
	int code = 0;

	if (resolver->registers->svd || strchr(address->text, '.') || address->kind == ADDRESS_NAME)
		code = regfile_open(resolver->ctx, resolver->registers->svd, &target->source);
	if (code)
		return code;
	*named = address->kind == ADDRESS_NAME || address->field[0] || look_up(resolver);
	return *named ? resolve_name(resolver) : resolve_node(resolver, address->text);
}

/* --- all of them -------------------------------------------------------------------------------------- */

static int resolve(const struct resolver *resolver, bool *placed)
{
	switch (resolver->address->kind) {
	case ADDRESS_NUMBER:
		resolver->target->phys = resolver->address->number;
		return 0;
	case ADDRESS_NODE:
		return resolve_node(resolver, resolver->address->text);
	case ADDRESS_ALIAS:
		return resolve_alias(resolver);
	case ADDRESS_GPIO:
		return resolve_gpio(resolver);
	case ADDRESS_BUS:
	case ADDRESS_DMA:
		return resolve_seen_by(resolver);
	case ADDRESS_PCI:
		return resolve_pci(resolver);
	case ADDRESS_UIO:
		return resolve_uio(resolver);
	default:
		return resolve_word(resolver, placed);
	}
}

/* --file: the place is one in that file. */
static int into_file(const struct resolver *resolver, const char *text)
{
	const struct registers *registers = resolver->registers;
	struct target *target = resolver->target;

	if (target->kind != TARGET_PHYS)
		return usage_error(resolver->command, "'%s' is not an address in a file", text);
	if (target->phys < registers->base ||
		target->phys - registers->base > UINT64_MAX - registers->file_offset)
		return fail(EXIT_FAILED, "the file begins at 0x%08" PRIx64 ", behind 0x%08" PRIx64,
			registers->base, target->phys);
	if (strlcpy(target->path, registers->file, sizeof(target->path)) >= sizeof(target->path))
		return usage_error(resolver->command, "the name of the file is too long");
	target->kind = TARGET_FILE;
	target->place = target->phys - registers->base + registers->file_offset;
	target->limit = UINT64_MAX; /* mapping finds its end */
	return 0;
}

int target_parse(const struct command *command, struct pmem_ctx *ctx,
	const struct registers *registers, const char *text, struct target *target)
{
	struct address address;
	struct resolver resolver = { command, ctx, registers, &address, target };
	char why[ADDRESS_MAX + 128];
	bool placed = false; /* with its offset */
	int code;

	memset(target, 0, sizeof(*target));
	target->limit = UINT64_MAX;
	if (!address_parse(text, &address, why, sizeof(why)))
		return usage_error(command, "%s", why);
	target->offset = address.offset;
	target->length = address.length;
	target->bits = address.bits;
	target->high = address.high;
	target->low = address.low;
	code = resolve(&resolver, &placed);
	if (code)
		return code;
	if (!placed && target->phys > UINT64_MAX - target->offset)
		return usage_error(command, "%s is beyond 64 bits", text);
	if (!placed) {
		target->phys += target->offset;
		target->place += target->offset;
	}
	target->known = target->kind != TARGET_PCI;
	/* What stands behind '@' went there already. */
	return registers->file && strcmp(target->path, registers->file) != 0 ?
		into_file(&resolver, text) : 0;
}

/* --- mapping ------------------------------------------------------------------------------------------ */

static int map_pci(struct pmem_ctx *ctx, struct target *target, uint64_t length, uint32_t flags,
	struct pmem_region **region, uint64_t *offset)
{
	uint64_t base;
	int code = check_decoding(target->bdf);

	if (code)
		return code;
	if (pmem_region_map_pci(ctx, target->bdf, target->bar, flags, region))
		return fail_library(NULL);
	code = inside(target, pmem_region_size(*region));
	if (!code && length > target->limit)
		code = fail(EXIT_FAILED, "the range ends behind the BAR's 0x%" PRIx64 " bytes",
			pmem_region_size(*region));
	if (!code && pmem_region_phys(*region, &base))
		code = fail_library(NULL);
	if (code) {
		(void)pmem_region_close(*region);
		return code;
	}
	target->phys = base + target->offset;
	target->known = true;
	*offset = target->offset;
	return 0;
}

int target_map(struct pmem_ctx *ctx, struct target *target, uint64_t length, uint32_t flags,
	struct pmem_region **region, uint64_t *offset)
{
	char doing[64];
	int ret;

	if (target->kind == TARGET_PCI)
		return map_pci(ctx, target, length, flags, region, offset);
	if (length > target->limit)
		return fail(EXIT_FAILED, "the range ends behind the node's registers: 0x%" PRIx64
			" bytes are left from there", target->limit);
	*offset = 0;
	(void)snprintf(doing, sizeof(doing), "map 0x%08" PRIx64, target->phys);
	if (target->kind == TARGET_FILE)
		ret = pmem_region_map_file(ctx, target->path, target->place, length, target->phys,
			flags & PMEM_MAP_READONLY, region);
	else
		ret = pmem_region_map(ctx, target->phys, length, flags, region);
	return ret ? fail_library(doing) : 0;
}
