/* SPDX-License-Identifier: MIT */
/*
 * An address never lies: memory of the library stays where it is while the kernel compacts the
 * rest, and pagemap tells so. Memory that is only locked moves; that shows that something was done.
 *     --backend NAME        where the memory comes from; not given: the library chooses
 *     --without-resource    without CAP_SYS_RESOURCE, with which the library keeps the kernel from
 *                           waiting for itself (lib/pages/migrate.h)
 */
#include <fcntl.h>
#include <getopt.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "check_lib.h"

#define REGIONS     5 /* the last, beside backend pages, is memory that the program has already */
#define PAGES_EACH  64u /* of a scattered region */
#define LOCKED      1024u
#define COMPACTIONS 4

static const char *backend;

struct held {
	struct pmem_region *region;
	uint64_t phys[PAGES_EACH];
};

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static struct pmem_region *allocate(struct pmem_ctx *ctx, uint64_t size, uint32_t flags)
{
	struct pmem_alloc_opts opts = { .size = sizeof(opts), .flags = flags, .backend = backend };
	struct pmem_region *region = NULL;

	CHECK_OK(flags & PMEM_ALLOC_SCATTERED ? "alloc-scattered" : "alloc",
		pmem_region_alloc(ctx, size, &opts, &region));
	return region;
}

/* The region's own word, page by page. */
static void remember(struct held *held)
{
	for (size_t i = 0; i < PAGES_EACH; i++)
		CHECK_OK("extent", pmem_region_extent(held->region, i * page_size(), &held->phys[i],
					   NULL));
}

/* What the kernel says now; regions of an allocator that hides its pages have no such entry. */
static void compare(struct pmem_ctx *ctx, const struct held *held, const char *name)
{
	uint64_t now[PAGES_EACH];
	size_t moved = 0;

	if (pmem_vaddr_phys_bulk(ctx, pmem_region_data(held->region), PAGES_EACH, now) != 0) {
		CHECK_SKIP(name, "%s shows no pages: %s", pmem_region_backend(held->region),
			check_error());
		return;
	}
	for (size_t i = 0; i < PAGES_EACH; i++)
		moved += now[i] != held->phys[i];
	CHECK(name, moved == 0, "%zu of %u pages of %s are elsewhere", moved, PAGES_EACH,
		pmem_region_backend(held->region));
}

static unsigned char *map(size_t bytes)
{
	unsigned char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	madvise(memory, bytes, MADV_NOHUGEPAGE);
	return memory;
}

/*
 * A third of the free memory, and the locked pages spread over it; then most of it is free again,
 * so that compaction finds locked pages on its way.
 */
static unsigned char *spread(struct pmem_ctx *ctx, uint64_t *phys)
{
	size_t page = page_size(), each = (size_t)sysconf(_SC_AVPHYS_PAGES) / 3 / LOCKED;
	unsigned char *memory = map(LOCKED * page), *other = map(LOCKED * each * page);

	if (!memory || !other)
		return NULL;
	for (size_t i = 0; i < LOCKED; i++) {
		memory[i * page] = 1;
		for (size_t k = 0; k < each; k++)
			other[(i * each + k) * page] = 1;
	}
	for (size_t i = 0; i < LOCKED * each; i++) {
		if (i % 8)
			madvise(other + i * page, page, MADV_DONTNEED);
	}
	if (mlock(memory, LOCKED * page) || pmem_vaddr_phys_bulk(ctx, memory, LOCKED, phys))
		return NULL;
	return memory;
}

static int compact(void)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);
	int r = fd >= 0 && write(fd, "1", 1) == 1;

	if (fd >= 0)
		close(fd);
	return r;
}

static size_t count_moved(struct pmem_ctx *ctx, const void *memory, const uint64_t *before)
{
	static uint64_t now[LOCKED];
	size_t moved = 0;

	if (pmem_vaddr_phys_bulk(ctx, memory, LOCKED, now))
		return 0;
	for (size_t i = 0; i < LOCKED; i++)
		moved += now[i] != before[i];
	return moved;
}

/* The program's own memory; what the kernel says of it in pieces must be what the region says. */
static struct pmem_region *keep(struct pmem_ctx *ctx)
{
	size_t length = PAGES_EACH * page_size(), count = 0, bytes = 0;
	unsigned char *own = map(length);
	struct pmem_extent pieces[PAGES_EACH];
	struct pmem_region *region = NULL;

	CHECK_OK("register", pmem_region_register(ctx, own, length, 0, &region));
	if (!region)
		return NULL;
	CHECK_OK("vaddr-extents", pmem_vaddr_extents(ctx, own, length, pieces, PAGES_EACH, &count));
	for (size_t i = 0; i < count; i++) {
		uint64_t phys = 0;

		bytes += pieces[i].length;
		CHECK("same-piece", pmem_region_extent(region, pieces[i].offset, &phys, NULL) == 0 &&
			phys == pieces[i].phys, "piece %zu", i);
	}
	CHECK("all-pieces", bytes == length, "%zu of %zu bytes", bytes, length);
	return region;
}

static int hold(struct pmem_ctx *ctx, struct held *held, bool own, uint32_t flags)
{
	held->region = own ? keep(ctx) : allocate(ctx, PAGES_EACH * page_size(), flags);
	if (!held->region)
		return 0;
	CHECK("pinned", pmem_region_attrs(held->region) & PMEM_REGION_PINNED, "0x%x",
		pmem_region_attrs(held->region));
	remember(held);
	compare(ctx, held, "same-before");
	return 1;
}

static void run(struct pmem_ctx *ctx)
{
	static struct held held[REGIONS];
	static uint64_t before[LOCKED];
	unsigned char *memory = NULL;
	size_t moved = 0;
	int r = 1, regions = backend && strcmp(backend, "pages") == 0 ? REGIONS : REGIONS - 1;

	for (int i = 0; i < regions; i++) {
		if (i == REGIONS / 2) {
			memory = spread(ctx, before);
			CHECK("locked", memory, "%s", check_error());
		}
		if (!hold(ctx, &held[i], i == REGIONS - 1, i % 2 ? PMEM_ALLOC_SCATTERED : 0))
			return;
	}
	for (int i = 0; i < COMPACTIONS; i++) {
		r = r && compact();
		moved += memory ? count_moved(ctx, memory, before) : 0;
	}
	printf("backend %s; of locked pages that are not pinned %zu moved\n",
		pmem_region_backend(held[0].region), moved);
	if (!r || moved == 0)
		CHECK_SKIP("compaction-moves-locked-pages", "%s",
			r ? "it moved none" : "/proc/sys/vm/compact_memory cannot be written");
	else
		CHECK("compaction-moves-locked-pages", moved, "none");
	for (int i = 0; i < regions; i++) {
		compare(ctx, &held[i], "same-after");
		CHECK_OK("close", pmem_region_close(held[i].region));
	}
}

static void drop_resource(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	int r = (int)syscall(SYS_capget, &header, data);

	data[0].effective &= ~(1u << CAP_SYS_RESOURCE);
	CHECK("capability", r == 0 && syscall(SYS_capset, &header, data) == 0, "it stays");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "without-resource", no_argument, NULL, 'r' },
		{ NULL, 0, NULL, 0 },
	};
	struct pmem_ctx *ctx = check_ctx();
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b')
			backend = optarg;
		else if (option == 'r')
			drop_resource();
		else
			CHECK("options", 0, "bad option");
	}
	run(ctx);
	pmem_ctx_unref(ctx);
	return check_end();
}
