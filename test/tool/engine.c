/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into physmem selftest --dma: an engine that never ends a copy well. ENGINE_ANSWER is what its
 * status reads after the first write to the register ENGINE_STATUS. Each write to a device is a line in
 * the file that ENGINE names, so is the moment when the memory of the copy has been given back, with byte 4
 * of the file ENGINE_CONFIG. Memory is a piece of the played machine's.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <pmem/pmem.h>

#define MEMORY 0x10000000u

static void *real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

static uint64_t number(const char *name)
{
	const char *text = getenv(name);

	if (!text)
		abort();
	return strtoull(text, NULL, 0);
}

static void tell(const char *what, uint64_t value)
{
	const char *name = getenv("ENGINE");
	FILE *file = name ? fopen(name, "a") : NULL;

	if (!file)
		abort(); /* what is not seen must not count as nothing */
	fprintf(file, "%s 0x%" PRIx64 "\n", what, value);
	fclose(file);
}

static int command_byte(void)
{
	const char *name = getenv("ENGINE_CONFIG");
	FILE *file = name ? fopen(name, "r") : NULL;
	int byte = 0;

	if (file) {
		(void)fseek(file, 4, SEEK_SET);
		byte = fgetc(file);
		fclose(file);
	}
	return byte;
}

static int running;

int pmem_region_write32(struct pmem_region *region, uint64_t offset, uint32_t value)
{
	int (*next)(struct pmem_region *, uint64_t, uint32_t);
	uint64_t phys = 0;

	*(void **)&next = real("pmem_region_write32");
	if (!pmem_region_phys(region, &phys) && phys < MEMORY * 2ull && phys >= MEMORY)
		return next(region, offset, value);
	if (offset == number("ENGINE_STATUS")) {
		running = value & 1;
		tell("status", value);
	}
	return next(region, offset, value);
}

int pmem_region_read32(const struct pmem_region *region, uint64_t offset, uint32_t *value)
{
	int (*next)(const struct pmem_region *, uint64_t, uint32_t *);

	*(void **)&next = real("pmem_region_read32");
	if (running && offset == number("ENGINE_STATUS")) {
		*value = (uint32_t)number("ENGINE_ANSWER");
		return 0;
	}
	return next(region, offset, value);
}

int pmem_region_alloc(struct pmem_ctx *ctx, uint64_t size, const struct pmem_alloc_opts *opts,
	struct pmem_region **out)
{
	static uint64_t at = MEMORY;

	(void)opts;
	at += 0x100000;
	return pmem_region_map(ctx, at, size, PMEM_MAP_SYSTEM_RAM, out);
}

int pmem_selftest_copy(struct pmem_ctx *ctx, uint64_t size, uint64_t hole, uint64_t src_offset,
	pmem_selftest_alloc_fn *alloc, pmem_selftest_copy_fn *copy, void *user)
{
	int (*next)(struct pmem_ctx *, uint64_t, uint64_t, uint64_t, pmem_selftest_alloc_fn *,
		pmem_selftest_copy_fn *, void *);
	int r;

	*(void **)&next = real("pmem_selftest_copy");
	r = next(ctx, size, hole, src_offset, alloc, copy, user);
	tell("freed", (uint64_t)command_byte());
	return r;
}

/* An engine that does not answer is given 5 seconds, which this saves. */
__attribute__((visibility("default"))) int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	(void)wanted;
	(void)left;
	return 0;
}
