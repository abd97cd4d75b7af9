/* SPDX-License-Identifier: MIT */
/* How a place is named on the command line, and how it is mapped. */
#include "physmem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

/* Cut "+0x34" off the end; text without it is left alone. A node's name may hold '+' too. */
static void split_offset(char *text, uint64_t *offset)
{
	char *plus = strrchr(text, '+');

	*offset = 0;
	if (plus && parse_number(plus + 1, offset))
		*plus = '\0';
}

static int parse_pci(const struct command *command, char *text, struct target *target)
{
	char *slash = strchr(text, '/');
	uint64_t bar;

	if (!slash || !parse_number(slash + 1, &bar) || bar > 5)
		return usage_error(command, "pci:%s: expected DOMAIN:BUS:DEVICE.FUNCTION/BAR", text);
	*slash = '\0';
	if (strlcpy(target->bdf, text, sizeof(target->bdf)) >= sizeof(target->bdf))
		return usage_error(command, "pci:%s: too long for a PCI address", text);
	target->pci = true;
	target->bar = (unsigned)bar;
	target->limit = UINT64_MAX; /* known when it is mapped */
	return 0;
}

static int parse_bus(const struct command *command, struct pmem_ctx *ctx, const char *text,
	struct target *target)
{
	uint64_t bus;

	if (!parse_number(text, &bus))
		return usage_error(command, "bus:%s: not a number", text);
	if (pmem_soc_bus_to_phys(ctx, NULL, bus, &target->phys))
		return fail_library(NULL);
	target->limit = UINT64_MAX;
	return 0;
}

static int inside(struct target *target, uint64_t size)
{
	if (target->offset >= size)
		return fail(EXIT_FAILED, "offset 0x%" PRIx64 " is outside: there are 0x%" PRIx64
			" bytes", target->offset, size);
	target->limit = size - target->offset;
	return 0;
}

static int parse_named(struct pmem_ctx *ctx, const char *text, unsigned index,
	struct target *target)
{
	uint64_t size;

	if (!strcmp(text, "gpio:")) {
		if (pmem_soc_gpio(ctx, &target->phys, &size))
			return fail_library(NULL);
	} else if (pmem_soc_node(ctx, text, index, &target->phys, &size)) {
		return fail_library(text);
	}
	return inside(target, size);
}

int target_parse(const struct command *command, struct pmem_ctx *ctx, const char *text,
	unsigned index, struct target *target)
{
	char name[1024];
	int code = 0;

	*target = (struct target){ 0 };
	if (strlcpy(name, text, sizeof(name)) >= sizeof(name))
		return usage_error(command, "the address is longer than %zu bytes", sizeof(name));
	split_offset(name, &target->offset);
	if (!strncmp(name, "pci:", 4))
		return parse_pci(command, name + 4, target);
	if (!strncmp(name, "bus:", 4))
		code = parse_bus(command, ctx, name + 4, target);
	else if (parse_number(name, &target->phys))
		target->limit = UINT64_MAX;
	else if (name[0] >= '0' && name[0] <= '9')
		code = usage_error(command, "'%s' is not a number", name);
	else
		code = parse_named(ctx, name, index, target);
	if (code)
		return code;
	if (target->phys > UINT64_MAX - target->offset)
		return usage_error(command, "%s is beyond 64 bits", text);
	target->phys += target->offset;
	return 0;
}

static int map_pci(struct pmem_ctx *ctx, struct target *target, uint64_t length, uint32_t flags,
	struct pmem_region **region, uint64_t *offset)
{
	uint64_t base;
	int code;

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
	*offset = target->offset;
	return 0;
}

int target_map(struct pmem_ctx *ctx, struct target *target, uint64_t length, uint32_t flags,
	struct pmem_region **region, uint64_t *offset)
{
	char doing[64];

	if (target->pci)
		return map_pci(ctx, target, length, flags, region, offset);
	if (length > target->limit)
		return fail(EXIT_FAILED, "the range ends behind the node's registers: 0x%" PRIx64
			" bytes are left from there", target->limit);
	*offset = 0;
	if (pmem_region_map(ctx, target->phys, length, flags, region)) {
		(void)snprintf(doing, sizeof(doing), "map 0x%08" PRIx64, target->phys);
		return fail_library(doing);
	}
	return 0;
}
