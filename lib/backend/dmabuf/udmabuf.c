/* SPDX-License-Identifier: MIT */
/*
 * Pages of a memfd as a dma-buf: /dev/udmabuf. The dma-buf keeps the pages; where they are is
 * read through the memfd's own mapping, since the dma-buf's is PFNMAP on newer kernels.
 *
 * One piece of memory comes from one huge page of the hugetlb pool, or from pages that happen to be
 * neighbours: of several huge pages, or of large folios and small pages. udmabuf takes them in any
 * order of the file, so they are listed in the order of memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "backend/backend.h"
#include "backend/device.h"
#include "base/bits.h"
#include "dmabuf/dmabuf.h"
#include "dmabuf/udmabuf_memfd.h"
#include "dmabuf/udmabuf_source.h"
#include "os/file.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/frames.h"
#include "pages/hugetlb.h"
#include "pages/migrate.h"

#define NODE       "/dev/udmabuf"
#define PARAMETERS "/sys/module/udmabuf/parameters/"

/* drivers/dma-buf/udmabuf.c: what the parameters are where the kernel does not show them. */
#define DEFAULT_LIMIT_MB   64
#define DEFAULT_LIST_LIMIT 1024

/* From 6.11 on memfd_pin_folios() pins, out of CMA and movable zones (commit c6a3194c05e7); before,
 * references are held, which keep the pages in place as well, wherever they are. */
#define KERNEL_PINS 6011

/* From 5.6 on the exporter syncs for a device of its own (commit 284562e1f348). */
#define KERNEL_SYNCS 5006

/* Looking for neighbours among more pages than this costs more time than it is worth. */
#define GATHER_MAX ((uint64_t)256 << 20)
/* Pages that moved between the choice and the pin are chosen anew. */
#define GATHER_TRIES 3

static const struct access_device device = {
	.path = NODE,
	.capability = -1,
	.absent = "the kernel needs CONFIG_UDMABUF, which is no module; a container needs "
		"--device /dev/udmabuf",
	.mode = "membership of the group that owns it, often kvm",
};

static int udmabuf_probe(struct pmem_ctx *ctx)
{
	int fd = access_open(ctx, &device, O_RDWR);

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
	if (limit < UINT64_MAX >> 20 && length > limit << 20)
		return error_set(EINVAL, PMEM_CAUSE_LIMIT, "alloc", PARAMETERS "size_limit_mb",
			"write a larger number of MiB to that file",
			"%" PRIu64 " bytes are more than the %" PRIu64 " MiB that udmabuf takes",
			length, limit);
	return 0;
}

/* Since Linux 6.11 the call pins pages. */
static int pinning_ioctl(int node, unsigned long request, void *arg)
{
	int was = migrate_begin();
	int r = os->ioctl(node, request, arg);

	migrate_end(was);
	return r;
}

/* UDMABUF_CREATE or, for several parts, UDMABUF_CREATE_LIST. A plain result. */
static int create_ioctl(int node, int memfd, const struct memfd_part *parts, size_t count)
{
	struct udmabuf_create one = {
		.memfd = (uint32_t)memfd,
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.offset = parts[0].offset,
		.size = parts[0].length,
	};
	struct udmabuf_create_list *list;
	int r;

	if (count == 1) {
		r = pinning_ioctl(node, UDMABUF_CREATE, &one);
		return r < 0 ? r : file_keep(r);
	}
	list = calloc(1, sizeof(*list) + count * sizeof(list->list[0]));
	if (!list)
		return -ENOMEM;
	list->flags = UDMABUF_FLAGS_CLOEXEC;
	list->count = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		list->list[i] = (struct udmabuf_create_item){
			.memfd = (uint32_t)memfd,
			.offset = parts[i].offset,
			.size = parts[i].length,
		};
	r = pinning_ioctl(node, UDMABUF_CREATE_LIST, list);
	free(list);
	return r < 0 ? r : file_keep(r);
}

static int refused_create(int r, int memfd, uint64_t length)
{
	int seals;

	switch (r) {
	case -ENOMEM:
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "ioctl UDMABUF_CREATE", NODE, NULL,
			"the kernel has no memory for a dma-buf of %" PRIu64 " bytes", length);
	case -EMFILE:
	case -ENFILE:
		return error_set(-r, PMEM_CAUSE_LIMIT, "ioctl UDMABUF_CREATE", NODE,
			NULL, "there are too many open files");
	case -EBADFD: /* Linux 6.4 to 6.10 know memfds of small pages only */
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "ioctl UDMABUF_CREATE", NODE,
			NULL, "this kernel's udmabuf does not take a memfd of this kind");
	case -EINVAL:
		seals = os->fcntl(memfd, F_GET_SEALS, 0);
		if (seals >= 0 && (!(seals & F_SEAL_SHRINK) || (seals & F_SEAL_WRITE)))
			return error_set(EINVAL, PMEM_CAUSE_WRONG_KIND, "ioctl UDMABUF_CREATE",
				NODE, NULL,
				"the memfd is sealed wrongly (0x%x): udmabuf wants F_SEAL_SHRINK "
				"and no F_SEAL_WRITE",
				(unsigned)seals);
		/* fall through */
	default:
		return error_set(-r, PMEM_CAUSE_UNSUPPORTED, "ioctl UDMABUF_CREATE", NODE, NULL,
			"udmabuf refused %" PRIu64 " bytes of memfd", length);
	}
}

/* One call of udmabuf_alloc(). */
struct job {
	int node; /* the open device */
	const struct alloc_request *request;
	struct pmem_region *region;
	struct pmem_ctx *ctx;
};

/* The dma-buf of those parts. A descriptor, or -errno with the error set. */
static int create(const struct job *job, int memfd, const struct memfd_part *parts, size_t count)
{
	uint64_t limit = DEFAULT_LIST_LIMIT, length = 0;
	int fd;

	for (size_t i = 0; i < count; i++)
		length += parts[i].length;
	if (count > 1 && file_read_u64(job->ctx->root, PARAMETERS "list_limit", &limit) < 0)
		limit = DEFAULT_LIST_LIMIT;
	if (count > limit)
		return error_set(EINVAL, PMEM_CAUSE_LIMIT, "alloc", PARAMETERS "list_limit",
			"write a larger number to that file, or reserve huge pages",
			"the memory is %zu pieces of a file, and udmabuf takes %" PRIu64, count,
			limit);
	fd = create_ioctl(job->node, memfd, parts, count);
	return fd >= 0 ? fd : refused_create(fd, memfd, length);
}

/* Note where the pages of a memfd in pieces are. Unknown is an answer. */
static void find_pieces(struct pmem_region *region, const struct memfd *memfd, uint64_t length)
{
	struct pages_run *runs;
	size_t count;
	int r = frames_kept(region->ctx);

	if (r >= 0)
		r = frames_runs(r, region->ctx->root, memfd->data,
			(size_t)(length / os->page_size()), &runs, &count);
	if (r < 0) {
		region_set_unknown(region);
		return;
	}
	region->runs = runs;
	region->run_count = count;
	if (count == 1)
		region->attrs |= PMEM_REGION_CONTIGUOUS;
}

/* As dmabuf_undo(), of a region that is complete. */
static int undo(struct pmem_region *region)
{
	udmabuf_source_free(region->source, false);
	region->source = NULL;
	return dmabuf_undo(region);
}

/*
 * The region of those parts of a memfd. contiguous: they follow each other in memory, or are one
 * huge page.
 */
static int make_region(const struct job *job, const struct memfd *memfd, uint64_t huge,
	const struct memfd_part *parts, size_t count, bool contiguous)
{
	const struct alloc_request *request = job->request;
	struct pmem_region *region = job->region;
	uint64_t phys = 0;
	int r = create(job, memfd->fd, parts, count);

	if (r < 0)
		return r;
	region->fd = r;
	dmabuf_set_name(region->fd, request->name);
	r = dmabuf_map(region, request->length,
		request->flags & PMEM_ALLOC_NO_MAP ? PMEM_IMPORT_NO_MAP : 0);
	if (r == 0)
		r = dmabuf_set_caches(region,
			(os->kernel_version() >= KERNEL_SYNCS ? DMABUF_ATTACHED : 0) |
				(dmabuf_for_drivers(request) ? DMABUF_DRIVERS : 0));
	if (r < 0)
		return dmabuf_undo(region);
	region->size = request->size;
	region->attrs |= PMEM_REGION_PINNED;
	region->source = udmabuf_source_new(memfd, huge, parts, count);
	log_write(&region->ctx->log, PMEM_LEVEL_DEBUG, "udmabuf: %" PRIu64 " bytes in %zu parts, %s",
		request->size, count,
		os->kernel_version() >= KERNEL_PINS ? "pinned" : "held by references");
	if (!contiguous) {
		find_pieces(region, memfd, request->length);
		return 0;
	}
	region->attrs |= PMEM_REGION_CONTIGUOUS;
	r = memfd_place(job->ctx, memfd, parts, count, &phys);
	if (r == -EAGAIN)
		return undo(region);
	if (r < 0)
		region_set_unknown(region);
	else
		region_set_phys(region, phys);
	return 0;
}

/* The first pages of a memfd of length bytes: wherever they are, but one page is one piece. */
static int alloc_first(const struct job *job, uint64_t length, uint64_t huge)
{
	const struct memfd_part first = { 0, job->request->length };
	struct memfd memfd;
	int r = memfd_new(job->ctx->root, job->request->name, length, huge, &memfd);

	if (r < 0)
		return r;
	r = make_region(job, &memfd, huge, &first, 1, huge || length == os->page_size());
	memfd_free(&memfd);
	return r;
}

/* Neighbours among total bytes of pages. */
static int alloc_gathered(const struct job *job, uint64_t total, uint64_t huge)
{
	const struct alloc_request *request = job->request;
	struct memfd_part *parts;
	struct memfd memfd;
	size_t count;
	int r = memfd_new(job->ctx->root, request->name, total, huge, &memfd);

	if (r < 0)
		return r;
	for (int i = 0; i < GATHER_TRIES; i++) {
		r = memfd_pick(job->ctx, &memfd, request->length, request->align,
			request->max_addr, &parts, &count);
		if (r < 0)
			break;
		r = make_region(job, &memfd, huge, parts, count, true);
		free(parts);
		if (r != -EAGAIN)
			break;
	}
	memfd_free(&memfd);
	return r;
}

/* Huge pages of the pool that fits best and has free ones: one, or neighbours. */
static int alloc_from_pool(const struct job *job)
{
	const struct alloc_request *request = job->request;
	uint64_t want = request->length > request->align ? request->length : request->align;
	size_t sizes[HUGETLB_POOLS], pools = hugetlb_sizes(job->ctx->root, sizes);
	uint64_t size = 0, available = 0, most;

	/* The smallest size that is large enough, else the largest. */
	for (size_t i = 0; i < pools && size < want; i++) {
		uint64_t n = hugetlb_free(job->ctx->root, sizes[i]);

		if (n) {
			size = sizes[i];
			available = n;
		}
	}
	if (size >= want)
		return alloc_first(job, size, size);
	if (size == 0 || available < (request->length - 1) / size + 1)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", HUGETLB_FOLDER,
			"reserve pages: " HUGETLB_FOLDER "/hugepages-*/nr_hugepages",
			"there are not enough free huge pages for %" PRIu64 " bytes",
			request->length);
	/* Twice as many as needed, so that there is a choice. */
	most = 2 * ((want + size - 1) / size);
	return alloc_gathered(job, (available < most ? available : most) * size, size);
}

/* Neighbours among ordinary pages, which are large folios if the kernel can collapse them. */
static int alloc_neighbours(const struct job *job)
{
	const struct alloc_request *request = job->request;
	uint64_t thp = area_thp_size(job->ctx->root);
	uint64_t want = request->length > request->align ? request->length : request->align;
	uint64_t total = 4 * want;

	if (thp && !bits_align_up(total < 2 * thp ? 2 * thp : total, thp, &total))
		total = 0;
	if (total > GATHER_MAX)
		total = GATHER_MAX;
	if (total < request->length)
		return error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NODE,
			"reserve pages: " HUGETLB_FOLDER "/hugepages-*/nr_hugepages",
			"%" PRIu64 " bytes are not to be had in one piece", request->length);
	return alloc_gathered(job, total, 0);
}

static int check_request(struct pmem_ctx *ctx, const struct alloc_request *request)
{
	if (request->heap)
		return error_set(ENOENT, PMEM_CAUSE_NOT_FOUND, "alloc", NODE, NULL,
			"udmabuf has no heaps, so none called %s", request->heap);
	if (request->flags & PMEM_ALLOC_UNCACHED)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, "alloc", NODE, NULL,
			"udmabuf's memory is cached");
	return check_limit(ctx, request->length);
}

static int alloc_from(const struct job *job)
{
	const struct alloc_request *request = job->request;
	struct pmem_error why;

	if ((request->flags & PMEM_ALLOC_SCATTERED) ||
		(request->length == os->page_size() && request->align == request->length &&
			request->max_addr == UINT64_MAX))
		return alloc_first(job, request->length, 0);
	/* Pages of a pool are scarce and large, a GiB perhaps: they come last. */
	if (alloc_neighbours(job) == 0 && select_check(request, job->region) == 0)
		return 0;
	error_save(&why);
	if (job->region->fd >= 0)
		undo(job->region);
	if (alloc_from_pool(job) == 0)
		return 0;
	return error_restore(&why);
}

static int udmabuf_alloc(struct pmem_ctx *ctx, const struct alloc_request *request,
	struct pmem_region *region)
{
	struct job job = { .node = access_open(ctx, &device, O_RDWR), .request = request,
		.region = region, .ctx = ctx };
	int r;

	if (job.node < 0)
		return job.node;
	r = check_request(ctx, request);
	if (r == 0)
		r = alloc_from(&job);
	os->close(job.node);
	return r;
}

static int udmabuf_close(struct pmem_region *region)
{
	udmabuf_source_free(region->source, false);
	region->source = NULL;
	return dmabuf_close(region);
}

static int udmabuf_forget(struct pmem_region *region)
{
	udmabuf_source_free(region->source, true);
	return dmabuf_forget(region);
}

const struct pmem_backend_ops backend_udmabuf = {
	.name = "udmabuf",
	.caps = PMEM_BACKEND_ALLOC | PMEM_BACKEND_EXPORT | PMEM_BACKEND_PHYS |
		PMEM_BACKEND_PINNED | PMEM_BACKEND_CONTIGUOUS | PMEM_BACKEND_SYNC,
	.probe = udmabuf_probe,
	.alloc = udmabuf_alloc,
	.close = udmabuf_close,
	.forget = udmabuf_forget,
	.sync = dmabuf_sync,
};
