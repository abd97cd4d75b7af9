/* SPDX-License-Identifier: MIT */
/* What is held from the beginning to the end: regions of all kinds, objects of pools, memory that was registered. */
#include "held.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HELD_MAX 1024

static struct entry held[HELD_MAX];
static size_t held_count, pages_most;
static struct pmem_ctx *ctx;
static uint64_t *room;

struct pmem_ctx *held_ctx(void)
{
	return ctx;
}

static void not_held(const char *what, const char *why)
{
	printf("not held: %s: %.160s\n", what, why);
	atomic_fetch_add(&soak->not_held, 1);
}

static bool hold(struct entry entry)
{
	if (held_count == HELD_MAX) {
		soak_fault("more is held than there is room for");
		return false;
	}
	if (!book_enter(ctx, &entry))
		return false;
	if (entry.pages > pages_most)
		pages_most = entry.pages;
	held[held_count++] = entry;
	atomic_fetch_add(&soak->held, 1);
	atomic_fetch_add(&soak->held_bytes, entry.length);
	return true;
}

/* may: that it cannot be had is no fault, and is told. */
static const struct held_kind {
	const char *what;
	size_t size;
	unsigned count;
	uint32_t flags;
	uint64_t align, max_addr;
	uint32_t wait_ms;
	bool may;
} kinds[] = {
	{ "a page", 4096, 64, 0, 0, 0, 0, false },
	{ "64 KiB", 65536, 32, 0, 0, 0, 0, false },
	{ "a size that is no page's", 12345, 16, 0, 0, 0, 0, false },
	{ "1 MiB at its own size", 1 << 20, 4, 0, 1 << 20, 0, 0, false },
	{ "2 MiB", 2 << 20, 6, 0, 0, 0, 0, false },
	{ "4 MiB", 4 << 20, 4, 0, 0, 0, 0, false },
	{ "8 MiB in a row", 8 << 20, 2, 0, 0, 0, 3000, true },
	{ "32 MiB, tried hard", 32 << 20, 1, PMEM_ALLOC_TRY_HARD, 0, 0, 0, true },
	{ "below 4 GiB", 1 << 20, 2, 0, 0, UINT32_MAX, 0, true },
	{ "not zeroed", 1 << 20, 2, PMEM_ALLOC_NO_ZERO, 0, 0, 0, false },
	{ "cached", 1 << 20, 2, PMEM_ALLOC_CACHED, 0, 0, 0, false },
	{ "for no device", 65536, 4, PMEM_ALLOC_NO_MASTER, 0, 0, 0, false },
	{ "scattered", 1 << 20, 8, PMEM_ALLOC_SCATTERED, 0, 0, 0, false },
	{ "scattered huge pages", 16 << 20, 2, PMEM_ALLOC_SCATTERED, 0, 0, 0, false },
	{ "that may move", 1 << 20, 2, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_MAY_MOVE, 0, 0, 0, false },
	{ "of no address", 1 << 20, 2, PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS, 0, 0, 0, false },
};

static bool hold_regions(void)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		const struct held_kind *kind = &kinds[k];
		struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = kind->flags, .align = kind->align,
			.max_addr = kind->max_addr, .wait_ms = kind->wait_ms, .backend = "pages" };

		for (unsigned n = 0; n < kind->count; n++) {
			struct entry entry = { .what = kind->what, .length = kind->size,
				.moves = kind->flags & PMEM_ALLOC_MAY_MOVE };

			if (pmem_region_alloc(ctx, kind->size, &opts, &entry.region) && kind->may) {
				not_held(kind->what, pmem_error_message(pmem_error_last()));
				break;
			}
			if (!entry.region) {
				soak_fault("%s: %s", kind->what, pmem_error_text(pmem_error_last()));
				return false;
			}
			entry.at = pmem_region_data(entry.region);
			if (!hold(entry))
				return false;
		}
	}
	return true;
}

/* Heaps and the like, where the machine has them. */
static bool hold_of_backend(const char *backend)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .backend = backend };

	for (unsigned n = 0; n < 8; n++) {
		struct entry entry = { .what = backend, .length = MIB };

		opts.flags = n % 2 ? PMEM_ALLOC_SCATTERED | PMEM_ALLOC_NO_ADDRESS : 0;
		if (pmem_region_alloc(ctx, MIB, &opts, &entry.region)) {
			not_held(backend, pmem_error_message(pmem_error_last()));
			return true;
		}
		entry.at = pmem_region_data(entry.region);
		if (!hold(entry))
			return false;
	}
	return true;
}

static bool hold_objects(uint64_t boundary)
{
	static const size_t sizes[] = { 64, 200, 1024, 3000, 4096, 20000, 65536 };
	struct pmem_alloc_opts alloc = { .size = sizeof(alloc), .backend = "pages" };
	struct pmem_pool_opts opts = { .size = sizeof(opts), .alloc = &alloc, .boundary = boundary };
	struct pmem_pool *pool;

	if (pmem_pool_new(ctx, &opts, &pool)) {
		soak_fault("pool: %s", pmem_error_text(pmem_error_last()));
		return false;
	}
	for (size_t i = 0; i < 210; i++) {
		struct entry entry = { .what = "an object", .pool = pool, .length = sizes[i % 7] };

		entry.at = pmem_pool_alloc(pool, entry.length, 0);
		if (!entry.at) {
			soak_fault("object: %s", pmem_error_text(pmem_error_last()));
			return false;
		}
		if (!hold(entry))
			return false;
	}
	return true;
}

/* Memory of the program's own. */
static const struct own_kind {
	const char *what;
	size_t length;
	int flags;  /* of mmap(); 0: malloc() */
	int advice; /* 0: none */
	bool same, memfd, may;
} own[] = {
	{ "malloc(), registered", 300000, 0, 0, false, false, false },
	{ "little of malloc(), registered", 1000, 0, 0, false, false, false },
	{ "mmap(), registered", 4 << 20, MAP_PRIVATE | MAP_ANONYMOUS, 0, false, false, false },
	{ "mmap() in huge pages, registered", 16 << 20, MAP_PRIVATE | MAP_ANONYMOUS, MADV_HUGEPAGE, false, false, false },
	{ "mmap() for KSM, registered", 4 << 20, MAP_PRIVATE | MAP_ANONYMOUS, MADV_MERGEABLE, true, false, true },
	{ "shared memory, registered", 4 << 20, MAP_SHARED | MAP_ANONYMOUS, 0, false, false, false },
	{ "a memfd, registered", 4 << 20, MAP_SHARED, 0, false, true, false },
	{ "hugetlb, registered", 4 << 20, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, 0, false, false, true },
};

/* The memory, or NULL. */
static unsigned char *take_own(const struct own_kind *kind)
{
	int fd = -1;
	unsigned char *at;

	if (!kind->flags)
		return malloc(kind->length);
	if (kind->memfd) {
		fd = memfd_create("soak", MFD_CLOEXEC);
		if (fd < 0 || ftruncate(fd, (off_t)kind->length) < 0)
			return NULL;
	}
	at = mmap(NULL, kind->length, PROT_READ | PROT_WRITE, kind->flags, fd, 0);
	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED)
		return NULL;
	if (kind->advice && madvise(at, kind->length, kind->advice) < 0) {
		munmap(at, kind->length);
		return NULL;
	}
	return at;
}

static bool hold_own(void)
{
	for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++) {
		struct entry entry = { .what = own[k].what, .length = own[k].length, .same = own[k].same };

		entry.at = take_own(&own[k]);
		if (!entry.at && own[k].may) {
			not_held(own[k].what, "the kernel has none");
			continue;
		}
		if (!entry.at || pmem_region_register(ctx, entry.at, entry.length, 0, &entry.region)) {
			soak_fault("%s: %s", own[k].what, entry.at ? pmem_error_text(pmem_error_last()) : "no memory");
			return false;
		}
		if (!hold(entry))
			return false;
	}
	return true;
}

bool held_take(void)
{
	if (pmem_ctx_new(&ctx)) {
		soak_fault("context: %s", pmem_error_text(pmem_error_last()));
		return false;
	}
	if (!hold_regions() || !hold_of_backend("dmaheap") || !hold_of_backend("udmabuf") ||
		!hold_of_backend("udmabuf-kmod") || !hold_objects(0) || !hold_objects(65536) || !hold_own())
		return false;
	not_held("what a device sees by VFIO", access("/dev/vfio/vfio", F_OK) && access("/dev/iommu", F_OK) ?
		"there is no such device" : "no device is given to this program");
	room = malloc(pages_most * sizeof(*room));
	return room != NULL;
}

/* A pointer and an address are found in the region that they are of. */
static bool is_found(const struct entry *entry)
{
	struct pmem_region *found;
	uint64_t offset;

	if (!entry->region || entry->moves || pmem_region_find(ctx, entry->at, &found, &offset))
		return true; /* registered memory may lie in several */
	if (found != entry->region && pmem_region_data(found) == entry->at) {
		soak_fault("%s: its pointer is told to be another region's", entry->what);
		return false;
	}
	return true;
}

bool held_look(void)
{
	uint64_t scan = atomic_fetch_add(&soak->scans, 1);

	for (size_t i = 0; i < held_count; i++) {
		if (!book_look(ctx, &held[i], room, scan % 8 == 0) || !is_found(&held[i]))
			return false;
	}
	return true;
}
