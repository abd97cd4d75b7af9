/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the command: each access of a region that it asks of the library is a line in the file
 * that ACCESSES names, "r32 0x4" or "w32 0x4 0x1", and is then made.
 */
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <pmem/pmem.h>

static void tell(const char *what, uint64_t offset, uint64_t value)
{
	const char *name = getenv("ACCESSES");
	FILE *file = name ? fopen(name, "a") : NULL;

	if (!file)
		abort(); /* what is not seen must not count as nothing */
	if (what[0] == 'w')
		fprintf(file, "%s 0x%" PRIx64 " 0x%" PRIx64 "\n", what, offset, value);
	else
		fprintf(file, "%s 0x%" PRIx64 "\n", what, offset);
	fclose(file);
}

static void *real(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

#define WIDTH(bits)                                                                              \
	int pmem_region_read##bits(const struct pmem_region *region, uint64_t offset,            \
		uint##bits##_t *value)                                                           \
	{                                                                                        \
		int (*next)(const struct pmem_region *, uint64_t, uint##bits##_t *);             \
                                                                                                 \
		*(void **)&next = real("pmem_region_read" #bits);                                \
		tell("r" #bits, offset, 0);                                                      \
		return next(region, offset, value);                                              \
	}                                                                                        \
                                                                                                 \
	int pmem_region_write##bits(struct pmem_region *region, uint64_t offset,                 \
		uint##bits##_t value)                                                            \
	{                                                                                        \
		int (*next)(struct pmem_region *, uint64_t, uint##bits##_t);                     \
                                                                                                 \
		*(void **)&next = real("pmem_region_write" #bits);                               \
		tell("w" #bits, offset, value);                                                  \
		return next(region, offset, value);                                              \
	}

WIDTH(8)
WIDTH(16)
WIDTH(32)
WIDTH(64)
