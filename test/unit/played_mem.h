/* SPDX-License-Identifier: MIT */
/* A played /dev/mem, for the suites of the devmem backend: included by one file of a program. */
#ifndef TEST_PLAYED_MEM_H
#define TEST_PLAYED_MEM_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/backend.h"
#include "suite.h"

#define GIB (1ull << 30)

/* What the played kernel was asked for, and what it answers. */
static struct {
	int refusal;          /* of mmap; 0: works */
	int flags;            /* of the last open */
	int prot, map_flags;
	uint64_t offset;
	size_t length;
	uint32_t readonly_errnum; /* open for writing fails with this */
} k;

static struct os_calls calls;
static const struct os_calls *played;
static struct pmem_ctx *ctx;
static struct pmem_region *region;

/* A mapping that nobody may touch: the library shall never read a register. */
static int mem_mmap(void *user, size_t length, int prot, int flags, uint64_t offset, void **out)
{
	(void)user;
	k.prot = prot;
	k.map_flags = flags;
	k.offset = offset;
	k.length = length;
	if (k.refusal)
		return -k.refusal;
	return fake_untouchable(NULL, length, prot, flags, offset, out);
}

static struct fake_device mem = {
	.path = "/dev/mem",
	.memory = sizeof(size_t) > 4 ? (size_t)(64 * GIB) : 0xfffff000u,
	.mmap = mem_mmap,
};

static int watching_open(const char *path, int flags, uint32_t mode)
{
	size_t n = strlen(path);

	if (n > 8 && strcmp(path + n - 8, "/dev/mem") == 0) {
		k.flags = flags;
		if (k.readonly_errnum && (flags & O_ACCMODE) != O_RDONLY)
			return -(int)k.readonly_errnum;
	}
	return played->open(path, flags, mode);
}

static void setup(void)
{
	memset(&k, 0, sizeof(k));
	mem.open_errnum = 0;
	fake_start();
	fake_device(&mem);
	fake_page_size(4096);
	played = os;
	calls = *os;
	calls.open = watching_open;
	os = &calls;
	assert_works(pmem_ctx_new(&ctx));
	region = NULL;
}

static void teardown(void)
{
	pmem_ctx_unref(ctx);
	fake_stop();
}

static int map(uint64_t phys, uint64_t size, uint32_t flags)
{
	return pmem_region_map(ctx, phys, size, flags, &region);
}

static void close_region(void)
{
	assert_works(pmem_region_close(region));
	ck_assert_uint_eq(fake_fds(), 0);
	ck_assert_uint_eq(fake_mapped(), 0);
}

static const char *message(void)
{
	return pmem_error_message(pmem_error_last());
}

#define assert_says(text, words) \
	ck_assert_msg(strstr(text, words), "\"%s\" does not say \"%s\"", text, words)

#endif
