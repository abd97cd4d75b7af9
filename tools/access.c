/* SPDX-License-Identifier: MIT */
/*
 * One register access. A bus that answers with an abort raises SIGBUS; the library leaves signals to
 * the program, and this program turns it into an error.
 */
#include "physmem.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>

static sigjmp_buf bus_error;

static void on_bus_error(int sig)
{
	(void)sig;
	siglongjmp(bus_error, 1);
}

static void catch_bus_errors(bool on)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = on ? on_bus_error : SIG_DFL;
	(void)sigaction(SIGBUS, &action, NULL);
}

static bool parse_width(const char *text, unsigned *width)
{
	uint64_t bits;

	if (!parse_number(text, &bits) || (bits != 8 && bits != 16 && bits != 32 && bits != 64))
		return false;
	*width = (unsigned)bits;
	return true;
}

bool register_option(const struct command *command, int option, unsigned *width, unsigned *index,
	int *code)
{
	uint64_t number;

	*code = -1;
	switch (option) {
	case 'w':
		if (!parse_width(optarg, width))
			*code = usage_error(command, "--width is 8, 16, 32 or 64");
		return true;
	case 'i':
		if (!parse_number(optarg, &number) || number > UINT16_MAX)
			*code = usage_error(command, "--index is a number");
		else
			*index = (unsigned)number;
		return true;
	default:
		return false;
	}
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

int access_read(const struct pmem_region *region, uint64_t offset, unsigned width,
	uint64_t *value)
{
	int ret;

	if (sigsetjmp(bus_error, 1)) {
		catch_bus_errors(false);
		return fail(EXIT_FAILED, "bus error: nothing answers a read there");
	}
	catch_bus_errors(true);
	ret = load(region, offset, width, value);
	catch_bus_errors(false);
	return ret ? fail_library(NULL) : 0;
}

int access_write(struct pmem_region *region, uint64_t offset, unsigned width, uint64_t value)
{
	int ret;

	if (sigsetjmp(bus_error, 1)) {
		catch_bus_errors(false);
		return fail(EXIT_FAILED, "bus error: nothing answers a write there");
	}
	catch_bus_errors(true);
	ret = store(region, offset, width, value);
	catch_bus_errors(false);
	return ret ? fail_library(NULL) : 0;
}
