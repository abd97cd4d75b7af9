/* SPDX-License-Identifier: MIT */
#include "backend/backing.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "os/os.h"
#include "soc/master.h"
#include "soc/soc.h"

void region_set_phys(struct pmem_region *region, uint64_t phys)
{
	region->one_run.phys = phys;
	region->one_run.length = region->size;
	region->runs = &region->one_run;
	region->run_count = 1;
	region->attrs |= PMEM_REGION_CONTIGUOUS;
}

/* An error of the device tree counts as not coherent: syncing in vain is only slow. */
bool region_coherent(const struct pmem_region *region)
{
	return region->master ? region->master->coherent : soc_coherent(region->ctx, NULL) == 1;
}

void region_reset(struct pmem_region *region, const struct pmem_backend_ops *ops)
{
	error_free(region->why_unknown);
	*region = (struct pmem_region){ .ctx = region->ctx, .process = region->process, .ops = ops,
		.master = region->master, .fd = -1 };
}

void region_set_unknown(struct pmem_region *region)
{
	struct pmem_error *why = error_copy(error_last());

	region->why_unknown = why ? why : error_no_memory();
}

int region_mmap(struct pmem_region *region, int fd, uint64_t offset, uint64_t size, int prot,
	const char *path)
{
	uint64_t page = os->page_size();
	uint64_t skip = offset & (page - 1);
	uint64_t length;
	void *base;
	int r;

	if (!bits_add(size, skip, &length) || !bits_align_up(length, page, &length) ||
		length > SIZE_MAX)
		return error_set(EOVERFLOW, PMEM_CAUSE_WRAPS, "mmap", path, NULL,
			"0x%llx bytes do not fit into this program's address space",
			(unsigned long long)size);
	r = os->mmap(NULL, (size_t)length, prot, MAP_SHARED, fd, offset - skip, &base);
	if (r < 0)
		return error_set(-r, r == -ENOMEM ? PMEM_CAUSE_LIMIT : PMEM_CAUSE_SYSTEM, "mmap",
			path, NULL, "0x%llx bytes at offset 0x%llx cannot be mapped",
			(unsigned long long)length, (unsigned long long)(offset - skip));
	region->map_base = base;
	region->map_length = (size_t)length;
	region->data = (unsigned char *)base + skip;
	region->size = size;
	return 0;
}

int region_keep_from_children(struct pmem_region *region)
{
	int r = os->madvise(region->map_base, region->map_length, MADV_DONTFORK);

	if (r == 0)
		return 0;
	os->munmap(region->map_base, region->map_length);
	region->map_base = NULL;
	return error_set(-r, PMEM_CAUSE_SYSTEM, "madvise MADV_DONTFORK", NULL, NULL,
		"the mapping cannot be kept from children");
}

int region_mmap_memory(struct pmem_region *region, int fd, uint64_t offset, uint64_t size, int prot,
	const char *path)
{
	int r = region_mmap(region, fd, offset, size, prot, path);

	return r < 0 ? r : region_keep_from_children(region);
}

/*
 * Before the CPU reads: drop lines that it may have fetched while the device wrote. After the CPU
 * wrote: push its lines out; after it only read, drop them all the same, for the device will
 * write next. User mode can flush but not purely invalidate, which is right as well: the lines
 * dropped are not dirty.
 */
int region_sync_caches(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin)
{
	const unsigned char *p = (const unsigned char *)region->data + offset;
	bool read = direction & PMEM_DIR_READ;
	int r = 0;

	if (!(region->attrs & PMEM_REGION_NEEDS_SYNC))
		return 0;
	if (read)
		r = os->cache_flush(p, (size_t)length);
	else if (!begin)
		r = os->cache_clean(p, (size_t)length);
	if (r < 0)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_NOT_COHERENT, "region sync", NULL, NULL,
			"this CPU's caches cannot be cleaned from user mode");
	return 0;
}

int region_unmap(struct pmem_region *region)
{
	int first = 0, r;

	if (region->map_base) {
		r = os->munmap(region->map_base, region->map_length);
		region->map_base = NULL;
		if (r < 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "munmap", NULL, NULL,
				"the mapping could not be removed");
	}
	if (region->fd >= 0) {
		r = os->close(region->fd);
		region->fd = -1;
		if (r < 0 && first == 0)
			first = error_set(-r, PMEM_CAUSE_SYSTEM, "close", NULL, NULL,
				"closing the region's descriptor failed");
	}
	return first;
}
