/* SPDX-License-Identifier: MIT */
/* Refusals of dma-bufs, each with a cause of its own, by a kernel with a system heap and udmabuf. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>

#include "check_lib.h"

static struct pmem_ctx *ctx;

static int allocate(const char *backend, const char *heap, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend, .heap = heap,
		.flags = flags };
	struct pmem_region *region = NULL;

	return pmem_region_alloc(ctx, size, &opts, &region);
}

static void import(const char *name, int fd)
{
	struct pmem_region *region = NULL;

	CHECK("opened", fd >= 0, "%s", name);
	check_refused(name, pmem_region_import(ctx, fd, 0, &region), "wrong-kind");
	CHECK("stays-open", fcntl(fd, F_GETFD) >= 0, "%s was closed", name);
	close(fd);
}

/* What was opened for reading can be mapped for reading. */
static void read_only(void)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = "udmabuf" };
	struct pmem_region *first = NULL, *region = NULL;
	uint32_t value = 1;
	int fd;

	CHECK_OK("alloc", pmem_region_alloc(ctx, 4096, &opts, &first));
	fd = pmem_region_dup_fd(first);
	CHECK_OK("import-read-only", pmem_region_import(ctx, fd, PMEM_MAP_READONLY, &region));
	CHECK_OK("read", pmem_region_read32(region, 0, &value));
	check_refused("write", pmem_region_write32(region, 0, 1), "readonly");
	CHECK_OK("close", pmem_region_close(region));
	CHECK_OK("close-first", pmem_region_close(first));
	close(fd);
}

int main(void)
{
	int pipes[2];

	ctx = check_ctx();
	check_refused("no-such-heap", allocate("dmaheap", "no such heap", 4096, 0), "not-found");
	check_refused("above-the-limit", allocate("udmabuf", NULL, 65u << 20, PMEM_ALLOC_SCATTERED),
		"limit");
	check_refused("system-heap-in-one-piece",
		allocate("dmaheap", "system", 1u << 20, PMEM_ALLOC_NO_ADDRESS), "not-contiguous");
	check_refused("system-heap-with-address",
		allocate("dmaheap", "system", 1u << 20, PMEM_ALLOC_SCATTERED), "address-unknown");
	import("memfd", memfd_create("no dma-buf", 0));
	import("null", open("/dev/null", O_RDWR | O_CLOEXEC));
	import("heap", open("/dev/dma_heap/system", O_RDWR | O_CLOEXEC));
	import("udmabuf", open("/dev/udmabuf", O_RDWR | O_CLOEXEC));
	import("proc", open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
	import("directory", open("/", O_RDONLY | O_CLOEXEC));
	if (pipe(pipes) == 0)
		import("pipe", pipes[0]);
	read_only();
	pmem_ctx_unref(ctx);
	return check_end();
}
