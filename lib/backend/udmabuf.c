/* SPDX-License-Identifier: MIT */
/*
 * Pages of a memfd as a dma-buf: /dev/udmabuf. The dma-buf keeps the pages; where they are is
 * read through the memfd's own mapping, since the dma-buf's is PFNMAP on newer kernels.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "backend.h"
#include "dmabuf.h"
#include "file.h"
#include "frames.h"
#include "meminfo.h"
#include "os.h"

#define NODE       "/dev/udmabuf"
#define PARAMETERS "/sys/module/udmabuf/parameters/"

/* drivers/dma-buf/udmabuf.c: what the parameters are where the kernel does not show them. */
#define DEFAULT_LIMIT_MB 64

/* From 6.11 on memfd_pin_folios() pins; before, a mere reference is held (commit c6a3194c05e7). */
#define KERNEL_PINS 6011

static int open_node(struct pmem_ctx *ctx)
{
	int fd = file_open(ctx->root, NODE, O_RDWR);

	if (fd >= 0)
		return fd;
	if (fd == -ENOENT)
		return error_set(ENOENT, PMEM_CAUSE_NO_DEVICE, "open", NODE,
			"modprobe udmabuf, or a kernel with CONFIG_UDMABUF",
			"this kernel has no udmabuf");
	return error_set(-fd, fd == -EACCES ? PMEM_CAUSE_FILE_MODE : PMEM_CAUSE_SYSTEM, "open", NODE,
		fd == -EACCES ? "membership of the group that owns it, often kvm" : NULL,
		"udmabuf cannot be opened");
}

static int udmabuf_probe(struct pmem_ctx *ctx)
{
	int fd = open_node(ctx);

	if (fd < 0)
		return fd;
	os->close(fd);
	return 0;
}

static int check_limit(struct pmem_ctx *ctx, uint64_t length)
{
	uint64_t limit;

	if (file_read_u64(ctx->root, PARAMETERS "size_limit_mb", &limit) < 0)
		limit = DEFAULT_LIMIT_MB;
	if (length >> 20 > limit || (length >> 20 == limit && (length & 0xfffff)))
		return error_set(EINVAL, PMEM_CAUSE_LIMIT, "alloc", PARAMETERS "size_limit_mb",
			"write a larger number of MiB to that file",
			"%llu bytes are more than the %llu MiB that udmabuf takes",
			(unsigned long long)length, (unsigned long long)limit);
	return 0;
}

/* A memfd of length bytes as udmabuf wants it: populated, sealed against shrinking. */
static int make_memfd(const char *name, uint64_t length, unsigned flags)
{
	int fd = os->memfd_create(name, MFD_ALLOW_SEALING | flags);
	int r;

	if (fd < 0)
		return error_set(-fd, PMEM_CAUSE_SYSTEM, "memfd_create", NULL, NULL,
			"the kernel refused a memfd%s", flags ? " of huge pages" : "");
	r = os->ftruncate(fd, length);
	if (r == 0)
		r = os->fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
	if (r < 0) {
		os->close(fd);
		return error_set(-r, PMEM_CAUSE_SYSTEM, "memfd", NULL, NULL,
			"the memfd could not be sized and sealed");
	}
	return fd;
}

static int create(struct pmem_ctx *ctx, int memfd, uint64_t length)
{
	struct udmabuf_create args = {
		.memfd = (uint32_t)memfd,
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.size = length,
	};
	int node = open_node(ctx);
	int fd;

	if (node < 0)
		return node;
	fd = os->ioctl(node, UDMABUF_CREATE, &args);
	os->close(node);
	if (fd >= 0)
		return fd;
	return error_set(-fd, fd == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_UNSUPPORTED,
		"ioctl UDMABUF_CREATE", NODE, NULL, "udmabuf refused %llu bytes of memfd",
		(unsigned long long)length);
}

/* The frames, through a mapping of the memfd that is gone afterwards. Unknown is an answer. */
static void find_frames(struct pmem_region *region, int memfd)
{
	size_t count = region->map_length / os->page_size();
	struct pages_run *runs;
	size_t run_count;
	void *data;
	int fd, r;

	fd = frames_open(region->ctx->root);
	if (fd < 0) {
		region_set_unknown(region);
		return;
	}
	r = os->mmap(NULL, region->map_length, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0, &data);
	if (r < 0) {
		error_set(-r, PMEM_CAUSE_SYSTEM, "mmap", NULL, NULL, "the memfd cannot be mapped");
	} else {
		for (size_t i = 0; i < count; i++) /* the pages are there; this maps them */
			(void)*((const volatile unsigned char *)data + i * os->page_size());
		r = frames_runs(fd, region->ctx->root, data, count, &runs, &run_count);
		os->munmap(data, region->map_length);
	}
	os->close(fd);
	if (r < 0) {
		region_set_unknown(region);
		return;
	}
	region->runs = runs;
	region->run_count = run_count;
	if (run_count == 1)
		region->attrs |= PMEM_REGION_CONTIGUOUS;
}

/* One try with small pages or with huge ones; length is a multiple of their size. */
static int try_pages(struct pmem_ctx *ctx, const struct alloc_request *request, uint64_t length,
	unsigned memfd_flags, struct pmem_region *region)
{
	struct pmem_error first;
	int memfd, r = check_limit(ctx, length);

	if (r < 0)
		return r;
	memfd = make_memfd(request->name, length, memfd_flags);
	if (memfd < 0)
		return memfd;
	r = region->fd = create(ctx, memfd, length);
	if (r >= 0) {
		dmabuf_set_name(region->fd, request->name);
		r = dmabuf_map(region, length, 0);
		if (r == 0)
			r = dmabuf_set_caches(region, false);
		if (r == 0)
			find_frames(region, memfd);
	}
	if (r < 0) {
		error_save(&first);
		dmabuf_close(region);
		region->attrs = 0;
	}
	os->close(memfd);
	if (r < 0)
		return error_restore(&first);
	region->size = request->size;
	if (os->kernel_version() >= KERNEL_PINS)
		region->attrs |= PMEM_REGION_PINNED;
	return 0;
}

/* Contiguous memory beyond a page needs one huge page: the default size of the kernel. */
static int try_huge(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	uint64_t kib, huge;

	if (meminfo_kib(ctx->root, "Hugepagesize:", &kib) < 0)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NODE, NULL,
			"this kernel has no huge pages, and small ones are not contiguous");
	huge = kib * 1024;
	if (request->length > huge || request->align > huge)
		return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NODE, NULL,
			"no more than one huge page of %llu KiB is contiguous",
			(unsigned long long)kib);
	return try_pages(ctx, request, huge, MFD_HUGETLB, region);
}

static int udmabuf_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	bool contiguous = !(request->flags & PMEM_ALLOC_SCATTERED);

	if (request->heap)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_FOUND, "alloc", NODE, NULL,
			"udmabuf has no heaps, so none called %s", request->heap);
	if (request->flags & PMEM_ALLOC_UNCACHED)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NODE, NULL,
			"udmabuf's memory is cached");
	if (contiguous &&
		(request->length > os->page_size() || request->align > os->page_size()))
		return try_huge(ctx, request, region);
	return try_pages(ctx, request, request->length, 0, region);
}

const struct pmem_backend_ops backend_udmabuf = {
	.name = "udmabuf",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_EXPORT | PMEM_BACKEND_PHYS |
		PMEM_BACKEND_PINNED | PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_SYNC,
	.probe = udmabuf_probe,
	.alloc = udmabuf_alloc,
	.close = dmabuf_close,
	.sync = dmabuf_sync,
};
