/* SPDX-License-Identifier: MIT */
/* Access to a region's bytes: checked pointers and registers, cache care, dma-buf descriptors. */
#include "backend/backing.h"

#include <errno.h>
#include <fcntl.h>

#include "api/call.h"
#include "api/coherence.h"
#include "backend/backend.h"
#include "base/bits.h"
#include "base/io.h"
#include "os/os.h"

/* What the CPU has no view of it cannot touch. */
static int check_mapped(const struct pmem_region *region, const char *operation)
{
	if (region->attrs & PMEM_REGION_UNMAPPED)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, operation, NULL,
			"allocate or import it without NO_MAP; pmem_dmabuf_cpu_begin() and _cpu_end() "
			"take its descriptor", "the region is not mapped");
	return 0;
}

/* The byte at offset if [offset, offset + size) is inside and aligned; NULL with the error set. */
static void *at(const struct pmem_region *region, const char *operation, uint64_t offset,
	uint64_t size, uint64_t align)
{
	unsigned char *p;

	if (check_mapped(region, operation) < 0)
		return NULL;
	if (!bits_inside(offset, size, region->size)) {
		error_set(ERANGE, PMEM_CAUSE_BOUNDS, operation, NULL, NULL,
			"[0x%llx, + 0x%llx) is outside the region of 0x%llx bytes",
			(unsigned long long)offset, (unsigned long long)size,
			(unsigned long long)region->size);
		return NULL;
	}
	p = (unsigned char *)region->data + offset;
	if (align > 1 && ((uintptr_t)p & (align - 1))) {
		error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, operation, NULL, NULL,
			"offset 0x%llx is not a multiple of %llu", (unsigned long long)offset,
			(unsigned long long)align);
		return NULL;
	}
	return p;
}

static int find_at(const struct pmem_region *region, uint64_t offset, uint64_t size, uint64_t align,
	void **out)
{
	if (!region)
		return error_null("region at", "region");
	if (align && !bits_is_power_of_two(align))
		return error_set(EINVAL, PMEM_CAUSE_ALIGNMENT, "region at", NULL, NULL,
			"the alignment %llu is not a power of two", (unsigned long long)align);
	*out = at(region, "region at", offset, size, align);
	return *out ? 0 : -errno;
}

void *pmem_region_at(const struct pmem_region *region, uint64_t offset, uint64_t size,
	uint64_t align)
{
	struct call call = call_begin();
	void *p = NULL;

	call_end(call, region_context(region), find_at(region, offset, size, align, &p));
	return p;
}

/* Where value is read from: what every width has in common. NULL with the error set. */
static const void *check_read(const struct pmem_region *region, uint64_t offset, uint64_t size,
	const void *value, const void *caller)
{
	const void *p;

	if (!region || !value) {
		error_null("region read", region ? "value" : "region");
		return NULL;
	}
	p = at(region, "region read", offset, size, size);
	return p && coherence_check(region, offset, size, PMEM_DIR_READ, caller) == 0 ? p : NULL;
}

/* Where is written to. */
static void *check_write(const struct pmem_region *region, uint64_t offset, uint64_t size,
	const void *caller)
{
	void *p;

	if (!region) {
		error_null("region write", "region");
		return NULL;
	}
	if (region->attrs & PMEM_REGION_READONLY) {
		error_set(EACCES, PMEM_CAUSE_READONLY, "region write", NULL, NULL,
			"the region is read-only");
		return NULL;
	}
	p = at(region, "region write", offset, size, size);
	return p && coherence_check(region, offset, size, PMEM_DIR_WRITE, caller) == 0 ? p : NULL;
}

#define ACCESSORS(width)                                                                        \
	int pmem_region_read##width(const struct pmem_region *region, uint64_t offset,          \
		uint##width##_t *value)                                                         \
	{                                                                                       \
		struct call call = call_begin();                                                \
		const void *p =                                                                 \
			check_read(region, offset, width / 8, value, __builtin_return_address(0));\
                                                                                                \
		if (p)                                                                          \
			*value = io_read##width(p);                                             \
		return call_end(call, region_context(region), p ? 0 : -errno);                  \
	}                                                                                       \
                                                                                                \
	int pmem_region_write##width(struct pmem_region *region, uint64_t offset,               \
		uint##width##_t value)                                                          \
	{                                                                                       \
		struct call call = call_begin();                                                \
		void *p = check_write(region, offset, width / 8, __builtin_return_address(0));  \
                                                                                                \
		if (p)                                                                          \
			io_write##width(p, value);                                              \
		return call_end(call, region_context(region), p ? 0 : -errno);                  \
	}

ACCESSORS(8)
ACCESSORS(16)
ACCESSORS(32)
ACCESSORS(64)

/* The work of cpu_begin and cpu_end. */
static int sync_work(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, bool begin)
{
	io_mb(); /* a system call is none */
	if (region->ops->sync)
		return region->ops->sync(region, offset, length, direction, begin);
	return region_sync_caches(region, offset, length, direction, begin);
}

/* Arguments, with *length completed. 1: there are bytes to sync; 0: none. */
static int check_sync(const struct pmem_region *region, uint64_t offset, uint64_t *length,
	uint32_t direction)
{
	if (!region)
		return error_null("region sync", "region");
	if (direction == 0 || (direction & ~PMEM_DIR_BOTH))
		return error_set(EINVAL, PMEM_CAUSE_FLAGS, "region sync", NULL, NULL,
			"the direction 0x%x is none of PMEM_DIR_*", direction);
	if (check_mapped(region, "region sync") < 0)
		return -EOPNOTSUPP;
	if (*length == PMEM_TO_END && offset <= region->size)
		*length = region->size - offset;
	if (!bits_inside(offset, *length, region->size))
		return error_set(ERANGE, PMEM_CAUSE_BOUNDS, "region sync", NULL, NULL,
			"[0x%llx, + 0x%llx) is outside the region of 0x%llx bytes",
			(unsigned long long)offset, (unsigned long long)*length,
			(unsigned long long)region->size);
	return *length > 0;
}

static int cpu_begin(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, const void *caller)
{
	int r = check_sync(region, offset, &length, direction);

	if (r <= 0)
		return r;
	coherence_begin(region, offset, length, direction, caller);
	r = sync_work(region, offset, length, direction, true);
	if (r < 0)
		coherence_forget(region, offset, length, direction);
	return r;
}

static int cpu_end(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction, const void *caller)
{
	int r = check_sync(region, offset, &length, direction);

	if (r <= 0)
		return r;
	coherence_ending(region, offset, length, direction, caller);
	r = sync_work(region, offset, length, direction, false);
	coherence_end(region, offset, length, direction);
	return r;
}

int pmem_region_cpu_begin(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction)
{
	CALL(region_context(region),
		cpu_begin(region, offset, length, direction, __builtin_return_address(0)));
}

int pmem_region_cpu_end(const struct pmem_region *region, uint64_t offset, uint64_t length,
	uint32_t direction)
{
	CALL(region_context(region),
		cpu_end(region, offset, length, direction, __builtin_return_address(0)));
}

static int region_fd(const struct pmem_region *region, const char *operation)
{
	if (!region)
		return error_null(operation, "region");
	if (!(region->attrs & PMEM_REGION_DMABUF) || region->fd < 0)
		return error_set(EOPNOTSUPP, PMEM_CAUSE_UNSUPPORTED, operation, NULL,
			"allocate with PMEM_ALLOC_DMABUF", "the region has no file descriptor");
	return region->fd;
}

int pmem_region_fd(const struct pmem_region *region)
{
	CALL(region_context(region), region_fd(region, "region fd"));
}

static int try_region_dup_fd(const struct pmem_region *region)
{
	int r = region_fd(region, "region dup fd");

	if (r < 0)
		return r;
	r = os->fcntl(r, F_DUPFD_CLOEXEC, 0);
	return r >= 0 ? r : error_set(-r, PMEM_CAUSE_LIMIT, "region dup fd", NULL, NULL,
		"the descriptor cannot be duplicated");
}

int pmem_region_dup_fd(const struct pmem_region *region)
{
	CALL(region_context(region), try_region_dup_fd(region));
}
