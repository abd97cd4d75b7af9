/* SPDX-License-Identifier: MIT */
/*
 * One register access. A bus that answers with an abort raises SIGBUS; the library leaves signals to
 * the program, and this program turns it into an error.
 */
#include "physmem.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>

static sigjmp_buf bus_error;
static volatile sig_atomic_t accessing;

static void on_bus_error(int sig)
{
	if (accessing)
		siglongjmp(bus_error, 1);
	(void)signal(sig, SIG_DFL); /* not by an access: it comes again, and ends the program */
}

/* Once for a whole command. SA_NODEFER: the jump need not restore a mask, at a system call each. */
static void catch_bus_errors(void)
{
	static bool caught;
	struct sigaction action;

	if (caught)
		return;
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_bus_error;
	action.sa_flags = SA_NODEFER;
	(void)sigaction(SIGBUS, &action, NULL);
	caught = true;
}

static int fail_bus_error(const char *what, uint64_t phys)
{
	accessing = 0;
	return fail_because(EXIT_FAILED, "bus-error",
		"the block may be off (clock, power domain), or know no access of this width: see "
		"physmem node, and try -w",
		"bus error: nothing answers a %s at 0x%08" PRIx64, what, phys);
}

static bool parse_width(const char *text, unsigned *width)
{
	uint64_t bits;

	if (!parse_number(text, &bits) || (bits != 8 && bits != 16 && bits != 32 && bits != 64))
		return false;
	*width = (unsigned)bits;
	return true;
}

int register_option(const struct command *command, int option, struct registers *registers)
{
	uint64_t number;
	int code;

	switch (option) {
	case 'w':
		if (!parse_width(optarg, &registers->width))
			return usage_error(command, "--width is 8, 16, 32 or 64");
		return -1;
	case 'i':
		if (!parse_number(optarg, &number) || number > UINT16_MAX)
			return usage_error(command, "--index is a number");
		registers->index = (unsigned)number;
		return -1;
	case 'c':
		registers->cached = true;
		return -1;
	default:
		if (common_option(command, option, &code))
			return code;
		registers->json = true;
		return -1;
	}
}

uint32_t register_flags(const struct registers *registers, bool readonly)
{
	return (readonly ? PMEM_MAP_READONLY : 0) | (registers->cached ? PMEM_MAP_CACHED : 0);
}

/* The mapping's start is page aligned, so an unaligned offset is an unaligned access. */
static int check_range(const struct command *command, const struct registers *registers,
	const struct target *target, uint64_t count)
{
	uint64_t unit = registers->width / 8;

	if ((target->pci ? target->offset : target->phys) % unit)
		return usage_error(command, "the address is not a multiple of %" PRIu64 " bytes",
			unit);
	if (count > UINT64_MAX / unit)
		return usage_error(command, "that many units are beyond 64 bits");
	if (!target->pci && target->limit == UINT64_MAX && target->phys > UINT64_MAX - count * unit)
		return usage_error(command, "the range is beyond 64 bits");
	return 0;
}

int register_command(const struct command *command, const struct registers *registers,
	const char *address, uint64_t count, register_fn *body, const void *options)
{
	struct target target;
	struct pmem_ctx *ctx;
	int code = open_context(&ctx);

	if (code)
		return code;
	code = target_parse(command, ctx, address, registers->index, &target);
	if (!code)
		code = check_range(command, registers, &target, count);
	if (!code)
		code = body(options, ctx, &target);
	pmem_ctx_unref(ctx);
	return code;
}

static int load(const struct pmem_region *region, uint64_t offset, unsigned width,
	uint64_t *value)
{
	uint8_t byte = 0;
	uint16_t half = 0;
	uint32_t word = 0;
	int ret;

	switch (width) {
	case 8:
		ret = pmem_region_read8(region, offset, &byte);
		*value = byte;
		return ret;
	case 16:
		ret = pmem_region_read16(region, offset, &half);
		*value = half;
		return ret;
	case 32:
		ret = pmem_region_read32(region, offset, &word);
		*value = word;
		return ret;
	default:
		return pmem_region_read64(region, offset, value);
	}
}

static int store(struct pmem_region *region, uint64_t offset, unsigned width, uint64_t value)
{
	switch (width) {
	case 8:
		return pmem_region_write8(region, offset, (uint8_t)value);
	case 16:
		return pmem_region_write16(region, offset, (uint16_t)value);
	case 32:
		return pmem_region_write32(region, offset, (uint32_t)value);
	default:
		return pmem_region_write64(region, offset, value);
	}
}

int access_read(const struct pmem_region *region, uint64_t offset, uint64_t phys, unsigned width,
	uint64_t *value)
{
	int ret;

	catch_bus_errors();
	if (sigsetjmp(bus_error, 0))
		return fail_bus_error("read", phys);
	accessing = 1;
	ret = load(region, offset, width, value);
	accessing = 0;
	return ret ? fail_library(NULL) : 0;
}

int access_write(struct pmem_region *region, uint64_t offset, uint64_t phys, unsigned width,
	uint64_t value)
{
	int ret;

	catch_bus_errors();
	if (sigsetjmp(bus_error, 0))
		return fail_bus_error("write", phys);
	accessing = 1;
	ret = store(region, offset, width, value);
	accessing = 0;
	return ret ? fail_library(NULL) : 0;
}
