/* SPDX-License-Identifier: MIT */
/*
 * A program of one release, as somebody's binary that is years old: compiled with that release's
 * headers, linked with that release's names. It must run with every later library. It needs no
 * privilege and no device, so that it runs everywhere, also under an emulator, which shows another
 * process's pagemap: then LIBPMEM_ROOT names an empty folder.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pmem/pmem.h>

static int failed;

static void check(int good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "FAILED: %s (%s)\n", what,
		pmem_error_last() ? pmem_error_text(pmem_error_last()) : "no error");
	failed = 1;
}

/* Each is resolved, at its version: else the loader would not start this program. */
static void functions(void)
{
	size_t count = 0;
	volatile uintptr_t address = 0; /* else the compiler knows that it is not 0 */
#define F(name) \
	address = (uintptr_t)&(name); \
	count += address != 0;
#include "functions.h"
#undef F
	printf("%zu functions\n", count);
	check(count > 0, "functions");
}

/* What is compiled in is what the library means. */
static void constants(void)
{
	size_t count = 0;
	uint64_t value;
#define C(name) \
	count++; \
	check(pmem_constant_value(#name, &value) == 0 && value == (uint64_t)(name), #name);
#include "constants.h"
#undef C
	printf("%zu constants\n", count);
}

/* Options of this release's size; a tail that is not known is refused, zeros are not. */
static void memory(struct pmem_ctx *ctx)
{
	struct pmem_firmware_opts firmware = { .size = sizeof(firmware), .dma_channels = 1 };
	struct {
		struct pmem_alloc_opts opts;
		uint64_t later[64]; /* more than options will ever grow by */
	} grown = { .opts = { .size = sizeof(grown), .flags = PMEM_ALLOC_SCATTERED |
		PMEM_ALLOC_NO_ADDRESS | PMEM_ALLOC_MAY_MOVE | PMEM_ALLOC_NO_MASTER,
		.name = "released", .firmware = &firmware } };
	struct pmem_alloc_opts opts = grown.opts;
	struct pmem_region *region = NULL, *found = NULL;
	unsigned char *data;
	uint64_t offset = 0;
	uint32_t word = 0;

	opts.size = sizeof(opts);
	check(pmem_region_alloc(ctx, 100000, &opts, &region) == 0, "alloc");
	if (!region)
		return;
	data = pmem_region_data(region);
	check(data && pmem_region_size(region) == 100000, "data and size");
	check((pmem_region_attrs(region) & PMEM_REGION_UNMAPPED) == 0, "attrs");
	check(pmem_region_write32(region, 8, 0x12345678) == 0 &&
		pmem_region_read32(region, 8, &word) == 0 && word == 0x12345678, "read32");
	check(memcmp(data + 8, &word, sizeof(word)) == 0, "the word is in memory");
	check(pmem_region_find(ctx, data + 4096, &found, &offset) == 0 && found == region &&
		offset == 4096, "find");
	check(pmem_region_cpu_begin(region, 0, PMEM_TO_END, PMEM_DIR_BOTH) == 0 &&
		pmem_region_cpu_end(region, 0, PMEM_TO_END, PMEM_DIR_BOTH) == 0, "cpu_begin, cpu_end");
	check(pmem_region_close(region) == 0, "close");

	check(pmem_region_alloc(ctx, 4096, &grown.opts, &region) == 0 &&
		pmem_region_close(region) == 0, "options of a later release, zeros");
	grown.later[63] = ~0ull;
	check(pmem_region_alloc(ctx, 4096, &grown.opts, &region) == -E2BIG, "an unknown option");
}

/* Registers that were saved in a file. */
static void file(struct pmem_ctx *ctx)
{
	const char *root = getenv("LIBPMEM_ROOT");
	const uint32_t words[4] = { 1, 2, 3, 0xcafe };
	char path[4096];
	struct pmem_region *region = NULL;
	uint64_t phys = 0;
	uint32_t word = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/released-XXXXXX", root ? root : "/tmp");
	fd = mkstemp(path);
	check(fd >= 0 && write(fd, words, sizeof(words)) == (ssize_t)sizeof(words), "a file");
	close(fd);
	check(pmem_region_map_file(ctx, root ? path + strlen(root) : path, 4, PMEM_TO_END, 0x3f200004, PMEM_MAP_READONLY,
		&region) == 0, "map_file");
	unlink(path);
	if (!region)
		return;
	check(pmem_region_size(region) == 12 && pmem_region_phys(region, &phys) == 0 &&
		phys == 0x3f200004, "its place");
	check(pmem_region_read32(region, 8, &word) == 0 && word == 0xcafe, "its last word");
	check(pmem_region_read32(region, 12, &word) == -ERANGE, "behind its end");
	check(pmem_region_close(region) == 0, "close");
}

/* Refusals explain themselves, with the numbers of this release. */
static void refusals(struct pmem_ctx *ctx)
{
	struct pmem_region *region = NULL;
	struct pmem_error *error = NULL;

	check(pmem_region_map_file(ctx, "/no/such/file", 0, 4, PMEM_ADDRESS_NONE, 0, &region) == -ENOENT,
		"a missing file");
	check(pmem_error_cause(pmem_error_last()) == PMEM_CAUSE_NO_DEVICE, "its cause");
	check(pmem_ctx_error(ctx, &error) == 0 && error, "the context's error");
	if (error)
		check(strstr(pmem_error_path(error), "/no/such/file") != NULL, "its path");
	pmem_error_free(error);
	check(pmem_region_alloc(ctx, 0, NULL, &region) == -EINVAL &&
		pmem_error_cause(pmem_error_last()) == PMEM_CAUSE_ZERO_SIZE, "no bytes");
}

int main(void)
{
	struct pmem_ctx *ctx = NULL;

	printf("built with %d.%d.%d, runs with %s\n", PMEM_VERSION_MAJOR, PMEM_VERSION_MINOR,
		PMEM_VERSION_PATCH, pmem_version());
	check(pmem_version_number() >= PMEM_VERSION_NUMBER, "the library is not older");
	functions();
	constants();
	check(pmem_ctx_new(&ctx) == 0, "ctx_new");
	if (ctx) {
		memory(ctx);
		file(ctx);
		refusals(ctx);
	}
	pmem_ctx_unref(ctx);
	printf(failed ? "failed\n" : "ok\n");
	return failed;
}
