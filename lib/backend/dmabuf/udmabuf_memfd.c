/* SPDX-License-Identifier: MIT */
#include "dmabuf/udmabuf_memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/memfd.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/attr.h"
#include "base/error.h"
#include "os/os.h"
#include "pages/area.h"
#include "pages/frames.h"
#include "pages/migrate.h"

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
			fd == -EMFILE || fd == -ENFILE ? PMEM_CAUSE_LIMIT :
			huge			       ? PMEM_CAUSE_UNSUPPORTED :
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

	if (!huge && length > area_available(root))
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

/* A page of the memfd: where it is in the file, and in memory. */
struct page {
	uint64_t phys;
	uint64_t offset;
};

static int by_phys(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	return x->phys < y->phys ? -1 : x->phys > y->phys;
}

/* All pages in the order of their frames. */
static int sorted_pages(const char *root, const struct memfd *memfd, struct page **pages)
{
	size_t size = os->page_size();
	size_t count = memfd->length / size;
	uint64_t *phys = calloc(count, sizeof(*phys));
	int fd, r = 0;

	*pages = calloc(count, sizeof(**pages));
	fd = phys && *pages ? frames_open(root) :
			      error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
				      "no memory for a list of %zu pages", count);
	if (fd >= 0) {
		r = frames_phys(fd, root, memfd->data, count, phys);
		os->close(fd);
	}
	if (fd < 0 || r < 0) {
		free(phys);
		free(*pages);
		return fd < 0 ? fd : r;
	}
	for (size_t i = 0; i < count; i++)
		(*pages)[i] = (struct page){ .phys = phys[i], .offset = i * size };
	free(phys);
	qsort(*pages, count, sizeof(**pages), by_phys);
	return 0;
}

/* The first of wanted pages that follow each other from a multiple of align; count if none do. */
static size_t find_run(const struct page *pages, size_t count, size_t wanted, uint64_t align,
	uint64_t max_addr)
{
	uint64_t size = os->page_size();
	size_t start = 0, length = 0;

	for (size_t i = 0; i < count; i++) {
		bool follows = length && pages[i].phys == pages[i - 1].phys + size;

		if (!follows) {
			start = i;
			length = 0;
		}
		if (length == 0 && (pages[i].phys & (align - 1)))
			continue;
		if (length == 0)
			start = i;
		if (pages[i].phys > max_addr || size - 1 > max_addr - pages[i].phys)
			break;
		if (++length == wanted)
			return start;
	}
	return count;
}

/* Pages that are neighbours in the file too become one part. */
static int make_parts(const struct page *pages, size_t wanted, struct memfd_part **parts,
	size_t *count)
{
	uint64_t size = os->page_size();
	struct memfd_part *list = calloc(wanted, sizeof(*list));
	size_t n = 0;

	if (!list)
		return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", NULL, NULL,
			"no memory for a list of %zu pages", wanted);
	for (size_t i = 0; i < wanted; i++) {
		if (n && list[n - 1].offset + list[n - 1].length == pages[i].offset)
			list[n - 1].length += size;
		else
			list[n++] = (struct memfd_part){ pages[i].offset, size };
	}
	*parts = list;
	*count = n;
	return 0;
}

int memfd_pick(const char *root, const struct memfd *memfd, uint64_t length, uint64_t align,
	uint64_t max_addr, struct memfd_part **parts, size_t *count)
{
	size_t have = memfd->length / os->page_size();
	size_t wanted = (size_t)(length / os->page_size());
	struct page *pages;
	size_t first;
	int r = sorted_pages(root, memfd, &pages);

	if (r < 0)
		return r;
	first = find_run(pages, have, wanted, align, max_addr);
	if (first == have)
		r = error_set(ENOMEM, PMEM_CAUSE_NOT_CONTIGUOUS, "alloc", NULL, HUGE_HINT,
			"no %" PRIu64 " bytes in one piece among %zu bytes of pages", length,
			memfd->length);
	else
		r = make_parts(pages + first, wanted, parts, count);
	free(pages);
	return r;
}

int memfd_place(const char *root, const struct memfd *memfd, const struct memfd_part *parts,
	size_t count, uint64_t *phys)
{
	struct pages_run *runs;
	uint64_t next = 0;
	size_t n;
	int r = 0, fd = frames_open(root);

	if (fd < 0)
		return fd;
	for (size_t i = 0; i < count && r == 0; i++) {
		r = frames_runs(fd, root, (unsigned char *)memfd->data + parts[i].offset,
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
	os->close(fd);
	return r;
}
