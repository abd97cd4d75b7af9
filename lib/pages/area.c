/* SPDX-License-Identifier: MIT */
#include "pages/area.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "base/error.h"
#include "os/available.h"
#include "os/file.h"
#include "os/os.h"
#include "pages/returning.h"

/* The size of a huge page, as a power of two, in the flags of mmap() (asm-generic/hugetlb_encode.h). */
#define HUGE_SHIFT 26

/* Asking how much memory is left costs a tenth of taking this little. */
#define SMALL ((uint64_t)1 << 20)

#define PLENTY ((uint64_t)64 << 20)

/* Of a cgroup's limit, that is left in it at least. */
#define CGROUP_SHARE 64

uint64_t area_available(const char *root)
{
	struct available available;
	uint64_t others;

	available_memory(root, &available);
	/* Others take memory too, this program for its own needs as well, and what is refused too late is a process killed. */
	others = available.bytes / 8;
	if (available.cgroup[0] && others < available.limit / CGROUP_SHARE)
		others = available.limit / CGROUP_SHARE;
	return available.bytes > others ? available.bytes - others : 0;
}

uint64_t area_available_for(const char *root, uint64_t length)
{
	uint64_t start = os->now_us(), available = area_available(root), coming;

	/* Counted as well: a clock may stand still where a machine's past is played. */
	for (unsigned n = 0; available < length && n < RETURNING_LOOKS; n++) {
		coming = returning_bytes();
		if (coming == 0 || length - available > coming || !returning_wait(start))
			break;
		available = area_available(root);
	}
	return available;
}

int area_refuse(const char *root, uint64_t length)
{
	struct available available;

	available_memory(root, &available);
	if (available.cgroup[0])
		return error_set(ENOMEM, PMEM_CAUSE_LIMIT, "alloc", available.cgroup,
			"raise the limit of that cgroup (docker run --memory, MemoryMax=)",
			"%" PRIu64 " bytes are too many for a cgroup with a limit of %" PRIu64
			" bytes, which leaves %" PRIu64,
			length, available.limit, available.bytes);
	return error_set(ENOMEM, PMEM_CAUSE_NO_MEMORY, "alloc", "/proc/meminfo", NULL,
		"%" PRIu64 " bytes are too many for the %" PRIu64 " bytes of memory available",
		length, available.bytes);
}

size_t area_thp_size(const char *root)
{
	static _Atomic size_t kept; /* no kernel changes it while it runs; that it is not told may change */
	bool keep = file_is_this_machine(root);
	uint64_t size = keep ? atomic_load(&kept) : 0;

	if (size)
		return (size_t)size;
	if (file_read_u64(root, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", &size) < 0 ||
		!bits_is_power_of_two(size) || size > SIZE_MAX / 4)
		return 0;
	if (keep)
		atomic_store(&kept, (size_t)size);
	return (size_t)size;
}

static int no_memory(const char *operation, int errnum, size_t length)
{
	return error_set(errnum, errnum == ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_SYSTEM,
		operation, NULL, NULL, "no memory for %zu bytes", length);
}

/*
 * Little was left when it was looked last: from then on little things count, too. Whoever makes do with less and
 * less, as a pool does, would fill a cgroup with them to its last page.
 */
static atomic_bool scarce;

int area_affordable(const char *root, size_t length)
{
	uint64_t available;

	if (!root || (length <= SMALL && !atomic_load_explicit(&scarce, memory_order_relaxed)))
		return 0;
	available = area_available_for(root, length);
	atomic_store_explicit(&scarce, available < PLENTY, memory_order_relaxed);
	return length <= available ? 0 : area_refuse(root, length);
}

static int advise(void *addr, size_t length, bool huge)
{
	int r = os->madvise(addr, length, MADV_DONTFORK);

	if (r < 0)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "madvise MADV_DONTFORK", NULL, NULL,
			"%zu bytes cannot be kept from children", length);
	/* EINVAL: a kernel without transparent huge pages, which is no failure */
	r = os->madvise(addr, length, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	if (r < 0 && r != -EINVAL)
		return error_set(-r, PMEM_CAUSE_SYSTEM, "madvise MADV_HUGEPAGE", NULL, NULL,
			"the size of pages cannot be chosen");
	return 0;
}

/* Cut [addr, addr + total) down to length bytes at a multiple of align; or nothing is left of it. */
static int trim(unsigned char *addr, size_t total, size_t length, size_t align, void **out)
{
	size_t head = (align - ((uintptr_t)addr & (align - 1))) & (align - 1);
	int r = head ? os->munmap(addr, head) : 0;

	/* What went is not looked at again: it may be another thread's by now. */
	if (r == 0) {
		addr += head;
		total -= head;
		r = total > length ? os->munmap(addr + length, total - length) : 0;
	}
	if (r < 0) {
		os->munmap(addr, total);
		return error_set(-r, PMEM_CAUSE_SYSTEM, "munmap", NULL, NULL,
			"a mapping cannot be cut to size");
	}
	*out = addr;
	return 0;
}

int area_map(const char *root, size_t length, size_t align, bool huge, void **out)
{
	size_t page = os->page_size();
	size_t extra = align > page ? align - page : 0;
	void *addr;
	int r;

	if (length > SIZE_MAX - extra)
		return no_memory("mmap", ENOMEM, length);
	r = area_affordable(root, length);
	if (r < 0)
		return r;
	r = os->mmap(NULL, length + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0, &addr);
	if (r < 0)
		return no_memory("mmap", -r, length + extra);
	if (extra) {
		r = trim(addr, length + extra, length, align, &addr);
		if (r < 0)
			return r;
	}
	r = advise(addr, length, huge);
	if (r < 0) {
		os->munmap(addr, length);
		return r;
	}
	*out = addr;
	return 0;
}

int area_map_hugetlb(size_t page, size_t length, void **out)
{
	int shift = __builtin_ctzll(page);
	int r = os->mmap(NULL, length, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (int)((unsigned)shift << HUGE_SHIFT), -1,
		0, out);

	if (r < 0)
		return error_set(-r, r == -ENOMEM ? PMEM_CAUSE_NO_MEMORY : PMEM_CAUSE_UNSUPPORTED,
			"mmap MAP_HUGETLB", NULL,
			"reserve pages: /sys/kernel/mm/hugepages/hugepages-*/nr_hugepages",
			"no free huge page of %zu bytes", page);
	r = os->madvise(*out, length, MADV_DONTFORK);
	if (r < 0) {
		os->munmap(*out, length);
		return error_set(-r, PMEM_CAUSE_SYSTEM, "madvise MADV_DONTFORK", NULL, NULL,
			"%zu bytes cannot be kept from children", length);
	}
	return 0;
}

/*
 * Before Linux 5.14. Touching a huge page that a cgroup does not allow kills (SIGBUS); a system call
 * that writes there answers instead. What it writes are the zeros that are there already: an empty
 * memfd is read.
 */
static int populate_by_reading(unsigned char *addr, size_t length)
{
	int fd = os->memfd_create("libpmem", 0);
	int r = fd < 0 ? fd : os->ftruncate(fd, length);

	for (size_t done = 0; r >= 0 && done < length;) {
		ssize_t n = os->pread(fd, addr + done, length - done, done);

		if (n <= 0)
			r = n < 0 && n != -EFAULT ? (int)n : -ENOMEM;
		else
			done += (size_t)n;
	}
	if (fd >= 0)
		os->close(fd);
	return r < 0 ? no_memory("read", -r, length) : 0;
}

int area_populate(void *addr, size_t length)
{
	int r = os->madvise(addr, length, AREA_POPULATE_WRITE);

	if (r == 0)
		return 0;
	if (r == -ENOMEM || r == -EFAULT) /* EFAULT: a page that a touch would have killed for */
		return no_memory("madvise MADV_POPULATE_WRITE", ENOMEM, length);
	if (r != -EINVAL)
		return no_memory("madvise MADV_POPULATE_WRITE", -r, length);
	return populate_by_reading(addr, length);
}

int area_unmap(void *addr, size_t length)
{
	int r = os->munmap(addr, length);

	return r < 0 ? error_set(-r, PMEM_CAUSE_SYSTEM, "munmap", NULL, NULL,
		"%zu bytes cannot be unmapped", length) : 0;
}
