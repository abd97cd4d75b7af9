/* SPDX-License-Identifier: MIT */
/*
 * One access of a register. A bus that answers with an abort raises SIGBUS; the library leaves signals
 * to the program, and this program turns it into an error.
 */
#include "registers.h"

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

/* --- units of whole accesses, and of bytes -------------------------------------------------------- */

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
	case 64:
		return pmem_region_read64(region, offset, value);
	default: /* byte by byte, in the order of addresses, as the CPU would lay them out */
		*value = 0;
		for (unsigned i = 0; i < width; i += 8) {
			ret = pmem_region_read8(region, offset + i / 8, &byte);
			if (ret)
				return ret;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
			*value = *value << 8 | byte;
#else
			*value |= (uint64_t)byte << i;
#endif
		}
		return 0;
	}
}

static int store(struct pmem_region *region, uint64_t offset, unsigned width, uint64_t value)
{
	int ret = 0;

	switch (width) {
	case 8:
		return pmem_region_write8(region, offset, (uint8_t)value);
	case 16:
		return pmem_region_write16(region, offset, (uint16_t)value);
	case 32:
		return pmem_region_write32(region, offset, (uint32_t)value);
	case 64:
		return pmem_region_write64(region, offset, value);
	default:
		for (unsigned i = 0; i < width && !ret; i += 8) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
			unsigned shift = width - 8 - i;
#else
			unsigned shift = i;
#endif
			ret = pmem_region_write8(region, offset + i / 8, (uint8_t)(value >> shift));
		}
		return ret;
	}
}

/* The bytes of a unit the other way round. */
static uint64_t swapped(uint64_t value, unsigned width)
{
	uint64_t out = 0;

	for (unsigned i = 0; i < width; i += 8)
		out |= (value >> i & 0xff) << (width - 8 - i);
	return out;
}

int access_read(const struct job *job, const struct pmem_region *region, uint64_t offset,
	uint64_t i, uint64_t *value)
{
	int ret;

	catch_bus_errors();
	if (sigsetjmp(bus_error, 0))
		return fail_bus_error("read", phys_of(job, i));
	accessing = 1;
	ret = load(region, offset + i * job->unit, job->width, value);
	accessing = 0;
	if (ret)
		return fail_library(NULL);
	if (job->swap)
		*value = swapped(*value, job->width);
	return 0;
}

int access_write(const struct job *job, struct pmem_region *region, uint64_t offset, uint64_t i,
	uint64_t value)
{
	int ret;

	catch_bus_errors();
	if (sigsetjmp(bus_error, 0))
		return fail_bus_error("write", phys_of(job, i));
	accessing = 1;
	ret = store(region, offset + i * job->unit, job->width,
		job->swap ? swapped(value, job->width) : value);
	accessing = 0;
	return ret ? fail_library(NULL) : 0;
}
