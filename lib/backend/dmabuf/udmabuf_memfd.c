/* SPDX-License-Identifier: MIT */
#include "dmabuf/udmabuf_memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/memfd.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/frames.h"
#include "pages/migrate.h"
#include "pages/neighbours.h"

/* Linux 6.1 (include/uapi/asm-generic/mman-common.h); older C libraries lack it. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* The size of a huge page, as a power of two, in the flags (asm-generic/hugetlb_encode.h). */
#define HUGE_SHIFT 26

#define HUGE_HINT "reserve pages: /sys/kernel/mm/hugepages/hugepages-*/nr_hugepages"

static int create(const char *name, uint64_t length, uint64_t huge)
{
	unsigned flags = MFD_ALLOW_SEALING;
	int fd, r;

	if (huge)
		flags |= MFD_HUGETLB | (unsigned)__builtin_ctzll(huge) << HUGE_SHIFT;
	fd = os->memfd_create(name, flags);
	if (fd < 0)
		return error_set(huge && fd == -EINVAL ? EOPNOTSUPP : -fd,
			huge && fd != -EMFILE && fd != -ENFILE ? PMEM_CAUSE_UNSUPPORTED :
								 PMEM_CAUSE_SYSTEM,
			"memfd_create", NULL, NULL, "the kernel refused a memfd%s",
			huge ? " of huge pages" : "");
	r = os->ftruncate(fd, length);
	if (r < 0) {
		os->close(fd);
		return error_set(-r, r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM,
			"ftruncate", NULL, NULL, "the memfd cannot be %" PRIu64 " bytes long",
			length);
	}
	r = os->fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK);
	if (r < 0) {
		os->close(fd);
		return error_set(-r, PMEM_CAUSE_UNSUPPORTED, "fcntl F_ADD_SEALS", NULL, NULL,
			"the memfd cannot be sealed against shrinking, as udmabuf requires");
	}
	return fd;
}

/* An address at a multiple of align that was free just now; only luck depends on it. */
static void *aligned_hint(size_t length, size_t align)
{
	void *addr;

	if (align == 0 || os->mmap(NULL, length + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
				  0, &addr) < 0)
		return NULL;
	os->munmap(addr, length + align);
	return (void *)(((uintptr_t)addr + align - 1) & ~(uintptr_t)(align - 1));
}

static int map(const char *root, struct memfd *memfd, uint64_t huge)
{
	bool large = !huge && !migrate_may_hang(root, memfd->length); /* udmabuf pins for long */
	void *hint = huge ? NULL : aligned_hint(memfd->length, area_thp_size(root));
	int r = os->mmap(hint, memfd->length, PROT_READ | PROT_WRITE, MAP_SHARED, memfd->fd, 0,
		&memfd->data);

	if (r < 0)
		return error_set(-r, r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM,
			"mmap", NULL, huge ? HUGE_HINT : NULL, "the memfd cannot be mapped%s",
			huge && r == -ENOMEM ? ": there are no free huge pages" : "");
	/* Huge pages are reserved by mmap(), so that touching them cannot kill; the others are
	 * refused by MADV_POPULATE_WRITE when there is no memory. */
	if (!huge)
		os->madvise(memfd->data, memfd->length, large ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	r = area_populate(memfd->data, memfd->length);
	if (r < 0) {
		os->munmap(memfd->data, memfd->length);
		return r;
	}
	if (large)
		os->madvise(memfd->data, memfd->length, MADV_COLLAPSE);
	return 0;
}

int memfd_new(const char *root, const char *name, uint64_t length, uint64_t huge,
	struct memfd *memfd)
{
	int r;

	if (!huge && length > area_available_for(root, length))
		return area_refuse(root, length);
	memfd->length = (size_t)length;
	memfd->fd = create(name, length, huge);
	if (memfd->fd < 0)
		return memfd->fd;
	r = map(root, memfd, huge);
	if (r < 0)
		os->close(memfd->fd);
	return r;
}

void memfd_free(struct memfd *memfd)
{
	os->munmap(memfd->data, memfd->length);
	os->close(memfd->fd);
}

/* Pages that are neighbours in the file too become one part. */
static int make_parts(const struct memfd *memfd, const struct neighbour *pages, size_t wanted,
	struct memfd_part **parts, size_t *count)
{
	uint64_t size = os->page_size();
	struct memfd_part *list = calloc(wanted, sizeof(*list));
	size_t n = 0;

	if (!list)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"no memory for a list of %zu pages", wanted);
	for (size_t i = 0; i < wanted; i++) {
		uint64_t offset = (uint64_t)((unsigned char *)pages[i].at - (unsigned char *)memfd->data);

		if (n && list[n - 1].offset + list[n - 1].length == offset)
			list[n - 1].length += size;
		else
			list[n++] = (struct memfd_part){ offset, size };
	}
	*parts = list;
	*count = n;
	return 0;
}

int memfd_pick(struct pmem_ctx *ctx, const struct memfd *memfd, uint64_t length, uint64_t align,
	uint64_t max_addr, struct memfd_part **parts, size_t *count)
{
	const struct neighbours_wanted wanted = { length, align, max_addr };
	struct neighbours pages = { .unit = os->page_size() };
	int r, frames = frames_kept(ctx);
	size_t first;
	bool above;

	if (frames < 0)
		return frames;
	r = neighbours_add(&pages, frames, ctx->root, memfd->data, memfd->length);
	if (r == 0) {
		first = neighbours_find(&pages, &wanted, &above);
		r = first < pages.count ?
			make_parts(memfd, pages.units + first, (size_t)(length / pages.unit), parts,
				count) :
			error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, HUGE_HINT,
				"no %" PRIu64 " bytes in one piece among %zu bytes of pages",
				length, memfd->length);
	}
	free(pages.units);
	return r;
}

int memfd_place(struct pmem_ctx *ctx, const struct memfd *memfd, const struct memfd_part *parts,
	size_t count, uint64_t *phys)
{
	struct pages_run *runs;
	uint64_t next = 0;
	size_t n;
	int r = 0, frames = frames_kept(ctx);

	if (frames < 0)
		return frames;
	for (size_t i = 0; i < count && r == 0; i++) {
		r = frames_runs(frames, ctx->root, (unsigned char *)memfd->data + parts[i].offset,
			(size_t)(parts[i].length / os->page_size()), &runs, &n);
		if (r < 0)
			break;
		if (i == 0)
			*phys = next = runs[0].phys;
		if (n != 1 || runs[0].phys != next)
			r = error_set(EAGAIN, PMEM_CAUSE_MOVED, "alloc", NULL, NULL,
				"the pages moved before they were held");
		next += parts[i].length;
		free(runs);
	}
	return r;
}
